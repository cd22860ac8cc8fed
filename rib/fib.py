"""From best paths to kernel routes: the kernel policy, next hops, ECMP."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from rib.changes import FibChange, FibNextHop, FibRoute
from rib.decision import best_of, multipath
from rib.path import Entry, Path
from rib.policy import Outcome, Policy
from rib.policy_batch import BatchPolicy, PrefixClass
from rib.policy_route import route_of
from rib.source import Protocol
from rib.transition import Transition
from rib.weights import bandwidth, weights
from wire import Family, Prefix

__all__ = ["Fib"]

_MEMO: Final = 8192
"""Sets of candidates whose kernel route is remembered."""

_FOREIGN: Final = frozenset({Protocol.DIRECT, Protocol.KERNEL})
"""Protocols whose routes the kernel has of itself; they are never written back."""

_Decided = tuple[FibRoute | None, str]
"""The kernel route, None for no route, and the rule that decided."""


class Fib:
    """What the kernel shall have of one family."""

    def __init__(self, family: Family, policy: Policy | None, *, limit: int) -> None:
        self._family = family
        self.policy = policy
        """The rules it decides by; None: every best path goes into the kernel."""
        self._policy = None if policy is None else BatchPolicy(policy)
        self._limit = limit
        self._known: dict[tuple[Entry, PrefixClass], _Decided] = {}
        self._routes: dict[FibRoute, FibRoute] = {}
        """Equal routes are one object as long as they are remembered."""

    def changes(self, transitions: Iterable[Transition], *, certain: bool = True) -> list[FibChange]:
        """Return what is different for the kernel, those prefixes together that get the same route.

        Not `certain`: another policy may have made what the kernel has.
        """
        parts: dict[int, tuple[FibRoute | None, list[Prefix]]] = {}
        for before, now, together in transitions:
            for prefix_class, prefixes in self._classes(together):
                old, _ = self._decide(before, prefix_class, prefixes[0])
                new, _ = self._decide(now, prefix_class, prefixes[0])
                if not certain or (old is not new and old != new):
                    parts.setdefault(id(new), (new, []))[1].extend(prefixes)
        return [FibChange(self._family, prefixes, route) for route, prefixes in parts.values()]

    def route(self, entry: Entry | None, prefix: Prefix) -> _Decided:
        """Return the kernel route for a prefix and the rule that decided."""
        [(prefix_class, _)] = self._classes((prefix,))
        return self._decide(entry, prefix_class, prefix)

    def _classes(self, prefixes: Sequence[Prefix]) -> list[tuple[PrefixClass, Sequence[Prefix]]]:
        return [(0, prefixes)] if self._policy is None else self._policy.classes(prefixes)

    def _decide(self, entry: Entry | None, prefix_class: PrefixClass, prefix: Prefix) -> _Decided:
        if entry is None:
            return None, "no path"
        known = self._known.get((entry, prefix_class))
        if known is None:
            if len(self._known) >= _MEMO:
                self._known.clear()
                self._routes.clear()
            route, rule = self._made(entry, prefix_class, prefix)
            known = self._known[entry, prefix_class] = self._shared(route), rule
        return known

    def _shared(self, route: FibRoute | None) -> FibRoute | None:
        """Return the one object for equal routes."""
        return None if route is None else self._routes.setdefault(route, route)

    def _made(self, entry: Entry, prefix_class: PrefixClass, prefix: Prefix) -> _Decided:
        best = best_of(entry)
        if best is None:
            return None, "no eligible path"
        if best.source.protocol in _FOREIGN:
            return None, "the kernel's own route"
        if best.local is not None and not best.local.install:
            return None, "only advertised"
        outcome = self._outcome(best, prefix_class, prefix)
        if not outcome.accept:
            return None, outcome.rule
        if best.local is not None:
            return _local_route(best), outcome.rule
        ways: dict[FibNextHop, Path] = {}
        for path in multipath(entry, self._limit):
            judged = self._outcome(path, prefix_class, prefix)
            if judged.accept:
                # Paths of several reflectors lead to the same next hop: one way is one way.
                ways.setdefault(_next_hop(path, judged), path)
        return FibRoute(_weighted(ways), metric=outcome.route.metric or 0), outcome.rule

    def _outcome(self, path: Path, prefix_class: PrefixClass, prefix: Prefix) -> Outcome:
        route = route_of(path, path.attributes, prefix)
        return (
            Outcome(True, "no kernel policy", route)
            if self._policy is None
            else self._policy.run(route, prefix_class)
        )


def _local_route(path: Path) -> FibRoute:
    local = path.local
    assert local is not None  # noqa: S101 -- told apart by the caller
    hops = (FibNextHop(local.gateway, local.interface),) if local.kind == "unicast" else ()
    return FibRoute(hops, kind=local.kind, metric=local.metric or 0, source=local.source)


def _next_hop(path: Path, outcome: Outcome) -> FibNextHop:
    tunnel = outcome.route.tunnel
    if tunnel is not None:
        return FibNextHop(path.attributes.next_hop[:16], tunnel.interface, onlink=tunnel.onlink)
    resolution = path.resolution
    assert resolution is not None  # noqa: S101 -- eligible paths of peers are resolved
    return FibNextHop(resolution.gateway, resolution.interface)


def _weighted(ways: Mapping[FibNextHop, Path]) -> tuple[FibNextHop, ...]:
    if len(ways) == 1:
        return tuple(ways)
    shares = weights([bandwidth(path.attributes.extended_communities) for path in ways.values()])
    return tuple(replace(hop, weight=share) for hop, share in zip(ways, shares, strict=True))
