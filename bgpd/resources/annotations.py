"""bgpd's extensions to Calico's API: the `bgpd.io/` annotations (docs/reference)."""

from dataclasses import dataclass
from typing import Literal

from bgpd.resources.meta import Resource


@dataclass(frozen=True, slots=True)
class Bfd:
    """RFC 5880 timing: transmit and receive interval in milliseconds, detection multiplier."""

    interval: int = 300
    multiplier: int = 3


@dataclass(frozen=True, slots=True)
class MaxPrefixes:
    """How many prefixes a peer may announce, and what happens beyond: a warning, or a stop for some seconds.

    `restart_after` None means that the session stays down until an operator starts it.
    """

    limit: int
    warn_only: bool = False
    restart_after: int | None = None


@dataclass(frozen=True, slots=True)
class Extensions:
    """The annotations of one resource, read. What is not set is None, False or empty.

    `hold_time` is in seconds, `families` holds "ipv4-unicast" and "ipv6-unicast", `add_paths` the directions.
    """

    passive: bool = False
    hold_time: int | None = None
    bfd: Bfd | None = None
    max_prefixes: MaxPrefixes | None = None
    listen_range: str | None = None
    families: tuple[str, ...] = ()
    add_paths: frozenset[Literal["send", "receive"]] = frozenset()
    graceful_shutdown: bool = False


def extensions(resource: Resource) -> Extensions:
    """Read the `bgpd.io/` annotations of a resource that parse_resource accepted."""
    return Extensions()
