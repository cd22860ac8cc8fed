"""The speaker: an intent becomes running sessions, and what they learn routes for peers and kernel."""

import asyncio
import logging
import socket
from collections.abc import Iterable, Mapping
from typing import Protocol

import fsm
import rib
import wire
from bgpd.events import EventLog
from bgpd.intent import (
    Effect,
    Intent,
    NodeChanged,
    SessionAdded,
    SessionChanged,
    SessionIntent,
    SessionRemoved,
    diff_intents,
)
from bgpd.intent.diff import IntentChange
from bgpd.kernel import KernelChange
from bgpd.speaker.listener import Listener
from bgpd.speaker.node_routes import NodeRoutes
from bgpd.speaker.peer import Peer
from bgpd.speaker.translate import (
    local_routes,
    peer_settings,
    session_key,
    session_parameters,
    transport_options,
)
from wire import Family

_BUDGET = 20_000
"""Prefixes decided in one turn of the event loop, so that a table transfer never delays a KEEPALIVE."""
_UNKNOWN_INTERVAL = 60.0
_UNKNOWN_KEPT = 1000


class Fib(Protocol):
    """Where the Loc-RIB's routes go."""

    def apply(self, changes: Iterable[rib.FibChange]) -> None:
        """Stage changes; the newest for a prefix wins."""


