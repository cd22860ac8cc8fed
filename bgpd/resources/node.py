"""Node: Calico's view of a node (calico-reference.md section 2.4)."""

from typing import Literal

from pydantic import Field

from bgpd.resources.addresses import IPv4, IPv4Interface, IPv6, IPv6Interface
from bgpd.resources.meta import Model, Resource
from bgpd.resources.rules import NO_AS_HINT, Rule
from bgpd.resources.values import MAC, ASNumber


class NodeBGP(Model):
    """What makes a node a BGP speaker. Addresses may carry the length of their subnet."""

    as_number: ASNumber | None = None
    ipv4_address: IPv4Interface | None = None
    ipv6_address: IPv6Interface | None = None
    ipv4_ipip_tunnel_addr: IPv4 | None = None
    route_reflector_cluster_id: IPv4 | None = None
    """A node that has one reflects routes and stays out of the mesh."""

    rules = (Rule("asNumber", *NO_AS_HINT, lambda b: b.as_number == 0, "warning"),)


class OrchestratorReference(Model):
    """The node's name in an orchestrator ("k8s")."""

    node_name: str | None = None
    orchestrator: str


class WireGuard(Model):
    """The addresses of the WireGuard devices."""

    interface_ipv4_address: IPv4 | None = None
    interface_ipv6_address: IPv6 | None = None


class NodeAddress(Model):
    """One address of the node, for information."""

    address: str
    type: Literal["CalicoNodeIP", "InternalIP", "ExternalIP"] | None = None


class NodeInterface(Model):
    """One interface of the node, for information."""

    name: str
    addresses: tuple[str, ...] = ()


class NodeSpec(Model):
    """What is wanted of the node; without `bgp` it takes no part in BGP."""

    bgp: NodeBGP | None = None
    ipv4_vxlan_tunnel_addr: IPv4 | None = None
    vxlan_tunnel_mac_addr: MAC | None = None
    ipv6_vxlan_tunnel_addr: IPv6 | None = None
    vxlan_tunnel_mac_addr_v6: MAC | None = None
    orch_refs: tuple[OrchestratorReference, ...] = ()
    wireguard: WireGuard | None = None
    addresses: tuple[NodeAddress, ...] = ()
    interfaces: tuple[NodeInterface, ...] = ()

    rules = (
        Rule(
            "bgp",
            "Spec.BGP should not be empty",
            "add ipv4Address or ipv6Address, or remove bgp",
            lambda s: s.bgp is not None and not s.bgp.model_fields_set,
        ),
    )


class NodeStatus(Model):
    """What Felix reports of the node."""

    wireguard_public_key: str | None = None
    wireguard_public_key_v6: str | None = None
    pod_cidrs: tuple[str, ...] = ()


class Node(Resource):
    """A node as Calico sees it; its labels are what nodeSelector and peerSelector look at."""

    kind: Literal["Node"] = "Node"
    spec: NodeSpec = Field(default_factory=NodeSpec)
    status: NodeStatus = Field(default_factory=NodeStatus)

    @property
    def as_number(self) -> int | None:
        """The node's own AS number."""
        return self.spec.bgp.as_number if self.spec.bgp else None

    @property
    def ipv4_address(self) -> str | None:
        """The node's IPv4 address without length."""
        address = self.spec.bgp.ipv4_address if self.spec.bgp else None
        return address.partition("/")[0] if address else None

    @property
    def ipv6_address(self) -> str | None:
        """The node's IPv6 address without length."""
        address = self.spec.bgp.ipv6_address if self.spec.bgp else None
        return address.partition("/")[0] if address else None
