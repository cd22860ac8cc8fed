"""The frozen values the API shows, and what it takes.

Wall-clock times are seconds since the epoch (UTC), durations are seconds, counts per family are keyed by
`wire.Family.short` ("ipv4", "ipv6").
"""

import enum
from collections.abc import Mapping
from typing import Any

from bgpd.histogram import Distribution
from records import field, record
from rib import Explanation

FAMILIES = ("ipv4", "ipv6")

Counts = Mapping[str, int]
"""A number per family; a family that is not counted may be missing and reads as 0."""

Document = dict[str, Any]
"""A JSON object as it goes out."""


class Verb(enum.Enum):
    """What an operator may order; the first four need a peer."""

    RESET = "reset"
    REFRESH = "refresh"
    SHUTDOWN = "shutdown"
    START = "start"
    DRAIN = "drain"
    UNDRAIN = "undrain"


class BadRequestError(ValueError):
    """The request makes no sense; the text says what was expected."""


class NotFoundError(LookupError):
    """The daemon has no such peer (or other named thing); the text says which, `remedy` what to try."""

    def __init__(self, text: str, remedy: str = "") -> None:
        super().__init__(text)
        self.remedy = remedy


class RefusedError(Exception):
    """The daemon will not do it now; the text says why, `remedy` the way out."""

    def __init__(self, text: str, remedy: str = "") -> None:
        super().__init__(text)
        self.remedy = remedy


@record
class LastError:
    """Why a session last ended (RFC 4271, section 6); `direction` is "sent", "received" or "local"."""

    code: int
    subcode: int
    text: str
    direction: str


@record
class NegotiatedStatus:
    """What both OPENs agreed on: times in seconds, capabilities by name."""

    hold_time: int
    keepalive: int
    capabilities: tuple[str, ...] = ()


@record
class NotificationCount:
    """How often a NOTIFICATION of this code went in this direction ("sent" or "received")."""

    direction: str
    code: int
    subcode: int
    count: int


@record
class MalformedCount:
    """How often an attribute was malformed and what was done (RFC 7606): "discard" or "treat-as-withdraw"."""

    attribute: int
    verdict: str
    count: int


@record(kw_only=True)
class SessionState:
    """What is known of a session without counting its routes; the fields are those of `PeerStatus`."""

    name: str
    peer_ip: str
    family: str
    state: str
    since: float
    superseded: bool = False


@record(kw_only=True)
class PeerStatus:
    """One configured session.

    `type` is NodeMesh, NodePeer, GlobalPeer or LocalWorkload; `since` is when `state` was entered;
    `uptime_seconds` is 0 unless Established.
    """

    name: str
    peer_ip: str
    peer_as: int
    local_as: int
    type: str
    state: str
    since: float
    uptime_seconds: float = 0.0
    family: str = ""
    peer_port: int = 179
    last_error: LastError | None = None
    received: Counts = field(default_factory=dict)
    accepted: Counts = field(default_factory=dict)
    rejected: Counts = field(default_factory=dict)
    stale: Counts = field(default_factory=dict)
    advertised: Counts = field(default_factory=dict)
    flaps: int = 0
    negotiated: NegotiatedStatus | None = None
    peer_identifier: str | None = None
    admin_down: bool = False
    resource: str = ""
    problem: str | None = None
    superseded: bool = False
    """It is not in force: another resource's session has its place, or it is on its way out."""
    messages_sent: Mapping[str, int] = field(default_factory=dict)
    """By message: open, update, notification, keepalive, refresh."""
    messages_received: Mapping[str, int] = field(default_factory=dict)
    notifications: tuple[NotificationCount, ...] = ()
    malformed: tuple[MalformedCount, ...] = ()
    transitions: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """Count by (state before, state after)."""
    reasons: Mapping[str, int] = field(default_factory=dict)
    """How many routes are rejected now, by the rule's name or the check's."""
    reflection_loops: Mapping[str, int] = field(default_factory=dict)
    """How many routes came back to this reflector, by what told: originator_id or cluster_list (RFC 4456)."""
    bfd: str | None = None
    """State of the BFD session that watches the peer; None: none does."""


