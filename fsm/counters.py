"""What a session counts."""

from dataclasses import dataclass, field

MESSAGES = ("open", "update", "notification", "keepalive", "route_refresh")
"""The message types, as metrics name them."""


def _zeros() -> dict[str, int]:
    return dict.fromkeys(MESSAGES, 0)


@dataclass(slots=True)
class Counters:
    """Messages by type since the session was made; they outlive connections.

    The session counts what it receives and what it sends itself. UPDATEs and ROUTE-REFRESHes are sent by the
    caller, who counts them in `sent`.
    """

    received: dict[str, int] = field(default_factory=_zeros)
    sent: dict[str, int] = field(default_factory=_zeros)
