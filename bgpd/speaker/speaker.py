"""The speaker: an intent becomes running sessions, and only what is different is touched."""

import asyncio
import logging
import socket
import struct
from collections.abc import Sequence

import fsm
import rib
import wire
from bgpd.events import EventLog
from bgpd.intent import Intent, SessionIntent, diff_intents
from bgpd.monitoring import Monitor
from bgpd.speaker.bfd import BfdChange, watches
from bgpd.speaker.bfd_thread import BfdThread
from bgpd.speaker.connection import Buffer
from bgpd.speaker.dynamic import DynamicPeers
from bgpd.speaker.listener import Listener
from bgpd.speaker.peer import Peer
from bgpd.speaker.restart import Restart, Route
from bgpd.speaker.sessions import Sessions
from bgpd.speaker.strangers import Strangers
from bgpd.speaker.tables import Fib, Tables
from bgpd.speaker.translate import session_parameters, transition, watched_session
from wire import CeaseError, Family

_REVIEW = 0.1
"""Seconds between two looks at what waits: sessions that leave, decisions deferred after a restart."""

_UNKNOWN_FATE = frozenset(
    {fsm.DownReason.CONNECTION_LOST, fsm.DownReason.HOLD_TIMER, fsm.DownReason.SEND_HOLD_TIMER}
)
"""A peer that went so may be dead. One that was reset, or said why it ended the session, forwards still."""


