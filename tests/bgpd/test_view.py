"""The daemon as the API sees it, over two speakers with a session between them."""

import pytest

import wire
from bgpd import api
from bgpd.datastore import open_datastore
from bgpd.orders import Orders
from bgpd.originator import Originator
from bgpd.standing import StandingOrders
from bgpd.status import DaemonState, View
from tests.bgpd.speaker.cluster import Cluster, snapshot, until
from wire import Family


class Pair:
    """n1 with its view, n2 as its peer, and the orders to drain that n1 got."""

    def __init__(self, directory):
        self.cluster = Cluster(2)
        self.member = self.cluster.members["n1"]
        self.drained = []
        self.state = DaemonState(node="n1", datastore=open_datastore(f"file://{directory}"))
        speaker, events = self.member.speaker, self.member.events
        self.view = View(
            self.state,
            speaker,
            None,
            events=events,
            orders=Orders(speaker, self.drained.append),
            originator=Originator(speaker, events, StandingOrders(directory, "bgpd.sock", events)),
        )

    @property
    def name(self):
        return self.member.speaker.sessions[self.cluster.key("n2")].name

    def peer(self):
        (status,) = self.view.peers()
        return status

    def established(self):
        return self.peer().state == "Established"


@pytest.fixture
async def pair(tmp_path):
    made = Pair(tmp_path)
    await made.cluster.up()
    made.state.snapshot = snapshot(made.cluster.documents())
    made.state.intent = made.member.speaker.intent
    yield made
    await made.cluster.close()
    await made.state.datastore.close()


async def test_status_tells_identity_resources_and_listeners(pair):
    status = pair.view.status()
    assert (status.local_as, status.router_id, status.mesh) == (64512, "127.1.0.1", True)
    assert status.listen == (f"127.1.0.1:{pair.cluster.port}",)
    assert status.loc_rib == {"ipv4": 2, "ipv6": 0}
    assert status.datastore.resources["Node"] == 2
    assert status.kernel is None


async def test_a_peer_tells_what_was_negotiated_and_counted(pair):
    peer = pair.peer()
    assert (peer.type, peer.state, peer.peer_as, peer.resource) == ("NodeMesh", "Established", 64512, "mesh")
    assert (peer.received["ipv4"], peer.accepted["ipv4"], peer.advertised["ipv4"]) == (1, 1, 1)
    assert peer.negotiated.hold_time == 240
    assert peer.messages_sent["open"] == 1
    assert peer.uptime_seconds > 0


async def test_transitions_and_the_time_to_converge_are_counted(pair):
    transitions = pair.peer().transitions
    assert transitions["OpenConfirm", "Established"] == 1
    buckets = pair.view.status().convergence.buckets
    assert buckets[-1][1] >= 1
    pair.member.speaker.tables.schedule()
    await pair.member.speaker.tables.decided.wait()
    assert pair.view.status().convergence.buckets == buckets  # nothing was sent, so nothing took time


async def test_rejected_routes_are_counted_by_reason(pair):
    n1 = pair.member.speaker
    assert pair.peer().reasons == {}
    loop = wire.PathAttributes(origin=0, next_hop=b"\x7f\1\0\2", originator_id=n1.intent.router_id)
    update = wire.Update(announced=[wire.Announcement(Family.IPV4_UNICAST, 0, loop, [b"\x18\x0a\x09\x08"])])
    n1.tables.change().receive(pair.cluster.key("n2"), update)
    await n1.tables.decided.wait()
    assert pair.peer().reasons == {"originator_id_loop": 1}
    assert pair.peer().reflection_loops == {"originator_id": 1, "cluster_list": 0}


async def test_routes_are_found_by_prefix_family_and_peer(pair):
    def prefixes(**query):
        return [row["prefix"] for piece in pair.view.routes(api.RouteQuery(**query)) for row in piece]

    assert prefixes() == ["10.244.1.0/26", "10.244.2.0/26"]
    assert prefixes(prefix="10.244.2.0/26") == ["10.244.2.0/26"]
    assert prefixes(family="ipv6") == []
    assert prefixes(received_from=pair.name) == ["10.244.2.0/26"]
    assert prefixes(advertised_to=pair.cluster.address("n2")) == ["10.244.1.0/26"]
    ((row,),) = pair.view.routes(api.RouteQuery(prefix="10.244.2.0/26"))
    assert (row["from"], row["best"], row["installed"]) == (pair.name, True, False)
    with pytest.raises(api.NotFoundError, match="no session nobody"):
        pair.view.routes(api.RouteQuery(received_from="nobody"))
    with pytest.raises(ValueError, match="is not an ipv6 prefix"):
        pair.view.routes(api.RouteQuery(family="ipv6", prefix="10.0.0.0/8"))


async def test_explain_names_sessions_and_knows_that_there_is_no_kernel(pair):
    explained = pair.view.explain("10.244.2.0/26")
    (candidate,) = explained.story.candidates
    assert candidate.row.source == pair.name
    assert [advertisement.peer for advertisement in explained.story.advertisements] == [pair.name]
    assert explained.installed is None


async def test_shutdown_holds_until_start(pair):
    result = await pair.view.command(api.Verb.SHUTDOWN, pair.name, "maintenance of the rack")
    assert "bgpctl session start" in result.text
    await until(lambda: not pair.established())
    assert pair.peer().admin_down
    other = pair.cluster.members["n2"].peer(pair.cluster.key("n1"))
    await until(lambda: other.session.last_error is not None)
    assert "maintenance of the rack" in other.session.last_error.text
    await pair.view.command(api.Verb.START, pair.name)
    await until(pair.established)
    assert not pair.peer().admin_down


async def test_reset_begins_anew_by_itself(pair):
    since = pair.peer().since
    await pair.view.command(api.Verb.RESET, pair.name)
    await until(lambda: pair.established() and pair.peer().since > since)
    assert pair.peer().flaps == 1


async def test_refresh_asks_and_answers(pair):
    sent = pair.peer().messages_sent["update"]
    await pair.view.command(api.Verb.REFRESH, pair.name)
    await until(lambda: pair.peer().messages_sent["update"] > sent)
    assert pair.peer().messages_sent["refresh"] >= 1


async def test_orders_for_nobody_or_a_stranger_are_refused(pair):
    with pytest.raises(api.RefusedError, match="needs a session"):
        await pair.view.command(api.Verb.RESET)
    with pytest.raises(api.NotFoundError, match="no session x"):
        await pair.view.command(api.Verb.RESET, "x")


async def test_drain_and_undrain_are_the_nodes(pair):
    await pair.view.command(api.Verb.DRAIN)
    await pair.view.command(api.Verb.UNDRAIN)
    assert pair.drained == [True, False]


async def test_readiness_waits_for_resources_and_one_session(pair):
    assert pair.view.readiness().ok
    await pair.view.command(api.Verb.SHUTDOWN, pair.name)
    assert pair.view.readiness() == api.Health(ok=False, text="0 of 1 sessions Established")
    pair.state.intent = None
    assert not pair.view.readiness().ok


async def test_health_is_the_loops(pair):
    assert pair.view.health().ok
    pair.state.loop_lag = 60.0
    assert not pair.view.health().ok


async def test_one_session_is_shown_without_the_others(pair):
    (state,) = pair.view.sessions()
    assert (state.name, state.state, state.superseded) == (pair.name, "Established", False)
    await pair.view.count(pair.name)
    await pair.view.count()
    assert pair.view.peer(pair.name).received == {"ipv4": 1}
    with pytest.raises(api.NotFoundError, match="no peer nobody"):
        pair.view.peer("nobody")
