"""ROUTE-REFRESH (RFC 2918), with the demarcations of RFC 7313."""

import enum

from records import record
from wire.codes import ErrorCode, MessageType, RouteRefreshError
from wire.family import AnyFamily, family_of
from wire.header import encode_message
from wire.notification import NotificationError


class RefreshKind(enum.IntEnum):
    """Message Subtype (RFC 7313, section 3.2)."""

    NORMAL = 0
    """Send your routes again."""
    BORR = 1
    """Beginning of a route refresh."""
    EORR = 2
    """End of a route refresh."""
    RESERVED = 255
    """What each unassigned subtype decodes to: ignore the message (RFC 7313, section 5)."""


@record
class RouteRefresh:
    """A request for the routes of a family, or a bracket around the answer."""

    family: AnyFamily
    kind: RefreshKind = RefreshKind.NORMAL

    def encode(self) -> bytes:
        """Return the whole message."""
        body = self.family.afi.to_bytes(2, "big") + bytes([self.kind, self.family.safi])
        return encode_message(MessageType.ROUTE_REFRESH, body)


def decode_route_refresh(body: bytes, *, enhanced: bool = True) -> RouteRefresh:
    """Read the body of a ROUTE-REFRESH.

    Without enhanced route refresh the subtype octet is reserved, and each message a plain request (RFC 2918).
    NotificationError 7/1, with the message as its data, when the length is wrong, unless the message is to be
    ignored whatever it holds (RFC 7313, section 5).
    """
    kind = _kind(body[2]) if enhanced and len(body) > 2 else RefreshKind.NORMAL
    if len(body) != 4 and kind is not RefreshKind.RESERVED:
        raise NotificationError(
            ErrorCode.ROUTE_REFRESH_MESSAGE_ERROR,
            RouteRefreshError.INVALID_MESSAGE_LENGTH,
            encode_message(MessageType.ROUTE_REFRESH, body),
            f"ROUTE-REFRESH body of {len(body)} octets, not 4",
        )
    return RouteRefresh(family_of(int.from_bytes(body[:2], "big"), int.from_bytes(body[3:4], "big")), kind)


def _kind(subtype: int) -> RefreshKind:
    try:
        return RefreshKind(subtype)
    except ValueError:
        return RefreshKind.RESERVED
