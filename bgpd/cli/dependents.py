"""What goes with a Node, as in calicoctl: it would come into force again with the next Node of that name."""

from collections.abc import Iterator, Sequence

from bgpd.cli.state import State
from bgpd.cli.store import with_datastore
from bgpd.cli.targets import Target
from bgpd.datastore import Datastore
from bgpd.resources import KINDS, BGPConfiguration, BGPPeer, Node, Resource

_NODES_ARE_KUBELETS = "kubernetes:"
"""Datastores that refuse to delete a Node, so that nothing may go before it."""


def with_dependents(state: State, targets: Sequence[Target]) -> list[Target]:
    """Add to Nodes that are to be deleted their BGPConfigurations and the BGPPeers that they alone have."""
    nodes = {target.name for target in targets if target.info.model is Node}
    if not nodes or state.datastore_url.startswith(_NODES_ARE_KUBELETS):
        return list(targets)

    async def read(store: Datastore) -> list[Resource]:
        return [*await store.list(BGPConfiguration), *await store.list(BGPPeer)]

    found = _dependents(with_datastore(state, read), nodes)
    return list(dict.fromkeys([*targets, *found]))


def _dependents(resources: Sequence[Resource], nodes: set[str]) -> Iterator[Target]:
    for resource in resources:
        if isinstance(resource, BGPPeer):
            node = resource.spec.node
        else:
            node = resource.name.removeprefix("node.") if resource.name.startswith("node.") else None
        if node in nodes:
            yield Target(KINDS[resource.kind], resource.name, None)
