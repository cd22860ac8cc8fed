"""From the response that `fsm.table` prescribes to the function that performs it."""

from collections.abc import Callable
from typing import Any, Final

from fsm import administration, endings, established, opening
from fsm.connection import Connection
from fsm.core import Core
from fsm.events import Event
from fsm.table import TABLE, Input, Response


def respond(core: Core, event: Event, name: Input) -> None:
    """Answer an event of the session as a whole, called `name` in RFC 4271.

    A start or a stop meets the state of what got furthest; what concerns listening and connecting meets that
    of the ground, for it goes on beside a connection that is silent still.
    """
    state = core.ground if name in _GROUND_INPUTS else core.state
    ON_SESSION[TABLE[state, name].response](core, event)


def respond_on(core: Core, connection: Connection, event: Event, name: Input) -> None:
    """Answer an event of one connection, which meets that connection's state."""
    ON_CONNECTION[TABLE[connection.state, name].response](core, connection, event)


_GROUND_INPUTS: Final = frozenset(
    {
        Input.CONNECT_RETRY_TIMER_EXPIRES,
        Input.IDLE_HOLD_TIMER_EXPIRES,
        Input.TCP_CONNECTION_FAILS,
    }
)


def _ignore(_: Core, __: Event) -> None:
    """Do nothing, as the table says."""


ON_SESSION: Final[dict[Response, Callable[[Core, Any], None]]] = {
    Response.IGNORE: _ignore,
    Response.START: administration.start,
    Response.STOP: administration.stop,
    Response.PAUSE: administration.pause,
    Response.REFUSE: administration.refuse,
    Response.DIAL: administration.dial,
    Response.ACCEPT: opening.admit,
    Response.TRACK: opening.admit,
    Response.RETRY: administration.retry_attempt,
}
"""Responses to events of the session as a whole; each takes the type of event that its rows are about."""

ON_CONNECTION: Final[dict[Response, Callable[[Core, Connection, Any], None]]] = {
    Response.SEND_OPEN: opening.send_open,
    Response.NEGOTIATE: opening.take_open,
    Response.ESTABLISH: established.establish,
    Response.ALIVE: established.alive,
    Response.REFRESH: established.refresh,
    Response.KEEPALIVE: established.send_keepalive,
    Response.DROP: endings.drop,
    Response.LOSE: endings.lose,
    Response.RETRY: endings.retry,
    Response.NOTIFY: endings.notify,
    Response.FSM_ERROR: endings.fsm_error,
    Response.EXPIRED: endings.hold_expired,
    Response.SEND_EXPIRED: endings.send_hold_expired,
    Response.DUMP: endings.dump,
    Response.NOTIFIED: endings.notified,
}
"""Responses to events of one connection; each takes the type of event that its rows are about."""
