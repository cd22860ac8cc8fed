"""Why a session ended, as the operator sees it."""

import enum
from dataclasses import dataclass

import wire


class Direction(str, enum.Enum):
    """Who found the fault: we told the peer, the peer told us, or nobody could be told."""

    SENT = "sent"
    RECEIVED = "received"
    LOCAL = "local"


@dataclass(frozen=True, slots=True)
class SessionError:
    """The NOTIFICATION that ended a session or an attempt at one; code and subcode 0: there was none."""

    code: int
    subcode: int
    text: str
    direction: Direction

    @classmethod
    def local(cls, text: str) -> "SessionError":
        """A failure without NOTIFICATION: the connection was lost or could not be made."""
        return cls(0, 0, text, Direction.LOCAL)

    @classmethod
    def sent(cls, notification: wire.Notification, text: str = "") -> "SessionError":
        """We ended it with `notification`; `text` says more than its codes."""
        described = notification.describe()
        return cls(
            notification.code,
            notification.subcode,
            f"{described} ({text})" if text else described,
            Direction.SENT,
        )

    @classmethod
    def received(cls, notification: wire.Notification) -> "SessionError":
        """The peer ended it with `notification`."""
        return cls(notification.code, notification.subcode, notification.describe(), Direction.RECEIVED)
