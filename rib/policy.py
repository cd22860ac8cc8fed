"""Policies: ordered rules over routes, and the one evaluator of daemon, `explain` and `policy check`."""

from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

from records import field, record
from rib.conditions import Test, tests_of
from rib.operations import apply_operation
from rib.path import DEFAULT_LOCAL_PREF
from rib.policy_route import PolicyRoute
from rib.prefix_match import PrefixMatch, PrefixOperator
from rib.rule import (
    AddCommunity,
    AddLargeCommunity,
    Operation,
    PrependAsPath,
    Rule,
    SetLocalPref,
    SetMetric,
    SetPreference,
    SetTunnel,
    Verdict,
)
from rib.source import Protocol
from wire import Family

__all__ = [
    "AddCommunity",
    "AddLargeCommunity",
    "Operation",
    "Outcome",
    "Policy",
    "PolicyRoute",
    "PrefixMatch",
    "PrefixOperator",
    "PrependAsPath",
    "Rule",
    "SetLocalPref",
    "SetMetric",
    "SetPreference",
    "SetTunnel",
    "Verdict",
    "evaluate",
    "evaluate_rules",
]

HIGHEST: Final = 2147483647
"""LOCAL_PREF and kernel metric add up to this where priorities are normalised (Calico)."""

ELEVATED_PREFERENCE: Final = 200
"""Preference of routes of elevated priority in the kernel."""

DEFAULT_RULE: Final = "default"
"""The name that stands for a policy's default verdict."""


@record(kw_only=True)
class Policy:
    """Rules tried top-down; the first ACCEPT or REJECT that matches is final, otherwise `default` counts."""

    name: str = field(compare=False)
    """For operators only: policies that do the same are equal, and their peers share an update group."""
    family: Family
    rules: tuple[Rule, ...] = ()
    default: Verdict = Verdict.ACCEPT
    normalize: Literal["export", "kernel"] | None = None
    """Which way priorities are normalised before the rules run: LOCAL_PREF = 2147483647 - metric (Calico)."""
    normal: int = 1024
    """The metric of a route of normal priority; lower ones are elevated."""

    def __hash__(self) -> int:
        # Hashing every rule of every peer costs more than comparing the few policies that agree in these.
        return hash((self.family, len(self.rules), self.default, self.normalize, self.normal))


class Outcome(NamedTuple):
    """What a policy made of a route: the verdict, the name of the rule that gave it, the route afterwards."""

    accept: bool
    rule: str
    route: PolicyRoute


def evaluate(policy: Policy, route: PolicyRoute) -> Outcome:
    """Run `route` through `policy`."""
    matching = (
        (rule, tests_of(rule))
        for rule in policy.rules
        if not rule.prefixes or any(match.matches(route.prefix) for match in rule.prefixes)
    )
    return evaluate_rules(policy, matching, route)


def evaluate_rules(
    policy: Policy, rules: Iterable[tuple[Rule, tuple[Test, ...]]], route: PolicyRoute
) -> Outcome:
    """Run a route through those rules of a policy whose prefix condition is known to hold."""
    route = _normalized(policy, route)
    for rule, tests in rules:
        if not all(test(route) for test in tests):
            continue
        if rule.verdict is Verdict.REJECT:
            return Outcome(False, rule.name, route)
        for operation in rule.operations:
            route = apply_operation(operation, route)
        if rule.verdict is Verdict.ACCEPT:
            return Outcome(True, rule.name, route)
    return Outcome(policy.default is not Verdict.REJECT, DEFAULT_RULE, route)


def _normalized(policy: Policy, route: PolicyRoute) -> PolicyRoute:
    """Return the route with the priority that Calico gives it before any rule runs."""
    if policy.normalize == "export":
        return _normalized_for_export(policy, route)
    if policy.normalize == "kernel" and route.protocol is Protocol.BGP and route.metric is None:
        return _normalized_for_kernel(policy, route)
    return route


def _normalized_for_export(policy: Policy, route: PolicyRoute) -> PolicyRoute:
    """Learned by BGP: the metric follows from LOCAL_PREF; otherwise LOCAL_PREF follows from the metric."""
    if route.protocol is Protocol.BGP:
        return route.replace(metric=_metric_of(route))
    metric = policy.normal if route.metric is None else route.metric
    attributes = route.attributes.replace(local_pref=_complement(metric))
    return route.replace(metric=metric, attributes=attributes)


def _normalized_for_kernel(policy: Policy, route: PolicyRoute) -> PolicyRoute:
    metric = _metric_of(route)
    preference = ELEVATED_PREFERENCE if metric < policy.normal else route.preference
    return route.replace(metric=metric, preference=preference)


def _metric_of(route: PolicyRoute) -> int:
    local_pref = route.attributes.local_pref
    return _complement(DEFAULT_LOCAL_PREF if local_pref is None else local_pref)


def _complement(value: int) -> int:
    return max(0, HIGHEST - value)
