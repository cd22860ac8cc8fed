"""Which peerings the BGPPeers give this node (calico-reference.md, sections 4.2, 4.3 and 4.5)."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from bgpd.intent.addresses import canonical_address, family_of, network
from bgpd.intent.annotations import seen_from_there
from bgpd.intent.context import Context
from bgpd.intent.environment import Compat
from bgpd.intent.facts import Cluster, NodeFacts, selects
from bgpd.intent.model import SessionType
from bgpd.intent.peering import Key, Peering, resource_name, template
from bgpd.intent.workloads import workload_peerings
from bgpd.resources import BGPPeer, extensions
from records import field, record
from wire import format_prefix


@record(frozen=False, eq=False, slots=False)
class _Table:
    """The rows of this node's scope, global ones before its own; the first writer of a key wins."""

    context: Context
    rows: dict[Key, Peering] = field(default_factory=dict)

    def add(self, peerings: Iterable[Peering], *, report: bool = True) -> None:
        """Add rows, and report those that lose: Calico lets the winner change at random (section 17, Q3)."""
        for peering in peerings:
            winner = self.rows.setdefault(peering.key, peering)
            if report and winner.resource != peering.resource:
                self.context.warn(
                    peering.resource,
                    f"has peers in common with {winner.resource}, whose settings count for them",
                    "remove one of the two, or let them select different nodes or peers",
                )


def explicit_peerings(context: Context) -> list[Peering]:
    """Return the peerings that BGPPeers give this node, in three passes over the resources by name."""
    peers = context.cluster.peers[context.node.name]
    table = _Table(context)
    for peer in peers:
        if is_global(peer):
            table.add(_forward(context, peer, SessionType.GLOBAL))
    for peer in peers:
        if not is_global(peer) and _has_peering(peer, context.node):
            table.add(_forward(context, peer, SessionType.NODE))
    for peer in peers:
        # An explicit peering in the other direction always beats the implicit one: nothing to report.
        table.add(_reverse(context, peer), report=False)
    return list(table.rows.values())


def is_global(peer: BGPPeer) -> bool:
    """Tell whether every node has the peering."""
    return not (peer.spec.node or peer.spec.node_selector)


def _has_peering(peer: BGPPeer, node: NodeFacts) -> bool:
    if peer.spec.node_selector:
        return selects(peer.spec.node_selector, node)
    return peer.spec.node == node.name


def _local_nodes(cluster: Cluster, peer: BGPPeer) -> tuple[NodeFacts, ...]:
    """Return the nodes that have the peering, seen from the peer's side ("there" in pass 3)."""
    if peer.spec.node_selector:
        return cluster.matching(peer.spec.node_selector)
    if peer.spec.node:
        node = cluster.nodes.get(peer.spec.node)
        return (node,) if node else ()
    return tuple(cluster.nodes.values())


def _forward(context: Context, peer: BGPPeer, scope: SessionType) -> Iterator[Peering]:
    """Yield the peers that a BGPPeer names (section 4.3)."""
    spec = peer.spec
    listen_range = extensions(peer).listen_range
    if spec.local_workload_selector:
        yield from workload_peerings(context, peer)
    elif spec.peer_selector:
        yield from context.cluster.once(_selected, peer.name, scope)
    elif spec.peer_ip:
        yield from _addressed(context, peer, scope)
    elif listen_range:
        yield from _dynamic(peer, scope, listen_range)
    else:
        context.report(
            resource_name(peer),
            "names no peer",
            "set peerIP, peerSelector, localWorkloadSelector, or the annotation bgpd.io/listen-range",
        )


def _selected(cluster: Cluster, name: str, scope: SessionType) -> tuple[Peering, ...]:
    """Return the peers that a BGPPeer selects: the same for every node that has the peering."""
    peer = cluster.snapshot.table(BGPPeer)[name]
    base = template(peer)
    base = replace(base, type=scope, passive=base.extensions.passive)
    if Compat.SELECTOR_LOCAL_AS in cluster.environment.compat:
        allowed = max(peer.spec.num_allowed_local_as_numbers or 0, 0)
        base = replace(base, local_as=peer.spec.local_as_number or None, allow_local_as=allowed)
    nodes = cluster.matching(peer.spec.peer_selector or "")
    return tuple(peering for node in nodes for peering in _to_node(base, node))


