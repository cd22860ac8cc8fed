"""The state machine as one table: every event in every state (RFC 4271, section 8.2.2).

Each connection of a session goes through the states on its own; what concerns the session as a whole (start,
stop, connect-retry and idle-hold timers) meets the most advanced of them. A response names what is done;
`fsm.responses` does it. Event 23 has no event of the caller's: collision resolution dumps the loser itself.

Where the table departs from the letter of RFC 4271:

- Idle answers a stop, because an idle hold must end for good when the operator says so.
- Connect and Active answer a failed connection (18) with Active, as OpenSent does, and not with Idle: the
  peer is not at fault, and it may connect to us at any time.
- A NOTIFICATION is never answered with one (section 6 forbids it), though 8.2.2 lists 25 among "any other
  event" of OpenSent.
- A message header error (21) in Established is reported as such (section 6.1), not as an FSM error.
"""

import enum
from collections.abc import Iterator
from typing import Final, NamedTuple

from fsm.states import State


class Input(enum.IntEnum):
    """The events of RFC 4271, section 8.1, by number and name; from 29 on those of later RFCs."""

    __hash__ = int.__hash__

    MANUAL_START = 1
    MANUAL_STOP = 2
    AUTOMATIC_START = 3
    MANUAL_START_WITH_PASSIVE_TCP_ESTABLISHMENT = 4
    AUTOMATIC_START_WITH_PASSIVE_TCP_ESTABLISHMENT = 5
    AUTOMATIC_START_WITH_DAMP_PEER_OSCILLATIONS = 6
    AUTOMATIC_START_WITH_DAMP_PEER_OSCILLATIONS_AND_PASSIVE_TCP_ESTABLISHMENT = 7
    AUTOMATIC_STOP = 8
    CONNECT_RETRY_TIMER_EXPIRES = 9
    HOLD_TIMER_EXPIRES = 10
    KEEPALIVE_TIMER_EXPIRES = 11
    DELAY_OPEN_TIMER_EXPIRES = 12
    IDLE_HOLD_TIMER_EXPIRES = 13
    TCP_CONNECTION_VALID = 14
    TCP_CR_INVALID = 15
    TCP_CR_ACKED = 16
    TCP_CONNECTION_CONFIRMED = 17
    TCP_CONNECTION_FAILS = 18
    BGP_OPEN = 19
    BGP_OPEN_WITH_DELAY_OPEN_TIMER_RUNNING = 20
    BGP_HEADER_ERR = 21
    BGP_OPEN_MSG_ERR = 22
    OPEN_COLLISION_DUMP = 23
    NOTIF_MSG_VER_ERR = 24
    NOTIF_MSG = 25
    KEEPALIVE_MSG = 26
    UPDATE_MSG = 27
    UPDATE_MSG_ERR = 28
    SEND_HOLD_TIMER_EXPIRES = 29
    """RFC 9687, section 3."""
    ROUTE_REFRESH_MSG = 30
    """RFC 2918; unnumbered there."""
    ROUTE_REFRESH_MSG_ERR = 31
    """RFC 7313, section 5; unnumbered there."""


class Response(enum.Enum):
    """What is done about an event; the value explains it in the documentation."""

    __hash__ = object.__hash__

    IGNORE = "nothing"
    START = "listen for the peer; unless passive, connect"
    STOP = "Cease on every connection; stay Idle until started"
    PAUSE = "Cease on every connection; start again later"
    REFUSE = "Cease / Connection Rejected"
    DIAL = "connect, abandoning an attempt under way"
    ACCEPT = "send OPEN, or wait for the DelayOpenTimer"
    TRACK = "keep a second connection until collision detection"
    SEND_OPEN = "send OPEN"
    RETRY = "keep listening; connect again after the ConnectRetryTimer"
    NEGOTIATE = "check the OPEN, resolve a collision, send KEEPALIVE"
    ESTABLISH = "the session is up"
    ALIVE = "restart the HoldTimer"
    REFRESH = "restart the HoldTimer, pass the request on"
    KEEPALIVE = "send KEEPALIVE"
    DROP = "close without a word"
    LOSE = "close; routes may be retained"
    NOTIFY = "send the NOTIFICATION that the error calls for, close"
    FSM_ERROR = "NOTIFICATION Finite State Machine Error, close"
    EXPIRED = "NOTIFICATION Hold Timer Expired, close"
    SEND_EXPIRED = "close at once: Send Hold Timer Expired"
    DUMP = "Cease / Connection Collision Resolution"
    NOTIFIED = "the peer ended it: close"


