"""The conditions of a rule but those on prefixes, one row each: the field that asks, and when it holds."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from rib.as_path import leading
from rib.path import DEFAULT_LOCAL_PREF, carries
from rib.policy_route import PolicyRoute
from rib.prefix_match import PrefixMatch
from rib.rule import Rule
from rib.source import Protocol

__all__ = ["Test", "asks_for_more", "tests_of"]

Test = Callable[[PolicyRoute], bool]
"""Whether one condition holds for a route."""


def _interfaces(globs: tuple[str, ...]) -> Test:
    pattern = re.compile("|".join(map(_regular, globs)))
    return lambda route: route.interface is not None and pattern.fullmatch(route.interface) is not None


def _regular(glob: str) -> str:
    """Return a glob of `*` and `?` as a regular expression."""
    return re.escape(glob).replace(r"\*", ".*").replace(r"\?", ".")


def _learned(wanted: bool) -> Test:
    return lambda route: (route.protocol is Protocol.BGP) is wanted


def _communities(wanted: tuple[int, ...]) -> Test:
    return lambda route: all(carries(route.attributes.communities, community) for community in wanted)


def _large_communities(wanted: tuple[tuple[int, int, int], ...]) -> Test:
    return lambda route: set(wanted) <= set(route.attributes.large_community_list)


def _as_path_prefix(wanted: tuple[int, ...]) -> Test:
    first = list(wanted)
    return lambda route: leading(route.attributes.as_path_segments)[: len(first)] == first


def _local_pref(wanted: int) -> Test:
    return lambda route: _local_pref_of(route) == wanted


def _local_pref_above(bound: int) -> Test:
    return lambda route: _local_pref_of(route) > bound


def _local_pref_of(route: PolicyRoute) -> int:
    value = route.attributes.local_pref
    return DEFAULT_LOCAL_PREF if value is None else value


def _metric_below(bound: int) -> Test:
    return lambda route: route.metric is not None and route.metric < bound


def _next_hop_in(matches: tuple[PrefixMatch, ...]) -> Test:
    def holds(route: PolicyRoute) -> bool:
        address = route.attributes.next_hop[:16]
        host = bytes((8 * len(address),)) + address
        return bool(address) and any(match.matches(host) for match in matches)

    return holds


def _next_hops(addresses: frozenset[bytes]) -> Test:
    return lambda route: route.attributes.next_hop[:16] in addresses


def _protocols(wanted: frozenset[Protocol]) -> Test:
    return lambda route: route.protocol in wanted


_CONDITIONS: Final[tuple[tuple[str, Callable[[Any], Test]], ...]] = (
    ("protocols", _protocols),
    ("learned", _learned),
    ("interfaces", _interfaces),
    ("local_pref", _local_pref),
    ("local_pref_above", _local_pref_above),
    ("metric_below", _metric_below),
    ("next_hops", _next_hops),
    ("next_hop_in", _next_hop_in),
    ("communities", _communities),
    ("large_communities", _large_communities),
    ("as_path_prefix", _as_path_prefix),
)
"""Field of `Rule`, and what makes a test of its value. Cheap ones first; None and () ask for nothing."""


_IN_COMMON: Final = frozenset({"protocols", "learned", "interfaces", "local_pref", "local_pref_above"})
"""Fields that ask for nothing but protocol, interface and LOCAL_PREF, which many routes have in common."""


def asks_for_more(rule: Rule) -> bool:
    """Whether a condition can tell routes of one protocol, interface and LOCAL_PREF apart."""
    return any(getattr(rule, field) not in (None, ()) for field, _ in _CONDITIONS if field not in _IN_COMMON)


@lru_cache(maxsize=4096)
def tests_of(rule: Rule) -> tuple[Test, ...]:
    """Return the tests that a route must pass for the rule to match, its prefix aside."""
    values = ((getattr(rule, field), test) for field, test in _CONDITIONS)
    return tuple(test(value) for value, test in values if value is not None and value != ())
