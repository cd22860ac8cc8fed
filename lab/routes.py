"""The kernel's routes in a namespace, as plain values."""

import socket
from dataclasses import dataclass
from typing import Any, Final

from lab.netns import Namespace

PROTOCOL_BGP: Final = 186
"""RTPROT_BGP of linux/rtnetlink.h: what bgpd marks its routes with."""

PROTOCOL_BIRD: Final = 12
"""RTPROT_BIRD, the mark of BIRD's."""

_MAIN_TABLE: Final = 254
_DEFAULTS: Final = {socket.AF_INET: "0.0.0.0/0", socket.AF_INET6: "::/0"}
_TYPES: Final = {1: "unicast", 6: "blackhole", 7: "unreachable", 8: "prohibit"}
_PROTOCOLS: Final = {2: "kernel", 3: "boot", 4: "static", PROTOCOL_BIRD: "bird", PROTOCOL_BGP: "bgp"}


@dataclass(frozen=True, slots=True)
class KernelRoute:
    """One route of the main table."""

    prefix: str
    kind: str
    gateways: tuple[str, ...]
    interface: str | None
    protocol: int
    metric: int

    def __str__(self) -> str:
        words = [] if self.kind == "unicast" else [self.kind]
        words += [self.prefix, *(f"via {gateway}" for gateway in self.gateways)]
        words += [f"dev {self.interface}"] if self.interface else []
        words.append(f"proto {_PROTOCOLS.get(self.protocol, self.protocol)}")
        words += [f"metric {self.metric}"] if self.metric else []
        return " ".join(words)


def kernel_routes(
    namespace: Namespace, *, protocol: int | None = None, family: int = socket.AF_INET
) -> list[KernelRoute]:
    """List the routes of the main table, of one protocol number if given, by prefix."""

    def dump(netlink: Any) -> list[KernelRoute]:
        names = {link["index"]: link.get("ifname") for link in netlink.get_links()}
        messages = netlink.get_routes(family=family, table=_MAIN_TABLE)
        return [_route(message, names) for message in messages if message["type"] in _TYPES]

    routes = namespace.netlink(dump)
    return sorted(
        (route for route in routes if protocol in (None, route.protocol)), key=lambda route: route.prefix
    )


def _route(message: Any, names: dict[int, str]) -> KernelRoute:
    destination = message.get("dst")
    hops = message.get("multipath") or [message]
    return KernelRoute(
        prefix=f"{destination}/{message['dst_len']}" if destination else _DEFAULTS[message["family"]],
        kind=_TYPES[message["type"]],
        gateways=tuple(gateway for hop in hops if (gateway := hop.get("gateway"))),
        interface=names.get(message.get("oif")),
        protocol=message["proto"],
        metric=message.get("priority") or 0,
    )
