"""The clusters that the proof is run on, and what one does to them."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from ruamel.yaml import YAML

from lab.cluster import Cluster, ClusterNode, session_name
from lab.lossless.traffic import End
from lab.rack import bgp_prefixes
from lab.resources import Document, bgp_configuration, bgp_peer
from lab.topology import Lab
from lab.wait import wait_for_each

CLUSTER_ID: Final = "244.0.0.1"
TO_REFLECTORS: Final = bgp_peer("reflectors", nodeSelector="all()", peerSelector="has(route-reflector)")
"""The one BGPPeer by which every node finds the reflectors."""


class World:
    """Nodes that carry traffic, and perhaps reflectors that carry none."""

    def __init__(self, lab: Lab, *, live: int, reflectors: int = 0, mesh: bool = True) -> None:
        self.lab = lab
        self.cluster = Cluster(lab, live + reflectors)
        self.live = self.cluster.nodes[:live]
        self.reflectors = self.cluster.nodes[live:]
        self.resources = self.cluster.resources
        self.resources.put(*(as_reflector(one) for one in self.reflectors))
        if not mesh:
            self.resources.put(TO_REFLECTORS, mesh_is(on=False))

    @property
    def ends(self) -> list[End]:
        """Where packets come from and go to."""
        return [pod_end(one) for one in self.live]

    def start(self) -> None:
        """Start every daemon; `wait_for_routes` tells when packets can flow."""
        self.cluster.start()

    def wait_for_routes(self) -> None:
        """Wait until every kernel that carries traffic has a route to every block of the others."""
        blocks = {block for one in self.live for block in (one.block, one.block_ipv6)}
        wait_for_each(
            self.live, lambda one: blocks <= bgp_prefixes(one.namespace), "routes to every block", seconds=30
        )

    def apply(self, *documents: Document) -> None:
        """Run `bgpctl apply` with several documents in one file, as one does."""
        path = self.lab.directory / "apply.yaml"
        with path.open("w") as file:
            YAML().dump_all(documents, file)
        self.bgpctl("apply", "-f", str(path))

    def bgpctl(self, *arguments: str, at: ClusterNode | None = None) -> str:
        """Run bgpctl on a node, the first if none is named, and return what it prints."""
        done: Any = (at or self.cluster.nodes[0]).daemon.bgpctl(*arguments)
        return str(done.stdout)

    def wait_for_mesh(self) -> None:
        """Wait until the live nodes have the sessions of the mesh among them, and no others."""
        for one in self.live:
            others = [other for other in self.live if other is not one]
            one.daemon.wait_established(one.mesh_names(*others), seconds=60)

    def wait_for_reflection(self, reflectors: Sequence[ClusterNode]) -> None:
        """Wait until every client has sessions to the reflectors, and no others."""
        names = session_names("Node", reflectors)
        for one in self.cluster:
            if one not in reflectors:
                one.daemon.wait_established(names, seconds=60)


def session_names(kind: str, nodes: Iterable[ClusterNode]) -> set[str]:
    """Name the sessions with some nodes, of both families."""
    return {session_name(kind, address) for one in nodes for address in (one.address, one.address_ipv6)}


def pod_end(one: ClusterNode) -> End:
    """Give the pod of a node as an end of streams."""
    return End(one.pod, (one.pod_address, one.pod_address_ipv6))


def as_reflector(one: ClusterNode) -> Document:
    """Write down a Node that is a route reflector."""
    document = one.document(routeReflectorClusterID=CLUSTER_ID)
    document["metadata"]["labels"]["route-reflector"] = "true"
    return document


def mesh_is(*, on: bool) -> Document:
    """Write down the cluster's BGPConfiguration, with the mesh or without."""
    return bgp_configuration(asNumber=64512, nodeToNodeMeshEnabled=on)
