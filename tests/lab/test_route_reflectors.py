"""From the mesh to route reflectors while packets flow: the documented procedure, without a lost packet."""

import pytest

from lab.cluster import Cluster, ClusterNode, session_name
from lab.ping import Pinger
from lab.resources import Document, bgp_peer
from lab.routes import PROTOCOL_BGP, kernel_routes
from lab.topology import Lab
from lab.wait import wait_until

pytestmark = pytest.mark.netns

CLUSTER_ID = "244.0.0.1"


def test_migration_loses_no_packet_and_changes_no_route(lab: Lab) -> None:
    cluster = Cluster(lab, 4)
    *workers, reflector = cluster
    cluster.resources.put(_as_reflector(reflector))
    cluster.start()
    for worker in workers:
        worker.daemon.wait_established(worker.mesh_names(*(each for each in workers if each is not worker)))
    _wait_for_blocks(workers)
    routes = {worker.name: kernel_routes(worker.namespace, protocol=PROTOCOL_BGP) for worker in workers}

    pairs = [(source, target) for source in workers for target in workers if source is not target]
    pingers = [Pinger(source.pod, target.pod_address, interval=0.02) for source, target in pairs]
    for pinger in pingers:
        pinger.start()
    cluster.resources.put(
        bgp_peer("reflectors", nodeSelector="all()", peerSelector="route-reflector == 'true'")
    )
    to_reflector = {session_name("Node", address) for address in (reflector.address, reflector.address_ipv6)}
    for worker in workers:
        wait_until(
            lambda worker=worker: to_reflector <= worker.daemon.established(),
            f"{worker.name}: to the reflector",
        )
        _wait_for_reflected(worker, workers)
    cluster.configure(nodeToNodeMeshEnabled=False)
    for worker in workers:
        worker.daemon.wait_established(to_reflector)
    losses = [pinger.finish() for pinger in pingers]

    assert [loss.lost for loss in losses] == [0] * len(pairs)
    assert min(loss.sent for loss in losses) > 10
    for worker in workers:
        now = [
            route
            for route in kernel_routes(worker.namespace, protocol=PROTOCOL_BGP)
            if route.prefix != reflector.block
        ]
        assert now == [route for route in routes[worker.name] if route.prefix != reflector.block]
        others = [each for each in workers if each is not worker]
        for other in others:
            best = worker.daemon.best(other.block)
            assert best is not None
            assert (best["originator_id"], best["cluster_list"]) == (other.address, [CLUSTER_ID])


def _as_reflector(one: ClusterNode) -> Document:
    document = one.document(routeReflectorClusterID=CLUSTER_ID)
    document["metadata"]["labels"]["route-reflector"] = "true"
    return document


def _wait_for_blocks(workers: list[ClusterNode]) -> None:
    for worker in workers:
        wait_until(
            lambda worker=worker: (
                {each.block for each in workers}
                <= {route.prefix for route in kernel_routes(worker.namespace, protocol=PROTOCOL_BGP)}
            ),
            f"{worker.name}: routes to every worker",
        )


def _wait_for_reflected(worker: ClusterNode, workers: list[ClusterNode]) -> None:
    """The procedure's third step: every block is there twice before the mesh goes."""
    for other in workers:
        if other is not worker:
            wait_until(
                lambda other=other: any(
                    route["cluster_list"] for route in worker.daemon.routes(prefix=other.block)
                ),
                f"{worker.name}: {other.block} reflected",
            )
