"""The speaker: sessions follow the resources, and a change touches what it must and nothing else."""

import asyncio
import contextlib
import logging

import pytest

import fsm
import wire
from tests.bgpd.speaker.cluster import Cluster, until


@contextlib.asynccontextmanager
async def running(count, **configuration):
    cluster = Cluster(count, **configuration)
    try:
        await cluster.up()
        yield cluster
    finally:
        await cluster.close()


def established_at(member, other):
    return member.peer(other).session.established_at


async def test_a_mesh_comes_up_and_everybody_has_every_block():
    async with running(3) as cluster:
        for name, member in cluster.members.items():
            others = [cluster.key(other) for other in cluster.members if other != name]
            assert member.established(*others)
            assert member.sources(f"10.244.{name[1:]}.0/26") == ["local"]


async def test_the_same_intent_again_does_nothing():
    async with running(2) as cluster:
        before = [len(member.events.since()) for member in cluster.members.values()]
        cluster.apply()
        await asyncio.sleep(0)
        assert [len(member.events.since()) for member in cluster.members.values()] == before


async def test_a_removed_session_takes_its_routes_along_and_leaves_the_others_alone():
    async with running(3) as cluster:
        first, second = cluster.members["n1"], cluster.members["n2"]
        kept = established_at(first, cluster.key("n2"))
        del cluster.nodes["n3"]
        cluster.apply("n1", "n2")
        await until(lambda: not first.sources("10.244.3.0/26") and not second.sources("10.244.3.0/26"))
        assert established_at(first, cluster.key("n2")) == kept
        assert cluster.key("n3") not in first.speaker.peers


async def test_going_from_the_mesh_to_a_peering_of_the_same_kind_hands_the_session_over():
    """The peer's address is the session; which resource asks for it is not."""
    async with running(2) as cluster:
        before = {name: established_at(m, cluster.key(o)) for (name, m), o in pairs(cluster)}
        cluster.configuration["nodeToNodeMeshEnabled"] = False
        cluster.extra = [
            {
                "kind": "BGPPeer",
                "metadata": {"name": "everybody"},
                "spec": {"nodeSelector": "all()", "peerSelector": "all()"},
            }
        ]
        cluster.apply()
        await asyncio.sleep(0.1)
        assert {name: established_at(m, cluster.key(o)) for (name, m), o in pairs(cluster)} == before
        assert cluster.complete()
        session = cluster.members["n1"].speaker.sessions[cluster.key("n2")]
        assert session.name.startswith("Node_")


def pairs(cluster):
    return zip(cluster.members.items(), reversed(list(cluster.members)), strict=True)


async def test_another_as_resets_the_sessions_concerned_and_they_come_back():
    async with running(3) as cluster:
        second = cluster.members["n2"]
        untouched = established_at(second, cluster.key("n3"))
        cluster.nodes["n1"]["asNumber"] = 64600
        cluster.apply()
        # A route from another AS crosses the mesh only where both have a session with its origin.
        await until(lambda: second.established(cluster.key("n1")) and second.sources("10.244.1.0/26"))
        assert second.peer(cluster.key("n1")).negotiated.peer_as == 64600
        assert established_at(second, cluster.key("n3")) == untouched


async def test_another_router_id_starts_everything_anew():
    async with running(2) as cluster:
        first = cluster.members["n1"]
        before = first.speaker.tables.router
        intent = first.speaker.intent
        object.__setattr__(intent, "router_id", b"\x09\x09\x09\x09")
        cluster.apply()
        await until(cluster.complete)
        assert first.speaker.tables.router is not before


async def test_an_edit_that_no_session_cares_about_touches_none():
    async with running(2) as cluster:
        first = cluster.members["n1"]
        before = established_at(first, cluster.key("n2"))
        cluster.labels["n2"] = {"rack": "r9"}
        cluster.apply()
        await asyncio.sleep(0.05)
        assert established_at(first, cluster.key("n2")) == before


async def test_a_session_without_its_password_is_not_opened_and_says_why():
    async with running(2) as cluster:
        first = cluster.members["n1"]
        secret = {"secretKeyRef": {"name": "absent", "key": "password"}}
        cluster.configuration["nodeMeshPassword"] = secret
        cluster.apply("n1")
        await until(lambda: cluster.key("n2") not in first.speaker.peers)
        assert any("absent" in message for message in first.messages())
        del cluster.configuration["nodeMeshPassword"]
        cluster.apply("n1")
        await until(cluster.complete)


async def test_a_peer_that_sends_garbage_gets_a_notification_and_disturbs_nobody():
    async with running(3) as cluster:
        first = cluster.members["n1"]
        kept = established_at(first, cluster.key("n2"))
        cluster.members["n3"].peer(cluster.key("n1"))._established.send(b"\xff" * 10 + b"garbage" * 10)
        await until(lambda: first.peer(cluster.key("n3")).session.last_error is not None)
        error = first.peer(cluster.key("n3")).session.last_error
        assert (error.code, error.subcode, error.direction) == (1, 1, fsm.Direction.SENT)
        assert first.peer(cluster.key("n3")).notifications == {("sent", 1, 1): 1}
        await until(cluster.complete)
        assert established_at(first, cluster.key("n2")) == kept


