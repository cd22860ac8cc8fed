"""What one node should be: what `compile_intent` returns and the speaker, the plan and the pictures read.

Addresses are text in canonical form, prefixes are NLRI bytes (see `wire.Prefix`), times are whole seconds.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Literal

from bgpd.resources import Bfd, MaxPrefixes, Role
from bgpd.resources.problems import Severity
from records import field, record
from rib.policy import Policy
from wire import Family, Prefix

DEFAULT_PORT = 179
"""The BGP port (RFC 4271, section 1)."""

DEFAULT_GRACEFUL_RESTART_TIME = 120
"""Seconds; what BIRD advertises when Calico sets nothing, and so do we."""


class SessionType(Enum):
    """Which resource makes a session exist; the value is the word of every status surface."""

    MESH = "NodeMesh"
    GLOBAL = "GlobalPeer"
    NODE = "NodePeer"
    WORKLOAD = "LocalWorkload"


class NextHopMode(Enum):
    """How NEXT_HOP is set towards a peer (BGPPeer nextHopMode)."""

    AUTO = "auto"
    SELF = "self"
    KEEP = "keep"


AddPathDirection = Literal["send", "receive"]
"""One direction of ADD-PATH (RFC 7911): annotation bgpd.io/add-paths."""


class OriginatedKind(Enum):
    """Why this node originates a prefix."""

    BLOCK = "block"
    SERVICE = "service"
    """A cluster IP or a serviceClusterIPs range."""
    EXTERNAL = "external"
    """An external or load-balancer IP or range."""


@record(kw_only=True)
class Problem:
    """Something in the resources that this node cannot, or should not, do as written."""

    resource: str
    """`Kind/name`, or `Kind/namespace/name`."""
    message: str
    remedy: str
    session: str | None = None
    """The session that is concerned, where there is one."""
    severity: Severity = "error"
    """error: something asked for does not run; warning: all runs, and probably not as meant."""


@record(kw_only=True)
class Listen:
    """Where the node accepts connections (listenPort, bindMode)."""

    port: int = DEFAULT_PORT
    addresses: tuple[str, ...] = ("0.0.0.0", "::")  # noqa: S104 - bindMode None means every address


@record(kw_only=True)
class Originated:
    """One prefix that the node puts into its RIB as a static route."""

    kind: OriginatedKind
    communities: tuple[str, ...] = ()
    """Added on export by prefixAdvertisements; `aa:nn` or `aa:nn:mm`."""
    kernel_type: Literal["blackhole"] | None = "blackhole"
    """Route type in the kernel where the kernel policy accepts it; None: stays in the RIB (services)."""


@record(kw_only=True)
class StaticRoute:
    """A host route to a peer through a gateway (BGPPeer reachableBy)."""

    family: Family
    prefix: Prefix
    gateway: str


@record(kw_only=True)
class SessionIntent:
    """One BGP session that should exist, with everything needed to run it."""

    name: str
    """Calico's name: `Mesh_10_0_0_2`, `Global_…`, `Node_…_port_500`, `Local_Workload_…`."""
    type: SessionType
    family: Family
    """The family of the peer's address."""
    families: frozenset[Family]
    """What the session carries: `family` alone, or both with bgpd.io/families."""
    peer_ip: str
    """Canonical text without port; for a dynamic peer the network of its listen range."""
    peer_port: int = DEFAULT_PORT
    peer_as: int
    peer_node: str | None = None
    """Name of the peer's Node resource, where the address belongs to one."""
    peer_is_reflector: bool = False
    """Whether that Node has a routeReflectorClusterID."""
    local_as: int
    source_address: str | None = None
    passive: bool = False
    rr_client: bool = False
    cluster_id: bytes | None = None
    """Our cluster id (RFC 4456, section 7) when the peer is a client, else None."""
    next_hop: NextHopMode = NextHopMode.AUTO
    multihop: bool = True
    ttl_security: int | None = None
    """Hops a packet may have made (RFC 5082): accept TTL >= 256 - n, send 255. None: off."""
    password: str | None = field(default=None, repr=False)
    """The TCP-MD5 key itself (RFC 2385); never shown."""
    password_problem: str | None = None
    """Why the session must not be opened: it asks for a password that cannot be read."""
    graceful_restart_time: int = DEFAULT_GRACEFUL_RESTART_TIME
    keepalive_time: int | None = None
    hold_time: int | None = None
    """Annotation bgpd.io/hold-time; None: the speaker's default, 240."""
    allow_local_as: int = 0
    reachable_by: str | None = None
    filters: tuple[str, ...] = ()
    resource: str
    """`BGPPeer/name` or `mesh`."""
    import_policy: Mapping[Family, Policy] = field(repr=False)
    export_policy: Mapping[Family, Policy] = field(repr=False)
    max_prefixes: MaxPrefixes | None = None
    add_paths: frozenset[AddPathDirection] = frozenset({"send", "receive"})
    """What is offered; both without the annotation, as Calico's BIRD does."""
    listen_range: Prefix | None = None
    """Dynamic peers (bgpd.io/listen-range): whoever connects from this prefix of `family`."""
    graceful_shutdown: bool = False
    """Attach GRACEFUL_SHUTDOWN (RFC 8326) to everything sent to this peer."""
    role: Role | None = None
    """Our role towards the peer (bgpd.io/role); without meaning to an internal one (RFC 9234)."""
    bfd: Bfd | None = None
    shadowed_by: str | None = None
    """Name of the session that takes the same remote address and port in place of this one."""

    @property
    def enabled(self) -> bool:
        """False: the session is shown but not opened, for its password or because it is shadowed."""
        return self.password_problem is None and self.shadowed_by is None

    @property
    def is_ibgp(self) -> bool:
        """Whether the peer is in our AS, by the effective local AS of this session."""
        return self.peer_as == self.local_as


@record(kw_only=True)
class Intent:
    """All that one node should be. Equal inputs give equal intents, in the same order."""

    node: str
    ready: bool
    reason: str = ""
    """Why `ready` is False: a sentence with the remedy."""
    local_as: int = 64512
    router_id: bytes = b""
    """BGP Identifier, 4 octets; empty while not ready."""
    cluster_id: bytes | None = None
    """RFC 4456 cluster id when the node is a route reflector."""
    mesh: bool = False
    """Whether the node takes part in the node-to-node mesh."""
    reflectors: frozenset[str] = frozenset()
    """Names of all nodes that are route reflectors."""
    listen: Listen = Listen()
    addresses: Mapping[Family, str] = field(default_factory=dict)
    """The node's BGP addresses: session source, and next hop of what it originates."""
    sessions: tuple[SessionIntent, ...] = ()
    """Sorted by name."""
    originated: Mapping[Family, Mapping[Prefix, Originated]] = field(default_factory=dict)
    static_routes: tuple[StaticRoute, ...] = ()
    kernel_policies: Mapping[Family, Policy] = field(default_factory=dict)
    service_ranges: Mapping[Family, tuple[Prefix, ...]] = field(default_factory=dict)
    """Service ranges whose routes, more specific ones included, never enter the kernel."""
    direct_exclude: tuple[str, ...] = ()
    """Interface name patterns whose connected networks are not read."""
    log_level: str = "info"
    """logSeverityScreen in lower case: trace, debug, info, warning, error or fatal."""
    graceful_shutdown: bool = False
    """The whole node is being drained (bgpd.io/graceful-shutdown on its Node)."""
    problems: tuple[Problem, ...] = ()
