"""A cluster as Calico knows it: nodes on one network, a pod behind each, resources in a files datastore."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from lab.daemon import Daemon
from lab.netns import Namespace
from lab.resources import Document, ResourceFiles, bgp_configuration, block_affinity, ip_pool, node
from lab.topology import Lab, add_addresses, add_route, connect

CLUSTER_AS: Final = 64512
_POOLS: Final = {"pods": "10.244.0.0/16", "pods-v6": "fd00:244::/48"}
_GATEWAY: Final = "169.254.1.1"  # what Calico tells pods their gateway is
_GATEWAY_IPV6: Final = "fe80::1"
_BOOT: Final = 3  # RTPROT_BOOT: the mark of Felix's workload routes
_WORKLOAD_METRIC: Final = 1024  # and their metric: Calico's normal route priority


@dataclass(frozen=True, slots=True)
class ClusterNode:
    """One node: its addresses follow from its number."""

    number: int
    namespace: Namespace
    pod: Namespace
    daemon: Daemon

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The node's name."""
        return node_name(self.number)

    @property
    def address(self) -> str:
        """Where its speaker is."""
        return f"10.0.0.{self.number}"

    @property
    def address_ipv6(self) -> str:
        """Where its IPv6 speaker is."""
        return f"fd00:10::{self.number}"

    @property
    def block(self) -> str:
        """Its block of pod addresses."""
        return f"10.244.{self.number}.0/26"

    @property
    def block_ipv6(self) -> str:
        """Its block of IPv6 pod addresses."""
        return f"fd00:244:0:{self.number}::/122"

    @property
    def pod_address(self) -> str:
        """The address of the pod behind it."""
        return f"10.244.{self.number}.2"

    @property
    def pod_address_ipv6(self) -> str:
        """The IPv6 address of the pod behind it."""
        return f"fd00:244:0:{self.number}::2"

    def document(self, **bgp: object) -> Document:
        """Write down the Node resource, with more BGP fields if given."""
        addresses = {"ipv4Address": f"{self.address}/24", "ipv6Address": f"{self.address_ipv6}/64"}
        return node(self.name, labels={"rack": "rack-1"}, **(addresses | bgp))

    def blocks(self) -> list[Document]:
        """Write down that its blocks are its own."""
        return [block_affinity(self.name, self.block), block_affinity(self.name, self.block_ipv6)]

    def mesh_names(self, *others: "ClusterNode") -> set[str]:
        """Name the mesh sessions this node has with the others."""
        addresses = [address for other in others for address in (other.address, other.address_ipv6)]
        return {session_name("Mesh", address) for address in addresses}


class Cluster:
    """`size` nodes n1, n2, ... on the bridge `fabric`, full mesh, no daemon started yet."""

    def __init__(self, lab: Lab, size: int, *options: str) -> None:
        self.lab = lab
        self.fabric = lab.bridge("fabric")
        self.resources = ResourceFiles(lab.directory / "resources")
        self.nodes = [self._build(number, options) for number in range(1, size + 1)]
        self.resources.put(bgp_configuration(nodeToNodeMeshEnabled=True, asNumber=CLUSTER_AS))
        self.resources.put(*(ip_pool(name, cidr) for name, cidr in _POOLS.items()))
        for each in self.nodes:
            self.resources.put(each.document(), *each.blocks())

    def __iter__(self) -> Iterator[ClusterNode]:
        return iter(self.nodes)

    def others(self, one: ClusterNode) -> list[ClusterNode]:
        """Every node but this."""
        return [each for each in self.nodes if each is not one]

    def start(self) -> None:
        """Start the daemon of every node."""
        for each in self.nodes:
            each.daemon.start()

    def configure(self, **spec: object) -> None:
        """Replace the cluster's BGPConfiguration."""
        self.resources.put(bgp_configuration(**({"asNumber": CLUSTER_AS} | spec)))

    def _build(self, number: int, options: tuple[str, ...]) -> ClusterNode:
        namespace = self.lab.namespace(node_name(number))
        pod = self.lab.namespace(f"pod{number}")
        daemon = Daemon(self.lab, namespace, node_name(number), self.resources, *options)
        built = ClusterNode(number, namespace, pod, daemon)
        self.lab.plug(self.fabric, namespace, "eth0", f"{built.address}/24", f"{built.address_ipv6}/64")
        _attach_pod(built)
        return built


def node_name(number: int) -> str:
    """Name the node with this number."""
    return f"n{number}"


def session_name(kind: str, address: str) -> str:
    """Give Calico's name of a session: `kind` is Mesh, Node or Global."""
    return f"{kind}_{address.translate(str.maketrans('.:', '__'))}"


def _attach_pod(to: ClusterNode) -> None:
    """Wire the pod as Calico does: a host route to it, and for the pod a gateway that is nobody else's."""
    interface = f"cali{to.name}"
    connect(to.namespace, interface, to.pod, "eth0")
    add_addresses(to.namespace, interface, f"{_GATEWAY}/32", f"{_GATEWAY_IPV6}/64")
    add_addresses(to.pod, "eth0", f"{to.pod_address}/32", f"{to.pod_address_ipv6}/128")
    workload: dict[str, Any] = {"interface": interface, "proto": _BOOT, "priority": _WORKLOAD_METRIC}
    add_route(to.namespace, f"{to.pod_address}/32", **workload)
    add_route(to.namespace, f"{to.pod_address_ipv6}/128", **workload)
    add_route(to.pod, f"{_GATEWAY}/32", interface="eth0", scope="link")
    add_route(to.pod, "0.0.0.0/0", gateway=_GATEWAY)
    add_route(to.pod, "::/0", interface="eth0", gateway=_GATEWAY_IPV6)
