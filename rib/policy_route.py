"""A route as policies see it."""

from typing import Any, NamedTuple

from rib.path import Path
from rib.rule import SetTunnel
from rib.source import DEFAULT_PREFERENCE, Protocol
from wire import PathAttributes, Prefix

__all__ = ["PolicyRoute", "route_of"]


class PolicyRoute(NamedTuple):
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
        return self._replace(**changes)


def route_of(path: Path, attributes: PathAttributes, prefix: Prefix) -> PolicyRoute:
    """Return a path as policies see it, with what its attributes are by now."""
    return PolicyRoute(
        prefix=prefix,
        attributes=attributes,
        protocol=path.source.protocol,
        interface=path.interface,
        metric=path.metric,
        preference=path.preference,
    )