@record
class ProblemStatus:
    """Something an operator should repair: where it is, what is wrong, what to do."""

    where: str
    message: str
    remedy: str = ""


@record(kw_only=True)
class DatastoreStatus:
    """The resources in force: `connected` is False while the last good snapshot is used instead."""

    url: str
    connected: bool
    age_seconds: float | None = 0.0
    """How long ago the snapshot in force was known to be current; None where there is none yet."""
    restored: bool = False
    """Whether that snapshot is the one an earlier run left in the state directory."""
    error: str = ""
    """Why the datastore does not answer, or why its content is not used now."""
    revision: int = 0
    errors: int = 0
    """Faults of the content as it is now; `DaemonStatus.problems` tells them."""
    resources: Mapping[str, int] = field(default_factory=dict)
    """How many valid resources of each kind."""


@record(kw_only=True)
class KernelStatus:
    """What the FIB should hold and holds, per family; `failures` are (prefix, reason)."""

    desired: Counts = field(default_factory=dict)
    installed: Counts = field(default_factory=dict)
    failed: Counts = field(default_factory=dict)
    failures: tuple[tuple[str, str], ...] = ()
    operations: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """Count by (operation, result), such as ("replace", "ok")."""
    resyncs: int = 0
    sync_times: Distribution | None = None
    """From a change to the last write that it asked for."""


@record(kw_only=True)
class DaemonStatus:
    """The daemon as a whole; `local_as` and `router_id` are None until this node's Node resource is known."""

    node: str
    version: str
    started_at: float
    uptime_seconds: float = 0.0
    local_as: int | None = None
    router_id: str | None = None
    cluster_id: str | None = None
    mesh: bool = False
    draining: bool = False
    listen: tuple[str, ...] = ()
    """Address and port of each listener, as `host:port`."""
    loc_rib: Counts = field(default_factory=dict)
    datastore: DatastoreStatus | None = None
    kernel: KernelStatus | None = None
    problems: tuple[ProblemStatus, ...] = ()
    loop_lag_seconds: float = 0.0
    applied_at: float | None = None
    """When resources were last put into force, in seconds since the epoch."""
    recovering: bool = False
    """After a restart, peers may still bring back routes that the kernel has (RFC 4724, section 4.1)."""
    intent_seconds: float = 0.0
    """How long the last computation of the intent took."""
    bmp: Mapping[str, bool] = field(default_factory=dict)
    """Whether each BMP station, by its address and port, is connected."""
    convergence: Distribution | None = None
    """From a change to the last message about it."""


@record(kw_only=True)
class RouteQuery:
    """Which routes are wanted: `family` is "ipv4", "ipv6" or None for both; peers are named."""

    prefix: str | None = None
    family: str | None = None
    received_from: str | None = None
    advertised_to: str | None = None


@record(kw_only=True)
class ExplainDocument:
    """The whole story of one prefix: what the RIB says, and what became of it in the kernel."""

    story: Explanation
    installed: bool | None = False
    """Whether the kernel has the route; None: this daemon leaves the kernel alone (--no-kernel)."""
    kernel_error: str | None = None
    """Why the kernel refused it."""


@record(kw_only=True)
class Origination:
    """A route that a program asks to be originated, in canonical form."""

    prefix: str
    next_hop: str | None = None
    """NEXT_HOP towards internal peers; None: this node."""
    communities: tuple[tuple[int, ...], ...] = ()
    """Standard ones in two parts (RFC 1997), large ones in three (RFC 8092)."""
    permanent: bool = False
    """Whether it outlives the connection that asked for it."""


@record
class CommandResult:
    """What an order did, in one sentence; `peers` are the sessions it touched."""

    text: str
    peers: tuple[str, ...] = ()


@record
class Health:
    """The answer of a probe: whether all is well, and one line that says what is or is not."""

    ok: bool
    text: str