def _to_node(base: Peering, node: NodeFacts) -> Iterator[Peering]:
    """Yield `base` towards each address of a node (section 4.3 B)."""
    for address in node.addresses.values():
        yield replace(
            base,
            address=address,
            port=node.port,
            peer_as=node.as_number,
            node=node.name,
            cluster_id=node.cluster_id,
        )


def _addressed(context: Context, peer: BGPPeer, scope: SessionType) -> Iterator[Peering]:
    """Yield the one peering of a peerIP (section 4.3 C)."""
    spec = peer.spec
    address = canonical_address(spec.peer_address or "")
    if not address or not _reachable(context, peer, address):
        return
    owners = context.cluster.owners.get(address, ())
    # A node of another AS than expected is no help in guessing the port, but still a node of the cluster.
    expected = spec.as_number or context.cluster.as_number
    ports = [node.port for node in owners if node.as_number == expected]
    base = template(peer)
    yield replace(
        base,
        type=scope,
        address=address,
        port=spec.peer_port or next(iter(ports), None),
        peer_as=spec.as_number or 0,
        local_as=spec.local_as_number or None,
        # Section 17, Q5: confd forgets the cluster id of a reflector that is named by address.
        cluster_id=owners[0].cluster_id if owners else "",
        is_calico_node=bool(owners),
        passive=base.extensions.passive,
        allow_local_as=max(spec.num_allowed_local_as_numbers or 0, 0),
    )


def _reachable(context: Context, peer: BGPPeer, address: str) -> bool:
    """Tell whether reachableBy, if given, can be a gateway to the peer; otherwise the peer is left out."""
    gateway = peer.spec.reachable_by
    if not gateway:
        return True
    if canonical_address(gateway) and family_of(gateway) is family_of(address):
        return True
    context.report(
        resource_name(peer),
        f"reachableBy {gateway} is no gateway to {address}",
        "give an address of the same family as peerIP",
    )
    return False


def _dynamic(peer: BGPPeer, scope: SessionType, listen_range: str) -> Iterator[Peering]:
    """Yield the peering that accepts whoever connects from a range (annotation bgpd.io/listen-range)."""
    found = network(listen_range)
    if found is None:
        return
    yield replace(
        template(peer),
        type=scope,
        address=format_prefix(*found),
        peer_as=peer.spec.as_number or 0,
        local_as=peer.spec.local_as_number or None,
        passive=True,
        allow_local_as=max(peer.spec.num_allowed_local_as_numbers or 0, 0),
        listen_range=found[1],
    )


def _reverse(context: Context, peer: BGPPeer) -> Iterator[Peering]:
    """Yield the other end of peerings that name this node as the peer (section 4.5)."""
    spec = peer.spec
    if spec.reverse_peering == "Manual" or spec.local_workload_selector:
        return
    if _is_named(context, peer):
        yield from context.cluster.once(_seen_from_there, peer.name)


def _seen_from_there(cluster: Cluster, name: str) -> tuple[Peering, ...]:
    """Return the nodes that have the peering as their peer sees them: the same for every such peer."""
    peer = cluster.snapshot.table(BGPPeer)[name]
    spec = peer.spec
    base = template(peer)
    base = replace(base, extensions=seen_from_there(base.extensions))
    peerings = (peering for node in _local_nodes(cluster, peer) for peering in _to_node(base, node))
    if not spec.peer_selector:
        family = family_of(spec.peer_address or "")
        return tuple(replace(one, node=None) for one in peerings if family_of(one.address) is family)
    if Compat.SELECTOR_LOCAL_AS in cluster.environment.compat and spec.local_as_number:
        return tuple(replace(one, peer_as=spec.local_as_number) for one in peerings)
    return tuple(peerings)


def _is_named(context: Context, peer: BGPPeer) -> bool:
    """Tell whether this node is the peer that a BGPPeer names, by selector or by address."""
    spec, node = peer.spec, context.node
    if spec.peer_selector:
        return selects(spec.peer_selector, node)
    address = canonical_address(spec.peer_address or "")
    if address is None or address not in node.addresses.values():
        return False
    # Section 17, Q7: the port that counts is the one the node really listens on.
    port_fits = spec.peer_port is None or spec.peer_port == node.listen_port
    return port_fits and node.as_number == (spec.as_number or context.cluster.as_number)
