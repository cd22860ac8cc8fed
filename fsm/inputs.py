"""The number and name that RFC 4271 has for what happened, and words for the operator."""

from typing import Final

import wire
from fsm.connection import Connection
from fsm.events import (
    AutomaticStart,
    AutomaticStop,
    Connected,
    ConnectionFailed,
    Disconnected,
    Event,
    Incoming,
    KeepaliveReceived,
    ManualStart,
    ManualStop,
    MessageError,
    NotificationReceived,
    OpenReceived,
    RouteRefreshReceived,
    UpdateReceived,
)
from fsm.table import Input
from fsm.timers import Timer

SessionEvent = ManualStart | ManualStop | AutomaticStart | AutomaticStop | Connected | Incoming
InputEvent = (
    ConnectionFailed
    | Disconnected
    | OpenReceived
    | KeepaliveReceived
    | UpdateReceived
    | RouteRefreshReceived
    | NotificationReceived
    | MessageError
)

_SESSION_INPUTS: Final[dict[type[SessionEvent], tuple[Input, Input]]] = {
    ManualStart: (Input.MANUAL_START, Input.MANUAL_START_WITH_PASSIVE_TCP_ESTABLISHMENT),
    ManualStop: (Input.MANUAL_STOP, Input.MANUAL_STOP),
    AutomaticStart: (
        Input.AUTOMATIC_START_WITH_DAMP_PEER_OSCILLATIONS,
        Input.AUTOMATIC_START_WITH_DAMP_PEER_OSCILLATIONS_AND_PASSIVE_TCP_ESTABLISHMENT,
    ),
    AutomaticStop: (Input.AUTOMATIC_STOP, Input.AUTOMATIC_STOP),
    Connected: (Input.TCP_CR_ACKED, Input.TCP_CR_ACKED),
    Incoming: (Input.TCP_CONNECTION_CONFIRMED, Input.TCP_CONNECTION_CONFIRMED),
}
"""Events of a session as a whole: for one that connects, for a passive one."""

_CONNECTION_INPUTS: Final[dict[type[InputEvent], Input]] = {
    ConnectionFailed: Input.TCP_CONNECTION_FAILS,
    Disconnected: Input.TCP_CONNECTION_FAILS,
    OpenReceived: Input.BGP_OPEN,
    KeepaliveReceived: Input.KEEPALIVE_MSG,
    UpdateReceived: Input.UPDATE_MSG,
    RouteRefreshReceived: Input.ROUTE_REFRESH_MSG,
    NotificationReceived: Input.NOTIF_MSG,
}
"""Events of one connection."""

_ERROR_INPUTS: Final[dict[int, Input]] = {
    wire.ErrorCode.MESSAGE_HEADER_ERROR: Input.BGP_HEADER_ERR,
    wire.ErrorCode.OPEN_MESSAGE_ERROR: Input.BGP_OPEN_MSG_ERR,
    wire.ErrorCode.UPDATE_MESSAGE_ERROR: Input.UPDATE_MSG_ERR,
    wire.ErrorCode.ROUTE_REFRESH_MESSAGE_ERROR: Input.ROUTE_REFRESH_MSG_ERR,
}

TIMER_INPUTS: Final = {
    Timer.CONNECT_RETRY: Input.CONNECT_RETRY_TIMER_EXPIRES,
    Timer.IDLE_HOLD: Input.IDLE_HOLD_TIMER_EXPIRES,
    Timer.DELAY_OPEN: Input.DELAY_OPEN_TIMER_EXPIRES,
    Timer.HOLD: Input.HOLD_TIMER_EXPIRES,
    Timer.KEEPALIVE: Input.KEEPALIVE_TIMER_EXPIRES,
    Timer.SEND_HOLD: Input.SEND_HOLD_TIMER_EXPIRES,
}


def session_input(event: SessionEvent, *, passive: bool) -> Input:
    """Return the name of an event of the session as a whole."""
    return _SESSION_INPUTS[type(event)][passive]


def connection_input(event: InputEvent, connection: Connection) -> Input:
    """Return the name of an event of a connection."""
    match event:
        case OpenReceived() if connection.timers.is_running(Timer.DELAY_OPEN):
            return Input.BGP_OPEN_WITH_DELAY_OPEN_TIMER_RUNNING
        case NotificationReceived(notification=received) if _refuses_version(received):
            return Input.NOTIF_MSG_VER_ERR
        case MessageError():
            return _ERROR_INPUTS.get(event.error.code, Input.BGP_HEADER_ERR)
        case _:
            return _CONNECTION_INPUTS[type(event)]


def _refuses_version(notification: wire.Notification) -> bool:
    pair = (notification.code, notification.subcode)
    return pair == (wire.ErrorCode.OPEN_MESSAGE_ERROR, wire.OpenError.UNSUPPORTED_VERSION_NUMBER)


_MESSAGE_TYPES: Final[dict[type[Event], wire.MessageType]] = {
    OpenReceived: wire.MessageType.OPEN,
    UpdateReceived: wire.MessageType.UPDATE,
    NotificationReceived: wire.MessageType.NOTIFICATION,
    KeepaliveReceived: wire.MessageType.KEEPALIVE,
    RouteRefreshReceived: wire.MessageType.ROUTE_REFRESH,
}

_ERROR_MESSAGE_TYPES: Final[dict[int, wire.MessageType]] = {
    wire.ErrorCode.OPEN_MESSAGE_ERROR: wire.MessageType.OPEN,
    wire.ErrorCode.UPDATE_MESSAGE_ERROR: wire.MessageType.UPDATE,
    wire.ErrorCode.ROUTE_REFRESH_MESSAGE_ERROR: wire.MessageType.ROUTE_REFRESH,
}


def message_type(event: Event) -> wire.MessageType | None:
    """Return the type of the message that an event reports, well-formed or not; None when it reports none."""
    if isinstance(event, MessageError):
        return _ERROR_MESSAGE_TYPES.get(event.error.code)
    return _MESSAGE_TYPES.get(type(event))


def describe(event: Event) -> str:
    """Return what happened in the operator's words."""
    if isinstance(event, ConnectionFailed | Disconnected):
        return event.reason
    kind = message_type(event)
    return "a timer out of place" if kind is None else f"unexpected {kind.name.replace('_', '-')}"
