"""Clusters of namespaces with our daemon on every node."""

from collections.abc import Iterator

import pytest

from lab.cluster import Cluster, ClusterNode
from lab.topology import Lab
from tests.support.needs import need_namespaces


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    """An empty lab."""
    need_namespaces()
    with Lab() as lab:
        yield lab


@pytest.fixture(scope="module")
def cluster(lab: Lab) -> Cluster:
    """Three nodes in a full mesh, every session Established."""
    cluster = Cluster(lab, 3)
    cluster.start()
    wait_for_mesh(cluster)
    return cluster


def wait_for_mesh(cluster: Cluster) -> None:
    """Wait until the mesh, and nothing else, is Established on every node."""
    for one in cluster:
        one.daemon.wait_established(one.mesh_names(*cluster.others(one)))


def established_since(one: ClusterNode) -> dict[str, str]:
    """When each session of a node was established: the same later means that it never went away."""
    peers = one.daemon.peers()
    return {name: peer["since"] for name, peer in peers.items() if peer["state"] == "Established"}
