"""From all resources and a node name to what that node should be: pure functions, no I/O, no clock."""

from bgpd.intent.check import PolicyRequestError, policy_check
from bgpd.intent.compile import compile_cluster, compile_intent
from bgpd.intent.diff import (
    FIELD_EFFECTS,
    NODE_FIELD_EFFECTS,
    Effect,
    IntentChange,
    NodeChanged,
    SessionAdded,
    SessionChanged,
    SessionRemoved,
    diff_intents,
    session_effect,
)
from bgpd.intent.model import (
    AddPathDirection,
    Intent,
    Listen,
    NextHopMode,
    Originated,
    OriginatedKind,
    Problem,
    SessionIntent,
    SessionType,
    StaticRoute,
)
from bgpd.intent.pictures import ROW_HEADINGS, topology_dot, topology_rows
from bgpd.intent.topology import problem_document, topology_document

__all__ = [
    "FIELD_EFFECTS",
    "NODE_FIELD_EFFECTS",
    "ROW_HEADINGS",
    "AddPathDirection",
    "Effect",
    "Intent",
    "IntentChange",
    "Listen",
    "NextHopMode",
    "NodeChanged",
    "Originated",
    "OriginatedKind",
    "PolicyRequestError",
    "Problem",
    "SessionAdded",
    "SessionChanged",
    "SessionIntent",
    "SessionRemoved",
    "SessionType",
    "StaticRoute",
    "compile_cluster",
    "compile_intent",
    "diff_intents",
    "policy_check",
    "problem_document",
    "session_effect",
    "topology_document",
    "topology_dot",
    "topology_rows",
]
