"""Changes of what sessions agree on, and of the ways that packets go: AS numbers, next hops, tunnels."""

import socket
from collections.abc import Collection
from functools import partial
from typing import Final

from lab.cluster import CLUSTER_AS, ClusterNode
from lab.lossless.world import TO_REFLECTORS, World
from lab.resources import bgp_configuration, ip_pool
from lab.routes import KernelRoute, kernel_routes
from lab.topology import Lab
from lab.wait import wait_for_each, wait_until

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


# --- next hops --------------------------------------------------------------------------------------------


def change_next_hops(world: World) -> None:
    """Have the reflectors put themselves into what they reflect, and out again: packets take that way."""
    reflectors = [address for one in world.reflectors for address in (one.address, one.address_ipv6)]
    nodes = [address for one in world.live for address in (one.address, one.address_ipv6)]
    for mode, gateways in (("Self", reflectors), ("Auto", nodes)):
        world.apply(TO_REFLECTORS | {"spec": TO_REFLECTORS["spec"] | {"nextHopMode": mode}})
        wait_for_each(world.live, partial(_goes_by, world, gateways), f"next hops of mode {mode}")


def _goes_by(world: World, gateways: Collection[str], one: ClusterNode) -> bool:
    return all(set(route.gateways) <= set(gateways) for route in _routes_to_others(world, one))


def _routes_to_others(world: World, one: ClusterNode) -> list[KernelRoute]:
    blocks = {block for other in world.live if other is not one for block in (other.block, other.block_ipv6)}
    routes = [
        route
        for family in (socket.AF_INET, socket.AF_INET6)
        for route in kernel_routes(one.namespace, family=family)
    ]
    return [route for route in routes if route.prefix in blocks]


# --- tunnels ----------------------------------------------------------------------------------------------

TUNNEL: Final = "tunl0"
_SUBNET_LENGTH: Final = 30
"""Bits: n1, n2 and n3 are in one subnet then, and n4 is in another."""


def with_tunnels(lab: Lab) -> World:
    """Build a mesh of four nodes in two subnets, with a second wire between all that stands for IPIP tunnels.

    Few kernels of test machines have IPIP. What bgpd does is the same: onlink routes through a device of the
    name that Felix gives to the tunnel.
    """
    world = World(lab, live=4)
    world.cluster.configure(nodeToNodeMeshEnabled=True, programClusterRoutes="Enabled")
    tunnels = lab.bridge("tunnels")
    for one in world.live:
        lab.plug(tunnels, one.namespace, TUNNEL)
        world.resources.put(one.document(ipv4Address=f"{one.address}/{_SUBNET_LENGTH}"))
    return world


def change_encapsulation(world: World) -> None:
    """Send the packets between nodes through tunnels, then only those between subnets, then none."""
    for mode, tunnelled in (("Always", 12), ("CrossSubnet", 6), ("Never", 0)):
        world.apply(ip_pool("pods", "10.244.0.0/16", ipipMode=mode))
        wait_until(partial(_are_tunnelled, world, tunnelled), f"{tunnelled} routes through tunnels")


def _are_tunnelled(world: World, count: int) -> bool:
    routes = [route for one in world.live for route in _routes_to_others(world, one)]
    return sum(route.interface == TUNNEL for route in routes) == count
