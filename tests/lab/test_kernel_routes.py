"""What a node's kernel holds while its daemon comes, goes, dies and comes again."""

import signal
from collections.abc import Iterator

import pytest

from lab.cluster import Cluster, ClusterNode
from lab.ping import ping
from lab.resources import block_affinity
from lab.routes import PROTOCOL_BGP, KernelRoute, kernel_routes
from lab.topology import Lab, add_route
from lab.wait import wait_until
from tests.lab.conftest import wait_for_mesh

pytestmark = pytest.mark.netns

FOREIGN = "10.99.0.0/24"
PROTOCOL_STATIC = 4
NORMAL_METRIC = 1024


@pytest.fixture(scope="module")
def pair(lab: Lab) -> Cluster:
    """Two nodes, one with a route that somebody else put into its kernel."""
    cluster = Cluster(lab, 2)
    add_route(cluster.nodes[0].namespace, FOREIGN, gateway=cluster.nodes[1].address, proto=PROTOCOL_STATIC)
    cluster.start()
    return cluster


@pytest.fixture
def node(pair: Cluster) -> Iterator[ClusterNode]:
    """The first of them, up to date; afterwards the foreign route must still be there, untouched."""
    wait_for_mesh(pair)
    node, other = pair
    wait_until(lambda: other.block in installed(node), "the other's block in the kernel")
    yield node
    assert [str(route) for route in kernel_routes(node.namespace, protocol=PROTOCOL_STATIC)] == [
        f"{FOREIGN} via {other.address} dev eth0 proto static"
    ]


@pytest.fixture
def other(pair: Cluster) -> ClusterNode:
    return pair.nodes[1]


def installed(node: ClusterNode) -> dict[str, KernelRoute]:
    return {route.prefix: route for route in kernel_routes(node.namespace, protocol=PROTOCOL_BGP)}


def test_learned_routes_and_the_own_block_are_installed(node: ClusterNode, other: ClusterNode) -> None:
    assert installed(node) == {
        node.block: KernelRoute(node.block, "blackhole", (), None, PROTOCOL_BGP, 0),
        other.block: KernelRoute(
            other.block, "unicast", (other.address,), "eth0", PROTOCOL_BGP, NORMAL_METRIC
        ),
    }
    assert {route["prefix"] for route in node.daemon.routes() if route["installed"]} >= set(installed(node))


def test_a_withdrawn_route_leaves_the_kernel(pair: Cluster, node: ClusterNode, other: ClusterNode) -> None:
    block = "10.244.77.0/26"
    affinity = block_affinity(other.name, block)
    pair.resources.put(affinity)
    wait_until(lambda: block in installed(node), "a new block in the kernel")
    pair.resources.remove("BlockAffinity", affinity["metadata"]["name"])
    wait_until(lambda: block not in installed(node), "the block gone from the kernel")


def test_routes_stay_when_the_daemon_stops(node: ClusterNode, other: ClusterNode) -> None:
    before = installed(node)
    assert node.daemon.process.stop() == 0
    assert installed(node) == before
    assert ping(node.pod, other.pod_address).lost == 0
    node.daemon.start()


def test_routes_go_when_the_daemon_is_told_to_withdraw_them(node: ClusterNode) -> None:
    node.daemon.process.stop()
    node.daemon.start("--withdraw-on-exit")
    wait_until(node.daemon.established, "sessions are back")
    assert node.daemon.process.stop() == 0
    assert installed(node) == {}
    node.daemon.start()


def test_routes_of_a_killed_daemon_are_taken_over(
    pair: Cluster, node: ClusterNode, other: ClusterNode
) -> None:
    """What is still true stays, without a copy; what has become untrue meanwhile goes."""
    before = installed(node)
    affinity = block_affinity(other.name, "10.244.78.0/26")
    pair.resources.put(affinity)
    wait_until(lambda: "10.244.78.0/26" in installed(node), "a block that will be gone")

    assert node.daemon.process.kill() == -signal.SIGKILL
    pair.resources.remove("BlockAffinity", affinity["metadata"]["name"])
    assert "10.244.78.0/26" in installed(node)
    node.daemon.start()
    wait_for_mesh(pair)
    wait_until(lambda: installed(node) == before, "the true routes, each once, and no other")
    assert len(kernel_routes(node.namespace, protocol=PROTOCOL_BGP)) == len(before)
