"""The node-to-node mesh (calico-reference.md, section 4.1)."""

from collections.abc import Iterator
from dataclasses import replace

from bgpd.intent.annotations import peering_extensions
from bgpd.intent.context import Context
from bgpd.intent.environment import Compat
from bgpd.intent.facts import NodeFacts
from bgpd.intent.model import SessionType
from bgpd.intent.peering import Peering
from bgpd.resources import BGPConfiguration

MESH = "mesh"
"""The `resource` of mesh sessions."""


def is_in_mesh(context: Context) -> bool:
    """Tell whether this node meshes: the mesh is on and the node is no route reflector."""
    return context.cluster.mesh_enabled and not context.node.cluster_id


def mesh_peerings(context: Context) -> Iterator[Peering]:
    """Yield a peering for each address of each other node that meshes."""
    if not is_in_mesh(context):
        return
    base = _template(context.cluster.configuration)
    for node in context.cluster.nodes.values():
        if node is not context.node and not node.cluster_id:
            expected_as = _expected_as(context, node)
            for address in node.addresses.values():
                yield replace(base, address=address, port=node.port, peer_as=expected_as, node=node.name)


def _template(configuration: BGPConfiguration) -> Peering:
    """Return what all mesh peerings have in common."""
    password = configuration.spec.node_mesh_password
    restart_time = configuration.spec.node_mesh_max_restart_time
    return Peering(
        resource=MESH,
        type=SessionType.MESH,
        address="",
        peer_as=0,
        is_calico_node=True,
        password=password.secret_key_ref if password else None,
        restart_seconds=restart_time.seconds if restart_time else None,
        extensions=peering_extensions(configuration),
    )


def _expected_as(context: Context, node: NodeFacts) -> int:
    """Section 17, Q1: confd expects a node without an AS of its own in *our* AS; both ends then disagree."""
    if node.has_own_as or not context.wants(Compat.MESH_AS):
        return node.as_number
    return context.node.as_number
