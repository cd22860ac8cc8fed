"""From all resources and a node name to what that node should be: pure functions, no I/O, no clock."""

from bgpd.intent.model import (
    AddPaths,
    Bfd,
    Intent,
    LimitAction,
    Listen,
    NextHopMode,
    Originated,
    OriginatedKind,
    PrefixLimit,
    Problem,
    SessionIntent,
    SessionType,
    StaticRoute,
)

__all__ = [
    "AddPaths",
    "Bfd",
    "Intent",
    "LimitAction",
    "Listen",
    "NextHopMode",
    "Originated",
    "OriginatedKind",
    "PrefixLimit",
    "Problem",
    "SessionIntent",
    "SessionType",
    "StaticRoute",
]
