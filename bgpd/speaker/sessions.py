"""The sessions of the node: opened, changed, reset or let go as the difference of two intents asks."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence

import fsm
import rib
from bgpd.events import EventLog
from bgpd.intent import (
    Effect,
    Intent,
    NodeChanged,
    SessionAdded,
    SessionChanged,
    SessionIntent,
    SessionRemoved,
    session_effect,
)
from bgpd.intent.diff import IntentChange
from bgpd.speaker.departures import RETIREMENT, Departures, may_be_replaced
from bgpd.speaker.peer import Peer, PeerOwner
from bgpd.speaker.retirements import Retirements, retired
from bgpd.speaker.tables import Tables
from bgpd.speaker.translate import peer_settings, session_key, transport_options
from wire import CeaseError

Parameters = Callable[[SessionIntent], fsm.SessionParameters]
"""Gives the state machine's parameters of a session; raises ValueError for what no OPEN can carry."""

_FELT_BY_PEERS = frozenset({"cluster_id", "graceful_shutdown"})
"""Fields of the node's intent that change what is sent on every session."""


class Sessions:
    """What is intended or on its way out, and the peers that run it, by session key."""

    def __init__(self, *, owner: PeerOwner, tables: Tables, events: EventLog, parameters: Parameters) -> None:
        self.intents: dict[str, SessionIntent] = {}
        """By key; those that are not enabled have no peer."""
        self.peers: dict[str, Peer] = {}
        self.by_address: dict[str, Peer] = {}
        self.departures = Departures()
        self.retirements = Retirements()
        self.intent: Intent | None = None
        self._owner = owner
        self._tables = tables
        self._events = events
        self._parameters = parameters
        self._loop = asyncio.get_running_loop()

    def reconcile(self, changes: Sequence[IntentChange], intent: Intent) -> None:
        """Do what the differences ask for, in their order."""
        self.intent = intent
        fresh = [change.session for change in changes if isinstance(change, SessionAdded)]
        felt = False
        for change in changes:
            match change:
                case SessionAdded(session):
                    self._add(session)
                case SessionChanged(old, session, fields, effect):
                    self._change(old, session, fields, effect)
                case SessionRemoved(session):
                    self._leave(session, fresh)
                case NodeChanged(fields):
                    felt = not _FELT_BY_PEERS.isdisjoint(fields)
        if felt:
            self._update_all_tables()
        if changes:
            self.departures.unsettle(self._loop.time())
        for key in self.departures.keys:
            if may_be_replaced(self.intents[key], intent, fresh):
                self.departures.expect_replacement(key)

    def remove_all(self, reason: str) -> None:
        """End every session: they start anew with another identity."""
        for key in list(self.intents):
            self.remove(key, CeaseError.OTHER_CONFIGURATION_CHANGE, reason)

    def remove(self, key: str, subcode: CeaseError, reason: str) -> None:
        """End a session for good."""
        session = self.intents.pop(key)
        self.departures.cancel(key)
        self.retirements.end(key)
        peer = self.peers.pop(key, None)
        self.report(session, reason)
        if peer is None:
            return
        if self.by_address.get(session.peer_ip) is peer:
            del self.by_address[session.peer_ip]
        peer.handle(fsm.ManualStop(subcode=subcode))
        peer.dispose()

    def open(self, session: SessionIntent) -> Peer | None:
        """Open a session that no resource names (see `bgpd.speaker.dynamic`); None when it cannot be."""
        self._add(session)
        return self.peers.get(session_key(session))

    def alter(self, old: SessionIntent, new: SessionIntent) -> None:
        """Make of one such session what its range now says."""
        self._change(old, new, ("listen range",), session_effect(old, new))

    def settings(self, peer: Peer, negotiated: fsm.Negotiated) -> rib.PeerSettings:
        """Give what the tables need to know of an Established session."""
        node = None if self.intent is None else self.retirements.node_in_force(self.intent)
        return peer_settings(peer.key, self.intents[peer.key], negotiated, peer.local_address, node)

    def report(self, session: SessionIntent, text: str, level: int = logging.INFO, **fields: object) -> None:
        """Record an event of a session."""
        name = session.name
        self._events.record("session", f"session {name} {text}", peer=name, level=level, **fields)

    # --- opening and changing -----------------------------------------------------------------------------

    def _add(self, session: SessionIntent) -> None:
        key = session_key(session)
        if key in self.departures:
            self._stay(key, session)
            return
        self.intents[key] = session
        if session.enabled and session.listen_range is not None:
            self.report(session, "waits for whoever connects from its range")
            return
        if not session.enabled:
            self.report(session, f"not opened: {session.password_problem}", logging.WARNING)
            return
        try:
            parameters = self._parameters(session)
        except ValueError as error:
            self.report(session, f"not opened: {error}", logging.ERROR)
            return
        peer = self.peers[key] = Peer(key, parameters, transport_options(session), self._owner)
        self.by_address[session.peer_ip] = peer
        self.report(session, "configured")
        peer.handle(fsm.ManualStart())

    def _change(
        self, old: SessionIntent, session: SessionIntent, fields: tuple[str, ...], effect: Effect
    ) -> None:
        key = session_key(session)
        peer = self.peers.get(key)
        if peer is None or not session.enabled:
            # It could not be opened before, or cannot be any more: the password came or went.
            reason = session.password_problem or "opened anew"
            self.remove(key, CeaseError.OTHER_CONFIGURATION_CHANGE, reason)
            self._add(session)
            return
        try:
            parameters = self._parameters(session)
        except ValueError as error:
            self.report(session, f"stays as it was: {error}", logging.ERROR)
            return
        if session.rr_client:
            self.retirements.end(key)
        elif old.rr_client and peer.negotiated is not None:
            self._retire_later(key, old)
        self.intents[key] = self.retirements.in_force(key, session)
        self.report(session, f"changed: {', '.join(fields)}", effect=effect.value)
        peer.transport = transport_options(session)
        peer.reconfigure(parameters, reset=effect is Effect.RESET)
        if effect in {Effect.POLICY, Effect.REFRESH}:
            self._update_tables(key)
        if effect is Effect.REFRESH:
            peer.request_routes()

    def _update_tables(self, key: str) -> None:
        """Have a live session's routes evaluated anew, in and out."""
        peer = self.peers[key]
        if peer.negotiated is not None:
            settings = self.settings(peer, peer.negotiated)
            self._tables.change().update_peer(settings)

    def _update_all_tables(self) -> None:
        for key in self.peers:
            self._update_tables(key)

    # --- letting go ---------------------------------------------------------------------------------------

    def _leave(self, session: SessionIntent, fresh: Iterable[SessionIntent]) -> None:
        """Let a session go: at once if it has no routes, leads out of the AS, or stands in its heir's way.

        Two routers have one session at a time (RFC 4271, section 6.8): one to another port of the same
        address comes up only when the old one is gone.
        """
        key = session_key(session)
        peer = self.peers.get(key)
        moved = any(other.peer_ip == session.peer_ip for other in fresh)
        if peer is None or peer.negotiated is None or not session.is_ibgp or moved:
            self.remove(key, CeaseError.PEER_DECONFIGURED, "no longer configured")
            return
        self.departures.begin(key, session, self._loop.time())
        self.report(session, "no longer configured; it ends when its routes come another way")

    def _stay(self, key: str, session: SessionIntent) -> None:
        old = self.intents[key]
        self.departures.cancel(key)
        self._change(old, session, ("configured again",), session_effect(old, session))

    def release_departed(self) -> None:
        """End the sessions on their way out whose routes are covered, or whose time is up."""
        if not self.departures:
            return
        lost = self._tables.uncovered(self.departures.keys)
        for key in self.departures.due(covered=lost == 0, now=self._loop.time()):
            text = f"ended; {lost} prefixes have no other path" if lost else "ended; its routes are covered"
            self.remove(key, CeaseError.PEER_DECONFIGURED, text)

    def _retire_later(self, key: str, old: SessionIntent) -> None:
        """Go on reflecting to a former client until it can have opened the sessions that replace us."""
        self.report(old, f"goes on being reflected to for {RETIREMENT:.0f} s")
        self.retirements.begin(key, old.cluster_id, self._loop.call_later(RETIREMENT, self._retire, key))

    def _retire(self, key: str) -> None:
        self.retirements.end(key)
        self.intents[key] = session = retired(self.intents[key])
        self.report(session, "is no longer reflected to")
        self._update_tables(key)
        if not self.retirements:
            self._update_all_tables()  # the cluster id has been ours till now