class Speaker:
    """Owns the sessions and the listener, and keeps them as the last intent says."""

    def __init__(self, *, events: EventLog, fib: Fib | None, monitor: Monitor | None = None) -> None:
        self.intent: Intent | None = None
        self.listener = Listener(self._accept)
        self.tables = Tables(fib=fib, send=self._send, limit_reached=self._limit_reached)
        self._book = Sessions(owner=self, tables=self.tables, events=events, parameters=self._parameters)
        self.peers, self.sessions, self.departures = (
            self._book.peers,
            self._book.intents,
            self._book.departures,
        )
        self._dynamic = DynamicPeers(self._book)
        self.configured = asyncio.Event()
        """Set with the first intent: from then on it is known whose routes to wait for after a restart."""
        self.converged = asyncio.Event()
        """Set once every session has sent its first End-of-RIB (RFC 4724, section 4.1)."""
        self._events = events
        self.monitor = monitor or Monitor()
        self._loop = asyncio.get_running_loop()
        self._bfd = BfdThread(self._bfd_changed)
        self._strangers = Strangers(events, self._loop.time)
        self._forwarding = frozenset(Family) if fib is None else frozenset()
        self._restart = Restart(self._loop.time())
        self._restarting = False
        self._deferring = False
        self._review: asyncio.TimerHandle | None = None

    # --- our own restart ----------------------------------------------------------------------------------

    def restarted(self, families: frozenset[Family]) -> None:
        """Say that the kernel still has our routes of these families from before (RFC 4724, section 4.1)."""
        if families:
            self._forwarding = families
            self._restarting = self._deferring = True
            self.tables.hold()
            self._schedule_review()

    def _awaited(self) -> set[Route]:
        return {(key, family) for key in self.peers for family in self.sessions[key].families}

    def _check_restart(self) -> None:
        if self.intent is None:
            return
        awaited = self._awaited()
        if self._restart.complete(awaited):
            self.converged.set()
        if self._deferring and self._restart.decidable(awaited, self._loop.time()):
            self._deferring = False
            self.tables.release()
            self._events.record("restart", "routes are selected again after the restart")

    # --- from intent to sessions --------------------------------------------------------------------------

    def apply(self, intent: Intent) -> None:
        """Make what runs what is intended, touching only what is different, making before breaking."""
        if self.intent is not None and self.intent.router_id != intent.router_id:
            self._forget_everything()
        changes = diff_intents(self.intent, intent)
        if not self.configured.is_set():
            self.configured.set()
            self._restart = Restart(self._loop.time())
        self.intent = intent
        self.tables.apply(intent)
        self.monitor.router, self.monitor.bgp_identifier = self.tables.router, intent.router_id
        self.listener.set_keys({s.peer_ip: s.password for s in intent.sessions if s.password})
        self.listener.listen((address, intent.listen.port) for address in intent.listen.addresses)
        self._dynamic.make_room(intent)
        self._book.reconcile(changes, intent)
        self._bfd.watch(watches(intent.sessions))
        self._dynamic.apply(intent)
        self._check_restart()
        self._schedule_review()

    def _forget_everything(self) -> None:
        """Another BGP Identifier: every session starts anew with another router (RFC 4271, section 4.2)."""
        self._book.remove_all("ended: the router id changed")
        self.intent = None
        self.tables.forget()

    def _parameters(self, session: SessionIntent) -> fsm.SessionParameters:
        """Give the state machine's parameters; raises ValueError for what no OPEN can carry."""
        assert self.intent is not None  # noqa: S101 - sessions come from an intent
        return session_parameters(session, self.intent, self._forwarding, restarting=self._restarting)

    # --- what waits ---------------------------------------------------------------------------------------

    def _schedule_review(self) -> None:
        if self._review is None and (self.departures or self._deferring):
            self._review = self._loop.call_later(_REVIEW, self._look_at_what_waits)

    def _look_at_what_waits(self) -> None:
        self._review = None
        self._check_restart()
        self._book.release_departed()
        self._schedule_review()

    # --- what the tables ask for --------------------------------------------------------------------------

    def _send(self, key: str, messages: Buffer, count: int) -> None:
        peer = self.peers.get(key)
        if peer is not None:
            peer.send(messages, count)

    def _limit_reached(self, event: rib.LimitEvent) -> None:
        session, peer = self.sessions.get(event.peer), self.peers.get(event.peer)
        if session is None or peer is None or session.max_prefixes is None:
            return
        text = f"{event.count} {event.family.short} prefixes received, the limit is {event.limit}"
        self._book.report(session, text, logging.WARNING, limit=event.kind)
        if event.kind == "warning" or session.max_prefixes.warn_only:
            return
        subcode = CeaseError.MAXIMUM_NUMBER_OF_PREFIXES_REACHED
        wait = session.max_prefixes.restart_after
        # RFC 4486, section 4: AFI, SAFI and the upper bound.
        data = struct.pack(">HBI", event.family.afi, event.family.safi, event.limit)
        if wait is None:
            peer.handle(fsm.ManualStop(text, subcode, data=data))
        else:
            peer.handle(fsm.AutomaticStop(subcode, text, restart_after=wait, data=data))

    def bfd_state(self, session: SessionIntent) -> str | None:
        """Return the state of the BFD session that watches a session's peer; None: none does."""
        state = self._bfd.state(session.peer_ip)
        return None if state is None else str(state)

    def _bfd_changed(self, change: BfdChange) -> None:
        """End the sessions with a peer that packets do not reach: its routes go at once (RFC 5882)."""
        level = logging.WARNING if change.fell else logging.INFO
        text = f"BFD session with {change.peer}: {change.old} -> {change.new}"
        self._events.record("bfd", text, peer=change.peer, level=level)
        for key, peer in list(self.peers.items()) if change.fell else ():
            if self.sessions[key].peer_ip == change.peer and peer.negotiated is not None:
                peer.handle(fsm.AutomaticStop(CeaseError.BFD_DOWN))

    # --- what the sessions tell (PeerOwner) ---------------------------------------------------------------

    @property
    def behind(self) -> bool:
        """Whether what was read has yet to be decided."""
        return self.tables.behind

    def session_up(self, peer: Peer, negotiated: fsm.Negotiated) -> None:
        """Take an Established session into the tables."""
        settings = self._book.settings(peer, negotiated)
        self.tables.change().add_peer(settings)
        self.monitor.session_up(watched_session(settings, negotiated, peer.ports, self.monitor.now()))
        self._restart.up(peer.key, negotiated.families, self._loop.time())

    def session_down(self, peer: Peer, down: fsm.Down) -> None:
        """Take a session out of the tables, or keep its routes as stale (RFC 4724)."""
        self.monitor.session_down(peer.key, down)
        router = self.tables.change()
        router.remove_peer(peer.key, retain=down.retain)
        for family in down.retain if down.reason in _UNKNOWN_FATE else ():
            router.give_way(peer.key, family)
        self._restart.down(peer.key)

    def frames_received(self, peer: Peer, frames: Sequence[wire.Frame]) -> None:
        """Show what came to whoever watches."""
        self.monitor.frames_received(peer.key, frames)

    def update_received(self, peer: Peer, update: wire.Update) -> None:
        """Take an UPDATE into the tables; decided at the end of the turn."""
        self.tables.receiving().receive(peer.key, update)
        if update.end_of_rib is not None and not self.converged.is_set():
            self._restart.end_of_rib(peer.key, update.end_of_rib)
            if self._restart.heard >= len(self.peers):  # else it is not worth asking whose is missing
                self._check_restart()

    def input_taken(self, *, little: bool) -> None:
        """Have decided what one read has brought."""
        self.tables.input_taken(little=little)

    def bulk_received(self, peer: Peer, bulk: wire.Bulk) -> None:
        """Take routes into the tables in bulk; decided at the end of the turn."""
        self.tables.receiving().receive_bulk(peer.key, bulk)

    def refresh_received(self, peer: Peer, refresh: fsm.Refresh) -> None:
        """Send our routes again (RFC 2918), or bracket the peer's own (RFC 7313)."""
        if refresh.kind is wire.RefreshKind.EORR:
            self.monitor.refresh_ends(peer.key, refresh.family)
        self.tables.refresh(peer.key, refresh)

    def stale_ended(self, peer: Peer, ended: fsm.RetainExpired | fsm.LongLivedStale) -> None:
        """Remove stale routes, or keep them as a last resort (RFC 9494)."""
        router = self.tables.change()
        if isinstance(ended, fsm.LongLivedStale):
            router.mark_long_lived(peer.key, ended.family)
        else:
            router.sweep_stale(peer.key, ended.family)
        self._dynamic.changed(peer.key, peer.session.state)

    def state_changed(self, peer: Peer, old: fsm.State, new: fsm.State) -> None:
        """Report a transition; the coming and going of Established is news, the rest is detail."""
        news = fsm.State.ESTABLISHED in {old, new}
        error = peer.session.last_error
        reason = error.text if error is not None and new is not fsm.State.ESTABLISHED else None
        level = logging.INFO if news else logging.DEBUG
        name = self.name_of(peer.key)
        self._events.record(
            "session", f"session {name}: {old.value} -> {new.value}", peer=name, level=level, reason=reason
        )
        if self.monitor.observed:
            self.monitor.state_changed(transition(peer.session.parameters, peer.transport, old, new))
        self._dynamic.changed(peer.key, new)

    def peer_lagging(self, peer: Peer, lagging: bool) -> None:
        """Serve a slow reader from the tables instead of a queue."""
        self.tables.change().set_lagging(peer.key, lagging)

    # --- questions, orders, incoming connections, the end -------------------------------------------------

    def name_of(self, key: str) -> str:
        """Name the session of a key; anything else ("local") is its own name."""
        session = self.sessions.get(key)
        return session.name if session else key

    def leaves_in(self, key: str) -> float | None:
        """Seconds until a session that is no longer configured ends in any case; None for the others."""
        return self.departures.remaining(key, self._loop.time()) if key in self.departures else None

    def refresh(self, peer: Peer) -> None:
        """Ask the peer for its routes and send it ours, both anew (RFC 2918)."""
        if peer.negotiated is None:
            return
        peer.request_routes()
        for family in peer.negotiated.families:
            self.tables.change().refresh_requested(peer.key, family)

    def _accept(self, accepted: socket.socket, source: str) -> None:
        peer = self._book.by_address.get(source) or self._dynamic.admit(source)
        if peer is None:
            accepted.close()
            self._strangers.refused(source)
        else:
            peer.accept(accepted)

    async def stop(self, *, withdraw: bool) -> None:
        """End all sessions: with a Cease when routes shall go, silently when peers shall keep them."""
        self.listener.close()
        self._bfd.close()
        if self._review is not None:
            self._review.cancel()
        for peer in self.peers.values():
            peer.handle(fsm.ManualStop(notify=withdraw))
            peer.dispose()
        # One turn of the loop lets the transports send what was written.
        await asyncio.sleep(0)
