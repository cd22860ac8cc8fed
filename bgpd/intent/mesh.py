"""The node-to-node mesh (calico-reference.md, section 4.1)."""

from collections.abc import Iterator
from dataclasses import replace

from bgpd.intent.annotations import peering_extensions
from bgpd.intent.context import Context
from bgpd.intent.environment import Compat
from bgpd.intent.facts import Cluster
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
    # Section 17, Q1: confd expects a node without an AS of its own in *our* AS; both ends then disagree.
    assumed_as = context.node.as_number if context.wants(Compat.MESH_AS) else None
    members = context.cluster.once(_members, assumed_as)
    yield from (peering for peering in members if peering.node != context.node.name)


def _members(cluster: Cluster, assumed_as: int | None) -> tuple[Peering, ...]:
    """Return all who mesh, as the others see them: in `assumed_as`, if given, without an AS of their own."""
    base = _template(cluster.configuration)
    return tuple(
        replace(
            base,
            address=address,
            port=node.port,
            peer_as=node.as_number if node.has_own_as else assumed_as or node.as_number,
            node=node.name,
        )
        for node in cluster.nodes.values()
        if not node.cluster_id
        for address in node.addresses.values()
    )


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
