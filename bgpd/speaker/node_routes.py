"""What the kernel knows by itself (connected networks, learned routes, ways to next hops), for the router."""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import TypeVar

import rib
from bgpd.kernel import KernelChange
from wire import Family, Prefix

Route = TypeVar("Route", rib.LocalRoute, rib.LocalRoute | None)
_NETWORKS = (rib.Protocol.DIRECT, rib.Protocol.KERNEL)


class NodeRoutes:
    """Keeps the kernel's reports, so that a new router, or other exclusions, can be given all of them."""

    def __init__(self) -> None:
        self._next_hops: dict[Family, tuple[rib.NextHopRoute, ...]] = {}
        self._routes: dict[tuple[rib.Protocol, Family], dict[Prefix, rib.LocalRoute]] = {}
        self._exclude: tuple[str, ...] = ()

    def exclude(self, patterns: tuple[str, ...], router: rib.Router) -> None:
        """Leave out connected networks of interfaces that match (BGPConfiguration ignoredInterfaces)."""
        if patterns != self._exclude:
            self._exclude = patterns
            self.load(router)

    def load(self, router: rib.Router) -> None:
        """Give a router everything."""
        for family, next_hops in self._next_hops.items():
            router.set_next_hops(next_hops, family)
        for (protocol, family), routes in self._routes.items():
            router.set_local(protocol, family, dict(self._admitted(protocol, routes.items())))

    def take(self, change: KernelChange, router: rib.Router | None) -> None:
        """Keep what changed and pass it on."""
        if change.next_hops is not None:
            self._next_hops[change.family] = change.next_hops
            if router is not None:
                router.set_next_hops(change.next_hops, change.family)
        for protocol, changes in zip(_NETWORKS, (change.direct, change.learned), strict=True):
            self._keep(protocol, change.family, changes)
            if router is not None and changes:
                router.change_local(protocol, change.family, dict(self._admitted(protocol, changes.items())))

    def _keep(
        self, protocol: rib.Protocol, family: Family, changes: Mapping[Prefix, rib.LocalRoute | None]
    ) -> None:
        table = self._routes.setdefault((protocol, family), {})
        for prefix, route in changes.items():
            if route is None:
                table.pop(prefix, None)
            else:
                table[prefix] = route

    def _admitted(
        self, protocol: rib.Protocol, routes: Iterable[tuple[Prefix, Route]]
    ) -> Iterable[tuple[Prefix, Route]]:
        return (
            (prefix, route)
            for prefix, route in routes
            if protocol is not rib.Protocol.DIRECT or not self._excluded(route)
        )

    def _excluded(self, route: rib.LocalRoute | None) -> bool:
        interface = (route and route.interface) or ""
        return any(fnmatchcase(interface, pattern) for pattern in self._exclude)
