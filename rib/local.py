"""Routes of the node itself: blocks and services, connected networks, what others put into the kernel."""

from records import record
from rib.changes import RouteKind

__all__ = ["LocalRoute"]


@record
class LocalRoute:
    """One route of a local protocol; the prefix is the key it is stored under."""

    kind: RouteKind = "unicast"
    gateway: bytes | None = None
    """4 or 16 octets."""
    interface: str | None = None
    metric: int | None = None
    """Its metric in the kernel; None where it has none."""
    communities: tuple[int, ...] = ()
    large_communities: tuple[tuple[int, int, int], ...] = ()
    source: bytes | None = None
    """Preferred source address of the kernel route."""
    install: bool = True
    """Whether the kernel shall have it; False: it is only advertised."""
