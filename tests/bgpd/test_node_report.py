"""CalicoNodeStatus: what is told, in Calico's words, and when it is written."""

import asyncio

import pytest

import rib
import wire
from bgpd import api, node_reporter
from bgpd.datastore import DatastoreError, open_datastore
from bgpd.node_report import node_report, same_but_for_time
from bgpd.node_reporter import NodeReporter
from bgpd.resources import CalicoNodeStatus, parse_resource
from wire import Family

NOW = 1_700_000_000.0
STATUS = api.DaemonStatus(
    node="n1", version="1.2", started_at=NOW - 60, router_id="10.0.0.1", applied_at=NOW - 5
)


def resource(*classes, node="n1", period=0, name="report"):
    spec = {"node": node, "classes": list(classes), "updatePeriodSeconds": period}
    document = {"apiVersion": "projectcalico.org/v3", "kind": "CalicoNodeStatus", "metadata": {"name": name}}
    return parse_resource({**document, "spec": spec}, "test")


def peer(name, kind, state="Established", family="ipv4", ip="10.0.0.2", since=NOW - 10):
    return api.PeerStatus(
        name=name, peer_ip=ip, peer_as=1, local_as=1, type=kind, state=state, since=since, family=family
    )


PEERS = [
    peer("Mesh_10_0_0_2", "NodeMesh"),
    peer("Global_10_0_0_9", "GlobalPeer", "Active", ip="10.0.0.9", since=NOW - 90_000),
    peer("Node_fd00__2", "NodePeer", family="ipv6", ip="fd00::2"),
    peer("Local_Workload_10_1_0_2", "LocalWorkload", ip="10.1.0.2"),
]


def row(prefix, source, protocol="bgp", **changes):
    family, octets = wire.parse_prefix(prefix)
    values = {
        "best": True,
        "multipath": True,
        "next_hop": (wire.parse_address("10.0.0.2"),),
        "attributes": None,
        "path_id": 0,
        "preference": 100,
        "interface": "eth0",
        "kind": "unicast",
        "installed": True,
        "stale": False,
        "rejected": None,
    } | changes
    return rib.RouteRow(family=family, prefix=octets, source=source, protocol=protocol, **values)


ROWS = {
    Family.IPV4_UNICAST: [
        row("10.244.2.0/26", "Mesh_10_0_0_2"),
        row("10.244.2.0/26", "Global_10_0_0_9", best=False),
        row("10.244.1.0/26", "local", "static", next_hop=(), interface=None, kind="blackhole"),
        row("10.0.0.0/24", "local", "direct", next_hop=()),
        row("10.99.0.0/24", "Local_Workload_10_1_0_2"),
    ],
    Family.IPV6_UNICAST: [],
}


def report(*classes):
    return node_report(resource(*classes), STATUS, PEERS, ROWS.__getitem__, NOW)


def test_only_the_classes_asked_for_are_filled_in():
    agent = report("Agent")
    assert agent.bgp is agent.routes is None
    assert agent.last_updated == "2023-11-14T22:13:20Z"
    assert agent.agent.bird_v4.state == "Ready"
    assert agent.agent.bird_v6.router_id == "10.0.0.1"
    assert agent.agent.bird_v4.last_boot_time == "2023-11-14 22:12:20"  # as BIRD prints it
    assert agent.agent.bird_v4.last_reconfiguration_time == "2023-11-14 22:13:15"


def test_sessions_are_counted_by_family_without_those_calico_has_no_word_for():
    bgp = report("BGP").bgp
    counts = (
        bgp.number_established_v4,
        bgp.number_not_established_v4,
        bgp.number_established_v6,
        bgp.number_not_established_v6,
    )
    assert counts == (1, 1, 1, 0)
    assert [peer.peer_ip for peer in bgp.peers_v4] == ["10.0.0.2", "10.0.0.9"]
    assert [peer.since for peer in bgp.peers_v4] == ["22:13:10", "2023-11-13"]


def test_routes_say_where_they_come_from():
    routes = report("Routes").routes.routes_v4
    told = [(r.type, r.destination, r.gateway, r.interface, r.learned_from.source_type) for r in routes]
    assert told == [
        ("FIB", "10.244.2.0/26", "10.0.0.2", "eth0", "NodeMesh"),
        ("RIB", "10.244.2.0/26", "10.0.0.2", "eth0", "BGPPeer"),
        ("FIB", "10.244.1.0/26", "N/A", "blackhole", "Static"),
        ("FIB", "10.0.0.0/24", "N/A", "eth0", "Direct"),
    ]
    assert routes[1].learned_from.peer_ip == "10.0.0.9"


def test_a_report_that_differs_by_its_time_alone_is_the_same():
    first = report("BGP")
    later = node_report(resource("BGP"), STATUS, PEERS, ROWS.__getitem__, NOW)
    assert same_but_for_time(first, later.model_copy(update={"last_updated": "later"}))
    assert not same_but_for_time(None, first)
    assert not same_but_for_time(report("Agent"), first)


@pytest.fixture
async def datastore(tmp_path):
    opened = open_datastore(f"file://{tmp_path}")
    yield opened
    await opened.close()


async def test_reports_are_written_once_or_at_their_period_and_only_when_different(datastore):
    for wanted in (resource("BGP", name="once"), resource("BGP", node="n2", name="other")):
        await datastore.create(wanted)
    made = []

    def make(asked):
        made.append(asked.name)
        return node_report(asked, STATUS, PEERS[: len(made)], ROWS.__getitem__, NOW)

    reporter = NodeReporter("n1", datastore, make)
    reporter.follow(await datastore.snapshot())
    await written(datastore, "once", lambda status: status is not None)
    reporter.follow(await datastore.snapshot())  # our own write is no reason to report again
    await asyncio.sleep(0)
    assert made == ["once"]
    assert (await datastore.get(CalicoNodeStatus, "other")).status is None

    stored = await datastore.get(CalicoNodeStatus, "once")
    spec = stored.spec.model_copy(update={"update_period_seconds": 1})
    await datastore.update(stored.model_copy(update={"spec": spec}))
    reporter.follow(await datastore.snapshot())
    await written(datastore, "once", lambda status: len(status.bgp.peers_v4) == 2)
    await reporter.close()


async def test_a_report_that_is_due_once_is_tried_until_it_is_written(datastore, monkeypatch):
    monkeypatch.setattr(node_reporter, "_RETRY", 0.01)
    await datastore.create(resource("BGP", name="once"))
    write, refused = datastore.write_status, []

    async def write_status(reported):
        if len(refused) < 2:
            refused.append(reported.name)
            raise DatastoreError("not now")
        await write(reported)

    monkeypatch.setattr(datastore, "write_status", write_status)
    reporter = NodeReporter("n1", datastore, lambda asked: node_report(asked, STATUS, PEERS, ROWS.get, NOW))
    reporter.follow(await datastore.snapshot())
    await written(datastore, "once", lambda status: status is not None)
    assert refused == ["once", "once"]
    await reporter.close()


async def written(datastore, name, condition):
    async with asyncio.timeout(10):
        while not condition((await datastore.get(CalicoNodeStatus, name)).status):
            await asyncio.sleep(0.02)