_NEXT: Final[dict[Response, tuple[State, ...]]] = {
    Response.START: (State.CONNECT, State.ACTIVE),
    Response.STOP: (State.IDLE,),
    Response.PAUSE: (State.IDLE,),
    Response.DIAL: (State.CONNECT,),
    Response.SEND_OPEN: (State.OPEN_SENT,),
    Response.RETRY: (State.ACTIVE,),
    Response.NEGOTIATE: (State.OPEN_CONFIRM, State.IDLE),
    Response.ESTABLISH: (State.ESTABLISHED,),
    Response.DROP: (State.IDLE,),
    Response.LOSE: (State.IDLE,),
    Response.NOTIFY: (State.IDLE,),
    Response.FSM_ERROR: (State.IDLE,),
    Response.EXPIRED: (State.IDLE,),
    Response.SEND_EXPIRED: (State.IDLE,),
    Response.DUMP: (State.IDLE,),
    Response.NOTIFIED: (State.IDLE,),
}
"""The states a response can lead to; the state stays where a response is not listed."""

_NEXT_FROM: Final[dict[tuple[State, Response], tuple[State, ...]]] = {
    # With a DelayOpenTimer the connection waits in the state that made it (RFC 4271, 8.2.1.3).
    (State.CONNECT, Response.ACCEPT): (State.OPEN_SENT, State.CONNECT),
    (State.ACTIVE, Response.ACCEPT): (State.OPEN_SENT, State.ACTIVE),
    # Refused by Cease / Connection Rejected: the peer is not ready, which is not an error.
    (State.OPEN_SENT, Response.NOTIFIED): (State.IDLE, State.ACTIVE),
}

