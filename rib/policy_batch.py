"""A policy over batches of prefixes that share a path.

Only the prefix conditions of rules tell the prefixes of a path apart. So a prefix is put into a class by
which rules' prefix conditions hold for it (a bit mask over the rules), and the policy runs once per path and
class.
"""

from collections.abc import Sequence
from typing import Final

from rib.conditions import tests_of
from rib.policy import Outcome, Policy, evaluate_rules
from rib.policy_route import PolicyRoute
from rib.prefix_match import PrefixMatch, PrefixOperator, truncate
from wire import Prefix

__all__ = ["BatchPolicy", "PrefixClass"]

PrefixClass = int
"""Bit n is set when the prefix condition of rule n holds."""

_MEMO: Final = 65536
"""Prefixes whose class is remembered."""

_Row = tuple[int, int, int]
"""Shortest and longest length in bits that match, and the bit of the rule."""


class BatchPolicy:
    """One policy, prepared for batches."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._rules = [(rule, tests_of(rule)) for rule in policy.rules]
        self._always = 0
        self._inside: dict[int, dict[Prefix, list[_Row]]] = {}
        self._outside: list[tuple[PrefixMatch, int]] = []
        for number, rule in enumerate(policy.rules):
            if not rule.prefixes:
                self._always |= 1 << number
            for match in rule.prefixes:
                self._add(match, 1 << number)
        self._lengths = sorted(self._inside)
        self._memo: dict[Prefix, PrefixClass] = {}

    def _add(self, match: PrefixMatch, bit: int) -> None:
        if match.operator in {PrefixOperator.NOT_EQUAL, PrefixOperator.NOT_IN}:
            self._outside.append((match, bit))
            return
        ranged = match.min_length is not None or match.max_length is not None
        own = match.prefix[0]
        if match.operator is PrefixOperator.EQUAL:
            row = (1, 0, bit) if ranged else (own, own, bit)
        else:
            shortest = own if match.min_length is None else match.min_length
            row = (shortest, 128 if match.max_length is None else match.max_length, bit)
        self._inside.setdefault(own, {}).setdefault(match.prefix, []).append(row)

    def classes(self, prefixes: Sequence[Prefix]) -> list[tuple[PrefixClass, Sequence[Prefix]]]:
        """Part prefixes by what can make a difference to this policy; order is kept within a class."""
        if not self._inside and not self._outside:
            return [(self._always, prefixes)]
        if len(prefixes) == 1:
            return [(self.class_of(prefixes[0]), prefixes)]
        parts: dict[PrefixClass, list[Prefix]] = {}
        for prefix in prefixes:
            parts.setdefault(self.class_of(prefix), []).append(prefix)
        return list(parts.items())

    def class_of(self, prefix: Prefix) -> PrefixClass:
        """Return the class of one prefix."""
        known = self._memo.get(prefix)
        if known is None:
            if len(self._memo) >= _MEMO:
                self._memo.clear()
            known = self._memo[prefix] = self._classify(prefix)
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

    def run(self, route: PolicyRoute, prefix_class: PrefixClass) -> Outcome:
        """Run a route of that class through the policy."""
        rules = self._rules
        matching = []
        while prefix_class:
            bit = prefix_class & -prefix_class
            matching.append(rules[bit.bit_length() - 1])
            prefix_class ^= bit
        return evaluate_rules(self.policy, matching, route)
