"""A policy over batches of prefixes that share a path.

Only the prefix conditions of rules tell the prefixes of a path apart. So a prefix is put into a class by
which rules' prefix conditions hold for it (a bit mask over the rules), and the policy runs once per path and
class. Most policies do not even look at the path: what they say about a class is then found out once.
"""

from bisect import bisect
from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from itertools import chain
from operator import or_
from typing import Final

from rib.conditions import Test, asks_for_more, tests_of
from rib.policy import DEFAULT_RULE, Outcome, Policy, evaluate_rules
from rib.policy_route import PolicyRoute
from rib.prefix_match import PrefixMatch, PrefixOperator, truncate
from rib.rule import Rule, Verdict
from rib.source import Protocol
from wire import PathAttributes, Prefix

__all__ = ["BatchPolicy", "PrefixClass", "Settled"]

PrefixClass = int
"""Bit n is set when the prefix condition of rule n holds."""

Settled = tuple[bool, str]
"""Whether routes are accepted, as they are, and the name of the rule that says so."""

_Common = tuple[PrefixClass, Protocol, str | None, int | None]
"""What many routes have in common: class, protocol, interface, LOCAL_PREF."""

_MEMO: Final = 65536
"""Sets of things in common whose verdict is remembered."""

_Row = tuple[int, int, int]
"""Shortest and longest length in bits that match, and the bit of the rule."""


