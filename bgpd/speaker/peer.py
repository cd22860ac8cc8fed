"""One configured session at work: the asyncio skin around `fsm.Session`, with no protocol rule in it."""

import asyncio
import itertools
import logging
import random
import socket
import time
from collections import Counter
from collections.abc import Sequence
from typing import Protocol

import fsm
import wire
from bgpd.speaker.connection import Buffer, Connection
from bgpd.speaker.connector import Connector
from bgpd.speaker.socket_options import TransportOptions, prepare_connection
from bgpd.speaker.update_faults import UpdateFaults

_LOGGER = logging.getLogger(__name__)

_LITTLE = wire.MAXIMUM_LENGTH
"""Octets of a read after which the peer is not taken to be in the middle of something longer."""

_numbers = itertools.count(1)
"""Connections are numbered once for the whole process, so that a log line names one connection."""


class PeerOwner(Protocol):
    """What a session tells the speaker."""

    @property
    def behind(self) -> bool:
        """Whether nothing shall be read for now: what was read has yet to be decided."""

    def session_up(self, peer: "Peer", negotiated: fsm.Negotiated) -> None:
        """Take the session into the tables."""

    def session_down(self, peer: "Peer", down: fsm.Down) -> None:
        """Take the session out of the tables, or keep its routes as stale."""

    def frames_received(self, peer: "Peer", frames: Sequence[wire.Frame]) -> None:
        """Take what an Established session received in one read, UPDATEs and all, as it came."""

    def update_received(self, peer: "Peer", update: wire.Update) -> None:
        """Take an UPDATE of an Established session."""

    def bulk_received(self, peer: "Peer", bulk: wire.Bulk) -> None:
        """Take UPDATEs in a row that are the bulk of a table."""

    def input_taken(self, *, little: bool) -> None:
        """Take note of the end of a read; `little`: the peer seems to have said all it had to say."""

    def refresh_received(self, peer: "Peer", refresh: fsm.Refresh) -> None:
        """Send the peer our routes again (RFC 2918)."""

    def stale_ended(self, peer: "Peer", ended: fsm.RetainExpired | fsm.LongLivedStale) -> None:
        """Remove, or keep as a last resort, what the peer did not announce again in time."""

    def state_changed(self, peer: "Peer", old: fsm.State, new: fsm.State) -> None:
        """Report a transition."""

    def peer_lagging(self, peer: "Peer", lagging: bool) -> None:
        """Serve a slow reader from the tables instead of a queue."""


