"""Responses on the way of a connection to OpenConfirm: admission, OPEN, collision (RFC 4271, section 6.8)."""

from typing import Final

import wire
from fsm.acceptance import check_open
from fsm.actions import DownReason
from fsm.cease import make_cease
from fsm.collision import Contender, Speaker, newcomer_wins
from fsm.connection import Connection
from fsm.core import Core
from fsm.endings import dump, end_with
from fsm.errors import SessionError
from fsm.events import Connected, Event, Incoming, OpenReceived
from fsm.negotiation import negotiate
from fsm.parameters import SessionParameters
from fsm.states import State
from fsm.timers import Timer

_MAXIMUM_CONNECTIONS: Final = 2


def admit(core: Core, event: Connected | Incoming) -> None:
    """Take a new connection and send OPEN on it, at once or after the DelayOpenTimer."""
    incoming = isinstance(event, Incoming)
    connection = core.admit(event.connection, incoming=incoming)
    if incoming:
        _replace_silent(core, connection, event)
    else:
        core.ground = State.ACTIVE
        core.timers.stop(Timer.CONNECT_RETRY)
    if len(core.connections) > _MAXIMUM_CONNECTIONS:
        core.notify(connection, make_cease(wire.CeaseError.CONNECTION_REJECTED))
        core.release(connection)
    elif core.parameters.delay_open_time:
        core.start(connection.timers, Timer.DELAY_OPEN, core.parameters.delay_open_time)
    else:
        core.send_open(connection)


def _replace_silent(core: Core, newcomer: Connection, event: Event) -> None:
    """Dump an earlier connection of the peer's that never said a word: a peer makes one attempt at a time."""
    for other in list(core.connections.values()):
        if other is not newcomer and other.incoming and other.is_silent:
            dump(core, other, event)


def send_open(core: Core, connection: Connection, _: Event) -> None:
    """Send the OPEN that was delayed."""
    core.send_open(connection)


def take_open(core: Core, connection: Connection, event: OpenReceived) -> None:
    """Check the peer's OPEN, resolve a collision, and confirm it with a KEEPALIVE."""
    ours = connection.offered or core.send_open(connection)  # the latter when the DelayOpenTimer still ran
    try:
        check_open(core.parameters, ours, event.open)
    except wire.NotificationError as error:
        end_with(core, connection, DownReason.ERROR_SENT, error.message, error.text)
        return
    connection.negotiated = negotiate(core.parameters, ours, event.open)
    if _survives(core, connection, event):
        _confirm(core, connection)


def _survives(core: Core, newcomer: Connection, event: OpenReceived) -> bool:
    """Resolve a collision with a connection whose OPEN came before; False: the newcomer is closed."""
    for other in list(core.connections.values()):
        if other is newcomer or other.is_silent:
            continue
        if not _newcomer_wins(core.parameters, newcomer, other):
            dump(core, newcomer, event)
            return False
        if other.state is State.ESTABLISHED:
            error = SessionError.local("the peer opened a new connection")
            core.end(other, DownReason.PEER_RESTARTED, error, retain=True, hard=True)
        else:
            dump(core, other, event)
    return True


def _newcomer_wins(ours: SessionParameters, newcomer: Connection, other: Connection) -> bool:
    theirs, restart = newcomer.agreed, other.agreed.graceful_restart
    return newcomer_wins(
        Contender(newcomer.incoming, after_establishment=newcomer.after_establishment),
        Contender(other.incoming, established=other.state is State.ESTABLISHED),
        local=Speaker(ours.bgp_identifier, ours.local_as),
        peer=Speaker(theirs.peer_identifier, theirs.peer_as),
        # RFC 4724, section 5 asks for one family at least.
        graceful_restart=restart is not None and bool(restart.families),
    )


def _confirm(core: Core, connection: Connection) -> None:
    connection.state = State.OPEN_CONFIRM
    core.stop_dialing()
    core.send_keepalive(connection)
    # Without a hold time the generous one stays until Established, or a silent peer would stay for ever.
    core.restart_hold_timer(connection)
