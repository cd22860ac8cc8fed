"""Two top-of-rack routers with the same network behind them: when one is lost, the other has every route."""

import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from lab.cluster import CLUSTER_AS
from lab.daemon import Daemon
from lab.lossless.traffic import End
from lab.lossless.world import World
from lab.netns import Namespace
from lab.rack import bgp_prefixes
from lab.resources import Document, ResourceFiles, bgp_configuration, bgp_peer, ip_pool, node, resource
from lab.routes import kernel_routes
from lab.topology import Lab, add_addresses, add_route, set_link
from lab.tor import TOR_AS
from lab.wait import wait_for_each

NETWORKS: Final = ("172.20.0.0/24", "fd00:172:20::/64")
"""What the servers behind the routers are on."""
_SERVER: Final = ("172.20.0.10", "fd00:172:20::10")
_PREPEND: Final = [{"action": "Accept", "operations": [{"prependASPath": {"prefix": [TOR_AS, TOR_AS]}}]}]
_LONGER: Final = resource("BGPFilter", "longer-way", {"exportV4": _PREPEND, "exportV6": _PREPEND})
"""Makes what a router announces the longer way; it has nothing to announce but the servers' network."""


@dataclass(frozen=True, slots=True)
class Tor:
    """One router; the second is the longer way to everything."""

    number: int
    namespace: Namespace
    daemon: Daemon

    @property
    def addresses(self) -> tuple[str, str]:
        """Where its speaker is, in both families."""
        return f"10.0.0.{255 - self.number}", f"fd00:10::ff:{self.number}"

    @property
    def inside(self) -> tuple[str, str]:
        """Its addresses on the servers' network."""
        return f"172.20.0.{self.number}", f"fd00:172:20::{self.number}"


class TwoTors(World):
    """A mesh of two nodes, both of which peer with two routers; `gateway` is the one the server sends to."""

    def __init__(self, lab: Lab, *, gateway: int = 1, annotations: Mapping[str, str] | None = None) -> None:
        super().__init__(lab, live=2)
        self._servers = lab.bridge("servers")
        self.tor_resources = ResourceFiles(lab.directory / "tor-resources")
        self.tors = [self._build(number) for number in (1, 2)]
        self.server = lab.namespace("server")
        lab.plug(self._servers, self.server, "eth0", *_with_lengths(*_SERVER))
        for prefix, address in zip(("0.0.0.0/0", "::/0"), self.tors[gateway - 1].inside, strict=True):
            add_route(self.server, prefix, gateway=address)
        self.resources.put(*(peer for tor in self.tors for peer in _peers_of(tor, annotations or {})))
        self.tor_resources.put(*self._rack(annotations or {}))

    @property
    def ends(self) -> list[End]:
        """The pods, and the server behind the routers."""
        return [*super().ends, End(self.server, _SERVER)]

    def start(self) -> None:
        """Start the routers too."""
        for tor in self.tors:
            tor.daemon.start()
        super().start()

    def wait_for_routes(self) -> None:
        """Wait for the nodes' routes, the way to the server included, and for the routers'."""
        super().wait_for_routes()
        wait_for_each(self.live, lambda one: set(NETWORKS) <= bgp_prefixes(one.namespace), "the way out")
        blocks = {block for one in self.live for block in (one.block, one.block_ipv6)}
        wait_for_each(self.tors, lambda tor: blocks <= bgp_prefixes(tor.namespace), "the way in")

    def plug(self, tor: Tor, *, up: bool) -> None:
        """Pull the cable of a router out of the nodes' switch, or put it back."""
        set_link(self.cluster.fabric, f"to-{tor.namespace.name}", up=up)

    def change_peers(self, **spec: object) -> None:
        """Give the nodes' BGPPeers for the routers these fields, in one apply."""
        peers = [peer for tor in self.tors for peer in _peers_of(tor, {})]
        self.apply(*({**peer, "spec": {**peer["spec"], **spec}} for peer in peers))

    def ways_out(self) -> set[str]:
        """Say by which routers the nodes' kernels reach the server."""
        return {
            gateway
            for one in self.live
            for family in (socket.AF_INET, socket.AF_INET6)
            for route in kernel_routes(one.namespace, family=family)
            if route.prefix in NETWORKS
            for gateway in route.gateways
        }

    def _build(self, number: int) -> Tor:
        namespace = self.lab.namespace(f"tor{number}")
        tor = Tor(number, namespace, Daemon(self.lab, namespace, namespace.name, self.tor_resources))
        ipv4, ipv6 = tor.addresses
        self.lab.plug(self.cluster.fabric, namespace, "eth0", f"{ipv4}/24", f"{ipv6}/64")
        self.lab.plug(self._servers, namespace, "servers")
        add_addresses(namespace, "servers", *_with_lengths(*tor.inside))
        return tor

    def _rack(self, annotations: Mapping[str, str]) -> list[Document]:
        """Write down the routers as a cluster of their own, in a mesh of two."""
        documents = [bgp_configuration(asNumber=TOR_AS, nodeToNodeMeshEnabled=True)]
        documents += [ip_pool("servers", NETWORKS[0]), ip_pool("servers-v6", NETWORKS[1])]
        documents += [ip_pool("pods", "10.244.0.0/16"), ip_pool("pods-v6", "fd00:244::/48"), _LONGER]
        return documents + [document for tor in self.tors for document in self._of(tor, annotations)]

    def _of(self, tor: Tor, annotations: Mapping[str, str]) -> Iterator[Document]:
        name = tor.namespace.name
        ipv4, ipv6 = tor.addresses
        yield node(name, ipv4Address=f"{ipv4}/24", ipv6Address=f"{ipv6}/64")
        filters = [_LONGER["metadata"]["name"]] if tor.number > 1 else []
        for one in self.live:
            for address in (one.address, one.address_ipv6):
                yield _peer(name, address, CLUSTER_AS, annotations, node=name, filters=filters)


def _peers_of(tor: Tor, annotations: Mapping[str, str]) -> list[Document]:
    """Write down the BGPPeers by which the nodes find a router."""
    return [_peer("rack", address, TOR_AS, annotations) for address in tor.addresses]


def _peer(name: str, address: str, number: int, annotations: Mapping[str, str], **spec: object) -> Document:
    peer = bgp_peer(
        f"{name}-{address.translate(str.maketrans('.:', '--'))}", peerIP=address, asNumber=number, **spec
    )
    peer["metadata"]["annotations"] = dict(annotations)
    return peer


def _with_lengths(ipv4: str, ipv6: str) -> tuple[str, str]:
    return f"{ipv4}/24", f"{ipv6}/64"
