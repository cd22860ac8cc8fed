"""Responses that concern a session as a whole: starting, stopping, connecting."""

import wire
from fsm.actions import Close, DownReason, Send
from fsm.cease import harden, is_hard, make_cease
from fsm.core import Core
from fsm.errors import SessionError
from fsm.events import AutomaticStop, Connected, ConnectionFailed, Event, Incoming, ManualStart, ManualStop
from fsm.states import State
from fsm.timers import Timer


def start(core: Core, event: Event) -> None:
    """Listen for the peer and, unless passive, connect after the connect delay."""
    if isinstance(event, ManualStart):
        core.stopped = False
        core.backoff.reset()
    core.timers.stop(Timer.IDLE_HOLD)
    if core.parameters.passive or core.parameters.connect_delay:
        core.listen(core.parameters.connect_delay)
    else:
        core.dial()


def stop(core: Core, event: ManualStop) -> None:
    """Stay Idle until started again; keep nothing of the peer."""
    cease = make_cease(event.subcode, event.message, event.data)
    cease_all(core, DownReason.ADMINISTRATIVE, cease, notify=event.notify, hard=True)
    core.stopped = True
    core.backoff.reset()
    core.actions += core.stale.clear()
    core.idle(None)


def pause(core: Core, event: AutomaticStop) -> None:
    """Close everything and start again by itself, later."""
    up_for = core.up_for
    cease = make_cease(event.subcode, event.message, event.data)
    cease_all(core, DownReason.AUTOMATIC_STOP, cease, hard=is_hard(event.subcode))
    if event.restart_after is None:
        core.back_off(up_for, blameless=False)
    else:
        core.idle(event.restart_after)


def cease_all(
    core: Core, reason: DownReason, cease: wire.Notification, *, notify: bool = True, hard: bool
) -> None:
    """Close every connection with a Cease, or without a word; `hard`: no paths are kept, on either side."""
    for connection in list(core.connections.values()):
        both_keep = connection.negotiated is not None and connection.negotiated.notification_restart
        error = SessionError.local("stopped without notice")
        if notify and connection.offered is not None:
            told = harden(cease) if hard and both_keep else cease
            core.notify(connection, told)
            error = SessionError.sent(told)
        core.release(connection)
        core.last_error = error
        if connection.state is State.ESTABLISHED:
            core.down(connection, reason, error, retain=both_keep and not hard)


def refuse(core: Core, event: Connected | Incoming) -> None:
    """Tell a peer that comes too early that it may come again (RFC 4486, section 4)."""
    rejection = make_cease(wire.CeaseError.CONNECTION_REJECTED)
    core.counters.sent["notification"] += 1
    core.actions += [Send(event.connection, rejection.encode()), Close(event.connection)]


def dial(core: Core, _: Event) -> None:
    """Connect; an attempt under way has taken too long."""
    core.dial()


def retry_attempt(core: Core, event: ConnectionFailed) -> None:
    """Listen on after an attempt to connect failed, and try again after a while."""
    core.last_error = SessionError.local(event.reason)
    core.listen(core.parameters.connect_retry_time)
