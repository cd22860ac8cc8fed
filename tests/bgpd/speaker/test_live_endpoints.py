"""Ports and addresses change while sessions run: what has another endpoint is reset, nothing else."""

import contextlib

from tests.bgpd.speaker.cluster import Cluster, free_port, until


@contextlib.asynccontextmanager
async def running(count, **configuration):
    cluster = Cluster(count, **configuration)
    try:
        await cluster.up()
        yield cluster
    finally:
        await cluster.close()


def own_port(name, port):
    return {"kind": "BGPConfiguration", "metadata": {"name": f"node.{name}"}, "spec": {"listenPort": port}}


def since(cluster, at, key):
    return cluster.members[at].peer(key).session.established_at


async def test_listen_port_of_a_node_moves_its_sessions_alone():
    async with running(3) as cluster:
        kept = since(cluster, "n1", cluster.key("n2"))
        port = free_port()
        cluster.extra = [own_port("n3", port)]
        cluster.apply()
        moved = f"{cluster.address('n3')} port {port}"
        await until(lambda: all(cluster.members[name].established(moved) for name in ("n1", "n2")))
        await until(cluster.complete)
        assert since(cluster, "n1", cluster.key("n2")) == kept
        assert cluster.members["n3"].speaker.listener.addresses == [(cluster.address("n3"), port)]


async def test_bind_mode_changes_where_is_listened_and_no_session():
    async with running(2) as cluster:
        kept = since(cluster, "n1", cluster.key("n2"))
        cluster.configuration["bindMode"] = "None"
        cluster.extra = [own_port("n1", port := free_port())]
        cluster.apply()
        listener = cluster.members["n1"].speaker.listener
        await until(lambda: ("0.0.0.0", port) in listener.addresses)
        assert kept is not None
        moved = f"{cluster.address('n1')} port {port}"
        await until(lambda: cluster.members["n2"].established(moved))
        again = since(cluster, "n2", moved)
        cluster.configuration["bindMode"] = "NodeIP"
        cluster.apply("n1")
        assert listener.addresses == [(cluster.address("n1"), port)]
        assert since(cluster, "n2", moved) == again


async def test_another_address_of_a_node_moves_its_sessions_alone():
    async with running(3) as cluster:
        kept = since(cluster, "n1", cluster.key("n2"))
        cluster.nodes["n3"] = {"ipv4Address": "127.1.0.33/32"}
        cluster.apply()
        moved = f"127.1.0.33 port {cluster.port}"
        await until(lambda: all(cluster.members[name].established(moved) for name in ("n1", "n2")))
        await until(cluster.complete)
        assert since(cluster, "n1", cluster.key("n2")) == kept
