"""The node-to-node mesh (calico-reference.md, section 4.1)."""

from collections.abc import Iterator

from bgpd.intent.annotations import PeeringExtensions, peering_extensions
from bgpd.intent.context import Context
from bgpd.intent.environment import Compat
from bgpd.intent.facts import NodeFacts
from bgpd.intent.model import SessionType
from bgpd.intent.peering import Peering
from bgpd.resources import SecretKeyReference
from wire import Family

MESH = "mesh"
"""The `resource` of mesh sessions."""


def is_in_mesh(context: Context) -> bool:
    """Tell whether this node meshes: the mesh is on and the node is no route reflector."""
    return context.cluster.mesh_enabled and not context.node.cluster_id


def mesh_peerings(context: Context) -> Iterator[Peering]:
    """Yield a peering for each address of each other node that meshes."""
    if not is_in_mesh(context):
        return
    spec = context.cluster.configuration.spec
    password = spec.node_mesh_password.secret_key_ref if spec.node_mesh_password else None
    restart = spec.node_mesh_max_restart_time
    extensions = peering_extensions(context.cluster.configuration)
    for node in context.cluster.nodes.values():
        if node is context.node or node.cluster_id:
            continue
        for family in node.addresses:
            yield _peering(context, node, family, password, restart.seconds if restart else None, extensions)


def _peering(
    context: Context,
    node: NodeFacts,
    family: Family,
    password: SecretKeyReference | None,
    restart_seconds: int | None,
    extensions: PeeringExtensions,
) -> Peering:
    return Peering(
        resource=MESH,
        type=SessionType.MESH,
        address=node.addresses[family],
        port=node.port,
        peer_as=_expected_as(context, node),
        node=node.name,
        is_calico_node=True,
        password=password,
        restart_seconds=restart_seconds,
        extensions=extensions,
    )


def _expected_as(context: Context, node: NodeFacts) -> int:
    """Section 17, Q1: confd expects a node without an AS of its own in *our* AS; both ends then disagree."""
    if node.has_own_as or not context.wants(Compat.MESH_AS):
        return node.as_number
    return context.node.as_number
