"""One BGP session with one peer, sans-IO: events and the time go in, actions come out."""

from collections.abc import Callable
from typing import Final

from fsm.actions import Action, Close, StateChanged
from fsm.connection import Connection
from fsm.core import Core
from fsm.counters import Counters
from fsm.errors import SessionError
from fsm.events import (
    AutomaticStart,
    AutomaticStop,
    Connected,
    ConnectionEvent,
    EndOfRibReceived,
    Event,
    Incoming,
    KeepaliveReceived,
    ManualStart,
    ManualStop,
    NotificationReceived,
    OpenReceived,
    RouteRefreshReceived,
    SendBlocked,
    SendResumed,
    TimerExpired,
    UpdateReceived,
)
from fsm.inputs import TIMER_INPUTS, connection_input, session_input
from fsm.negotiation import Negotiated
from fsm.parameters import SessionParameters
from fsm.reconfiguration import reconfigure
from fsm.responses import respond, respond_on
from fsm.states import State
from fsm.table import Input
from fsm.timers import Timer
from wire import Family

_RECEIVED: Final[dict[type[Event], str]] = {
    OpenReceived: "open",
    NotificationReceived: "notification",
    KeepaliveReceived: "keepalive",
    RouteRefreshReceived: "route_refresh",
}


class Session:
    """The state machine of one configured peer (RFC 4271, section 8).

    It is driven by three kinds of events: the operator's, the network's and the clock's. Each call of
    `handle` answers with actions, which the caller performs in order before it hands in the next event; then
    it makes sure to hand in `TimerExpired` at `deadline`. At most two connections are open at a time, while a
    collision lasts (RFC 4271, section 6.8).

    `random` returns numbers from 0 to 1, for jitter.
    """

    def __init__(self, parameters: SessionParameters, *, random: Callable[[], float]) -> None:
        self._core = Core(parameters, random)

    @property
    def parameters(self) -> SessionParameters:
        """The parameters in force; `reconfigure` changes them."""
        return self._core.parameters

    @property
    def state(self) -> State:
        """The state of the most advanced connection."""
        return self._core.state

    @property
    def stopped(self) -> bool:
        """Whether it stays Idle until `ManualStart`: it was not started yet, or the operator stopped it."""
        return self._core.stopped

    @property
    def negotiated(self) -> Negotiated | None:
        """What is agreed on with the peer while the session is Established."""
        return self._core.negotiated

    @property
    def established_at(self) -> float | None:
        """Since when the session is Established, on the caller's clock."""
        return self._core.established_at

    @property
    def retained(self) -> frozenset[Family]:
        """The families whose stale paths are kept for the peer's return (RFC 4724)."""
        return self._core.stale.families

    @property
    def last_error(self) -> SessionError | None:
        """Why the session, or an attempt at it, last failed; kept when it comes up again."""
        return self._core.last_error

    @property
    def flaps(self) -> int:
        """How many times it fell from Established."""
        return self._core.flaps

    @property
    def counters(self) -> Counters:
        """Messages received and sent; the caller adds those it sends itself."""
        return self._core.counters

    @property
    def deadline(self) -> float | None:
        """When to hand in `TimerExpired`; None: no timer runs."""
        core = self._core
        deadlines = [*core.timers.deadlines, *core.stale.deadlines, *core.refreshing.deadlines]
        for connection in core.connections.values():
            deadlines += connection.timers.deadlines
        return min(deadlines, default=None)

    def handle(self, event: Event, now: float) -> list[Action]:
        """Take `event` at the monotonic time `now`; nothing a peer or the network does makes it raise."""
        core = self._begin(now)
        match event:
            case TimerExpired():
                self._expire(event)
            case Connected() | Incoming():
                self._take_connection(event)
            case ManualStart() | ManualStop() | AutomaticStart() | AutomaticStop():
                self._take_order(event)
            case _:
                self._take_news(event)
        return core.actions

    def reconfigure(self, parameters: SessionParameters, now: float) -> list[Action]:
        """Apply other parameters: in place where that does, else by a new session (`fsm.reconfiguration`)."""
        core = self._begin(now)
        before = core.state
        reconfigure(core, parameters)
        self._report(before)
        return core.actions

    # --- events -------------------------------------------------------------------------------------------

    def _begin(self, now: float) -> Core:
        self._core.now = now
        self._core.actions = []
        return self._core

    def _expire(self, event: TimerExpired) -> None:
        core = self._core
        session_timers = core.timers.take_due(core.now)
        connection_timers = [
            (connection, timer)
            for connection in core.connections.values()
            for timer in connection.timers.take_due(core.now)
        ]
        for timer in session_timers:
            self._respond(event, TIMER_INPUTS[timer])
        for connection, timer in connection_timers:
            if connection.number in core.connections:
                self._respond_on(connection, event, TIMER_INPUTS[timer])
        core.actions += core.stale.expire(core.now)
        core.actions += core.refreshing.expire(core.now)

    def _take_order(self, event: ManualStart | ManualStop | AutomaticStart | AutomaticStop) -> None:
        # Who was stopped by the operator is started by the operator alone.
        if not (isinstance(event, AutomaticStart) and self._core.stopped):
            self._respond(event, session_input(event, passive=self._core.parameters.passive))

    def _take_connection(self, event: Connected | Incoming) -> None:
        core = self._core
        if event.connection in core.connections:
            return
        if isinstance(event, Connected) and core.ground is not State.CONNECT:
            # The attempt was cancelled while its success was on the way.
            core.actions.append(Close(event.connection))
            return
        self._respond(event, session_input(event, passive=core.parameters.passive))

    def _take_news(self, event: ConnectionEvent) -> None:
        core = self._core
        if event.connection is None:
            # The failure of an attempt that was cancelled meanwhile says nothing any more.
            if core.ground is State.CONNECT:
                self._respond(event, Input.TCP_CONNECTION_FAILS)
            return
        connection = core.connections.get(event.connection)
        if connection is None:
            return
        self._count(event)
        match event:
            case SendBlocked():
                core.start_send_hold_timer(connection)
            case SendResumed():
                connection.timers.stop(Timer.SEND_HOLD)
            case EndOfRibReceived(family=family):
                if connection.state is State.ESTABLISHED:
                    core.refreshing.end_of_rib(family)
                    core.actions += core.stale.end_of_rib(family)
            case _:
                self._respond_on(connection, event, connection_input(event, connection))

    def _count(self, event: ConnectionEvent) -> None:
        if isinstance(event, UpdateReceived):
            self._core.counters.received["update"] += event.updates
        elif kind := _RECEIVED.get(type(event)):
            self._core.counters.received[kind] += 1

    # --- answers ------------------------------------------------------------------------------------------

    def _respond(self, event: Event, name: Input) -> None:
        before = self._core.state
        respond(self._core, event, name)
        self._report(before)

    def _respond_on(self, connection: Connection, event: Event, name: Input) -> None:
        before = self._core.state
        respond_on(self._core, connection, event, name)
        self._report(before)

    def _report(self, before: State) -> None:
        after = self._core.state
        if after is not before:
            self._core.actions.append(StateChanged(before, after))
