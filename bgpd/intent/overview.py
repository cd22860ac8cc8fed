"""The whole cluster as a small graph: who peers with whom, with nodes that are alike put together. Pure.

However large the cluster is, the graph fits a screen: single nodes where they are few, else groups that the
same BGPPeers concern, else groups by AS and cluster id. The node that asks always stands by itself.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import Any

from bgpd.intent.compile import read_cluster
from bgpd.intent.context import Context
from bgpd.intent.facts import Cluster, NodeFacts
from bgpd.intent.model import Intent, SessionType
from bgpd.intent.peers import explicit_peerings
from bgpd.resources import Snapshot
from records import field, record

MANY = 24
"""So many nodes, or groups of them, are told apart."""
MANY_OUTSIDE = 24
"""So many peers that are no nodes are told apart; more stand together by their AS."""
FULLY_MESHED = 16
"""Of so many the lines of the mesh are drawn between all; of more, those of the asking node alone."""
_NAMED = 20
_MESH = "mesh"


@record(frozen=False, eq=False, slots=False)
class _Vertex:
    name: str
    kind: str
    as_number: int
    own: bool = False
    members: list[str] = field(default_factory=list)


@record(frozen=False, eq=False, slots=False)
class _Graph:
    """Vertices by what they stand for: the name of a node, or the address of an outside peer."""

    of: dict[str, _Vertex] = field(default_factory=dict)
    links: dict[tuple[_Vertex, _Vertex], dict[str, Any]] = field(default_factory=dict)

    def link(self, one: _Vertex, other: _Vertex, kind: str) -> dict[str, Any]:
        """Return the link of two vertices; what a reflector says of its client counts more than the rest."""
        if (other, one) in self.links:
            one, other = other, one
        found = self.links.setdefault((one, other), {"kind": kind, "sessions": []})
        if kind == "client":
            found["kind"] = kind
        return found


@record
class _Peer:
    node: str
    address: str
    as_number: int
    kind: str


def overview(snapshot: Snapshot, environment: Mapping[str, str], intent: Intent) -> dict[str, Any]:
    """Return the graph as JSON; the links of the node of `intent` name its sessions."""
    cluster = read_cluster(snapshot, environment)
    own = _traits(intent.node)
    finest = len(cluster.nodes) <= MANY
    kinds = _grouped(cluster, lambda node: node.name if finest else own(node, _concerns(cluster, node)))
    vertices = kinds if len(kinds) <= MANY else _grouped(cluster, lambda node: own(node, None))
    graph = _Graph()
    for nodes in vertices:
        vertex = _node_vertex(nodes, intent.node)
        graph.of.update(dict.fromkeys(vertex.members, vertex))
    peers = [peer for nodes in kinds for peer in _peers(cluster, nodes[0])]
    strangers = (session for session in intent.sessions if session.peer_node not in cluster.nodes)
    peers += [_Peer(intent.node, session.peer_ip, session.peer_as, "") for session in strangers]
    _add_outside(graph, cluster, peers)
    _join(graph, cluster, peers, intent)
    return _document(graph, cluster, intent)


def _traits(own: str) -> Callable[[NodeFacts, Hashable], Hashable]:
    def traits(node: NodeFacts, more: Hashable) -> Hashable:
        return node.name == own, node.as_number, node.cluster_id, more

    return traits


def _concerns(cluster: Cluster, node: NodeFacts) -> Hashable:
    return tuple(peer.name for peer in cluster.peers[node.name])


def _grouped(cluster: Cluster, key: Callable[[NodeFacts], Hashable]) -> list[list[NodeFacts]]:
    groups: dict[Hashable, list[NodeFacts]] = {}
    for node in cluster.nodes.values():
        groups.setdefault(key(node), []).append(node)
    return list(groups.values())


def _node_vertex(nodes: list[NodeFacts], own: str) -> _Vertex:
    names = [node.name for node in nodes]
    first = nodes[0]
    return _Vertex(
        name=names[0] if len(names) == 1 else f"{names[0]} … {names[-1]}",
        kind="reflector" if first.cluster_id else "node",
        as_number=first.as_number,
        own=first.name == own,
        members=names,
    )


def _peers(cluster: Cluster, node: NodeFacts) -> Iterator[_Peer]:
    for peering in explicit_peerings(Context(cluster, node)):
        if peering.address in node.addresses.values():
            continue
        same_as = peering.peer_as == (peering.local_as or node.as_number)
        is_client = bool(node.cluster_id) and peering.cluster_id != node.cluster_id
        kind = "external" if not same_as else "client" if is_client else "internal"
        yield _Peer(node.name, peering.address, peering.peer_as, kind)


def _add_outside(graph: _Graph, cluster: Cluster, peers: Iterable[_Peer]) -> None:
    """Add the peers that are no nodes."""
    outside = {peer.address: peer.as_number for peer in peers if peer.address not in cluster.owners}
    by_as: dict[int, _Vertex] = {}
    for address, as_number in outside.items():
        vertex = _Vertex(address, "outside", as_number)
        if len(outside) > MANY_OUTSIDE:
            vertex = by_as.setdefault(as_number, _Vertex(f"AS {as_number}", "outside", as_number))
        vertex.members.append(address)
        graph.of[address] = vertex


def _join(graph: _Graph, cluster: Cluster, peers: Iterable[_Peer], intent: Intent) -> None:
    """Add the links: those of the resources, those of the mesh, and the sessions of the asking node."""

    def vertex_of(address: str) -> _Vertex:
        owners = cluster.owners.get(address)
        return graph.of[owners[0].name if owners else address]

    for peer in peers:
        one, other = graph.of[peer.node], vertex_of(peer.address)
        if peer.kind and one is not other:
            graph.link(one, other, peer.kind)
    meshed = dict.fromkeys(
        graph.of[node.name] for node in cluster.nodes.values() if cluster.mesh_enabled and not node.cluster_id
    )
    if len(meshed) <= FULLY_MESHED:
        ordered = list(meshed)
        for place, one in enumerate(ordered):
            for other in ordered[place + 1 :]:
                graph.link(one, other, _MESH)
    for session in intent.sessions:
        other = graph.of[session.peer_node] if session.peer_node in graph.of else vertex_of(session.peer_ip)
        kind = _MESH if session.type is SessionType.MESH else "internal" if session.is_ibgp else "external"
        graph.link(graph.of[intent.node], other, kind)["sessions"].append(session.name)


def _document(graph: _Graph, cluster: Cluster, intent: Intent) -> dict[str, Any]:
    vertices = list(dict.fromkeys(graph.of.values()))
    places = {vertex: place for place, vertex in enumerate(vertices)}
    return {
        "node": intent.node,
        "nodes": len(cluster.nodes),
        "mesh": cluster.mesh_enabled,
        "vertices": [
            {
                "name": vertex.name,
                "kind": vertex.kind,
                "as": vertex.as_number,
                "own": vertex.own,
                "count": len(vertex.members),
                "members": vertex.members[:_NAMED],
            }
            for vertex in vertices
        ],
        "links": [
            {"from": places[one], "to": places[other], **link} for (one, other), link in graph.links.items()
        ],
    }