class BatchPolicy:
    """One policy, prepared for batches."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._rules = [(rule, tests_of(rule)) for rule in _reachable(policy.rules)]
        self._always = 0
        self._inside: dict[int, dict[Prefix, list[_Row]]] = {}
        self._outside: list[tuple[PrefixMatch, int]] = []
        for number, (rule, _) in enumerate(self._rules):
            if not rule.prefixes:
                self._always |= 1 << number
            for match in rule.prefixes:
                self._add(match, 1 << number)
        self._lengths = sorted(self._inside)
        matches = [match for rule, _ in self._rules for match in rule.prefixes]
        self._first_octets = frozenset(chain([b""], *map(_first_octets, matches)))
        """Those of all prefixes that the rules name; others are inside none of them."""
        self._elsewhere = reduce(or_, [bit for _, bit in self._outside], self._always)
        self._borders = sorted({border for match in matches for border in _borders(match.prefix)})
        """Addresses between which no rule tells prefixes of one length apart."""
        self._known: dict[tuple[int, int], PrefixClass] = {}
        """The class of prefixes behind so many borders, of that length."""
        self._settled: dict[_Common, Settled | None] = {}

    def _add(self, match: PrefixMatch, bit: int) -> None:
        if match.operator in {PrefixOperator.NOT_EQUAL, PrefixOperator.NOT_IN}:
            self._outside.append((match, bit))
            return
        ranged = match.min_length is not None or match.max_length is not None
        own = match.prefix[0]
        if match.operator is PrefixOperator.EQUAL:
            row = (1, 0, bit) if ranged else (own, own, bit)
        elif own == 0 and not ranged:
            self._always |= bit  # every prefix is inside the prefix of no bits
            return
        else:
            shortest = own if match.min_length is None else match.min_length
            row = (shortest, 128 if match.max_length is None else match.max_length, bit)
        self._inside.setdefault(own, {}).setdefault(match.prefix, []).append(row)

    def classes(self, prefixes: Sequence[Prefix]) -> list[tuple[PrefixClass, Sequence[Prefix]]]:
        """Part prefixes by what can make a difference to this policy; order is kept within a class."""
        if not self._inside and not self._outside:
            return [(self._always, prefixes)]
        if self._first_octets.isdisjoint([prefix[1:2] for prefix in prefixes]):
            return [(self._elsewhere, prefixes)]
        if len(prefixes) == 1:
            return [(self.class_of(prefixes[0]), prefixes)]
        low, high = min(prefixes), max(prefixes)
        if low[0] == high[0] and bisect(self._borders, low[1:]) == bisect(self._borders, high[1:]):
            return [(self.class_of(low), prefixes)]
        parts: dict[PrefixClass, list[Prefix]] = {}
        for prefix in prefixes:
            parts.setdefault(self.class_of(prefix), []).append(prefix)
        return list(parts.items())

    def class_of(self, prefix: Prefix) -> PrefixClass:
        """Return the class of one prefix."""
        key = (bisect(self._borders, prefix[1:]), prefix[0])
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._classify(prefix)
        return known

    def _classify(self, prefix: Prefix) -> PrefixClass:
        mask = self._always
        length = prefix[0]
        for outer in self._lengths:
            if outer > length:
                break
            for shortest, longest, bit in self._inside[outer].get(truncate(prefix, outer), ()):
                if shortest <= length <= longest:
                    mask |= bit
        for match, bit in self._outside:
            if match.matches(prefix):
                mask |= bit
        return mask

    def settled(
        self, protocol: Protocol, interface: str | None, prefix_class: PrefixClass, local_pref: int | None
    ) -> Settled | None:
        """Return what becomes of all routes that have so much in common; None: `run` has to tell.

        The priority that such a route would have for the policy (`PolicyRoute.metric`) is not worked out.
        """
        key = (prefix_class, protocol, interface, local_pref)
        try:
            return self._settled[key]
        except KeyError:
            if len(self._settled) >= _MEMO:
                self._settled.clear()
            settled = self._settled[key] = self._settle(*key)
            return settled

    def settled_for_all(
        self, protocol: Protocol, interface: str | None, batches: Iterable[Sequence[Prefix]]
    ) -> Settled | None:
        """Return what becomes of routes for these prefixes, none with LOCAL_PREF, if it is one thing."""
        by_prefix = self._inside or self._outside
        classes = self.classes(list(chain.from_iterable(batches)) if by_prefix else ())
        return None if len(classes) > 1 else self.settled(protocol, interface, classes[0][0], None)

    def _settle(
        self, prefix_class: PrefixClass, protocol: Protocol, interface: str | None, local_pref: int | None
    ) -> Settled | None:
        normalize = self.policy.normalize
        if normalize == "kernel" or (normalize == "export" and protocol is not Protocol.BGP):
            return None  # the routes do not stay as they are
        attributes = PathAttributes(local_pref=local_pref)
        route = PolicyRoute(prefix=b"", attributes=attributes, protocol=protocol, interface=interface)
        for rule, tests in self._matching(prefix_class):
            if asks_for_more(rule):
                return None
            if all(test(route) for test in tests):
                if rule.operations:
                    return None
                if rule.verdict is not Verdict.CONTINUE:
                    return rule.verdict is Verdict.ACCEPT, rule.name
        return self.policy.default is not Verdict.REJECT, DEFAULT_RULE

    def run(self, route: PolicyRoute, prefix_class: PrefixClass) -> Outcome:
        """Run a route of that class through the policy."""
        return evaluate_rules(self.policy, self._matching(prefix_class), route)

    def _matching(self, prefix_class: PrefixClass) -> Iterator[tuple[Rule, tuple[Test, ...]]]:
        while prefix_class:
            bit = prefix_class & -prefix_class
            yield self._rules[bit.bit_length() - 1]
            prefix_class ^= bit


def _first_octets(match: PrefixMatch) -> Iterator[bytes]:
    """Yield the first address octets that prefixes inside a match's prefix may have."""
    spare = max(0, 8 - match.prefix[0])
    first = match.prefix[1] if len(match.prefix) > 1 else 0
    return (bytes((octet,)) for octet in range(first, first + (1 << spare)))


def _borders(prefix: Prefix) -> Iterator[bytes]:
    """Yield the first address of a network and the first behind it, without the zeros that they end in.

    So no address in NLRI bytes that is not less than a border compares less than it.
    """
    octets = len(prefix) - 1
    first = int.from_bytes(prefix[1:], "big")
    for address in (first, first + (1 << -prefix[0] % 8)):
        if address < 1 << 8 * octets:  # nothing is behind the last network
            yield address.to_bytes(octets, "big").rstrip(b"\0")


def _reachable(rules: Iterable[Rule]) -> Iterator[Rule]:
    """Yield the rules up to the first that has the last word on every route."""
    for rule in rules:
        yield rule
        if not rule.prefixes and not tests_of(rule) and rule.verdict is not Verdict.CONTINUE:
            return
