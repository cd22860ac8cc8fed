"""Going between mesh and route reflectors on live nodes: nobody is without a route for a moment."""

import asyncio
import contextlib

import pytest

from bgpd.speaker import departures
from tests.bgpd.speaker.cluster import Cluster, until
from wire import Family

REFLECTED = {
    "kind": "BGPPeer",
    "metadata": {"name": "to-reflectors"},
    "spec": {"nodeSelector": "all()", "peerSelector": "has(reflector)"},
}


@pytest.fixture(autouse=True)
def _shorter_times(monkeypatch):
    monkeypatch.setattr(departures, "GRACE", 0.3)
    monkeypatch.setattr("bgpd.speaker.sessions.RETIREMENT", 3.0)


@contextlib.asynccontextmanager
async def watched(count):
    """A cluster in which every block is looked for at every node, some hundred times a second."""
    cluster = Cluster(count)
    gaps = []

    async def watch():
        while True:
            if not cluster.complete():
                gaps.append(asyncio.get_running_loop().time())
            await asyncio.sleep(0.005)

    try:
        await cluster.up()
        watcher = asyncio.create_task(watch())
        yield cluster
        watcher.cancel()
        assert not gaps, f"{len(gaps)} looks found a block missing"
    finally:
        await cluster.close()


def reflector(cluster):
    cluster.nodes["n1"]["routeReflectorClusterID"] = "244.0.0.1"
    cluster.labels["n1"] = {"reflector": "true"}


def peering(cluster):
    cluster.extra = [REFLECTED]


def no_mesh(cluster):
    cluster.configuration["nodeToNodeMeshEnabled"] = False


def to_reflectors(cluster):
    for step in (reflector, peering, no_mesh):
        step(cluster)


def to_mesh(cluster):
    del cluster.nodes["n1"]["routeReflectorClusterID"]
    cluster.labels.clear()
    cluster.extra = []
    cluster.configuration["nodeToNodeMeshEnabled"] = True


def session_names(cluster, name):
    return sorted(session.name for session in cluster.members[name].speaker.sessions.values())


async def settled(cluster, sessions):
    """Wait until every node has as many sessions as it shall have."""
    await until(lambda: [len(session_names(cluster, name)) for name in cluster.members] == sessions)


@pytest.mark.parametrize(
    "order", [["n1", "n2", "n3", "n4"], ["n4", "n3", "n2", "n1"], ["n2", "n1", "n4", "n3"]]
)
async def test_mesh_to_a_reflector_in_one_step_and_back(order):
    async with watched(4) as cluster:
        to_reflectors(cluster)
        for name in order:
            cluster.apply(name)
            await asyncio.sleep(0.05)
        await settled(cluster, [3, 1, 1, 1])
        assert all(name.startswith("Node_") for name in session_names(cluster, "n2"))

        to_mesh(cluster)
        for name in order:
            cluster.apply(name)
            await asyncio.sleep(0.05)
        await until(lambda: all(m.established(*others(cluster, n)) for n, m in cluster.members.items()))
        await asyncio.sleep(3.2)  # the former reflector stops reflecting


@pytest.mark.parametrize(
    "steps", [(reflector, peering, no_mesh), (no_mesh, peering, reflector), (no_mesh, reflector, peering)]
)
async def test_the_resources_of_one_change_may_come_one_by_one_in_any_order(steps):
    async with watched(4) as cluster:
        for step in steps:
            step(cluster)
            cluster.apply()
            await asyncio.sleep(departures.SETTLE - 0.1)
        await settled(cluster, [3, 1, 1, 1])


def cluster_lists(cluster, name):
    """CLUSTER_LIST of the routes that a node has from reflectors, those that it refuses included."""
    rows = cluster.members[name].speaker.tables.router.routes(Family.IPV4_UNICAST)
    return {row.attributes.cluster_list for row in rows if row.attributes.cluster_list}


