"""Why a session ended, as the operator sees it."""

import enum

import wire
from records import field, record


class Direction(enum.StrEnum):
    """Who found the fault: we told the peer, the peer told us, or nobody was told."""

    SENT = "sent"
    RECEIVED = "received"
    LOCAL = "local"


@record
class SessionError:
    """The NOTIFICATION that ended a session or an attempt at one; code and subcode 0: there was none."""

    code: int
    subcode: int
    text: str
    direction: Direction
    data: bytes = field(default=b"", compare=False)
    """The NOTIFICATION's own data."""

    @classmethod
    def local(cls, text: str) -> "SessionError":
        """Describe a failure without NOTIFICATION: a connection was lost or could not be made."""
        return cls(0, 0, text, Direction.LOCAL)

    @classmethod
    def sent(cls, notification: wire.Notification, text: str = "") -> "SessionError":
        """Describe what we told the peer; `text` says more than the codes do."""
        described = notification.describe()
        full = f"{described} ({text})" if text else described
        return cls(notification.code, notification.subcode, full, Direction.SENT, notification.data)

    @classmethod
    def received(cls, notification: wire.Notification) -> "SessionError":
        """Describe what the peer told us."""
        described = notification.describe()
        return cls(notification.code, notification.subcode, described, Direction.RECEIVED, notification.data)
