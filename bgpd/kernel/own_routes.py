"""Which routes of ours the kernel holds, of one family: those somebody wants, and others."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from bgpd.kernel.model import KernelRoute, Target
from wire import Prefix

Shared = list[tuple[KernelRoute, list[Prefix]]]
"""Routes, each with prefixes that share the object."""


class Comparison(NamedTuple):
    """Prefixes by what stands in a slot of theirs."""

    missing: list[Prefix]
    """Nothing of ours."""
    different: list[Prefix]
    fitting: list[Prefix]


class OwnRoutes:
    """Slots (prefix and metric) with a route of ours; at most one of a prefix is the wanted one."""

    def __init__(self) -> None:
        self.wanted: dict[Prefix, Target] = {}
        """The route that stands for what the RIB wants, or wanted when it was written."""
        self.others: dict[Prefix, dict[int, KernelRoute]] = {}
        """Routes by metric that nobody wants: found at the start, or displaced by a better metric."""
        self._unseen: dict[Prefix, Target] = {}

    def at(self, prefix: Prefix, metric: int) -> KernelRoute | None:
        """Return our route in a slot."""
        held = self.wanted.get(prefix)
        if held is not None and held.route.metric == metric:
            return held.route
        others = self.others.get(prefix)
        return others.get(metric) if others else None

    def none_at(self, prefixes: Iterable[Prefix]) -> bool:
        """Whether no route of ours stands at any of the prefixes."""
        if self.others and not self.others.keys().isdisjoint(prefixes):
            return False
        return self.wanted.keys().isdisjoint(prefixes)

    def wanted_at(self, prefixes: Iterable[Prefix]) -> Shared:
        """Return the wanted routes of the prefixes."""
        parts: dict[int, tuple[KernelRoute, list[Prefix]]] = {}
        last: Target | None = None
        part: list[Prefix] = []
        for prefix in prefixes:
            held = self.wanted.get(prefix)
            if held is None:
                continue
            if held is not last:
                last = held
                _, part = parts.setdefault(id(held.route), (held.route, []))
            part.append(prefix)
        return list(parts.values())

    def others_at(self, prefixes: Iterable[Prefix]) -> Shared:
        """Return the other routes of the prefixes."""
        parts: dict[int, tuple[KernelRoute, list[Prefix]]] = {}
        for prefix in prefixes if self.others else ():
            for route in self.others.get(prefix, {}).values():
                parts.setdefault(id(route), (route, []))[1].append(prefix)
        return list(parts.values())

    def without_others(self, prefixes: Sequence[Prefix]) -> Sequence[Prefix]:
        """Return those of the prefixes at which only the wanted route stands, or none."""
        return [prefix for prefix in prefixes if prefix not in self.others] if self.others else prefixes

    def compare(self, prefixes: Iterable[Prefix], route: KernelRoute) -> Comparison:
        """Sort prefixes by what stands in the slot of a route that shall be there."""
        compared = Comparison([], [], [])
        last, part = None, compared.missing
        for prefix in prefixes:
            there = self.at(prefix, route.metric)
            if there is None:
                compared.missing.append(prefix)
                continue
            if there is not last:
                last, part = there, compared.fitting if route.fits(there) else compared.different
            part.append(prefix)
        return compared

    def hold_all(self, prefixes: Sequence[Prefix], target: Target) -> None:
        """Note the wanted route of many prefixes."""
        wanted = self.wanted
        if self.none_at(prefixes):
            for prefix in prefixes:
                wanted[prefix] = target
            return
        for prefix in prefixes:
            self.hold(prefix, target)

    def hold(self, prefix: Prefix, target: Target) -> None:
        """Note the wanted route; what was wanted at another metric becomes one of the others."""
        held = self.wanted.get(prefix)
        self.wanted[prefix] = target
        if held is not None and held.route.metric != target.route.metric:
            self.others.setdefault(prefix, {})[held.route.metric] = held.route
        if prefix in self.others:
            self._drop_other(prefix, target.route.metric)

    def drop_all(self, prefixes: Iterable[Prefix], metric: int) -> None:
        """Empty the slots of many prefixes."""
        wanted = self.wanted
        for prefix in prefixes:
            held = wanted.get(prefix)
            if held is not None and held.route.metric == metric:
                del wanted[prefix]
            elif prefix in self.others:
                self._drop_other(prefix, metric)

    def drop(self, prefix: Prefix, metric: int) -> bool:
        """Empty a slot; say whether the wanted route stood there."""
        held = self.wanted.get(prefix)
        if held is not None and held.route.metric == metric:
            del self.wanted[prefix]
            return True
        if prefix in self.others:
            self._drop_other(prefix, metric)
        return False

    def see(self, prefix: Prefix, route: KernelRoute) -> bool:
        """Note what the kernel says of a slot; say whether the wanted route has been changed."""
        held = self.wanted.get(prefix)
        if held is None or held.route.metric != route.metric:
            self.others.setdefault(prefix, {})[route.metric] = route
            return False
        self._unseen.pop(prefix, None)
        if held.route.fits(route):
            return False
        self.wanted[prefix] = Target(held.wanted, route)
        return True

    def begin_dump(self) -> None:
        """Expect to see all routes again."""
        self._unseen = dict(self.wanted)
        self.others.clear()

    def end_dump(self) -> Iterator[tuple[Prefix, KernelRoute]]:
        """Give the wanted routes that were expected and not seen."""
        unseen, self._unseen = self._unseen, {}
        return ((prefix, held.route) for prefix, held in unseen.items() if self.wanted.get(prefix) is held)

    def by_target(self) -> list[tuple[Target, list[Prefix]]]:
        """Return the prefixes of the wanted routes by what they were made of."""
        parts: dict[int, tuple[Target, list[Prefix]]] = {}
        last: Target | None = None
        part: list[Prefix] = []
        for prefix, held in self.wanted.items():
            if held is not last:
                last = held
                _, part = parts.setdefault(id(held), (held, []))
            part.append(prefix)
        return list(parts.values())

    def wanted_where(self, condition: Callable[[KernelRoute], bool]) -> list[Prefix]:
        """List the prefixes whose wanted route meets a condition, asked once for those that share it."""
        found = [prefixes for held, prefixes in self.by_target() if condition(held.route)]
        return list(chain.from_iterable(found))

    def drop_others_where(self, condition: Callable[[KernelRoute], bool]) -> None:
        """Empty the slots of other routes that meet a condition."""
        for prefix, routes in list(self.others.items()):
            for metric in [metric for metric, route in routes.items() if condition(route)]:
                self._drop_other(prefix, metric)

    def _drop_other(self, prefix: Prefix, metric: int) -> None:
        self.others[prefix].pop(metric, None)
        if not self.others[prefix]:
            del self.others[prefix]