async def test_former_reflectors_stop_reflecting_whatever_else_changes_of_their_sessions():
    async with watched(4) as cluster:
        to_reflectors(cluster)
        cluster.nodes["n2"], cluster.labels["n2"] = cluster.nodes["n1"], cluster.labels["n1"]
        cluster.apply()
        await settled(cluster, [3, 3, 2, 2])
        cluster.configuration["nodeToNodeMeshEnabled"] = True
        cluster.nodes["n1"] = cluster.nodes["n2"] = {}
        cluster.apply()
        cluster.extra = []
        cluster.apply()  # the sessions of the reflectors have other names, and are the same
        await until(lambda: all(m.established(*others(cluster, n)) for n, m in cluster.members.items()))
        assert cluster_lists(cluster, "n3") == {bytes([244, 0, 0, 1])}
        await until(lambda: not any(cluster_lists(cluster, name) for name in cluster.members))


def speaks_as(cluster, numbers):
    """Whether every session of the mesh is Established between these ASes."""
    return all(
        member.established(*others(cluster, name))
        and {cluster.key(one): numbers[one] for one in numbers if one != name}
        == {key: peer.negotiated.peer_as for key, peer in member.speaker.peers.items()}
        for name, member in cluster.members.items()
    )


@pytest.mark.parametrize("order", [["n1", "n2", "n3"], ["n3", "n1", "n2"]])
async def test_another_as_of_the_cluster_node_by_node(order):
    async with watched(3) as cluster:
        cluster.configuration["asNumber"] = 64999
        for name in order:
            cluster.apply(name)
            await asyncio.sleep(0.2)
        await until(lambda: speaks_as(cluster, dict.fromkeys(order, 64999)))


async def test_another_as_of_one_node_and_back():
    async with watched(3) as cluster:
        for number in (64999, 64512):
            cluster.nodes["n2"]["asNumber"] = number
            for name in ("n1", "n2", "n3"):
                cluster.apply(name)
                await asyncio.sleep(0.2)
            await until(lambda number=number: speaks_as(cluster, {"n1": 64512, "n2": number, "n3": 64512}))


async def test_a_reflector_waits_long_for_the_peering_that_makes_it_one():
    async with watched(3) as cluster:
        reflector(cluster)
        cluster.apply()
        await asyncio.sleep(departures.SETTLE + 0.5)
        assert cluster.members["n2"].speaker.leaves_in(cluster.key("n1")) > 20
        assert cluster.members["n1"].speaker.leaves_in(cluster.key("n2")) > 20
        peering(cluster)
        cluster.apply()
        await settled(cluster, [2, 2, 2])


async def test_where_there_are_reflectors_the_mesh_waits_long_for_the_peering_with_them():
    async with watched(4) as cluster:
        reflector(cluster)
        no_mesh(cluster)
        cluster.apply()
        await asyncio.sleep(departures.SETTLE + 0.5)
        assert cluster.members["n2"].speaker.leaves_in(cluster.key("n3")) > 20
        peering(cluster)
        cluster.apply()
        await settled(cluster, [3, 1, 1, 1])


def others(cluster, name):
    return [cluster.key(other) for other in cluster.members if other != name]


async def test_a_departing_session_that_is_wanted_again_stays():
    async with watched(3) as cluster:
        second = cluster.members["n2"]
        since = second.peer(cluster.key("n3")).session.established_at
        to_reflectors(cluster)
        cluster.apply("n2", "n3")
        assert cluster.key("n3") in second.speaker.departures
        assert second.speaker.leaves_in(cluster.key("n3")) > 20
        to_mesh(cluster)
        cluster.apply("n2", "n3")
        assert cluster.key("n3") not in second.speaker.departures
        await asyncio.sleep(0.5)
        assert second.peer(cluster.key("n3")).session.established_at == since


async def test_where_nothing_replaces_a_session_it_ends_soon():
    cluster = Cluster(2)
    try:
        await cluster.up()
        cluster.configuration["nodeToNodeMeshEnabled"] = False
        cluster.apply()
        await until(lambda: not cluster.members["n1"].speaker.peers, seconds=departures.SETTLE + 1)
    finally:
        await cluster.close()


async def test_what_is_never_covered_leaves_when_its_time_is_up(monkeypatch):
    monkeypatch.setattr(departures, "LIMIT", 0.5)
    cluster = Cluster(3)
    try:
        await cluster.up()
        to_reflectors(cluster)
        cluster.apply("n2", "n3")  # the reflector never learns that it is one
        second = cluster.members["n2"]
        await until(lambda: cluster.key("n3") not in second.speaker.peers)
        assert any("1 prefixes have no other path" in message for message in second.messages())
    finally:
        await cluster.close()
