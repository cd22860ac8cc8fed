"""Next hops by longest match in the node's connected and static routes (RFC 4271, section 9.1.2.1)."""

from collections.abc import Iterable
from typing import NamedTuple

from wire import Prefix, make_prefix

__all__ = ["NextHopRoute", "NextHopTable", "Resolution"]


class NextHopRoute(NamedTuple):
    """A route of the kernel that next hops may be reached by."""

    prefix: Prefix
    interface: str | None
    gateway: bytes | None = None
    """None: the network is connected."""
    metric: int = 0
    """IGP metric of the decision process (RFC 4271, section 9.1.2.2 e)."""


class Resolution(NamedTuple):
    """How a next hop is reached."""

    gateway: bytes
    """The address to send to: the next hop itself when it is on a connected network."""
    interface: str | None
    metric: int = 0


class NextHopTable:
    """The routes that next hops are resolved by, for addresses of one length (4 or 16 octets)."""

    def __init__(self, *, assume_reachable: bool = False) -> None:
        self._assume_reachable = assume_reachable
        self._routes: dict[str, tuple[NextHopRoute, ...]] = {}
        self._networks: dict[int, dict[Prefix, NextHopRoute]] = {}
        self._lengths: list[int] = []
        self._known: dict[bytes, Resolution | None] = {}

    def set_routes(self, origin: str, routes: Iterable[NextHopRoute]) -> frozenset[bytes]:
        """Replace the routes of one origin; return the next hops in use that are now reached differently."""
        replaced = tuple(routes)
        if replaced == self._routes.get(origin, ()):
            return frozenset()
        self._routes[origin] = replaced
        self._index()
        before, self._known = self._known, {}
        return frozenset(next_hop for next_hop, was in before.items() if self.resolve(next_hop) != was)

    def _index(self) -> None:
        self._networks = {}
        for routes in self._routes.values():
            for route in routes:
                network = self._networks.setdefault(route.prefix[0], {})
                rival = network.get(route.prefix)
                if rival is None or route.metric < rival.metric:
                    network[route.prefix] = route
        self._lengths = sorted(self._networks, reverse=True)

    def resolve(self, next_hop: bytes) -> Resolution | None:
        """Return how an address is reached; None: not at all. Of 32 octets the global address counts."""
        try:
            return self._known[next_hop]
        except KeyError:
            resolution = self._known[next_hop] = self._look_up(next_hop[:16])
            return resolution

    def _look_up(self, address: bytes) -> Resolution | None:
        if self._assume_reachable:
            return Resolution(address, None)
        for length in self._lengths:
            route = self._networks[length].get(make_prefix(address, length))
            if route is not None:
                return Resolution(route.gateway or address, route.interface, route.metric)
        return None
