"""Policies: ordered rules over routes, and the one evaluator behind the daemon, `explain` and `policy check`."""

from dataclasses import dataclass
from typing import Literal

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
from rib.source import DEFAULT_PREFERENCE, Protocol
from wire import Family, PathAttributes, Prefix

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
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Rules tried top-down; the first ACCEPT or REJECT that matches is final, otherwise `default` counts."""

    name: str
    family: Family
    rules: tuple[Rule, ...] = ()
    default: Verdict = Verdict.ACCEPT
    normalize: Literal["export", "kernel"] | None = None
    """Which way priorities are normalised before the rules run: LOCAL_PREF = 2147483647 - metric (Calico)."""
    normal: int = 1024
    """The metric of a route of normal priority; lower ones are elevated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRoute:
    """A route as a policy sees it and leaves it."""

    prefix: Prefix
    attributes: PathAttributes
    protocol: Protocol
    interface: str | None = None
    """Outgoing interface, if the route has one."""
    metric: int | None = None
    """Kernel metric, if the route has one."""
    preference: int = DEFAULT_PREFERENCE[Protocol.BGP]
    tunnel: SetTunnel | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a policy made of a route: the verdict, the name of the rule that gave it, the route afterwards."""

    accept: bool
    rule: str
    route: PolicyRoute


def evaluate(policy: Policy, route: PolicyRoute) -> Outcome:
    """Run `route` through `policy`."""
    raise NotImplementedError
