"""CalicoNodeStatus: a node's sessions and routes, on request (calico-reference.md sections 2.7 and 11.4)."""

from typing import Annotated, Literal

from pydantic import Field

from bgpd.resources.meta import Model, Resource
from bgpd.resources.rules import Rule
from bgpd.resources.values import Name

StatusClass = Literal["Agent", "BGP", "Routes"]


class CalicoNodeStatusSpec(Model):
    """Which node shall report what, and how often (0: once per change of the resource)."""

    node: Name
    classes: tuple[StatusClass, ...] = Field(min_length=1)
    update_period_seconds: Annotated[int, Field(strict=True, ge=0, le=86400)]

    rules = (
        Rule(
            "classes",
            "a class stands there twice",
            "name every class once",
            lambda s: len(set(s.classes)) < len(s.classes),
        ),
    )


class DaemonStatus(Model):
    """The speaker of one address family, in BIRD's terms."""

    state: Literal["Ready", "NotReady"] | None = None
    version: str | None = None
    router_id: str | None = None
    last_boot_time: str | None = None
    last_reconfiguration_time: str | None = None


class AgentStatus(Model):
    """The speakers of both address families."""

    bird_v4: DaemonStatus | None = None
    bird_v6: DaemonStatus | None = None


class PeerStatus(Model):
    """One session."""

    peer_ip: str | None = None
    type: Literal["NodeMesh", "NodePeer", "GlobalPeer"] | None = None
    state: Literal["Idle", "Connect", "Active", "OpenSent", "OpenConfirm", "Established", "Close"] | None = (
        None
    )
    since: str | None = None


class BGPStatus(Model):
    """All sessions of the node."""

    number_established_v4: int = 0
    number_not_established_v4: int = 0
    number_established_v6: int = 0
    number_not_established_v6: int = 0
    peers_v4: tuple[PeerStatus, ...] = ()
    peers_v6: tuple[PeerStatus, ...] = ()


class RouteSource(Model):
    """Where a route was learned."""

    source_type: Literal["Kernel", "Static", "Direct", "NodeMesh", "BGPPeer"] | None = None
    peer_ip: str | None = None


class RouteStatus(Model):
    """One route; FIB when it is the best of its destination."""

    type: Literal["FIB", "RIB"] | None = None
    destination: str | None = None
    gateway: str | None = None
    interface: str | None = None
    learned_from: RouteSource | None = None


class RoutesStatus(Model):
    """All routes of the node."""

    routes_v4: tuple[RouteStatus, ...] = ()
    routes_v6: tuple[RouteStatus, ...] = ()


class NodeReport(Model):
    """The status part, written by the node; times are RFC 3339 in UTC."""

    last_updated: str | None = None
    agent: AgentStatus | None = None
    bgp: BGPStatus | None = None
    routes: RoutesStatus | None = None


class CalicoNodeStatus(Resource):
    """A report of a node's sessions and routes, on request."""

    kind: Literal["CalicoNodeStatus"] = "CalicoNodeStatus"
    spec: CalicoNodeStatusSpec
    status: NodeReport | None = None
