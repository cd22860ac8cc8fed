"""What the RIB learns from the kernel: next-hop routes, networks of our addresses, routes of other programs.

Calico's rules (calico-reference.md, section 6.1, from its BIRD): of the main table, neither the kernel's own
routes nor ours; ordinary destinations only; of several metrics the lowest; interfaces that are down ignored.
"""

from collections.abc import Iterable, Mapping
from typing import Final, TypeVar, cast

from bgpd.kernel.codes import ROUTE_KINDS, RTPROT_KERNEL, RTPROT_UNSPEC
from bgpd.kernel.foreign import ForeignRoutes
from bgpd.kernel.interfaces import Interfaces
from bgpd.kernel.model import Hop, KernelChange, KernelRoute, Link
from rib import LocalRoute, NextHopRoute, RouteKind
from wire import Family, Prefix

_NOT_LEARNED: Final = frozenset({RTPROT_KERNEL, RTPROT_UNSPEC})
_KINDS: Final = frozenset(ROUTE_KINDS.values())
_IPV6_LOOPBACK: Final = bytes((128,)) + bytes(15) + b"\1"
_Value = TypeVar("_Value")


def has_wide_scope(family: Family, prefix: Prefix) -> bool:
    """Whether a destination means the same beyond this node and its links (RFC 4291 2.4, RFC 6890)."""
    length, address = prefix[0], prefix[1:] + b"\0\0"
    if not length:
        return True
    if family is Family.IPV4_UNICAST:
        return not (
            address[0] == 127 or 224 <= address[0] < 240 or (length >= 16 and address[:2] == b"\xa9\xfe")
        )
    link_local = address[0] == 0xFE and address[1] & 0xC0 == 0x80
    return not (link_local or address[0] == 0xFF or prefix == _IPV6_LOOPBACK)


class Reporter:
    """Remembers what was reported of one family, and makes the next report of what differs."""

    def __init__(self, family: Family, interfaces: Interfaces, foreign: ForeignRoutes) -> None:
        self._family = family
        self._octets = family.bits // 8
        self._interfaces = interfaces
        self._foreign = foreign
        self._next_hops: tuple[NextHopRoute, ...] | None = None
        self._direct: dict[Prefix, LocalRoute] = {}
        self._learned: dict[Prefix, LocalRoute] = {}

    def take(self, *, interfaces_changed: bool) -> KernelChange | None:
        """Report what changed since the last time; None: nothing did."""
        touched = self._foreign.changed
        if not touched and not interfaces_changed:
            return None
        self._foreign.changed = set()
        prefixes = (
            {prefix for prefix, _ in self._foreign.items()} | touched if interfaces_changed else touched
        )
        learned = self._update_learned(prefixes)
        direct = self._update_direct() if interfaces_changed else {}
        next_hops = self._find_next_hops()
        if next_hops == self._next_hops:
            return KernelChange(self._family, None, direct, learned) if direct or learned else None
        self._next_hops = next_hops
        return KernelChange(self._family, next_hops, direct, learned)

    def _find_next_hops(self) -> tuple[NextHopRoute, ...]:
        """Find the ways to gateways. Link-local networks are on every link, so they say nothing."""
        found = []
        for prefix, routes in self._foreign.items():
            if not has_wide_scope(self._family, prefix):
                continue
            for route in sorted(routes, key=_by_metric):
                hop, link = self._way(route.hops, carrier=True)
                if hop is not None and link is not None:
                    metric = route.metric if hop.gateway is not None else 0
                    found.append(NextHopRoute(prefix, link.name, hop.gateway, metric))
                    break
        return tuple(sorted(found, key=lambda route: route.prefix))

    def _way(self, hops: tuple[Hop, ...], *, carrier: bool) -> tuple[Hop | None, Link | None]:
        """First hop whose link is up and, if asked for, has a carrier."""
        for hop in hops:
            link = self._interfaces.link(hop.interface)
            if link is not None and (link.running if carrier else link.up):
                return hop, link
        return None, None

    def _update_direct(self) -> dict[Prefix, LocalRoute | None]:
        networks = {
            address.network: LocalRoute(interface=link.name)
            for address, link in self._interfaces.addresses()
            if link.up
            and len(address.address) == self._octets
            and has_wide_scope(self._family, address.network)
        }
        changes = difference(self._direct, networks, self._direct.keys() | networks.keys())
        self._direct = networks
        return changes

    def _update_learned(self, prefixes: Iterable[Prefix]) -> dict[Prefix, LocalRoute | None]:
        found = {prefix: route for prefix in prefixes if (route := self._learn(prefix)) is not None}
        changes = difference(self._learned, found, prefixes)
        for prefix, route in changes.items():
            if route is None:
                del self._learned[prefix]
            else:
                self._learned[prefix] = route
        return changes

    def _learn(self, prefix: Prefix) -> LocalRoute | None:
        if not has_wide_scope(self._family, prefix):
            return None
        for route in sorted(self._foreign[prefix], key=_by_metric):
            if route.protocol in _NOT_LEARNED or route.kind not in _KINDS:
                continue
            kind = cast("RouteKind", route.kind)
            if not route.hops:
                return LocalRoute(kind, metric=route.metric, source=route.source)
            hop, link = self._way(route.hops, carrier=False)
            if hop is not None and link is not None:
                return LocalRoute(kind, hop.gateway, link.name, route.metric, source=route.source)
        return None


def difference(
    before: Mapping[Prefix, _Value], after: Mapping[Prefix, _Value], prefixes: Iterable[Prefix]
) -> dict[Prefix, _Value | None]:
    """Compare two maps at some prefixes: new values, None where there is none any more."""
    return {prefix: after.get(prefix) for prefix in prefixes if before.get(prefix) != after.get(prefix)}


def _by_metric(route: KernelRoute) -> int:
    return route.metric