def update(prefix, *, origin=0, path_id=99):
    """Give an UPDATE that announces one prefix with ADD-PATH (RFC 7911), with an ORIGIN that may be wrong."""
    _, octets = wire.parse_prefix(prefix)
    attributes = bytes([0x40, 1, 1, origin]) + bytes.fromhex("4002004003047f01000240050400000064")
    body = b"\0\0" + len(attributes).to_bytes(2, "big") + attributes + path_id.to_bytes(4, "big") + octets
    return b"\xff" * 16 + (19 + len(body)).to_bytes(2, "big") + b"\x02" + body


async def test_a_malformed_attribute_is_counted_and_its_routes_withdrawn(caplog):
    """RFC 7606, sections 6 and 7.1: an undefined ORIGIN withdraws; the session stays, the log has it all."""
    async with running(2) as cluster:
        first = cluster.members["n1"]
        line = cluster.members["n2"].peer(cluster.key("n1"))._established
        line.send(update("10.244.99.0/26"))
        await until(lambda: first.sources("10.244.99.0/26"))
        line.send(update("10.244.99.0/26", origin=7))
        await until(lambda: not first.sources("10.244.99.0/26"))
        assert first.established(cluster.key("n2"))
        assert first.peer(cluster.key("n2")).faults.counts == {(1, "treat-as-withdraw"): 1}
        (reported,) = [record.fields for record in caplog.records if "malformed" in record.message]
        assert reported["prefixes"] == "10.244.99.0/26"
        assert bytes.fromhex(reported["update"]) == update("10.244.99.0/26", origin=7)[19:]


async def test_connections_from_strangers_are_refused_and_reported_once(caplog):
    caplog.set_level(logging.WARNING)
    async with running(2) as cluster:
        first = cluster.members["n1"]
        for _ in range(3):
            reader, writer = await asyncio.open_connection(
                cluster.address("n1"), cluster.port, local_addr=("127.1.0.99", 0)
            )
            assert await reader.read() == b""
            writer.close()
        assert sum("127.1.0.99" in message for message in first.messages()) == 1


async def test_refresh_asks_for_routes_and_sends_ours_again():
    async with running(2) as cluster:
        first, second = cluster.members["n1"], cluster.members["n2"]
        sent = first.peer(cluster.key("n2")).session.counters.sent["update"]
        first.speaker.refresh(first.peer(cluster.key("n2")))
        await until(lambda: first.peer(cluster.key("n2")).session.counters.sent["update"] > sent)
        await until(lambda: second.peer(cluster.key("n1")).session.counters.received["route_refresh"] >= 1)
        assert cluster.complete()


@pytest.mark.parametrize("action", ["", "warn", "restart=1s"])
async def test_too_many_prefixes_do_what_the_annotation_says(action):
    async with running(2) as cluster:
        first = cluster.members["n1"]
        cluster.configuration["nodeToNodeMeshEnabled"] = False
        limit = f"1,{action}" if action else "1"
        cluster.extra = [
            {
                "kind": "BGPPeer",
                "metadata": {"name": "limited", "annotations": {"bgpd.io/max-prefixes": limit}},
                "spec": {"nodeSelector": "all()", "peerSelector": "all()"},
            }
        ]
        cluster.apply()
        line = cluster.members["n2"].peer(cluster.key("n1"))._established
        line.send(update("10.244.98.0/26") + update("10.244.99.0/26"))
        peer = first.peer(cluster.key("n2"))
        if action == "warn":
            await until(lambda: any("the limit is 1" in message for message in first.messages()))
            assert first.established(cluster.key("n2"))
            return
        await until(lambda: peer.session.last_error is not None)
        # Both sides keep routes over a NOTIFICATION, so a real end is a Hard Reset (RFC 8538, section 3.1).
        assert (peer.session.last_error.code, peer.session.last_error.subcode) == (6, 9)
        assert "Maximum Number of Prefixes Reached" in peer.session.last_error.text
        assert peer.session.stopped is (action == "")
        if action:
            await until(lambda: first.established(cluster.key("n2")))


async def test_a_slow_reader_is_served_from_the_tables():
    async with running(2) as cluster:
        first = cluster.members["n1"]
        peer = first.peer(cluster.key("n2"))
        peer.writing_paused(peer._established, True)
        cluster.extra = [
            {
                "kind": "BlockAffinity",
                "metadata": {"name": "late"},
                "spec": {"state": "confirmed", "node": "n1", "type": "host", "cidr": "10.244.77.0/26"},
            }
        ]
        cluster.apply("n1")
        await asyncio.sleep(0.05)
        second = cluster.members["n2"]
        assert not second.sources("10.244.77.0/26")
        peer.writing_paused(peer._established, False)
        await until(lambda: second.sources("10.244.77.0/26"))


async def test_stopping_without_withdrawing_says_nothing_and_the_peer_keeps_the_routes():
    """RFC 4724, section 4.2: the connection closes without a NOTIFICATION, the routes become stale."""
    async with running(2) as cluster:
        first, second = cluster.members["n1"], cluster.members["n2"]
        await first.speaker.stop(withdraw=False)
        await until(lambda: not second.established(cluster.key("n1")))
        assert second.sources("10.244.1.0/26")
        assert second.peer(cluster.key("n1")).notifications == {}


async def test_stopping_with_withdrawing_sends_a_cease_and_the_routes_go():
    async with running(2) as cluster:
        first, second = cluster.members["n1"], cluster.members["n2"]
        await first.speaker.stop(withdraw=True)
        await until(lambda: not second.sources("10.244.1.0/26"))
        peer = second.peer(cluster.key("n1"))
        assert peer.notifications == {("received", 6, wire.CeaseError.HARD_RESET): 1}
        assert "Administrative Shutdown" in peer.session.last_error.text
