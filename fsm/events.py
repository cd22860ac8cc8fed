"""What can happen to a session: the events of RFC 4271, section 8.1, as values the caller hands in.

The caller owns the sockets. It numbers TCP connections with integers that are never used twice, frames and
parses what arrives, and tells the session about it. An event for a connection that the session has closed
meanwhile is stale and changes nothing.
"""

from typing import NamedTuple

import wire
from records import record


@record
class ManualStart:
    """The session is started, for the first time or by the operator: Event 1, or 4 when it is passive."""


class ManualStop(NamedTuple):
    """The operator stops the session: Event 2. It stays Idle until `ManualStart`.

    `subcode` is that of the Cease (RFC 4486), `message` its shutdown communication (RFC 9003), `data` its
    Data field where it has none. Without `notify` the connection closes without a word, which is how a
    restarting speaker asks its peers to keep its routes (RFC 4724, section 4.2).
    """

    message: str = ""
    subcode: int = 2
    notify: bool = True
    data: bytes = b""


@record
class AutomaticStart:
    """The system ends an idle hold before its time: Event 6, or 7 when the session is passive."""


class AutomaticStop(NamedTuple):
    """The system stops the session for a while: Event 8 (too many prefixes, BFD down, a reset asked for).

    It starts again after `restart_after` seconds, or after the usual back-off when that is None.
    """

    subcode: int
    message: str = ""
    restart_after: float | None = None
    data: bytes = b""
    """Data field of the Cease, where its subcode has one (RFC 4486, section 4)."""


@record
class TimerExpired:
    """`Session.deadline` has passed: Events 9 to 13 and 29; the session knows which timers are due."""


class Connected(NamedTuple):
    """The TCP connection that a `Connect` action asked for is open: Event 16 (Tcp_CR_Acked)."""

    connection: int


class Incoming(NamedTuple):
    """The listener accepted a TCP connection from this peer: Event 17 (TcpConnectionConfirmed)."""

    connection: int


class ConnectionFailed(NamedTuple):
    """A TCP connection failed: Event 18. `connection` is None when the attempt to connect failed."""

    connection: int | None
    reason: str


class Disconnected(NamedTuple):
    """The peer closed or reset a TCP connection: Event 18 (TcpConnectionFails)."""

    connection: int
    reason: str


class OpenReceived(NamedTuple):
    """A well-formed OPEN arrived: Event 19, or 20 while the DelayOpenTimer runs."""

    connection: int
    open: wire.Open


class KeepaliveReceived(NamedTuple):
    """A KEEPALIVE arrived: Event 26."""

    connection: int


class UpdateReceived(NamedTuple):
    """So many UPDATEs arrived: Event 27. Their content is for the RIB; here they prove the peer alive."""

    connection: int
    updates: int = 1


class RouteRefreshReceived(NamedTuple):
    """A ROUTE-REFRESH arrived (RFC 2918, RFC 7313)."""

    connection: int
    refresh: wire.RouteRefresh


class EndOfRibReceived(NamedTuple):
    """The End-of-RIB marker of `family` arrived and was handed to the RIB (RFC 4724, section 2)."""

    connection: int
    family: wire.Family


class NotificationReceived(NamedTuple):
    """A NOTIFICATION arrived: Event 25, or 24 when it says that our version is unsupported."""

    connection: int
    notification: wire.Notification


class MessageError(NamedTuple):
    """What arrived breaks the protocol: Event 21, 22 or 28 by the error code."""

    connection: int
    error: wire.NotificationError


class SendBlocked(NamedTuple):
    """The socket accepts no more data: the SendHoldTimer starts (RFC 9687)."""

    connection: int


class SendResumed(NamedTuple):
    """The socket accepted data again: the SendHoldTimer stops, or starts anew after `SendBlocked`."""

    connection: int


ConnectionEvent = (
    ConnectionFailed
    | Disconnected
    | OpenReceived
    | KeepaliveReceived
    | UpdateReceived
    | RouteRefreshReceived
    | EndOfRibReceived
    | NotificationReceived
    | MessageError
    | SendBlocked
    | SendResumed
)
"""What happens to a connection."""

Event = (
    ManualStart
    | ManualStop
    | AutomaticStart
    | AutomaticStop
    | TimerExpired
    | Connected
    | Incoming
    | ConnectionEvent
)
"""Anything that `Session.handle` takes."""
