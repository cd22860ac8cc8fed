"""The exporter, between a cluster of speakers and a station."""

import asyncio
import contextlib

import pytest

import fsm
import rib
import wire
from bgpd.monitoring import Monitor, feed
from bgpd.monitoring import bmp as exporter
from bgpd.monitoring.bmp import BmpStation, backoff
from tests.bgpd.monitoring.station import Station
from tests.bgpd.speaker.cluster import Cluster, Member, until
from wire import Family, bmp

FIRST, SECOND = "10.244.2.0/26", "10.244.3.0/26"


class Watched:
    """Three nodes of a mesh; a station watches n1."""

    def __init__(self):
        self.cluster = Cluster(3)
        self.monitor = Monitor()
        self.member = self.cluster.members["n1"] = Member("n1", monitor=self.monitor)
        self.station = Station()
        self.exporter = None
        self.task = None

    async def watch(self):
        port = self.station.port
        self.exporter = BmpStation(
            "127.0.0.1",
            port,
            name="n1",
            monitor=self.monitor,
            events=self.member.events,
            backoff=lambda failures: 0.01,
        )
        self.monitor.add(self.exporter)
        self.task = asyncio.create_task(self.exporter.run())
        await until(lambda: self.exporter.connected or self.station.port == 0)

    def announce(self, count):
        """Have n2 announce so many prefixes."""
        router = self.cluster.members["n2"].speaker.tables.change()
        routes = {b"\x18" + bytes([10, n >> 8, n & 255]): rib.LocalRoute("blackhole") for n in range(count)}
        router.change_local(rib.Protocol.REQUESTED, Family.IPV4_UNICAST, routes)

    def received(self):
        """What n1 has received by peer's address, as the API tells it."""
        router = self.member.speaker.tables.router
        return {
            self.cluster.address(name): {
                wire.format_prefix(row.family, row.prefix)
                for row in router.routes(Family.IPV4_UNICAST, received_from=self.cluster.key(name))
            }
            for name in ("n2", "n3")
        }

    async def close(self):
        if self.task is not None:
            self.task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.task
        await self.cluster.close()
        await self.station.close()


@pytest.fixture
async def watched():
    made = Watched()
    await made.station.open()
    yield made
    await made.close()


async def test_station_sees_sessions_come_up_and_their_updates_as_they_came(watched):
    await watched.watch()
    await watched.cluster.up()
    await until(lambda: watched.station.prefixes() == {"127.1.0.2": {FIRST}, "127.1.0.3": {SECOND}})
    first, *rest = watched.station.messages()
    assert first.content["tlvs"][1] == (bmp.InitiationType.SYS_NAME, b"n1")
    up = next(message for message in rest if message.kind == "peer up")
    ours, theirs = (wire.decode_open(up.content[side][19:]) for side in ("sent", "received"))
    assert (ours.bgp_identifier, theirs.bgp_identifier) == (bytes([127, 1, 0, 1]), up.peer.address)
    assert up.content["local_address"] == bytes([127, 1, 0, 1])
    assert watched.cluster.port in (up.content["local_port"], up.content["remote_port"])
    assert (up.peer.as_number, up.peer.flags) == (64512, 0)
    assert watched.station.table()[1] == {
        (bytes([127, 1, 0, number]), Family.IPV4_UNICAST) for number in (2, 3)
    }


async def test_station_that_comes_later_gets_the_tables_first(watched):
    await watched.cluster.up()
    watched.announce(3000)
    await until(lambda: len(watched.received()["127.1.0.2"]) == 3001)
    await watched.watch()
    await until(lambda: len(watched.station.table()[1]) == 2)
    assert watched.station.prefixes() == watched.received()
    watched.announce(3001)
    await until(lambda: len(watched.received()["127.1.0.2"]) == 3002)
    await until(lambda: watched.station.prefixes() == watched.received())


async def test_session_that_ends_tells_how(watched):
    await watched.watch()
    await watched.cluster.up()
    for name, other in (("n2", "n1"), ("n1", "n3")):
        peer = watched.cluster.members[name].peer(watched.cluster.key(other))
        peer.handle(fsm.ManualStop("closed for today"))
    await until(lambda: len(watched.station.messages("peer down")) == 2)
    ended = {message.peer.address[3]: message.content for message in watched.station.messages("peer down")}
    assert ended[2]["reason"] == bmp.PeerDownReason.REMOTE_NOTIFICATION
    assert ended[3]["reason"] == bmp.PeerDownReason.LOCAL_NOTIFICATION
    for content in ended.values():
        assert b"closed for today" in content["data"]
        assert wire.decode_notification(content["data"][19:]).code == wire.ErrorCode.CEASE
    assert watched.station.prefixes() == {}


async def test_station_that_does_not_read_is_left_and_begins_anew(watched, monkeypatch):
    monkeypatch.setattr(feed, "LIMIT", 1 << 20)
    watched.station.deaf = True
    await watched.watch()
    await watched.cluster.up()
    await until(lambda: watched.station.connections)
    watched.station.deaf = False
    keepalive = wire.encode_keepalive()
    while watched.station.connections < 2:
        for session in watched.monitor.sessions.values():
            watched.exporter.updates_received(session, [keepalive] * 10_000, 0)
        await asyncio.sleep(0)
    assert any("it is too slow: " in message for message in watched.member.messages())
    await until(lambda: watched.station.prefixes() == watched.received())
    assert watched.member.established(watched.cluster.key("n2"), watched.cluster.key("n3"))


async def test_station_is_tried_again_and_reported_once(watched):
    port = watched.station.port
    await watched.station.close()
    watched.station.port = 0
    await watched.cluster.up()
    watched.station.port = port
    task = asyncio.create_task(watched.watch())
    await until(lambda: any("cannot connect" in message for message in watched.member.messages()))
    await asyncio.sleep(0.1)
    await watched.station.open(port)
    await task
    told = [message for message in watched.member.messages() if "BMP station" in message]
    assert [text.partition(": ")[2].partition(":")[0] for text in told] == ["cannot connect", "connected"]


async def test_daemon_that_stops_says_so(watched):
    await watched.watch()
    watched.task.cancel()
    await until(lambda: watched.station.messages("termination"))
    (last,) = watched.station.messages("termination")
    assert last.content["tlvs"] == [(1, bytes([0, bmp.TerminationReason.ADMINISTRATIVELY_CLOSED]))]
    assert not watched.exporter.connected


async def test_numbers_are_reported(watched, monkeypatch):
    monkeypatch.setattr(exporter, "_STATISTICS_SECONDS", 0.05)
    await watched.watch()
    await watched.cluster.up()
    kinds = bmp.StatisticType
    expected = {
        kinds.CLUSTER_LIST_LOOPS: 0,
        kinds.AS_PATH_LOOPS: 0,
        kinds.ORIGINATOR_ID_LOOPS: 0,
        kinds.ADJ_RIB_IN: 1,
        kinds.LOC_RIB: 3,
    }
    per_family = {(kinds.ADJ_RIB_IN_OF_FAMILY, 1): 1, (kinds.LOC_RIB_OF_FAMILY, 1): 3}
    report = {"totals": expected, "per_family": per_family}
    await until(lambda: [m.content for m in watched.station.messages("statistics")[-1:]] == [report])


def test_pauses_double_up_to_twelve_minutes():
    assert [backoff(failures) for failures in (1, 2, 3, 5, 6, 100)] == [30, 60, 120, 480, 720, 720]