class Speaker:
    """Owns the router, the listener and the sessions, and keeps them as the last intent says."""

    def __init__(self, *, events: EventLog, fib: Fib | None) -> None:
        self.intent: Intent | None = None
        self.peers: dict[str, Peer] = {}
        self.sessions: dict[str, SessionIntent] = {}
        """What is intended, by session key; those that are not enabled have no peer."""
        self._by_address: dict[str, Peer] = {}
        self.listener = Listener(self._accept)
        self.router: rib.Router | None = None
        self._events = events
        self._fib = fib
        self.restarted: frozenset[Family] = frozenset()
        """Families whose kernel routes survived our restart (RFC 4724, the F bit)."""
        self._loop = asyncio.get_running_loop()
        self._scheduled = False
        self._unknown: dict[str, float] = {}
        self._tabled: set[str] = set()
        """Keys of the sessions whose routes are in the tables, stale ones included."""
        self._heard: set[tuple[str, Family]] = set()
        self.converged = asyncio.Event()
        """Set once every session has sent its first End-of-RIB (RFC 4724, section 4.1)."""
        self._node_routes = NodeRoutes()

    # --- from intent to sessions --------------------------------------------------------------------------

    def apply(self, intent: Intent) -> None:
        """Make what runs what is intended, touching only what is different, making before breaking."""
        if self.intent is not None and self.intent.router_id != intent.router_id:
            self._forget_everything()
        changes = diff_intents(self.intent, intent)
        self.intent = intent
        self._apply_node(intent)
        for change in changes:
            self._apply_change(change)
        self._check_convergence()
        self._schedule()

    def _apply_node(self, intent: Intent) -> None:
        router = self._ensure_router(intent)
        self._node_routes.exclude(intent.direct_exclude, router)
        router.set_kernel_policies(intent.kernel_policies)
        for family in Family:
            router.set_local(rib.Protocol.STATIC, family, local_routes(intent, family))
        self.listener.set_keys(
            {session.peer_ip: session.password for session in intent.sessions if session.password}
        )
        self.listener.listen((address, intent.listen.port) for address in intent.listen.addresses)

    def _apply_change(self, change: IntentChange) -> None:
        match change:
            case SessionAdded(session):
                self._add(session)
            case SessionChanged(_, session, fields, effect):
                self._change(session, fields, effect)
            case SessionRemoved(session):
                self._remove(session_key(session), wire.CeaseError.PEER_DECONFIGURED, "no longer configured")
            case NodeChanged():
                pass  # the node itself is brought up to date as a whole

    def _add(self, session: SessionIntent) -> None:
        key = session_key(session)
        self.sessions[key] = session
        if not session.enabled:
            self._report(session, f"not opened: {session.password_problem}", logging.WARNING)
            return
        peer = self.peers[key] = Peer(key, self._parameters(session), transport_options(session), self)
        self._by_address[session.peer_ip] = peer
        self._report(session, "configured")
        peer.handle(fsm.ManualStart())

    def _change(self, session: SessionIntent, fields: tuple[str, ...], effect: Effect) -> None:
        key = session_key(session)
        peer = self.peers.get(key)
        if peer is None or not session.enabled:
            # It could not be opened before, or cannot be any more: the password came or went.
            self._remove(
                key, wire.CeaseError.OTHER_CONFIGURATION_CHANGE, session.password_problem or "opened anew"
            )
            self._add(session)
            return
        self.sessions[key] = session
        self._report(session, f"changed: {', '.join(fields)}", effect=effect.value)
        peer.transport = transport_options(session)
        peer.reconfigure(self._parameters(session), reset=effect is Effect.RESET)
        if effect in {Effect.POLICY, Effect.REFRESH} and peer.negotiated is not None:
            self._router.update_peer(peer_settings(key, session, peer.negotiated, peer.local_address))
        if effect is Effect.REFRESH:
            peer.request_routes()

    def _remove(self, key: str, subcode: wire.CeaseError, reason: str) -> None:
        session = self.sessions.pop(key)
        peer = self.peers.pop(key, None)
        self._report(session, reason)
        if peer is None:
            return
        if self._by_address.get(session.peer_ip) is peer:
            del self._by_address[session.peer_ip]
        peer.handle(fsm.ManualStop(subcode=subcode))
        peer.dispose()

    def _report(self, session: SessionIntent, text: str, level: int = logging.INFO, **fields: object) -> None:
        name = session.name
        self._events.record("session", f"session {name} {text}", peer=name, level=level, **fields)

    def _parameters(self, session: SessionIntent) -> fsm.SessionParameters:
        assert self.intent is not None  # noqa: S101 - sessions come from an intent
        return session_parameters(session, self.intent, self.restarted)

    # --- the router ---------------------------------------------------------------------------------------

    @property
    def _router(self) -> rib.Router:
        assert self.router is not None  # noqa: S101 - made with the first intent, before any session
        return self.router

    def _ensure_router(self, intent: Intent) -> rib.Router:
        if self.router is None:
            self.router = rib.Router(
                bgp_identifier=intent.router_id,
                cluster_id=intent.cluster_id,
                kernel_policies=intent.kernel_policies,
                fib=self._fib is not None,
                assume_reachable=self._fib is None,
            )
            self._node_routes.load(self.router)
        return self.router

    def _forget_everything(self) -> None:
        """Another BGP Identifier: every session starts anew with another router (RFC 4271, section 4.2)."""
        for key in list(self.sessions):
            self._remove(key, wire.CeaseError.OTHER_CONFIGURATION_CHANGE, "ended: the router id changed")
        self.intent = None
        for family in Family:
            for protocol in (rib.Protocol.STATIC, rib.Protocol.DIRECT, rib.Protocol.KERNEL):
                self._router.set_local(protocol, family, {})
        while self._router.pending:
            self._perform(self._router.run(_BUDGET))
        self.router = None

    def kernel_changed(self, change: KernelChange) -> None:
        """Take connected networks, learned routes and ways to next hops as the kernel reports them."""
        self._node_routes.take(change, self.router)
        self._schedule()

    def _schedule(self) -> None:
        """Run the router once at the end of this turn: whatever the turn brings is one batch."""
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self._run)

    def _run(self) -> None:
        self._scheduled = False
        router = self.router
        if router is None:
            return
        self._perform(router.run(_BUDGET))
        if router.pending:
            self._schedule()

    def _perform(self, changes: rib.Changes) -> None:
        for transmission in changes.transmissions:
            self._transmit(transmission)
        if changes.fib and self._fib is not None:
            self._fib.apply(changes.fib)
        for event in changes.limit_events:
            self._limit_reached(event)

    def _transmit(self, transmission: rib.Transmission) -> None:
        messages = _count(transmission.buffer)
        for name in transmission.members:
            peer = self.peers.get(name)
            if peer is not None:
                own = sum(
                    _count(transmission.buffer[start:end]) for start, end in transmission.own.get(name, ())
                )
                extra = _count(transmission.extra.get(name, b""))
                peer.send(transmission.for_member(name), messages - own + extra)

    def _limit_reached(self, event: rib.LimitEvent) -> None:
        session, peer = self.sessions.get(event.peer), self.peers.get(event.peer)
        if session is None or peer is None or session.max_prefixes is None:
            return
        text = f"{event.count} {event.family.short} prefixes received, the limit is {event.limit}"
        self._events.record(
            "limit",
            f"session {session.name}: {text}",
            peer=session.name,
            level=logging.WARNING,
            kind_=event.kind,
        )
        if event.kind == "warning" or session.max_prefixes.warn_only:
            return
        subcode = wire.CeaseError.MAXIMUM_NUMBER_OF_PREFIXES_REACHED
        wait = session.max_prefixes.restart_after
        if wait is None:
            peer.handle(fsm.ManualStop(text, subcode))
        else:
            peer.handle(fsm.AutomaticStop(subcode, text, restart_after=wait))

    # --- what the sessions tell (PeerOwner) ---------------------------------------------------------------

    def session_up(self, peer: Peer, negotiated: fsm.Negotiated) -> None:
        """Take an Established session into the tables."""
        session = self.sessions[peer.key]
        self._tabled.add(peer.key)
        self._router.add_peer(peer_settings(peer.key, session, negotiated, peer.local_address))
        self._schedule()

    def session_down(self, peer: Peer, down: fsm.Down) -> None:
        """Take a session out of the tables, or keep its routes as stale (RFC 4724)."""
        self._router.remove_peer(peer.key, retain=down.retain)
        if not down.retain:
            self._tabled.discard(peer.key)
        self._schedule()

    def update_received(self, peer: Peer, update: wire.Update) -> None:
        """Take an UPDATE into the tables; decided at the end of the turn."""
        self._router.receive(peer.key, update)
        if update.end_of_rib is not None:
            self._heard.add((peer.key, update.end_of_rib))
            self._check_convergence()
        self._schedule()

    def _check_convergence(self) -> None:
        awaited = {(key, family) for key in self.peers for family in self.sessions[key].families}
        if awaited <= self._heard:
            self.converged.set()

    def refresh_received(self, peer: Peer, refresh: fsm.Refresh) -> None:
        """Send our routes again (RFC 2918), or bracket the peer's own (RFC 7313)."""
        router = self._router
        act = {
            wire.RefreshKind.NORMAL: router.refresh_requested,
            wire.RefreshKind.BORR: router.mark_stale,
            wire.RefreshKind.EORR: router.sweep_stale,
        }.get(refresh.kind)
        if act is not None:
            act(peer.key, refresh.family)
        self._schedule()

    def stale_ended(self, peer: Peer, ended: fsm.RetainExpired | fsm.LongLivedStale) -> None:
        """Remove stale routes, or keep them as a last resort (RFC 9494)."""
        if isinstance(ended, fsm.LongLivedStale):
            self._router.mark_long_lived(peer.key, ended.family)
        else:
            self._router.sweep_stale(peer.key, ended.family)
        self._schedule()

    def state_changed(self, peer: Peer, old: fsm.State, new: fsm.State) -> None:
        """Report a transition; the coming and going of Established is news, the rest is detail."""
        session = self.sessions.get(peer.key)
        name = session.name if session else peer.key
        news = fsm.State.ESTABLISHED in {old, new}
        error = peer.session.last_error
        reason = error.text if error is not None and new is not fsm.State.ESTABLISHED else None
        self._events.record(
            "session",
            f"session {name}: {old} -> {new}",
            peer=name,
            level=logging.INFO if news else logging.DEBUG,
            reason=reason,
        )

    def peer_lagging(self, peer: Peer, lagging: bool) -> None:
        """Serve a slow reader from the tables instead of a queue."""
        self._router.set_lagging(peer.key, lagging)
        self._schedule()

    # --- questions and orders -----------------------------------------------------------------------------

    def name_of(self, key: str) -> str:
        """Name the session of a key; anything else ("local") is its own name."""
        session = self.sessions.get(key)
        return session.name if session else key

    def counts(self, key: str) -> Mapping[Family, rib.PeerCounts]:
        """Count the routes of a session by family; there are none before it was Established."""
        return self._router.counts(key) if key in self._tabled else {}

    def refresh(self, peer: Peer) -> None:
        """Ask the peer for its routes and send it ours, both anew (RFC 2918)."""
        if peer.negotiated is None:
            return
        peer.request_routes()
        for family in peer.negotiated.families:
            self._router.refresh_requested(peer.key, family)
        self._schedule()

    # --- incoming connections and the end -----------------------------------------------------------------

    def _accept(self, accepted: socket.socket, source: str) -> None:
        peer = self._by_address.get(source)
        if peer is None:
            accepted.close()
            self._report_unknown(source)
        else:
            peer.accept(accepted)

    def _report_unknown(self, source: str) -> None:
        """Say once a minute and source who knocks without being configured, however often it does."""
        now = self._loop.time()
        if now - self._unknown.get(source, -_UNKNOWN_INTERVAL) < _UNKNOWN_INTERVAL:
            return
        if len(self._unknown) >= _UNKNOWN_KEPT:
            self._unknown.clear()
        self._unknown[source] = now
        self._events.record(
            "connection",
            f"connection from {source} refused: no session with this address is configured",
            level=logging.WARNING,
        )

    async def stop(self, *, withdraw: bool) -> None:
        """End all sessions: with a Cease when routes shall go, silently when peers shall keep them."""
        self.listener.close()
        for peer in self.peers.values():
            peer.handle(fsm.ManualStop(notify=withdraw))
            peer.dispose()
        # One turn of the loop lets the transports send what was written.
        await asyncio.sleep(0)


def _count(messages: bytes) -> int:
    """Count whole messages by the length fields of their headers (RFC 4271, section 4.1)."""
    count = offset = 0
    while offset < len(messages):
        offset += int.from_bytes(messages[offset + 16 : offset + 18], "big")
        count += 1
    return count
