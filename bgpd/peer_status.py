"""What the API tells of one session, gathered from its intent, its state machine and the tables."""

from collections import Counter
from collections.abc import Callable, Mapping

import fsm
import rib
import wire
from bgpd import api
from bgpd.intent import SessionIntent
from bgpd.speaker import Peer
from wire import Family

_API_NAMES = {"route_refresh": "refresh"}
"""Message types whose name in the API is not that of the state machine's counters."""

_REFLECTION_LOOPS = {
    "originator_id": rib.Refusal.ORIGINATOR_ID_LOOP,
    "cluster_list": rib.Refusal.CLUSTER_LIST_LOOP,
}


def peer_status(
    session: SessionIntent,
    peer: Peer | None,
    counts: Mapping[Family, rib.PeerCounts],
    refused: Mapping[rib.Refusal, int],
    now: float,
    *,
    bfd: str | None = None,
) -> api.PeerStatus:
    """Describe one session; without a peer it is intended but not opened, and `problem` says why."""
    if peer is None:
        return _status(session, state=fsm.State.IDLE.value, since=now)
    state = peer.session
    established = state.state is fsm.State.ESTABLISHED
    return _status(
        session,
        state=state.state.value,
        since=peer.since,
        uptime_seconds=now - peer.since if established else 0.0,
        last_error=_last_error(state.last_error),
        received=_per_family(counts, lambda count: count.received),
        accepted=_per_family(counts, lambda count: count.accepted),
        rejected=_per_family(counts, lambda count: count.rejected),
        stale=_per_family(counts, lambda count: count.stale),
        advertised=_per_family(counts, lambda count: count.advertised),
        flaps=state.flaps,
        negotiated=_negotiated(state.negotiated) if established else None,
        peer_identifier=wire.format_address(state.negotiated.peer_identifier) if state.negotiated else None,
        admin_down=state.stopped,
        bfd=bfd,
        messages_sent=_messages(state.counters.sent),
        messages_received=_messages(state.counters.received),
        notifications=tuple(
            api.NotificationCount(*key, count) for key, count in sorted(peer.notifications.items())
        ),
        malformed=tuple(api.MalformedCount(*key, count) for key, count in sorted(peer.faults.counts.items())),
        transitions=dict(peer.transitions),
        reasons=_reasons(counts),
        reflection_loops={name: refused.get(loop, 0) for name, loop in _REFLECTION_LOOPS.items()},
    )


def _status(session: SessionIntent, **running: object) -> api.PeerStatus:
    values = {
        "name": session.name,
        "peer_ip": session.peer_ip,
        "peer_as": session.peer_as,
        "local_as": session.local_as,
        "type": session.type.value,
        "family": session.family.short,
        "peer_port": session.peer_port,
        "resource": session.resource,
        "problem": _problem(session),
        "superseded": session.shadowed_by is not None,
    }
    return api.PeerStatus(**values | running)  # type: ignore[arg-type] # a table of fields, checked by its tests


def _problem(session: SessionIntent) -> str | None:
    if session.shadowed_by is not None:
        return f"session {session.shadowed_by} has the same peer address and port, and came first"
    return session.password_problem


def _per_family(
    counts: Mapping[Family, rib.PeerCounts], read: Callable[[rib.PeerCounts], int]
) -> dict[str, int]:
    return {family.short: read(count) for family, count in counts.items()}


def _reasons(counts: Mapping[Family, rib.PeerCounts]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for count in counts.values():
        for reason, routes in count.reasons.items():
            total[reason.name.lower() if isinstance(reason, rib.Refusal) else reason] += routes
    return dict(total)


def _messages(counts: Mapping[str, int]) -> dict[str, int]:
    return {_API_NAMES.get(name, name): count for name, count in counts.items()}


def _last_error(error: fsm.SessionError | None) -> api.LastError | None:
    if error is None:
        return None
    return api.LastError(error.code, error.subcode, error.text, error.direction.value)


def _negotiated(negotiated: fsm.Negotiated | None) -> api.NegotiatedStatus | None:
    if negotiated is None:
        return None
    return api.NegotiatedStatus(
        negotiated.hold_time, int(negotiated.keepalive_time), tuple(negotiated.capabilities)
    )
