"""What came of a run of the router: messages to send, routes for the kernel, events."""

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from records import field, record
from wire import Family, Prefix

__all__ = [
    "Changes",
    "FibChange",
    "FibNextHop",
    "FibRoute",
    "LimitEvent",
    "RouteKind",
    "Span",
    "Transmission",
]

RouteKind = Literal["unicast", "blackhole", "unreachable", "prohibit"]
"""Types of kernel routes (rtnetlink(7), rtm_type)."""

Span = tuple[int, int]
"""Start and end of a slice of a transmission's buffer, in octets."""


@record
class LimitEvent:
    """A peer came near its maximum number of prefixes of a family, or above it."""

    peer: str
    family: Family
    kind: Literal["warning", "exceeded"]
    count: int
    limit: int


@record
class FibNextHop:
    """One way out: a gateway, an interface, or both."""

    gateway: bytes | None
    """4 or 16 octets; an IPv4 route may have a gateway of IPv6 (RFC 8950)."""
    interface: str | None = None
    weight: int = 1
    onlink: bool = False
    """The gateway counts as connected to the interface whatever its networks are (tunnels)."""


class FibRoute(NamedTuple):
    """A route as the kernel shall have it. Prefixes of one path share the object."""

    next_hops: tuple[FibNextHop, ...] = ()
    kind: RouteKind = "unicast"
    metric: int = 0
    source: bytes | None = None
    """Preferred source address."""


class FibChange(NamedTuple):
    """The kernel's route for prefixes is now this one; None: there is none."""

    family: Family
    prefixes: Sequence[Prefix]
    route: FibRoute | None


@record(frozen=False)
class Transmission:
    """Whole messages for the members of an update group, encoded once."""

    members: list[str]
    """Names of the peers that get `buffer`."""
    buffer: bytes
    own: dict[str, list[Span]] = field(default_factory=dict)
    """Spans of the buffer, in order, that a member must not get: it is their source. They end at messages."""
    extra: dict[str, bytes] = field(default_factory=dict)
    """Whole messages for one member alone, all of them withdrawals, to be sent after the buffer."""
    messages: int | None = None
    """How many are in the buffer, where that is known without looking."""

    def for_member(self, name: str) -> list[bytes | memoryview]:
        """Return what `name` gets: pieces to be sent in order, each of them whole messages."""
        own = self.own.get(name)
        pieces: list[bytes | memoryview] = []
        if own:
            pieces += _without(self.buffer, own)
        elif self.buffer:
            pieces.append(self.buffer)
        if name in self.extra:
            pieces.append(self.extra[name])
        return pieces


def _without(buffer: bytes, spans: Iterable[Span]) -> list[memoryview]:
    """Return the parts of `buffer` between `spans`."""
    view = memoryview(buffer)
    parts, start = [], 0
    for span_start, span_end in spans:
        if span_start > start:
            parts.append(view[start:span_start])
        start = span_end
    if start < len(buffer):
        parts.append(view[start:])
    return parts


@record(frozen=False)
class Changes:
    """Everything that one run of the router has decided."""

    transmissions: list[Transmission] = field(default_factory=list)
    """To be sent in this order."""
    fib: list[FibChange] = field(default_factory=list)
    limit_events: list[LimitEvent] = field(default_factory=list)
    end_of_rib_sent: list[tuple[str, Family]] = field(default_factory=list)
    """(peer, family) whose End-of-RIB (RFC 4724, section 2) is in the transmissions."""
