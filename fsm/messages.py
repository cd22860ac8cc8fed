"""From a framed message to the event that it is."""

import wire
from fsm.events import (
    Event,
    KeepaliveReceived,
    NotificationReceived,
    OpenReceived,
    RouteRefreshReceived,
    UpdateReceived,
)


def message_event(connection: int, kind: int, body: bytes) -> Event:
    """Return the event of a message that is not an UPDATE for the RIB; raises wire.NotificationError.

    An UPDATE in a state that has no use for it is an event like any other: the answer is an FSM error (RFC
    6608, section 3).
    """
    match kind:
        case wire.MessageType.OPEN:
            return OpenReceived(connection, wire.decode_open(body))
        case wire.MessageType.KEEPALIVE:
            return KeepaliveReceived(connection)
        case wire.MessageType.NOTIFICATION:
            return NotificationReceived(connection, wire.decode_notification(body))
        case wire.MessageType.ROUTE_REFRESH:
            return RouteRefreshReceived(connection, wire.decode_route_refresh(body))
        case _:
            return UpdateReceived(connection)
