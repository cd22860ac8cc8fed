"""From the mesh to route reflectors while packets flow: the documented procedure, without a lost packet."""

import pytest

from lab.cluster import Cluster, ClusterNode, session_name
from lab.ping import Pinger
from lab.resources import Document, bgp_peer
from lab.routes import PROTOCOL_BGP, KernelRoute, kernel_routes
from lab.topology import Lab
from lab.wait import wait_for_each

pytestmark = pytest.mark.netns

CLUSTER_ID = "244.0.0.1"


def test_migration_loses_no_packet_and_changes_no_route(lab: Lab) -> None:
    cluster = Cluster(lab, 4)
    *workers, reflector = cluster
    cluster.resources.put(_as_reflector(reflector))
    cluster.start()
    for worker in workers:
        worker.daemon.wait_established(worker.mesh_names(*_others(worker, workers)))
    blocks = {worker.block for worker in workers}
    wait_for_each(workers, lambda worker: blocks == set(_routes(worker)), "routes to every worker")
    before = {worker: _routes(worker) for worker in workers}

    pairs = [(source, target) for source in workers for target in _others(source, workers)]
    pingers = [Pinger(source.pod, target.pod_address, interval=0.02) for source, target in pairs]
    for pinger in pingers:
        pinger.start()
    cluster.resources.put(
        bgp_peer("reflectors", nodeSelector="all()", peerSelector="route-reflector == 'true'")
    )
    to_reflector = {session_name("Node", address) for address in (reflector.address, reflector.address_ipv6)}
    wait_for_each(workers, lambda worker: to_reflector <= worker.daemon.established(), "to the reflector")
    wait_for_each(pairs, _is_reflected, "every block there twice, before the mesh goes")
    cluster.configure(nodeToNodeMeshEnabled=False)
    for worker in workers:
        worker.daemon.wait_established(to_reflector)
    wait_for_each(pairs, _is_only_reflected, "the route of the mesh is gone")
    losses = [pinger.finish() for pinger in pingers]

    assert [loss.lost for loss in losses] == [0] * len(pairs)
    assert min(loss.sent for loss in losses) > 10
    for worker in workers:
        assert {prefix: route for prefix, route in _routes(worker).items() if prefix in blocks} == before[
            worker
        ]
    for source, target in pairs:
        best = source.daemon.best(target.block)
        assert best is not None
        assert (best["originator_id"], best["cluster_list"]) == (target.address, [CLUSTER_ID])


def _as_reflector(one: ClusterNode) -> Document:
    document = one.document(routeReflectorClusterID=CLUSTER_ID)
    document["metadata"]["labels"]["route-reflector"] = "true"
    return document


def _others(one: ClusterNode, among: list[ClusterNode]) -> list[ClusterNode]:
    return [each for each in among if each is not one]


def _routes(one: ClusterNode) -> dict[str, KernelRoute]:
    return {route.prefix: route for route in kernel_routes(one.namespace, protocol=PROTOCOL_BGP)}


def _is_reflected(pair: tuple[ClusterNode, ClusterNode]) -> bool:
    source, target = pair
    return any(route["cluster_list"] for route in source.daemon.routes(prefix=target.block))


def _is_only_reflected(pair: tuple[ClusterNode, ClusterNode]) -> bool:
    source, target = pair
    return all(route["cluster_list"] for route in source.daemon.routes(prefix=target.block))
