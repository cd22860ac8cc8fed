"""Rows for the API: what is in the tables and why. Values only, no formatting."""

from collections.abc import Mapping

from records import field, record
from rib.changes import FibRoute, RouteKind
from wire import Family, PathAttributes, Prefix

__all__ = ["Advertisement", "Candidate", "Explanation", "PeerCounts", "RouteRow"]


@record(kw_only=True)
class RouteRow:
    """One path for one prefix."""

    family: Family
    prefix: Prefix
    best: bool
    multipath: bool
    """Among the paths that the kernel route is made of."""
    next_hop: tuple[bytes, ...]
    """Addresses of 4 or 16 octets; empty for routes without a gateway."""
    attributes: PathAttributes
    path_id: int
    source: str
    """Name of the peer, or `local`."""
    protocol: str
    preference: int
    interface: str | None
    """The way out; None where it is not known, or there is none."""
    kind: RouteKind
    """What the kernel route is, or would be."""
    installed: bool
    """Meant for the kernel; whether the kernel has it, the kernel room knows."""
    stale: bool
    rejected: str | None
    """The rule or check that made the path ineligible."""


@record(kw_only=True)
class Candidate:
    """A path for the prefix in question and how it fared."""

    row: RouteRow
    reason: str | None
    """Name of the step that it lost at (BestPathReason value), None for the best."""
    text: str
    """The reason in words."""
    clause: str
    """Where the step comes from: `RFC 4271, section 9.1.2.2 a`."""


@record(kw_only=True)
class Advertisement:
    """Whether and as what the best path goes to one peer."""

    peer: str
    sent: bool
    reason: str
    """The rule that let it pass, or the rule or step that did not."""
    attributes: PathAttributes | None
    """As sent; None when it is not."""


@record(kw_only=True)
class Explanation:
    """Everything about one prefix, the best candidate first."""

    family: Family
    prefix: Prefix
    candidates: tuple[Candidate, ...]
    advertisements: tuple[Advertisement, ...]
    fib: FibRoute | None
    fib_rule: str
    """The rule of the kernel policy that decided."""


@record
class PeerCounts:
    """Numbers of prefixes (with ADD-PATH: paths) of one family."""

    received: int = 0
    accepted: int = 0
    rejected: int = 0
    stale: int = 0
    advertised: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    """How many of the rejected by rule or `Refusal`."""
