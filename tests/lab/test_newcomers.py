"""A node that is new is met by all the others at once, however often that happens."""

import time

import pytest

from lab.cluster import Cluster, ClusterNode
from lab.wait import wait_for_each, wait_until
from tests.lab.conftest import established_since

pytestmark = pytest.mark.netns

SECONDS = 2.0
"""From a node's resource to its last session, at the most."""


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("times", [3, pytest.param(1000, marks=pytest.mark.large)])
def test_a_new_node_has_its_sessions_within_two_seconds(times: int, cluster: Cluster) -> None:
    *old, newcomer = cluster
    took = []
    for _ in range(times):
        _leave(newcomer, old)
        before = [established_since(one) for one in old]
        took.append(_come(newcomer, old))
        after = [established_since(one) for one in old]
        assert all(known.items() <= now.items() for known, now in zip(before, after, strict=True))
    print(f"{times} times a new node: {max(took):.2f} s at the most")
    assert max(took) < SECONDS


def _leave(newcomer: ClusterNode, old: list[ClusterNode]) -> None:
    """The node dies, and its resource is removed."""
    newcomer.daemon.process.kill()
    newcomer.daemon.resources.remove("Node", newcomer.name)
    theirs = newcomer.mesh_names(newcomer)
    wait_for_each(old, lambda one: theirs.isdisjoint(one.daemon.peers()), "the node is forgotten")


def _come(newcomer: ClusterNode, old: list[ClusterNode]) -> float:
    """Start the daemon, create the resource that it waits for, and tell how long its sessions took."""
    newcomer.daemon.start()
    wait_until(newcomer.daemon.problems, "it waits for its resource")
    begun = time.monotonic()
    newcomer.daemon.resources.put(newcomer.document())
    theirs = newcomer.mesh_names(newcomer)
    wait_for_each(old, lambda one: theirs <= one.daemon.established(), "the new node is met")
    return time.monotonic() - begun
