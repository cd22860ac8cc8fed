"""Routes in memory: paths, decision process, reflection, policy, update groups. No I/O and no clock."""

from rib.changes import (
    Changes,
    FibChange,
    FibNextHop,
    FibRoute,
    LimitEvent,
    RouteKind,
    Span,
    Transmission,
)
from rib.local import LocalRoute
from rib.next_hop import NextHopRoute, Resolution
from rib.path import Path
from rib.policy import (
    AddCommunity,
    AddLargeCommunity,
    Operation,
    Outcome,
    Policy,
    PolicyRoute,
    PrefixMatch,
    PrefixOperator,
    PrependAsPath,
    Rule,
    SetLocalPref,
    SetMetric,
    SetPreference,
    SetTunnel,
    Verdict,
    evaluate,
)
from rib.refusal import Refusal
from rib.router import Router
from rib.rows import Advertisement, Candidate, Explanation, PeerCounts, RouteRow
from rib.settings import MaxPrefixes, NextHopMode, PeerSettings
from rib.source import DEFAULT_PREFERENCE, PeerKind, Protocol, Source

__all__ = [
    "DEFAULT_PREFERENCE",
    "AddCommunity",
    "AddLargeCommunity",
    "Advertisement",
    "Candidate",
    "Changes",
    "Explanation",
    "FibChange",
    "FibNextHop",
    "FibRoute",
    "LimitEvent",
    "LocalRoute",
    "MaxPrefixes",
    "NextHopMode",
    "NextHopRoute",
    "Operation",
    "Outcome",
    "Path",
    "PeerCounts",
    "PeerKind",
    "PeerSettings",
    "Policy",
    "PolicyRoute",
    "PrefixMatch",
    "PrefixOperator",
    "PrependAsPath",
    "Protocol",
    "Refusal",
    "Resolution",
    "RouteKind",
    "RouteRow",
    "Router",
    "Rule",
    "SetLocalPref",
    "SetMetric",
    "SetPreference",
    "SetTunnel",
    "Source",
    "Span",
    "Transmission",
    "Verdict",
    "evaluate",
]
