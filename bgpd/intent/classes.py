"""Nodes that nothing tells apart: what is computed for a few of a class holds for all of it.

A mesh of 5,000 nodes has 25 million session ends, and all of them are alike. A plan therefore computes a
small cluster of representatives in place of a large one: exact, because two nodes are in one class only if
every resource treats them alike before the change and after it.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import replace

from bgpd.intent.addresses import canonical_address
from bgpd.intent.facts import Cluster, NodeFacts
from bgpd.resources import BGPPeer, BlockAffinity, Node, Resource, Snapshot
from records import record

SMALL = 100
"""Up to this many nodes every node is computed, and named in the answer."""

REPRESENTATIVES = 2
"""How many of a class are computed: one that sends a route and one that gets it."""

_EXTENSION = "bgpd.io/"


@record(eq=False)
class NodeClass:
    """Nodes that are alike, by name. Each node is in one class only, so classes compare by identity."""

    nodes: tuple[str, ...]

    @property
    def representatives(self) -> tuple[str, ...]:
        """The members that are computed."""
        return self.nodes[:REPRESENTATIVES]


def classify(before: Cluster, after: Cluster, own: Mapping[str, Hashable]) -> tuple[NodeClass, ...]:
    """Divide the nodes of both clusters into classes, in the order of their first members' names.

    `own` marks nodes that the change itself treats differently in a way that no resource shows.
    """
    names = sorted({*before.nodes, *after.nodes})
    if len(names) <= SMALL:
        return tuple(NodeClass((name,)) for name in names)
    marks = _marks(before), _marks(after)
    classes: dict[Hashable, list[str]] = defaultdict(list)
    for name in names:
        old, new = before.nodes.get(name), after.nodes.get(name)
        traits = (
            _traits(before, old, marks[0]),
            _traits(after, new, marks[1]),
            _moves(old, new),
            own.get(name),
        )
        classes[traits].append(name)
    return tuple(NodeClass(tuple(members)) for members in classes.values())


def reduced(snapshot: Snapshot, classes: Iterable[NodeClass]) -> Snapshot:
    """Return the snapshot of a cluster of representatives alone."""
    kept = {name for one in classes for name in one.representatives}
    nodes: dict[str, Resource] = {name: n for name, n in snapshot.table(Node).items() if name in kept}
    affinities: dict[str, Resource] = {
        key: affinity for key, affinity in snapshot.table(BlockAffinity).items() if affinity.spec.node in kept
    }
    tables = {**snapshot.resources, "Node": nodes, "BlockAffinity": affinities}
    return replace(snapshot, resources=tables)


def _traits(cluster: Cluster, node: NodeFacts | None, marks: Mapping[str, Sequence[Hashable]]) -> Hashable:
    """Return all that resources can see of a node, its own name and addresses aside."""
    if node is None:
        return None
    own = cluster.node_configuration(node.name)
    resource = cluster.snapshot.table(Node)[node.name]
    annotations = sorted(
        pair for pair in resource.metadata.annotations.items() if pair[0].startswith(_EXTENSION)
    )
    return (
        node.as_number,
        node.has_own_as,
        node.cluster_id,
        node.port,
        node.is_excluded_from_services,
        tuple((family, prefix[0]) for family, prefix in node.subnets.items()),
        tuple(node.wireguard),
        repr(own.spec) if own else None,
        tuple(annotations),
        tuple(marks.get(node.name, ())),
    )


def _moves(old: NodeFacts | None, new: NodeFacts | None) -> bool:
    """Tell whether a node's own addresses change: its sessions then do, and those of its like do not."""
    if old is None or new is None:
        return False
    return (old.addresses, old.subnets, old.wireguard) != (new.addresses, new.subnets, new.wireguard)


def _marks(cluster: Cluster) -> dict[str, list[Hashable]]:
    """Return for each node which BGPPeers select or name it, and the addresses it shares with another."""
    marks: dict[str, list[Hashable]] = defaultdict(list)
    for peer in cluster.snapshot.of(BGPPeer):
        spec = peer.spec
        for role, selector in (("here", spec.node_selector), ("there", spec.peer_selector)):
            for node in cluster.matching(selector) if selector else ():
                marks[node.name].append((peer.name, role))
        if spec.node:
            marks[spec.node].append((peer.name, "named"))
        address = canonical_address(spec.peer_address or "")
        for owner in cluster.owners.get(address, ()) if address else ():
            marks[owner.name].append((peer.name, address))
    for address, owners in cluster.shared_addresses.items():
        for owner in owners:
            marks[owner.name].append(address)
    return marks
