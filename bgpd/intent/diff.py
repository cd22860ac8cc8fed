"""What a change of the intent does to what runs: one table from field to effect, and the actions it gives.

Actions come in an order that makes before it breaks: what changes in place first, then new sessions, then
resets, removals last.
"""

import enum
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Any

from bgpd.intent.model import Intent, SessionIntent
from records import record


class Effect(enum.Enum):
    """How far a changed field reaches, from nothing to a new session."""

    NONE = "none"
    """No routes and no session are touched: what runs goes by the new value, at once or when it next asks."""
    POLICY = "policy"
    """Routes are evaluated anew, in and out, on the live session."""
    REFRESH = "refresh"
    """As POLICY, and the peer is asked for its routes again (RFC 2918)."""
    RESET = "reset"
    """Cease / Other Configuration Change (RFC 4486), and a new session."""

    @property
    def rank(self) -> int:
        """Its place among the effects; the highest of several counts."""
        return list(Effect).index(self)


def _table(rows: Mapping[Effect, Iterable[str]]) -> Mapping[str, Effect]:
    return MappingProxyType({name: effect for effect, names in rows.items() for name in names})


FIELD_EFFECTS: Mapping[str, Effect] = _table(
    {
        Effect.NONE: (
            # Which resource a session comes from, and by what name, is not the peer's business: from the mesh
            # to an explicit peering with equal parameters the session is handed over.
            "name",
            "type",
            "resource",
            "peer_node",
            "peer_is_reflector",
            # Their work is done by the policies and routes that are compiled from them.
            "filters",
            "reachable_by",
            # The state machine goes by these at once, or tells them in the next OPEN, without a reset.
            "passive",
            "keepalive_time",
            "graceful_restart_time",
            "bfd",
            "multihop",
        ),
        Effect.POLICY: (
            "import_policy",
            "export_policy",
            "next_hop",
            "rr_client",
            "cluster_id",
            "graceful_shutdown",
            "max_prefixes",
        ),
        Effect.REFRESH: (
            # Paths that were dropped as AS loops are not kept, so the peer has to send them again.
            "allow_local_as",
        ),
        Effect.RESET: (
            # Negotiated in OPEN.
            "peer_as",
            "local_as",
            "families",
            "hold_time",
            "add_paths",
            "role",
            # Part of the connection.
            "family",
            "peer_ip",
            "peer_port",
            "source_address",
            "ttl_security",
            "password",
            "listen_range",
            # Whether there is one.
            "password_problem",
            "shadowed_by",
        ),
    }
)
"""What a change of each field of a SessionIntent does."""

NODE_FIELD_EFFECTS: Mapping[str, Effect] = _table(
    {
        Effect.NONE: (
            "reason",
            "mesh",
            "reflectors",
            "listen",
            "local_as",
            "log_level",
            "problems",
            "sessions",
        ),
        Effect.POLICY: (
            "originated",
            "static_routes",
            "kernel_policies",
            "service_ranges",
            "direct_exclude",
            "graceful_shutdown",
            "addresses",
            "cluster_id",
        ),
        Effect.RESET: ("node", "ready", "router_id"),
    }
)
"""What a change of each field of an Intent does besides its sessions' changes; RESET means all sessions."""


@record
class NodeChanged:
    """Fields of the node itself changed."""

    changed: tuple[str, ...]
    effect: Effect


@record
class SessionAdded:
    """A peer that was none before."""

    session: SessionIntent


@record
class SessionChanged:
    """The same peer, seen differently; `effect` is the furthest reaching of the changed fields'."""

    old: SessionIntent
    new: SessionIntent
    changed: tuple[str, ...]
    effect: Effect


@record
class SessionRemoved:
    """A peer that is none any more."""

    session: SessionIntent


IntentChange = NodeChanged | SessionAdded | SessionChanged | SessionRemoved


def session_effect(old: SessionIntent, new: SessionIntent) -> Effect:
    """Return the furthest reaching effect of what differs between two states of a session."""
    return _furthest(FIELD_EFFECTS, _changed_fields(old, new))


def diff_intents(old: Intent | None, new: Intent) -> list[IntentChange]:
    """Return what has to be done to get from one intent to another, in the order of doing it."""
    changes: list[IntentChange] = []
    before = _running(old) if old else {}
    after = _running(new)
    node_fields = _changed_fields(old, new) if old else ()
    node_fields = tuple(name for name in node_fields if name != "sessions")
    if node_fields:
        changes.append(NodeChanged(node_fields, _furthest(NODE_FIELD_EFFECTS, node_fields)))
    changed = [change for key in after if key in before for change in _compare(before[key], after[key])]
    changes += [change for change in changed if change.effect is not Effect.RESET]
    changes += [SessionAdded(session) for key, session in after.items() if key not in before]
    changes += [change for change in changed if change.effect is Effect.RESET]
    changes += [SessionRemoved(session) for key, session in before.items() if key not in after]
    return changes


def _running(intent: Intent) -> dict[tuple[str, int], SessionIntent]:
    """Return the sessions by endpoint, which is what stays when one moves from the mesh to a BGPPeer."""
    return {(s.peer_ip, s.peer_port): s for s in intent.sessions if s.shadowed_by is None}


def _compare(old: SessionIntent, new: SessionIntent) -> Iterator[SessionChanged]:
    names = _changed_fields(old, new)
    if names:
        yield SessionChanged(old, new, names, _furthest(FIELD_EFFECTS, names))


def _changed_fields(old: Any, new: Any) -> tuple[str, ...]:
    return tuple(f.name for f in fields(old) if getattr(old, f.name) != getattr(new, f.name))


def _furthest(table: Mapping[str, Effect], names: Iterable[str]) -> Effect:
    return max((table[name] for name in names), key=lambda effect: effect.rank, default=Effect.NONE)
