"""Changes that sessions do not outlive as they are: other AS numbers, next hops, addresses and ways to pods."""

from functools import partial
from typing import Final

from lab.cluster import CLUSTER_AS, ClusterNode
from lab.lossless.world import World
from lab.resources import bgp_configuration
from lab.wait import wait_for_each

_OTHER_AS: Final = 64999


def change_as_of_cluster(world: World) -> None:
    """Give the whole cluster another AS number, and its own back."""
    for number in (_OTHER_AS, CLUSTER_AS):
        world.apply(bgp_configuration(asNumber=number, nodeToNodeMeshEnabled=True))
        _wait_for_as(world, dict.fromkeys(world.live, number))


def change_as_of_node(world: World) -> None:
    """Put one node into an AS of its own, so that its sessions of the mesh are external, and take it back."""
    first, *others = world.live
    for number in (_OTHER_AS, CLUSTER_AS):
        world.apply(first.document(asNumber=number))
        _wait_for_as(world, {first: number, **dict.fromkeys(others, CLUSTER_AS)})


def _wait_for_as(world: World, numbers: dict[ClusterNode, int]) -> None:
    """Wait until every session of the mesh is Established in these ASes, and every route is there."""
    wait_for_each(world.live, partial(_speaks_as, numbers), "sessions in the new AS", seconds=60)
    world.wait_for_mesh()
    world.wait_for_routes()


def _speaks_as(numbers: dict[ClusterNode, int], one: ClusterNode) -> bool:
    expected = {
        name: (number, numbers[one])
        for other, number in numbers.items()
        if other is not one
        for name in one.mesh_names(other)
    }
    return expected == {
        name: (peer["peer_as"], peer["local_as"])
        for name, peer in one.daemon.peers().items()
        if peer["state"] == "Established"
    }
