"""Dynamic neighbours: sessions for whoever connects from a listen range."""

import asyncio
import contextlib

import fsm
from bgpd.intent import compile_intent
from tests.bgpd.speaker.cluster import POOL, Member, free_port, snapshot, until

HUB, RANGE = "127.1.0.1", "127.1.0.0/16"


def node(number):
    return {
        "kind": "Node",
        "metadata": {"name": f"n{number}"},
        "spec": {"bgp": {"ipv4Address": f"127.1.0.{number}/32"}},
    }


def block(number):
    spec = {"state": "confirmed", "node": f"n{number}", "type": "host", "cidr": f"10.244.{number}.0/26"}
    return {"kind": "BlockAffinity", "metadata": {"name": f"block-{number}"}, "spec": spec}


def listen_range(name="clients", prefix=RANGE, as_number=64512, **annotations):
    marks = {f"bgpd.io/{key.replace('_', '-')}": value for key, value in annotations.items()}
    metadata = {"name": name, "annotations": {"bgpd.io/listen-range": prefix} | marks}
    return {"kind": "BGPPeer", "metadata": metadata, "spec": {"asNumber": as_number}}


class Hub:
    """A node that waits for others, and others that know it; neither knows the other's resources."""

    def __init__(self):
        self.port = free_port()
        self.hub = Member("n1")
        self.others = {}

    def configuration(self, **spec):
        spec = {"listenPort": self.port, "bindMode": "NodeIP", "nodeToNodeMeshEnabled": False} | spec
        return {"kind": "BGPConfiguration", "metadata": {"name": "default"}, "spec": spec}

    def listen(self, *peers):
        documents = [POOL, self.configuration(), node(1), block(1), *peers]
        self.hub.speaker.apply(compile_intent(snapshot(documents), "n1", {}))

    def connect(self, number, as_number=64512, **spec):
        member = self.others.setdefault(number, Member(f"n{number}"))
        name = {"name": "hub", "annotations": {"bgpd.io/hold-time": "3s"}}
        peer_spec = {"peerIP": f"{HUB}:{self.port}", "asNumber": 64512} | spec
        peer = {"kind": "BGPPeer", "metadata": name, "spec": peer_spec}
        documents = [POOL, self.configuration(asNumber=as_number), node(number), block(number), peer]
        member.speaker.apply(compile_intent(snapshot(documents), f"n{number}", {}))
        return member

    def dynamic(self):
        """Names of the hub's sessions that no resource names."""
        return {
            session.name for session in self.hub.speaker.sessions.values() if session.listen_range is None
        }

    async def leave(self, number, *, withdraw):
        await self.others.pop(number).speaker.stop(withdraw=withdraw)

    async def close(self):
        for member in [self.hub, *self.others.values()]:
            await member.speaker.stop(withdraw=True)
        await asyncio.sleep(0)


@contextlib.asynccontextmanager
async def listening(*peers):
    hub = Hub()
    try:
        hub.listen(*(peers or [listen_range()]))
        yield hub
    finally:
        await hub.close()


async def test_whoever_comes_from_the_range_gets_a_session_and_routes_flow_both_ways():
    async with listening() as hub:
        second, third = hub.connect(2), hub.connect(3)
        await until(lambda: second.sources("10.244.1.0/26") and third.sources("10.244.1.0/26"))
        await until(lambda: hub.hub.sources("10.244.2.0/26") == ["Global_127_1_0_2"])
        await until(lambda: hub.hub.sources("10.244.3.0/26") == ["Global_127_1_0_3"])
        assert hub.dynamic() == {"Global_127_1_0_2", "Global_127_1_0_3"}


async def test_range_without_as_takes_any():
    async with listening(listen_range(as_number=None)) as hub:
        hub.connect(2, as_number=64777)
        await until(lambda: hub.hub.sources("10.244.2.0/26"))
        assert hub.hub.peer("127.1.0.2").negotiated.peer_as == 64777


async def test_peer_that_leaves_is_forgotten():
    async with listening() as hub:
        hub.connect(2)
        await until(lambda: hub.hub.sources("10.244.2.0/26"))
        await hub.leave(2, withdraw=True)
        await until(lambda: not hub.dynamic())
        assert hub.hub.sources("10.244.2.0/26") == []
        hub.connect(2)
        await until(lambda: hub.hub.sources("10.244.2.0/26"))


async def test_peer_that_restarts_is_waited_for():
    """RFC 4724: its routes are kept as stale, and so is its session."""
    async with listening() as hub:
        hub.connect(2)
        await until(lambda: hub.hub.sources("10.244.2.0/26"))
        await hub.leave(2, withdraw=False)
        await until(lambda: hub.hub.peer("127.1.0.2").session.state is not fsm.State.ESTABLISHED)
        await asyncio.sleep(0.05)
        assert hub.hub.sources("10.244.2.0/26") == ["Global_127_1_0_2"]
        hub.connect(2)
        await until(lambda: hub.hub.established("127.1.0.2"))


async def test_who_comes_from_elsewhere_is_refused():
    async with listening(listen_range(prefix="127.1.0.2/32")) as hub:
        third = hub.connect(3)
        await until(lambda: any("127.1.0.3 refused" in message for message in hub.hub.messages()))
        assert not third.established(f"{HUB} port {hub.port}")


async def test_longest_range_counts():
    async with listening(listen_range(), listen_range("one", "127.1.0.2/32", as_number=64777)) as hub:
        hub.connect(2, as_number=64777)
        await until(lambda: hub.hub.established("127.1.0.2"))
        assert hub.hub.speaker.sessions["127.1.0.2"].resource == "BGPPeer/one"


async def test_session_follows_its_range_and_ends_with_it():
    async with listening() as hub:
        hub.connect(2)
        await until(lambda: hub.hub.established("127.1.0.2"))
        before = hub.hub.peer("127.1.0.2").session.established_at
        hub.listen(listen_range(max_prefixes="10,warn"))
        assert hub.hub.speaker.sessions["127.1.0.2"].max_prefixes.limit == 10
        assert hub.hub.peer("127.1.0.2").session.established_at == before
        hub.listen()
        assert hub.hub.speaker.sessions == {}


async def test_peer_that_gets_a_resource_of_its_own_has_one_session():
    async with listening() as hub:
        hub.connect(2)
        await until(lambda: hub.hub.established("127.1.0.2"))
        own = {
            "kind": "BGPPeer",
            "metadata": {"name": "two"},
            "spec": {"peerIP": "127.1.0.2", "asNumber": 64512},
        }
        hub.listen(listen_range(), own)
        assert hub.hub.speaker.sessions["127.1.0.2"].resource == "BGPPeer/two"
        await until(lambda: hub.hub.established("127.1.0.2"))


async def test_peer_that_fails_is_held_off_and_then_forgotten():
    async with listening(listen_range(as_number=64777)) as hub:
        hub.connect(2)
        await until(lambda: "Global_127_1_0_2" in hub.dynamic())
        await until(lambda: hub.hub.peer("127.1.0.2").session.last_error is not None)
        assert hub.hub.peer("127.1.0.2").session.last_error.code == 2
        await hub.leave(2, withdraw=True)
        await until(lambda: not hub.dynamic())


async def test_there_are_not_too_many(monkeypatch):
    monkeypatch.setattr("bgpd.speaker.dynamic._LIMIT", 1)
    async with listening() as hub:
        hub.connect(2)
        await until(lambda: hub.hub.established("127.1.0.2"))
        hub.connect(3)
        await until(lambda: any("127.1.0.3 refused" in message for message in hub.hub.messages()))
        assert hub.dynamic() == {"Global_127_1_0_2"}
