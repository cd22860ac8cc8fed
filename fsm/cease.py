"""The Cease NOTIFICATIONs that end a session by intent (RFC 4486, RFC 8538, RFC 9003)."""

from typing import Final

import wire
from wire.codes import CeaseError, ErrorCode

_HARD: Final = frozenset(
    {
        CeaseError.MAXIMUM_NUMBER_OF_PREFIXES_REACHED,
        CeaseError.ADMINISTRATIVE_SHUTDOWN,
        CeaseError.PEER_DECONFIGURED,
        CeaseError.OUT_OF_RESOURCES,
        CeaseError.HARD_RESET,
        CeaseError.BFD_DOWN,
    }
)
"""After these neither side should keep the other's routes: the session does not come back by itself, or, with
BFD, packets were seen not to pass."""

_HARMLESS: Final = frozenset(
    {
        CeaseError.ADMINISTRATIVE_RESET,
        CeaseError.OTHER_CONFIGURATION_CHANGE,
        CeaseError.CONNECTION_COLLISION_RESOLUTION,
    }
)
"""After these the sender wants the session back at once."""


def is_hard(subcode: int) -> bool:
    """Tell whether routes must not outlive a Cease with this subcode."""
    return subcode in _HARD


def make_cease(subcode: int, text: str = "", data: bytes = b"") -> wire.Notification:
    """Return the Cease, with `text` as its Shutdown Communication where it has one, else with `data`."""
    if text and subcode in (CeaseError.ADMINISTRATIVE_SHUTDOWN, CeaseError.ADMINISTRATIVE_RESET):
        return wire.Notification.shutdown(CeaseError(subcode), text)
    return wire.Notification(ErrorCode.CEASE, subcode, data)


def harden(cease: wire.Notification) -> wire.Notification:
    """Wrap a Cease in a Hard Reset, for a peer that would keep our routes (RFC 8538, section 3.1)."""
    if cease.subcode == CeaseError.HARD_RESET:
        return cease
    return wire.Notification(
        ErrorCode.CEASE, CeaseError.HARD_RESET, bytes([cease.code, cease.subcode]) + cease.data
    )


def allows_retention(notification: wire.Notification) -> bool:
    """Tell whether routes may be kept over this NOTIFICATION when both sides agreed to (RFC 8538)."""
    return (notification.code, notification.subcode) != (ErrorCode.CEASE, CeaseError.HARD_RESET)


def is_harmless(notification: wire.Notification) -> bool:
    """Tell whether its sender means to come back at once."""
    return notification.code == ErrorCode.CEASE and notification.subcode in _HARMLESS


def is_rejection(notification: wire.Notification) -> bool:
    """Tell whether the peer refused the connection before it looked at our OPEN."""
    return (notification.code, notification.subcode) == (ErrorCode.CEASE, CeaseError.CONNECTION_REJECTED)
