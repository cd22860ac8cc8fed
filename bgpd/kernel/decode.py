"""What the kernel tells, read into values: links, addresses, and routes of the main table."""

from struct import Struct
from typing import Final

from bgpd.kernel.codes import (
    IFA_ADDRESS,
    IFA_LOCAL,
    IFF_RUNNING,
    IFF_UP,
    IFLA_IFNAME,
    ROUTE_KINDS,
    RT_TABLE_MAIN,
    RTA_DST,
    RTA_GATEWAY,
    RTA_IIF,
    RTA_MULTIPATH,
    RTA_OIF,
    RTA_PREFSRC,
    RTA_PRIORITY,
    RTA_TABLE,
    RTA_VIA,
    RTM_F_CLONED,
    RTNH_F_ONLINK,
)
from bgpd.kernel.messages import ADDRESS, ATTRIBUTE, LINK, NEXT_HOP, ROUTE, WORD, attributes
from bgpd.kernel.model import Hop, InterfaceAddress, KernelRoute, Link, RouteEntry
from wire import Prefix

_OCTETS: Final = {2: 4, 10: 16}
_DST_AT: Final = ROUTE.size + 2 * ATTRIBUTE.size + WORD.size
"""Where the destination's octets stand: the kernel writes RTA_TABLE first, then RTA_DST."""
_TABLE_THEN_DST: Final = Struct("=HHI").pack(8, RTA_TABLE, RT_TABLE_MAIN)
_MEMO_LIMIT: Final = 4096


def decode_link(body: bytes) -> Link | None:
    """Read RTM_NEWLINK or RTM_DELLINK; None for what is no interface of ours (bridge port notices)."""
    family, _, index, flags, _ = LINK.unpack_from(body)
    name = attributes(body, LINK.size).get(IFLA_IFNAME)
    if family or name is None:
        return None
    up, running = bool(flags & IFF_UP), bool(flags & IFF_RUNNING)
    return Link(index, name.rstrip(b"\0").decode("utf-8", "surrogateescape"), up, up and running)


def decode_address(body: bytes) -> InterfaceAddress | None:
    """Read RTM_NEWADDR or RTM_DELADDR. On a point-to-point link the network is the other end's."""
    family, length, _, _, interface = ADDRESS.unpack_from(body)
    found = attributes(body, ADDRESS.size)
    if family not in _OCTETS or IFA_ADDRESS not in found:
        return None
    network = found[IFA_ADDRESS]
    return InterfaceAddress(family, interface, found.get(IFA_LOCAL, network), _prefix(length, network))


def _prefix(length: int, address: bytes) -> Prefix:
    """Cut an address to the NLRI bytes of its network."""
    octets, bits = divmod(length, 8)
    if not bits:
        return bytes((length,)) + address[:octets]
    return bytes((length,)) + address[:octets] + bytes((address[octets] & (0xFF00 >> bits) & 0xFF,))


class RouteDecoder:
    """Reads RTM_NEWROUTE and RTM_DELROUTE bodies.

    Routes that differ only in their destination share one KernelRoute, found by the bytes around the
    destination: a dump of 100,000 routes parses as many attributes as there are next hops.
    """

    def __init__(self) -> None:
        self._memo: dict[bytes, KernelRoute] = {}

    def decode(self, body: bytes) -> RouteEntry | None:
        """Read a route; None when it is not an ordinary one of the main table.

        Not ordinary: cached clones, routes chosen by TOS, by source or by incoming interface.
        Those never share a slot with ours, and BIRD does not learn them either.
        """
        family, length, *selectors = ROUTE.unpack_from(body)
        octets = _OCTETS.get(family)
        source_length, tos, *_, flags = selectors
        if octets is None or source_length or tos or flags & RTM_F_CLONED:
            return None
        if not length or body[ROUTE.size : ROUTE.size + 8] != _TABLE_THEN_DST:
            return self._decode_slowly(family, length, body)
        end = _DST_AT + octets
        shape = body[:1] + body[2 : ROUTE.size] + body[end:]
        route = self._memo.get(shape)
        if route is None:
            route = _route(body, attributes(body, ROUTE.size))
            if route is None:
                return None
            if len(self._memo) >= _MEMO_LIMIT:
                self._memo.clear()
            self._memo[shape] = route
        address = body[_DST_AT : _DST_AT + (length + 7) // 8]
        return RouteEntry(family, body[1:2] + address, route)

    def _decode_slowly(self, family: int, length: int, body: bytes) -> RouteEntry | None:
        """Default routes, and kernels that order attributes otherwise."""
        found = attributes(body, ROUTE.size)
        route = _route(body, found)
        if route is None:
            return None
        return RouteEntry(family, _prefix(length, found.get(RTA_DST, bytes(_OCTETS[family]))), route)


def _route(body: bytes, found: dict[int, bytes]) -> KernelRoute | None:
    _, _, _, _, table, protocol, _, code, flags = ROUTE.unpack_from(body)
    if RTA_TABLE in found:
        (table,) = WORD.unpack(found[RTA_TABLE])
    if table != RT_TABLE_MAIN or RTA_IIF in found:
        return None
    metric = WORD.unpack(found[RTA_PRIORITY])[0] if RTA_PRIORITY in found else 0
    kind = ROUTE_KINDS.get(code, "other")
    hops = _hops(found, flags) if kind == "unicast" else ()  # IPv6 shows lo as the device of a blackhole
    return KernelRoute(kind, metric, protocol, hops, found.get(RTA_PREFSRC))


def _hops(found: dict[int, bytes], flags: int) -> tuple[Hop, ...]:
    if RTA_MULTIPATH in found:
        return _multipath(found[RTA_MULTIPATH])
    interface = WORD.unpack(found[RTA_OIF])[0] if RTA_OIF in found else 0
    return (Hop(_gateway(found), interface, 1, bool(flags & RTNH_F_ONLINK)),)


def _multipath(data: bytes) -> tuple[Hop, ...]:
    hops = []
    while len(data) >= NEXT_HOP.size:
        length, flags, weight, interface = NEXT_HOP.unpack_from(data)
        found = attributes(data[NEXT_HOP.size : length])
        hops.append(Hop(_gateway(found), interface, weight + 1, bool(flags & RTNH_F_ONLINK)))
        data = data[max((length + 3) & ~3, NEXT_HOP.size) :]
    return tuple(hops)


def _gateway(found: dict[int, bytes]) -> bytes | None:
    if RTA_VIA in found:
        return found[RTA_VIA][2:]
    return found.get(RTA_GATEWAY)
