"""Responses that end a connection: with a NOTIFICATION, after one, or without a word."""

from typing import Final

import wire
from fsm.actions import DownReason
from fsm.cease import allows_retention, is_harmless, is_rejection, make_cease
from fsm.connection import Connection
from fsm.core import Core
from fsm.errors import Direction, SessionError
from fsm.events import Event, MessageError, NotificationReceived
from fsm.inputs import describe, message_type
from fsm.states import State


def end_with(
    core: Core, connection: Connection, reason: DownReason, notification: wire.Notification, text: str = ""
) -> None:
    """Send a NOTIFICATION and close; paths are kept when both sides agreed to (RFC 8538, section 4)."""
    core.notify(connection, notification)
    core.end(
        connection, reason, SessionError.sent(notification, text), retain=_kept_over_notification(connection)
    )


def _kept_over_notification(connection: Connection) -> bool:
    return connection.negotiated is not None and connection.negotiated.notification_restart


def drop(core: Core, connection: Connection, event: Event) -> None:
    """Close without a word: we have not introduced ourselves, so there is nothing to end."""
    error = SessionError.local(f"{describe(event)} before our OPEN")
    core.end(connection, DownReason.ERROR_SENT, error)


def lose(core: Core, connection: Connection, event: Event) -> None:
    """Take note that the connection is gone; the peer's paths may be kept (RFC 4724, section 4.2)."""
    was_up = connection.state is State.ESTABLISHED
    error = SessionError.local(describe(event))
    core.end(connection, DownReason.CONNECTION_LOST, error, retain=True, blameless=was_up)


def retry(core: Core, connection: Connection, event: Event) -> None:
    """Take note that the peer hung up before its OPEN: it may not be ready yet."""
    core.end(connection, DownReason.CONNECTION_LOST, SessionError.local(describe(event)), retry=True)


def notify(core: Core, connection: Connection, event: MessageError) -> None:
    """Answer a message that breaks the protocol with its NOTIFICATION."""
    end_with(core, connection, DownReason.ERROR_SENT, event.error.message, event.error.text)


def fsm_error(core: Core, connection: Connection, event: Event) -> None:
    """Answer a message that has no place in this state (RFC 6608)."""
    subcode = _FSM_SUBCODES.get(connection.state, wire.FsmError.UNSPECIFIED)
    kind = message_type(event)
    data = b"" if kind is None else bytes([kind])  # RFC 6608, section 3: the type of the unexpected message
    notification = wire.Notification(wire.ErrorCode.FINITE_STATE_MACHINE_ERROR, subcode, data)
    end_with(core, connection, DownReason.ERROR_SENT, notification, describe(event))


_FSM_SUBCODES: Final = {
    State.OPEN_SENT: wire.FsmError.UNEXPECTED_MESSAGE_IN_OPEN_SENT,
    State.OPEN_CONFIRM: wire.FsmError.UNEXPECTED_MESSAGE_IN_OPEN_CONFIRM,
    State.ESTABLISHED: wire.FsmError.UNEXPECTED_MESSAGE_IN_ESTABLISHED,
}


def hold_expired(core: Core, connection: Connection, _: Event) -> None:
    """Give up on a silent peer."""
    silent = "no OPEN came" if connection.is_silent else ""
    expired = wire.Notification(wire.ErrorCode.HOLD_TIMER_EXPIRED)
    end_with(core, connection, DownReason.HOLD_TIMER, expired, silent)


def send_hold_expired(core: Core, connection: Connection, _: Event) -> None:
    """Give up on a peer that accepts no data (RFC 9687)."""
    # RFC 9687, section 3.3 wants the NOTIFICATION only where it delays nothing: here nothing can be sent.
    code = wire.ErrorCode.SEND_HOLD_TIMER_EXPIRED
    error = SessionError(code, 0, wire.describe_error(code, 0), Direction.LOCAL)
    retain = _kept_over_notification(connection)
    core.end(connection, DownReason.SEND_HOLD_TIMER, error, retain=retain, hard=True)


def dump(core: Core, connection: Connection, _: Event) -> None:
    """Close the loser of a collision: no fault, so no error to show and no back-off."""
    if connection.offered is not None:
        core.notify(connection, make_cease(wire.CeaseError.CONNECTION_COLLISION_RESOLUTION))
    core.end(connection, DownReason.CONNECTION_LOST, None, blameless=True)


def notified(core: Core, connection: Connection, event: NotificationReceived) -> None:
    """Take the peer's NOTIFICATION; it is never answered (RFC 4271, section 6)."""
    notification = event.notification
    if (notification.code, notification.subcode) == _PARAMETERS_REFUSED:
        core.plain_open = wire.Family.IPV4_UNICAST in core.parameters.families
    core.end(
        connection,
        DownReason.NOTIFICATION_RECEIVED,
        SessionError.received(notification),
        retain=_kept_over_notification(connection) and allows_retention(notification),
        blameless=is_harmless(notification),
        retry=is_rejection(notification) and connection.state is State.OPEN_SENT,
    )


_PARAMETERS_REFUSED: Final = (
    wire.ErrorCode.OPEN_MESSAGE_ERROR,
    wire.OpenError.UNSUPPORTED_OPTIONAL_PARAMETER,
)
