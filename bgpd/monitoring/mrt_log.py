"""What peers send, and how sessions come and go, as MRT records (RFC 6396, section 4.4; RFC 8050)."""

from collections.abc import Sequence

import fsm
import wire
from bgpd.monitoring.session import Transition, WatchedSession
from wire import mrt
from wire.header import HEADER

LIMIT = 32 << 20
"""Octets of records that may wait for the disk."""

_STATES = {
    fsm.State.IDLE: 1,
    fsm.State.CONNECT: 2,
    fsm.State.ACTIVE: 3,
    fsm.State.OPEN_SENT: 4,
    fsm.State.OPEN_CONFIRM: 5,
    fsm.State.ESTABLISHED: 6,
}
"""RFC 6396, section 4.4.1."""


class MrtLog:
    """Observes, and holds the records until somebody takes them; more than `LIMIT` octets are not held."""

    def __init__(self) -> None:
        self.lost = 0
        """Records that found no room."""
        self._records: list[bytes] = []
        self._size = 0
        self._headers: dict[WatchedSession, bytes] = {}

    def take(self) -> bytes:
        """Return the records since the last time, and forget them."""
        records, self._records, self._size = self._records, [], 0
        return b"".join(records)

    def _add(self, record: bytes) -> None:
        if self._size + len(record) > LIMIT:
            self.lost += 1
            return
        self._records.append(record)
        self._size += len(record)

    # --- Observer -----------------------------------------------------------------------------------------

    def session_up(self, session: WatchedSession) -> None:
        """Take note of the session; `state_changed` records it."""

    def session_down(self, session: WatchedSession, down: fsm.Down, at: int) -> None:  # noqa: ARG002 - Observer's signature
        """Forget the session; `state_changed` records that."""
        self._headers.pop(session, None)

    def updates_received(self, session: WatchedSession, updates: Sequence[bytes], at: int) -> None:
        """Record UPDATEs as they came."""
        header = self._headers.get(session)
        if header is None:
            header = self._headers[session] = _header(session)
        four_octet_as = session.negotiated.four_octet_as
        for update in updates:
            add_path = _has_path_ids(session, update)
            self._add(mrt.encode_message(header, at, update, four_octet_as=four_octet_as, add_path=add_path))

    def routes_expired(self, session: WatchedSession, updates: Sequence[bytes]) -> None:
        """Record nothing: no UPDATE came."""

    def state_changed(self, transition: Transition, at: int) -> None:
        """Record a transition."""
        header = mrt.encode_session_header(
            peer_as=transition.peer_as,
            local_as=transition.local_as,
            peer_address=transition.address,
            local_address=transition.local_address,
        )
        self._add(mrt.encode_state_change(header, at, _STATES[transition.old], _STATES[transition.new]))


def _header(session: WatchedSession) -> bytes:
    return mrt.encode_session_header(
        peer_as=session.negotiated.peer_as,
        local_as=session.local_as,
        peer_address=session.address,
        local_address=session.local_address,
        four_octet_as=session.negotiated.four_octet_as,
    )


def _has_path_ids(session: WatchedSession, update: bytes) -> bool:
    """Whether the routes of an UPDATE have Path Identifiers; that is agreed on by family (RFC 7911)."""
    agreed = session.negotiated.add_path_receive
    if not agreed or agreed == session.negotiated.families:
        return bool(agreed)
    try:
        told = session.negotiated.codec(ibgp=True).decode_update(update[HEADER.size :])
    except wire.NotificationError:
        return False
    families = {routes.family for routes in told.announced} | {routes.family for routes in told.withdrawn}
    return not agreed.isdisjoint(families)
