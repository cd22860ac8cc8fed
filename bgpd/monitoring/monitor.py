"""The one place that the speaker tells what happens; it costs nothing as long as nobody watches."""

import time
from collections.abc import Callable, Sequence
from typing import Protocol

import fsm
import rib
import wire
from bgpd.monitoring.adj_rib_in import withdraw
from bgpd.monitoring.session import Transition, WatchedSession
from wire.header import encode_message


class Observer(Protocol):
    """Somebody who is told; times are in microseconds since the epoch."""

    def session_up(self, session: WatchedSession) -> None:
        """Take note that a session is Established."""

    def session_down(self, session: WatchedSession, down: fsm.Down, at: int) -> None:
        """Take note that it is no longer."""

    def updates_received(self, session: WatchedSession, updates: Sequence[bytes], at: int) -> None:
        """Take UPDATEs of a peer, whole messages, as they came; malformed ones too."""

    def routes_expired(self, session: WatchedSession, updates: Sequence[bytes]) -> None:
        """Take UPDATEs that the peer did not send: they withdraw what it means to have withdrawn."""

    def state_changed(self, transition: Transition, at: int) -> None:
        """Take note of a transition."""


class Monitor:
    """Knows the sessions that are Established, and tells the observers what comes over them."""

    def __init__(self, clock: Callable[[], int] = time.time_ns) -> None:
        self.sessions: dict[str, WatchedSession] = {}
        """Those that are Established, by key."""
        self.router: rib.Router | None = None
        """Where the routes are; None before there are any."""
        self.bgp_identifier = bytes(4)
        self._observers: list[Observer] = []
        self._clock = clock

    def add(self, observer: Observer) -> None:
        """Tell one more from now on."""
        self._observers.append(observer)

    @property
    def observed(self) -> bool:
        """Whether there is anybody to be told."""
        return bool(self._observers)

    def now(self) -> int:
        """Return microseconds since the epoch."""
        return self._clock() // 1000

    # --- what the speaker tells ---------------------------------------------------------------------------

    def session_up(self, session: WatchedSession) -> None:
        """Take note that a session is Established."""
        self.sessions[session.key] = session
        for observer in self._observers:
            observer.session_up(session)

    def session_down(self, key: str, down: fsm.Down) -> None:
        """Take note that it is no longer."""
        session = self.sessions.pop(key)
        for observer in self._observers:
            observer.session_down(session, down, self.now())

    def frames_received(self, key: str, frames: Sequence[wire.Frame]) -> None:
        """Pass on the UPDATEs among the frames of one read."""
        if not self._observers:
            return
        session = self.sessions[key]
        kind = wire.MessageType.UPDATE
        updates = [encode_message(kind, body) for found, body in frames if found == kind]
        if updates:
            at = self.now()
            for observer in self._observers:
                observer.updates_received(session, updates, at)

    def refresh_ends(self, key: str, family: wire.Family) -> None:
        """Pass on what a peer did not repeat in its refresh, which withdraws it without a word (RFC 7313)."""
        session = self.sessions.get(key)
        if not self._observers or session is None or self.router is None:
            return
        gone = [
            (path.path_id, prefix)
            for prefix, paths in self.router.candidates(family)
            for path in paths
            if path.stale and path.source.name == key
        ]
        for observer in self._observers if gone else ():
            observer.routes_expired(session, withdraw(session, family, gone))

    def state_changed(self, transition: Transition) -> None:
        """Pass a transition on."""
        for observer in self._observers:
            observer.state_changed(transition, self.now())
