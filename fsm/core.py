"""What the responses work with: a session's connections, timers and steps that several responses share."""

from collections.abc import Callable
from typing import Final

import wire
from fsm.actions import Action, CancelConnect, Close, Connect, Down, DownReason, Send
from fsm.backoff import Backoff
from fsm.connection import Connection
from fsm.counters import Counters
from fsm.errors import SessionError
from fsm.graceful_restart import StalePaths, retainable
from fsm.negotiation import Negotiated
from fsm.offer import make_offer
from fsm.parameters import SessionParameters
from fsm.refreshing import Refreshing
from fsm.states import PROGRESS, State
from fsm.timers import Timer, Timers, jittered

_SEND_HOLD_TIME: Final = 480.0
"""RFC 9687, section 3.2: 8 minutes, or twice the hold time where that is longer."""


class Core:
    """The data of one session. `actions` collects the answer to the event at hand, which came at `now`."""

    def __init__(self, parameters: SessionParameters, random: Callable[[], float]) -> None:
        self.parameters = parameters
        self.counters = Counters()
        self.negotiated: Negotiated | None = None
        self.last_error: SessionError | None = None
        self.established_at: float | None = None
        self.flaps = 0
        self.ground = State.IDLE
        """What the session does beside its connections: nothing (Idle), listen (Active) or also Connect."""
        self.stopped = True
        """Only `ManualStart` starts it."""
        self.has_been_up = False
        self.plain_open = False
        """The peer does not know optional parameters: the next OPEN has no capabilities (RFC 5492)."""
        self.connections: dict[int, Connection] = {}
        self.timers = Timers()
        self.backoff = Backoff()
        self.stale = StalePaths()
        self.refreshing = Refreshing()
        self.actions: list[Action] = []
        self.now = 0.0
        self.random = random

    @property
    def state(self) -> State:
        """The state of what got furthest."""
        state = self.ground
        for connection in self.connections.values():
            if PROGRESS[connection.state] > PROGRESS[state]:
                state = connection.state
        return state

    @property
    def up_for(self) -> float:
        """For how many seconds the session has been Established."""
        return 0.0 if self.established_at is None else self.now - self.established_at

    # --- the ground: listening and connecting -----------------------------------------------------------

    def listen(self, retry_after: float) -> None:
        """Wait for the peer; unless passive, connect after a while."""
        self.ground = State.ACTIVE
        if not self.parameters.passive:
            self.start(self.timers, Timer.CONNECT_RETRY, retry_after)

    def dial(self) -> None:
        """Connect, and again when that takes longer than the connect-retry time."""
        self.ground = State.CONNECT
        self.actions.append(Connect())
        self.start(self.timers, Timer.CONNECT_RETRY, self.parameters.connect_retry_time)

    def stop_dialing(self) -> None:
        """Make no attempt to connect any more, but listen still."""
        if self.ground is State.CONNECT:
            self.actions.append(CancelConnect())
            self.ground = State.ACTIVE
        self.timers.stop(Timer.CONNECT_RETRY)

    def idle(self, hold: float | None) -> None:
        """Fall to Idle, for `hold` seconds or, without, until started."""
        self.stop_dialing()
        self.ground = State.IDLE
        self.timers.stop(Timer.IDLE_HOLD)
        if hold is not None:
            self.timers.start(Timer.IDLE_HOLD, self.now + hold)

    def back_off(self, up_for: float, *, blameless: bool) -> None:
        """Fall to Idle for a time that grows with each failure."""
        hold = self.backoff.failed(self.parameters, up_for=up_for, blameless=blameless)
        self.idle(jittered(hold, self.random))

    def start(self, timers: Timers, timer: Timer, seconds: float) -> None:
        """Start a timer with jitter (RFC 4271, section 10)."""
        timers.start(timer, self.now + jittered(seconds, self.random))

    # --- connections ------------------------------------------------------------------------------------

    def admit(self, number: int, *, incoming: bool) -> Connection:
        """Take a new connection under this number."""
        connection = Connection(
            number, incoming=incoming, after_establishment=self.state is State.ESTABLISHED
        )
        self.connections[number] = connection
        return connection

    def send(self, connection: Connection, kind: str, message: bytes) -> None:
        """Send a message and count it."""
        self.counters.sent[kind] += 1
        self.actions.append(Send(connection.number, message))

    def send_open(self, connection: Connection) -> wire.Open:
        """Send OPEN, and give the peer a generous time for its own (RFC 4271, 8.2.2: 4 minutes)."""
        offered, message = make_offer(self.parameters, returning=self.has_been_up, plain=self.plain_open)
        connection.offered = offered
        connection.state = State.OPEN_SENT
        connection.timers.stop(Timer.DELAY_OPEN)
        connection.timers.start(Timer.HOLD, self.now + self.parameters.open_wait)
        self.send(connection, "open", message)
        return offered

    def restart_hold_timer(self, connection: Connection) -> None:
        """Take a sign of life."""
        if hold_time := connection.agreed.hold_time:
            connection.timers.start(Timer.HOLD, self.now + hold_time)

    def send_keepalive(self, connection: Connection) -> None:
        """Send KEEPALIVE and plan the next, never more than one a second (RFC 4271, section 4.4)."""
        self.send(connection, "keepalive", wire.encode_keepalive())
        if connection.agreed.hold_time:
            interval = jittered(connection.agreed.keepalive_time, self.random)
            connection.timers.start(Timer.KEEPALIVE, self.now + max(1.0, interval))

    def start_send_hold_timer(self, connection: Connection) -> None:
        """Bear with a peer that accepts no data, unless there is no hold time to go by (RFC 9687)."""
        if connection.is_silent or connection.timers.is_running(Timer.SEND_HOLD):
            return
        if hold_time := connection.agreed.hold_time:
            patience = self.parameters.send_hold_time or max(_SEND_HOLD_TIME, 2.0 * hold_time)
            connection.timers.start(Timer.SEND_HOLD, self.now + patience)

    def notify(self, connection: Connection, notification: wire.Notification) -> None:
        """Tell the peer why the connection ends."""
        self.send(connection, "notification", notification.encode())

    def release(self, connection: Connection, *, hard: bool = False) -> None:
        """Close a connection and forget it."""
        del self.connections[connection.number]
        self.actions.append(Close(connection.number, hard))

    # --- the end of a connection ------------------------------------------------------------------------

    def end(
        self,
        connection: Connection,
        reason: DownReason,
        error: SessionError | None,
        *,
        retain: bool = False,
        blameless: bool = False,
        retry: bool = False,
        hard: bool = False,
    ) -> None:
        """Close a connection; take the session down with it, and to Idle when nothing else is left.

        `retain`: the peer's paths may be kept as stale. `blameless`: see `Backoff.failed`. `retry`: nobody is
        at fault, keep listening instead of falling to Idle. `error` None: nothing worth showing.
        """
        self.release(connection, hard=hard)
        self.last_error = error or self.last_error
        up_for = 0.0
        if connection.state is State.ESTABLISHED:
            up_for = self.up_for
            self.down(connection, reason, error, retain=retain)
        self._go_on(up_for, blameless=blameless, retry=retry)

    def _go_on(self, up_for: float, *, blameless: bool, retry: bool) -> None:
        if self.connections or self.ground is State.CONNECT:
            self.resume_dialing()
        elif retry:
            self.listen(self.parameters.connect_retry_time)
        else:
            self.back_off(up_for, blameless=blameless)

    def resume_dialing(self) -> None:
        """Connect in a while, if there is nothing but connections of the peer's which may stay silent."""
        if self.ground is State.ACTIVE and not self.timers.is_running(Timer.CONNECT_RETRY):
            left = self.connections.values()
            if all(other.incoming and other.is_silent for other in left):
                self.listen(self.parameters.connect_retry_time)

    def down(
        self, connection: Connection, reason: DownReason, error: SessionError | None, *, retain: bool
    ) -> None:
        """Report that the session is no longer Established; keep paths where that is agreed on."""
        negotiated = connection.agreed
        self.negotiated = None
        self.established_at = None
        self.flaps += 1
        self.refreshing.clear()
        kept = retainable(negotiated) if retain else frozenset()
        restart_time = negotiated.graceful_restart.restart_time if negotiated.graceful_restart else 0
        self.actions += self.stale.begin(negotiated, kept, self.now)
        self.actions.append(Down(reason, error, kept, float(restart_time if kept else 0)))
        self.actions += self.stale.remaining_long_lived(self.now)
