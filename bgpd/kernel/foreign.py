"""Routes of the main table that are not ours, of one family: read and reported, never written."""

from collections.abc import Callable, Iterable, Iterator

from bgpd.kernel.model import KernelRoute
from wire import Prefix


class ForeignRoutes:
    """All foreign routes by prefix, kept in step by dumps and notifications."""

    def __init__(self) -> None:
        self.changed: set[Prefix] = set()
        """Prefixes whose routes changed since somebody took and cleared this."""
        self.ambiguous = False
        """A notification could mean one of several routes: dump again. Reset by `begin_dump`."""
        self._routes: dict[Prefix, tuple[KernelRoute, ...]] = {}
        self._unseen: set[Prefix] = set()

    def __getitem__(self, prefix: Prefix) -> tuple[KernelRoute, ...]:
        return self._routes.get(prefix, ())

    def items(self) -> Iterator[tuple[Prefix, tuple[KernelRoute, ...]]]:
        """All prefixes with their routes."""
        return iter(self._routes.items())

    def none_at(self, prefixes: Iterable[Prefix]) -> bool:
        """Whether no foreign route stands at any of the prefixes."""
        return self._routes.keys().isdisjoint(prefixes)

    def rival(self, prefix: Prefix, metric: int) -> KernelRoute | None:
        """Return a route that stands in a slot."""
        for route in self._routes.get(prefix, ()):
            if route.metric == metric:
                return route
        return None

    def add(self, prefix: Prefix, route: KernelRoute, *, replaces: bool = False) -> None:
        """Note a route; `replaces` (NLM_F_REPLACE): the kernel put it in place of one in its slot."""
        present = self[prefix]
        if prefix in self._unseen:
            self._unseen.discard(prefix)
            present = ()
        in_slot = [other for other in present if other.metric == route.metric]
        displaced = in_slot if replaces else [other for other in in_slot if _grew(other, route)]
        if len(displaced) > 1:
            self.ambiguous = True
        self._set(prefix, (*(other for other in present if other not in displaced), route))

    def clear_slot(self, prefix: Prefix, metric: int) -> None:
        """Note that a route of ours was put in place of what stood in a slot, by somebody else."""
        self._set(prefix, tuple(other for other in self[prefix] if other.metric != metric))

    def remove(self, prefix: Prefix, route: KernelRoute) -> None:
        """Note that a route, or some of its hops, is gone."""
        present = self[prefix]
        alike = [
            other for other in present if (other.metric, other.protocol) == (route.metric, route.protocol)
        ]
        hit = route if route in present else next((other for other in alike if other.without(route)), None)
        if hit is None and len(alike) == 1:
            hit = alike[0]
        if hit is None:
            self.ambiguous |= bool(alike)
            return
        left = hit.without(route)
        rest = tuple(other for other in present if other is not hit and other != hit)
        self._set(prefix, rest if left is None else (*rest, left))

    def remove_where(self, vanished: Callable[[KernelRoute], bool]) -> None:
        """Forget routes that the kernel removes without a word: those through a link that is gone."""
        for prefix, routes in list(self._routes.items()):
            left = tuple(route for route in routes if not vanished(route))
            if len(left) != len(routes):
                self._set(prefix, left)

    def begin_dump(self) -> None:
        """Prepare for the kernel's telling all routes, by `add`."""
        self.ambiguous = False
        self._unseen = set(self._routes)

    def end_dump(self) -> None:
        """Forget what was not told."""
        for prefix in self._unseen:
            self._set(prefix, ())
        self._unseen = set()

    def _set(self, prefix: Prefix, routes: tuple[KernelRoute, ...]) -> None:
        if routes == self[prefix]:
            return
        self.changed.add(prefix)
        if routes:
            self._routes[prefix] = routes
        else:
            del self._routes[prefix]


def _grew(before: KernelRoute, after: KernelRoute) -> bool:
    """Whether `after` is `before` told again: the same, or with hops added (IPv6 tells the whole group)."""
    if before == after:
        return True
    gateways = {(hop.gateway, hop.interface) for hop in after.hops}
    return bool(before.hops) and all(
        hop.gateway is not None and (hop.gateway, hop.interface) in gateways for hop in before.hops
    )
