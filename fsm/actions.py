"""What a session asks its caller to do, in order. The caller performs all of them before the next event."""

import enum
from typing import NamedTuple

import wire
from fsm.errors import SessionError
from fsm.negotiation import Negotiated
from fsm.states import State
from records import record


@record
class Connect:
    """Open a TCP connection to the peer; answer with `Connected` or `ConnectionFailed`.

    An attempt that is still under way is abandoned first: there is never more than one.
    """


@record
class CancelConnect:
    """Abandon the attempt to connect; no answer is expected."""


class Send(NamedTuple):
    """Send `data`, one whole message."""

    connection: int
    data: bytes


class Close(NamedTuple):
    """Close a TCP connection: after what was sent has left, or at once and unsent when `hard`.

    The number is dead for the session from here on; it is neither sent to nor closed again.
    """

    connection: int
    hard: bool = False


class Up(NamedTuple):
    """The session is Established on `connection`: UPDATEs may flow, encoded by `negotiated.codec()`."""

    connection: int
    negotiated: Negotiated


class DownReason(enum.Enum):
    """Why an Established session fell."""

    ADMINISTRATIVE = "stopped by the operator"
    AUTOMATIC_STOP = "stopped by the system"
    RECONFIGURED = "its configuration changed"
    CONNECTION_LOST = "the TCP connection was lost"
    HOLD_TIMER = "the hold timer expired"
    SEND_HOLD_TIMER = "the peer accepts no data"
    ERROR_SENT = "the peer broke the protocol"
    NOTIFICATION_RECEIVED = "the peer ended it"
    PEER_RESTARTED = "the peer opened a new connection"


class Down(NamedTuple):
    """The session is no longer Established.

    The paths of the families in `retain` stay as stale paths (RFC 4724, section 4.2; RFC 8538) until a
    `RetainExpired` for the family, at the latest after `retain_for` seconds unless long-lived graceful
    restart prolongs it (`LongLivedStale`). The paths of all other families go at once.
    """

    reason: DownReason
    error: SessionError | None
    retain: frozenset[wire.Family]
    retain_for: float


class RetainEnd(enum.Enum):
    """Why stale paths of a family need not be kept any longer."""

    END_OF_RIB = "the peer sent its End-of-RIB"
    RESTART_TIME = "the peer did not return within its restart time"
    STALE_TIME = "the long-lived stale time is over"
    NO_END_OF_RIB = "the peer returned but did not send End-of-RIB in time"
    NOT_FORWARDING = "the peer returned without its forwarding state"
    RESTARTED_AGAIN = "the session fell again before its End-of-RIB"
    STOPPED = "the session was stopped"


class RetainExpired(NamedTuple):
    """Remove the paths of `family` that are still stale."""

    family: wire.Family
    reason: RetainEnd


class LongLivedStale(NamedTuple):
    """The restart time is over, the long-lived stale time of `family` begins (RFC 9494, section 4.2).

    Stale paths with NO_LLGR go; the others get LLGR_STALE, are least preferred, and stay `stale_for` seconds.
    """

    family: wire.Family
    stale_for: float


class Refresh(NamedTuple):
    """The peer sent ROUTE-REFRESH: NORMAL asks for our routes; BORR and EORR frame its own (RFC 7313)."""

    family: wire.Family
    kind: wire.RefreshKind


class StateChanged(NamedTuple):
    """The state of the session changed; always the last action of a transition."""

    old: State
    new: State


Action = (
    Connect
    | CancelConnect
    | Send
    | Close
    | Up
    | Down
    | RetainExpired
    | LongLivedStale
    | Refresh
    | StateChanged
)
"""Anything that `Session.handle` answers."""
