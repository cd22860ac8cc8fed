"""What a session counts."""

from records import field, record

MESSAGES = ("open", "update", "notification", "keepalive", "route_refresh")
"""The message types, as metrics name them."""


def _zeros() -> dict[str, int]:
    return dict.fromkeys(MESSAGES, 0)


@record(frozen=False)
class Counters:
    """Messages by type since the session was made; they outlive connections.

    The session counts what it receives and what it sends itself. UPDATEs and ROUTE-REFRESHes are sent by the
    caller, who counts them in `sent`.
    """

    received: dict[str, int] = field(default_factory=_zeros)
    sent: dict[str, int] = field(default_factory=_zeros)