R: Final = Response
# fmt: off
_ROWS: Final[dict[Input, tuple[Response, Response, Response, Response, Response]]] = {
    # event                             Idle      Connect,     OpenSent     OpenConfirm     Established
    #                                             Active
    Input.MANUAL_STOP:                 (R.STOP,   R.STOP,      R.STOP,      R.STOP,         R.STOP),
    Input.AUTOMATIC_STOP:              (R.IGNORE, R.PAUSE,     R.PAUSE,     R.PAUSE,        R.PAUSE),
    Input.CONNECT_RETRY_TIMER_EXPIRES: (R.IGNORE, R.DIAL,      R.FSM_ERROR, R.FSM_ERROR,    R.FSM_ERROR),
    Input.HOLD_TIMER_EXPIRES:          (R.IGNORE, R.DROP,      R.EXPIRED,   R.EXPIRED,      R.EXPIRED),
    Input.KEEPALIVE_TIMER_EXPIRES:     (R.IGNORE, R.DROP,      R.FSM_ERROR, R.KEEPALIVE,    R.KEEPALIVE),
    Input.DELAY_OPEN_TIMER_EXPIRES:    (R.IGNORE, R.SEND_OPEN, R.FSM_ERROR, R.FSM_ERROR,    R.FSM_ERROR),
    Input.IDLE_HOLD_TIMER_EXPIRES:     (R.START,  R.DROP,      R.FSM_ERROR, R.FSM_ERROR,    R.FSM_ERROR),
    Input.TCP_CR_ACKED:                (R.REFUSE, R.ACCEPT,    R.TRACK,     R.TRACK,        R.TRACK),
    Input.TCP_CONNECTION_CONFIRMED:    (R.REFUSE, R.ACCEPT,    R.TRACK,     R.TRACK,        R.TRACK),
    Input.TCP_CONNECTION_FAILS:        (R.IGNORE, R.RETRY,     R.RETRY,     R.LOSE,         R.LOSE),
    Input.BGP_OPEN:                    (R.IGNORE, R.DROP,      R.NEGOTIATE, R.FSM_ERROR,    R.FSM_ERROR),
    Input.BGP_OPEN_WITH_DELAY_OPEN_TIMER_RUNNING:
                                       (R.IGNORE, R.NEGOTIATE, R.FSM_ERROR, R.FSM_ERROR,    R.FSM_ERROR),
    Input.BGP_HEADER_ERR:              (R.IGNORE, R.NOTIFY,    R.NOTIFY,    R.NOTIFY,       R.NOTIFY),
    Input.BGP_OPEN_MSG_ERR:            (R.IGNORE, R.NOTIFY,    R.NOTIFY,    R.NOTIFY,       R.FSM_ERROR),
    Input.OPEN_COLLISION_DUMP:         (R.IGNORE, R.DUMP,      R.DUMP,      R.DUMP,         R.DUMP),
    Input.NOTIF_MSG_VER_ERR:           (R.IGNORE, R.DROP,      R.NOTIFIED,  R.NOTIFIED,     R.NOTIFIED),
    Input.NOTIF_MSG:                   (R.IGNORE, R.DROP,      R.NOTIFIED,  R.NOTIFIED,     R.NOTIFIED),
    Input.KEEPALIVE_MSG:               (R.IGNORE, R.DROP,      R.FSM_ERROR, R.ESTABLISH,    R.ALIVE),
    Input.UPDATE_MSG:                  (R.IGNORE, R.DROP,      R.FSM_ERROR, R.FSM_ERROR,    R.ALIVE),
    Input.UPDATE_MSG_ERR:              (R.IGNORE, R.DROP,      R.FSM_ERROR, R.FSM_ERROR,    R.NOTIFY),
    Input.SEND_HOLD_TIMER_EXPIRES:     (R.IGNORE, R.DROP,      R.FSM_ERROR, R.SEND_EXPIRED, R.SEND_EXPIRED),
    Input.ROUTE_REFRESH_MSG:           (R.IGNORE, R.DROP,      R.FSM_ERROR, R.FSM_ERROR,    R.REFRESH),
    Input.ROUTE_REFRESH_MSG_ERR:       (R.IGNORE, R.DROP,      R.FSM_ERROR, R.FSM_ERROR,    R.NOTIFY),
}
# fmt: on
_START_ROWS: Final = dict.fromkeys(
    (
        Input.MANUAL_START,
        Input.AUTOMATIC_START,
        Input.MANUAL_START_WITH_PASSIVE_TCP_ESTABLISHMENT,
        Input.AUTOMATIC_START_WITH_PASSIVE_TCP_ESTABLISHMENT,
        Input.AUTOMATIC_START_WITH_DAMP_PEER_OSCILLATIONS,
        Input.AUTOMATIC_START_WITH_DAMP_PEER_OSCILLATIONS_AND_PASSIVE_TCP_ESTABLISHMENT,
    ),
    (R.START, R.IGNORE, R.IGNORE, R.IGNORE, R.IGNORE),
)
# The kernel answers 14 and the listener 15: a session hears of whole connections, and of its own peer's only.
_IGNORED_ROWS: Final = dict.fromkeys(
    (Input.TCP_CONNECTION_VALID, Input.TCP_CR_INVALID),
    (R.IGNORE, R.IGNORE, R.IGNORE, R.IGNORE, R.IGNORE),
)


class Transition(NamedTuple):
    """One row: in `state`, `input` is answered by `response`; then the state is one of `next`."""

    state: State
    input: Input
    response: Response
    next: tuple[State, ...]


def _transition(state: State, event: Input, response: Response) -> Transition:
    stay_or_go = _NEXT.get(response, (state,))
    return Transition(state, event, response, _NEXT_FROM.get((state, response), stay_or_go))


TABLE: Final[dict[tuple[State, Input], Transition]] = {
    (state, event): _transition(state, event, response)
    for event, (idle, trying, *connected) in (_ROWS | _START_ROWS | _IGNORED_ROWS).items()
    for state, response in zip(State, (idle, trying, trying, *connected), strict=True)
}
"""Total: each state with each event."""


def transitions() -> Iterator[Transition]:
    """Yield every row, by state and then by event number."""
    for state in State:
        for event in Input:
            yield TABLE[state, event]


def diagram() -> str:
    """Return the state diagram in mermaid's language: an arrow for each change, with its events."""
    arrows: dict[tuple[State, State], list[str]] = {}
    for row in transitions():
        for after in row.next:
            if after is not row.state:
                arrows.setdefault((row.state, after), []).append(str(row.input.value))
    lines = ["stateDiagram-v2", f"    [*] --> {State.IDLE}"]
    lines += [f"    {old} --> {new}: {', '.join(events)}" for (old, new), events in arrows.items()]
    return "\n".join(lines) + "\n"
