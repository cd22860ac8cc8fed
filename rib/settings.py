"""What the RIB has to know of an Established session."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from records import field, record
from rib.policy import Policy
from rib.source import PeerKind
from wire import Family

__all__ = ["MaxPrefixes", "NextHopMode", "PeerSettings"]

NextHopMode = Literal["auto", "self", "keep"]
"""NEXT_HOP on export: by the rules of BGP (RFC 4271, section 5.1.3), our address, or left as it is."""


class MaxPrefixes(NamedTuple):
    """How many prefixes of one family a peer may send (RFC 4486, section 4, "Maximum Number of Prefixes")."""

    limit: int
    warn_percent: int = 75
    """A warning is raised once when this share of the limit is reached."""
    warning_only: bool = False
    """Exceeding the limit only warns; otherwise the event says `exceeded` and the session is to be closed."""


@record(kw_only=True)
class PeerSettings:
    """One peer: who it is, what was negotiated with it and what is to be done with its routes."""

    name: str
    kind: PeerKind
    address: bytes
    """Its address, 4 or 16 octets: the last criterion of the decision process."""
    local_address: bytes
    """Ours on this session, 4 or 16 octets: NEXT_HOP where we set ourselves."""
    local_as: int
    peer_as: int
    bgp_identifier: bytes
    """Its BGP Identifier (RFC 4271, section 4.2), 4 octets."""
    families: frozenset[Family]
    four_octet_as: bool = True
    message_limit: int = 4096
    """Octets; 65535 when Extended Messages were negotiated (RFC 8654)."""
    add_path_send: frozenset[Family] = frozenset()
    """Families in which the peer takes several paths for a prefix (RFC 7911)."""
    extended_next_hop: frozenset[Family] = frozenset()
    """Families whose next hop may be an IPv6 address (RFC 8950)."""
    enhanced_route_refresh: bool = False
    """The peer wants refreshed routes between BoRR and EoRR (RFC 7313)."""
    long_lived_stale: bool = False
    """The peer understands LLGR_STALE (RFC 9494); others get no long-lived stale routes."""
    role: int | None = None
    """Ours towards this peer, a `wire.BgpRole`; None: none, or the peer is internal (RFC 9234)."""
    graceful_shutdown: bool = False
    """Ask the peer to prefer any other way: GRACEFUL_SHUTDOWN on all it is sent (RFC 8326, section 4)."""
    next_hop: NextHopMode = "auto"
    local_addresses: Mapping[Family, bytes] = field(default_factory=dict)
    """Ours by family, where NEXT_HOP needs another than `local_address` (both families on one session)."""
    cluster_id: bytes | None = None
    """Ours towards this peer, 4 octets (RFC 4456); None: the router's own, or its BGP Identifier."""
    allow_local_as: int = 0
    """How often our AS may be in a received AS_PATH without making it a loop."""
    import_policy: Mapping[Family, Policy] = field(default_factory=dict)
    """By family; a family without one accepts everything."""
    export_policy: Mapping[Family, Policy] = field(default_factory=dict)
    max_prefixes: Mapping[Family, MaxPrefixes] = field(default_factory=dict)
