"""Resolving next hops: longest match in the node's connected and static routes."""

from dataclasses import dataclass

from wire import Prefix

__all__ = ["NextHopRoute", "Resolution"]


@dataclass(frozen=True, slots=True)
class NextHopRoute:
    """A route of the kernel that next hops may be reached by."""

    prefix: Prefix
    interface: str
    gateway: bytes | None = None
    """None: the network is connected."""
    metric: int = 0
    """IGP metric of the decision process (RFC 4271, section 9.1.2.2 e)."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """How a next hop is reached."""

    gateway: bytes
    """The address to send to: the next hop itself when it is on a connected network."""
    interface: str | None
    metric: int
