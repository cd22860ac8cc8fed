"""Where paths come from: peers of four kinds, and the protocols of the node itself."""

from collections.abc import Iterator, Mapping
from enum import Enum
from itertools import count
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

    # Members are singletons and key dictionaries of hot paths: identity hashes faster than the name.
    __hash__ = object.__hash__


class Protocol(Enum):
    """The protocol that put a path into the RIB; policies match on it."""

    BGP = "bgp"
    STATIC = "static"
    """Blocks and services of this node, and routes that an operator asked for."""
    DIRECT = "direct"
    """Networks connected to an interface."""
    KERNEL = "kernel"
    """Routes that somebody else put into the kernel."""
    REQUESTED = "requested"
    """Routes that a program on this node asked for, such as a load balancer."""

    __hash__ = object.__hash__


DEFAULT_PREFERENCE: Final[Mapping[Protocol, int]] = MappingProxyType(
    {
        Protocol.REQUESTED: 250,
        Protocol.DIRECT: 240,
        Protocol.STATIC: 200,
        Protocol.BGP: 100,
        Protocol.KERNEL: 10,
    }
)
"""Administrative preference by protocol, the first criterion of the decision; higher wins (as BIRD's).

What is asked for by name wins: its address is often on an interface of the node, so also a connected network.
"""


_IDENTITY: Final = (
    "address",
    "bgp_identifier",
    "cluster_id",
    "kind",
    "local_as",
    "name",
    "peer_as",
    "protocol",
)


class Source:
    """One origin of paths: a BGP session or a protocol of the node. Compared and hashed by identity."""

    __slots__ = (
        "_send_ids",
        "_unused_ids",
        "address",
        "bgp_identifier",
        "cluster_id",
        "kind",
        "local_as",
        "name",
        "peer_as",
        "protocol",
    )

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
        cluster_id: bytes = b"",
        unused_ids: Iterator[int] | None = None,
    ) -> None:
        self.name = name
        self.protocol = protocol
        self.kind = kind
        self.address = address
        self.bgp_identifier = bgp_identifier
        self.peer_as = peer_as
        self.local_as = local_as
        self.cluster_id = cluster_id
        """Ours towards this peer: put into CLUSTER_LIST when routes of a client are reflected (RFC 4456)."""
        self._unused_ids = count(1) if unused_ids is None else unused_ids
        self._send_ids: dict[int, int] = {}

    def same_speaker(self, other: "Source") -> bool:
        """Whether the other source is this peer in the same role, so that its paths mean the same."""
        return all(getattr(self, field) == getattr(other, field) for field in _IDENTITY)

    def send_id(self, path_id: int) -> int:
        """Return the Path Identifier under which a path of this source is sent on (RFC 7911, section 3).

        Identifiers that arrive are unique per peer only, so each (source, identifier) gets one of its own.
        """
        known = self._send_ids.get(path_id)
        if known is None:
            known = self._send_ids[path_id] = next(self._unused_ids)
        return known

    def __repr__(self) -> str:
        return f"Source({self.name!r}, {self.kind.value})"