class Peer:
    """Runs one session: its connections, its one timer and its way between the wire and the tables."""

    def __init__(
        self, key: str, parameters: fsm.SessionParameters, transport: TransportOptions, owner: PeerOwner
    ) -> None:
        self.key = key
        """Identity that outlives a change of name or resource: address and port of the peer."""
        self.session = fsm.Session(parameters, random=random.random)
        self._sent = self.session.counters.sent
        self.since = time.time()
        """When the present state was entered, in seconds since the epoch."""
        self.faults = UpdateFaults(key)
        self.notifications: dict[tuple[str, int, int], int] = {}
        """NOTIFICATIONs by (direction, code, subcode)."""
        self.transitions: Counter[tuple[str, str]] = Counter()
        """Transitions by (old state, new state)."""
        self.transport = transport
        self._owner = owner
        self._loop = asyncio.get_running_loop()
        self._connections: dict[int, Connection] = {}
        self._established: Connection | None = None
        self._codec: wire.Codec | None = None
        self._counted: fsm.SessionError | None = None
        self._connector = Connector(
            opened=lambda opened: self._adopt(opened, incoming=False), failed=self._connect_failed
        )
        self._timer: asyncio.TimerHandle | None = None

    @property
    def negotiated(self) -> fsm.Negotiated | None:
        """What the OPENs agreed on, while the session is Established."""
        return self.session.negotiated if self._established is not None else None

    @property
    def local_address(self) -> str:
        """Our address of the Established connection, or the configured one."""
        return (self._established and self._established.local_address) or self.transport.source_address or ""

    @property
    def ports(self) -> tuple[int, int]:
        """TCP ports of the Established connection, ours and the peer's."""
        return (0, 0) if self._established is None else self._established.ports

    # --- orders -------------------------------------------------------------------------------------------

    def handle(self, event: fsm.Event) -> None:
        """Hand an event to the session and do what it answers."""
        self._perform(self.session.handle(event, self._loop.time()))

    def reconfigure(self, parameters: fsm.SessionParameters, *, reset: bool) -> None:
        """Give the session other parameters; with `reset` it starts anew even where they could be applied."""
        before = self._established
        self._perform(self.session.reconfigure(parameters, self._loop.time()))
        if reset and before is not None and self._established is before:
            self.handle(fsm.AutomaticStop(wire.CeaseError.OTHER_CONFIGURATION_CHANGE, restart_after=0))

    def accept(self, accepted: socket.socket) -> None:
        """Take a connection that the listener accepted from this peer's address."""
        try:
            prepare_connection(accepted, self.transport)
        except OSError as error:
            _LOGGER.warning("cannot set the options of a connection from %s: %s", self.key, error)
            accepted.close()
            return
        self._adopt(accepted, incoming=True)

    def send(self, messages: Buffer, count: int) -> None:
        """Send so many whole UPDATEs on the Established connection."""
        if self._established is not None:
            self._established.send(messages)
            self._sent["update"] += count

    def request_routes(self) -> None:
        """Ask the peer for all its routes again, if it can do that (RFC 2918)."""
        if self._established is None or self.negotiated is None or not self.negotiated.route_refresh:
            return
        for family in sorted(self.negotiated.families, key=str):
            self._established.send(wire.RouteRefresh(family).encode())
            self.session.counters.sent["route_refresh"] += 1

    def dispose(self) -> None:
        """Let go of the loop, once the session is stopped for good."""
        self._connector.cancel()
        if self._timer:
            self._timer.cancel()
            self._timer = None

    # --- what the connections tell (ConnectionOwner) ------------------------------------------------------

    @property
    def behind(self) -> bool:
        """Whether nothing shall be read for now."""
        return self._owner.behind

    def bytes_received(self, connection: Connection, data: Buffer) -> None:
        """Frame, parse and hand on what arrived; an error in it ends the connection, never the daemon."""
        little = len(data) <= _LITTLE
        try:
            while frames := connection.framer.feed(data):
                self._frames_received(connection, frames)
                data = b""
        except wire.NotificationError as error:
            self.handle(fsm.MessageError(connection.number, error))
        self._owner.input_taken(little=little)

    def connection_lost(self, connection: Connection, reason: str) -> None:
        """Tell the session that a connection is gone, unless it has closed it itself."""
        if self._connections.pop(connection.number, None):
            self.handle(fsm.Disconnected(connection.number, reason))

    def writing_paused(self, connection: Connection, paused: bool) -> None:
        """Stop or resume feeding a peer that does not read what we send."""
        if connection is self._established:
            self._owner.peer_lagging(self, paused)

    def sending_stalled(self, connection: Connection, stalled: bool) -> None:
        """Bear with a peer that takes nothing for a while, or forgive it (RFC 9687)."""
        number = connection.number
        self.handle(fsm.SendBlocked(number) if stalled else fsm.SendResumed(number))

    # --- from frames to events ----------------------------------------------------------------------------

    def _frames_received(self, connection: Connection, frames: Sequence[wire.Frame]) -> None:
        was_established = connection is self._established
        if was_established:
            self._owner.frames_received(self, frames)
        updates = at = 0
        while at < len(frames):
            kind, body = frames[at]
            taken = 1
            if kind == wire.MessageType.UPDATE and connection is self._established:
                taken = self._bulk_received(frames, at) or self._update_received(body)
                updates += taken
            elif connection.number in self._connections:
                self.handle(fsm.message_event(connection.number, kind, body))
            at += taken
        if updates:
            # One event for all UPDATEs of a read: they only prove the peer alive (RFC 4271, Event 27).
            self.handle(fsm.UpdateReceived(connection.number, updates))
        if connection is self._established and not was_established:
            # The first UPDATEs may come in one read with the KEEPALIVE that establishes the session.
            self._owner.frames_received(self, frames)

    def _bulk_received(self, frames: Sequence[wire.Frame], at: int) -> int:
        """Take the UPDATEs from one on that are the bulk of a table, and give their number: most or none."""
        assert self._codec is not None  # noqa: S101 - set with the Established connection
        bulk = self._codec.read_bulk(frames, at)
        if bulk is None:
            return 0
        self._owner.bulk_received(self, bulk)
        return len(bulk.routes)

    def _update_received(self, body: bytes) -> int:
        """Take one UPDATE, and give that number."""
        assert self._codec is not None  # noqa: S101 - set with the Established connection
        update = self._codec.decode_update(body)
        if update.faults:
            self.faults.take(update, body)
        self._owner.update_received(self, update)
        if update.end_of_rib is not None and self._established is not None:
            self.handle(fsm.EndOfRibReceived(self._established.number, update.end_of_rib))
        return 1

    # --- actions ------------------------------------------------------------------------------------------

    def _perform(self, actions: Sequence[fsm.Action]) -> None:
        for action in actions:
            self._do(action)
        self._count_notification()
        self._arm()

    def _count_notification(self) -> None:
        error = self.session.last_error
        if error is not None and error is not self._counted:
            self._counted = error
            if error.code:
                key = (error.direction.value, error.code, error.subcode)
                self.notifications[key] = self.notifications.get(key, 0) + 1

    def _do(self, action: fsm.Action) -> None:
        match action:
            case fsm.Send(number, data):
                self._connections[number].send(data)
            case fsm.StateChanged(old, new):
                self.since = time.time()
                self.transitions[old.value, new.value] += 1
                self._owner.state_changed(self, old, new)
            case fsm.Close(number, hard):
                self._close(number, hard=hard)
            case fsm.Connect():
                self._connector.start(self.transport)
            case fsm.CancelConnect():
                self._connector.cancel()
            case fsm.Up(number, negotiated):
                self._up(self._connections[number], negotiated)
            case fsm.Down():
                self._established = self._codec = None
                self._owner.session_down(self, action)
            case fsm.Refresh():
                self._owner.refresh_received(self, action)
            case fsm.RetainExpired() | fsm.LongLivedStale():
                self._owner.stale_ended(self, action)

    def _up(self, connection: Connection, negotiated: fsm.Negotiated) -> None:
        self._established = connection
        self._codec = negotiated.codec(ibgp=negotiated.peer_as == self.session.parameters.local_as)
        connection.framer.limit = self._codec.message_limit
        self._owner.session_up(self, negotiated)

    def _close(self, number: int, *, hard: bool) -> None:
        connection = self._connections.pop(number, None)
        if connection:
            connection.close(hard=hard)

    # --- connections --------------------------------------------------------------------------------------

    def _adopt(self, opened: socket.socket, *, incoming: bool) -> None:
        """Give an open TCP socket to a connection, and tell the session of it."""
        connection = Connection(next(_numbers), self, opened, incoming=incoming)
        self._connections[connection.number] = connection
        number = connection.number
        self.handle(fsm.Incoming(number) if incoming else fsm.Connected(number))

    def _connect_failed(self, reason: str) -> None:
        self.handle(fsm.ConnectionFailed(None, reason))

    # --- the one timer ------------------------------------------------------------------------------------

    def _arm(self) -> None:
        """Make sure the timer fires no later than the session's deadline.

        The hold timer moves later with every read: a timer that fires early and finds nothing due is armed
        again, which is much cheaper than moving it each time.
        """
        deadline = self.session.deadline
        if deadline is None:
            return
        if self._timer is not None:
            if self._timer.when() <= deadline:
                return
            self._timer.cancel()
        self._timer = self._loop.call_at(deadline, self._fire)

    def _fire(self) -> None:
        self._timer = None
        deadline = self.session.deadline
        if deadline is not None and deadline <= self._loop.time():
            self.handle(fsm.TimerExpired())
        self._arm()
