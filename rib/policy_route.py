"""A route as policies see it."""

from dataclasses import dataclass, replace
from typing import Any

from rib.rule import SetTunnel
from rib.source import DEFAULT_PREFERENCE, Protocol
from wire import PathAttributes, Prefix

__all__ = ["PolicyRoute"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRoute:
    """A route as a policy sees it and leaves it."""

    prefix: Prefix
    attributes: PathAttributes
    protocol: Protocol
    interface: str | None = None
    """Outgoing interface, if the route has one."""
    metric: int | None = None
    """Kernel metric, if the route has one."""
    preference: int = DEFAULT_PREFERENCE[Protocol.BGP]
    tunnel: SetTunnel | None = None

    def replace(self, **changes: Any) -> "PolicyRoute":
        """Return a copy with other values for the named fields."""
        return replace(self, **changes)
