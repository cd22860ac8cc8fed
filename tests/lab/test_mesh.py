"""The seed's resources, edited while the cluster runs."""

import time

import pytest

from lab.cluster import CLUSTER_AS, Cluster, ClusterNode, session_name
from lab.ping import ping
from lab.rack import bgp_prefixes
from lab.resources import Document, bgp_peer
from lab.wait import wait_for_each, wait_until
from tests.lab.conftest import established_since, wait_for_mesh

pytestmark = pytest.mark.netns


def wait_for_routes(cluster: Cluster) -> None:
    blocks = {block for one in cluster for block in (one.block, one.block_ipv6)}
    wait_for_each(cluster, lambda one: blocks <= bgp_prefixes(one.namespace), "routes to every block")


def wait_for_as(cluster: Cluster, number: int) -> None:
    def numbers(one: ClusterNode) -> set[tuple[int, int]]:
        return {(peer["local_as"], peer["peer_as"]) for peer in one.daemon.peers().values()}

    wait_for_each(cluster, lambda one: numbers(one) == {(number, number)}, f"AS {number} at both ends")
    wait_for_mesh(cluster)


def test_pods_reach_each_other_through_the_mesh(cluster: Cluster) -> None:
    wait_for_routes(cluster)
    first, second, third = cluster
    for other in (second, third):
        assert ping(first.pod, other.pod_address).lost == 0
        assert ping(first.pod, other.pod_address_ipv6).lost == 0


def test_mesh_off_ends_the_sessions_and_withdraws_their_routes(cluster: Cluster) -> None:
    edited = time.monotonic()
    cluster.configure(nodeToNodeMeshEnabled=False)
    wait_for_each(cluster, lambda one: not one.daemon.peers(), "no sessions")
    assert time.monotonic() - edited < 2
    wait_for_each(
        cluster,
        lambda one: bgp_prefixes(one.namespace) == {one.block, one.block_ipv6},
        "its own blocks alone in the kernel",
    )

    cluster.configure(nodeToNodeMeshEnabled=True)
    wait_for_mesh(cluster)
    wait_for_routes(cluster)


@pytest.mark.parametrize(
    "spec",
    [
        pytest.param({"asNumber": "64513"}, id="decimal text"),
        pytest.param({"asNumber": 64513}, id="number"),
        pytest.param({"asNumber": "0.64513"}, id="dotted"),
    ],
)
def test_the_global_as_number_takes_every_session_along(cluster: Cluster, spec: dict[str, object]) -> None:
    cluster.configure(**spec)
    wait_for_as(cluster, 64513)
    cluster.configure()
    wait_for_as(cluster, CLUSTER_AS)


def test_a_node_with_its_own_as_concerns_its_own_sessions_alone(cluster: Cluster) -> None:
    first, second, third = cluster
    between = first.mesh_names(second)
    before = {name: since for name, since in established_since(first).items() if name in between}

    cluster.resources.put(third.document(asNumber="65001"))
    to_third = session_name("Mesh", third.address)
    wait_until(lambda: first.daemon.peers()[to_third]["peer_as"] == 65001, "n3 is expected in AS 65001")
    wait_for_mesh(cluster)
    wait_until(lambda: first.daemon.best(third.block), "the block of n3 is back")
    route = first.daemon.best(third.block)
    assert route is not None
    assert route["as_path"] == [65001]
    assert third.daemon.peers()[session_name("Mesh", first.address)]["peer_as"] == CLUSTER_AS
    assert {name: established_since(first)[name] for name in between} == before

    cluster.resources.put(third.document())
    wait_for_as(cluster, CLUSTER_AS)


def test_peers_by_node_selector_and_peer_selector(cluster: Cluster) -> None:
    """Without the mesh, n1 peers with n2 because a BGPPeer says so, and n2 with n1 in return."""
    first, second, third = cluster
    cluster.configure(nodeToNodeMeshEnabled=False)
    spec = {"nodeSelector": "role == 'hub'", "peerSelector": "role == 'spoke'"}
    cluster.resources.put(bgp_peer("hub", **spec), _labelled(first, "hub"), _labelled(second, "spoke"))
    names = {session_name("Node", address) for address in (second.address, second.address_ipv6)}
    first.daemon.wait_established(names)
    wait_until(lambda: not third.daemon.peers(), "n3 has no session")

    before = established_since(first)
    cluster.resources.put(_labelled(third, "spoke"))
    names |= {session_name("Node", address) for address in (third.address, third.address_ipv6)}
    first.daemon.wait_established(names)
    assert before.items() <= established_since(first).items()

    cluster.resources.remove("BGPPeer", "hub")
    cluster.configure(nodeToNodeMeshEnabled=True)
    cluster.resources.put(*(one.document() for one in cluster))
    wait_for_mesh(cluster)


def test_edits_that_change_nothing_for_a_session_leave_it_alone(cluster: Cluster) -> None:
    wait_for_mesh(cluster)
    before = {one.name: established_since(one) for one in cluster}
    first = cluster.nodes[0]
    cluster.resources.put(_labelled(first, "anything"))
    cluster.resources.put(
        bgp_peer("nobody", nodeSelector="role == 'anything'", peerIP="10.0.0.77", asNumber=1)
    )
    wait_until(lambda: "Node_10_0_0_77" in first.daemon.peers(), "the new peer is taken up")
    cluster.resources.remove("BGPPeer", "nobody")
    wait_until(lambda: "Node_10_0_0_77" not in first.daemon.peers(), "the new peer is gone again")
    assert {one.name: established_since(one) for one in cluster} == before


def _labelled(one: ClusterNode, role: str) -> Document:
    document = one.document()
    document["metadata"]["labels"]["role"] = role
    return document
