"""Where paths come from: peers of four kinds, and the protocols of the node itself."""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final

__all__ = ["DEFAULT_PREFERENCE", "PeerKind", "Protocol", "Source"]


class PeerKind(Enum):
    """What a source or a target of routes is to this speaker (RFC 4271, section 1.1; RFC 4456, section 1)."""

    LOCAL = "local"
    EBGP = "ebgp"
    IBGP = "ibgp"
    """An internal peer that is no client of ours (RFC 4456: non-client)."""
    IBGP_CLIENT = "ibgp-client"


class Protocol(Enum):
    """The protocol that put a path into the RIB; policies match on it."""

    BGP = "bgp"
    STATIC = "static"
    """Blocks and services of this node, and routes that an operator asked for."""
    DIRECT = "direct"
    """Networks connected to an interface."""
    KERNEL = "kernel"
    """Routes that somebody else put into the kernel."""


DEFAULT_PREFERENCE: Final[Mapping[Protocol, int]] = MappingProxyType(
    {Protocol.DIRECT: 240, Protocol.STATIC: 200, Protocol.BGP: 100, Protocol.KERNEL: 10}
)
"""Administrative preference by protocol, the first criterion of the decision; higher wins (as BIRD's)."""


class Source:
    """One origin of paths: a BGP session or a protocol of the node. Compared and hashed by identity."""

    __slots__ = ("address", "bgp_identifier", "kind", "local_as", "name", "peer_as", "protocol")

    def __init__(
        self,
        name: str,
        *,
        protocol: Protocol,
        kind: PeerKind,
        address: bytes = b"",
        bgp_identifier: bytes = b"\0\0\0\0",
        peer_as: int = 0,
        local_as: int = 0,
    ) -> None:
        self.name = name
        self.protocol = protocol
        self.kind = kind
        self.address = address
        self.bgp_identifier = bgp_identifier
        self.peer_as = peer_as
        self.local_as = local_as

    def __repr__(self) -> str:
        return f"Source({self.name!r}, {self.kind.value})"
