"""Whenever a station comes, and whatever happens during its first dump, it ends up with what is there."""

import types

from hypothesis import given, settings
from hypothesis import strategies as st

import wire
from bgpd.events import EventLog
from bgpd.monitoring import bmp as exporter
from bgpd.monitoring.bmp import BmpStation
from tests.bgpd.monitoring.played import PEERS, Played
from tests.bgpd.monitoring.station import table_of
from tests.support.bmp_reader import read_messages
from wire import Family, parse_address

PREFIXES = {
    Family.IPV4_UNICAST: ["192.0.2.0/24", "198.51.100.0/25", "203.0.113.7/32", "10.0.0.0/8"],
    Family.IPV6_UNICAST: ["2001:db8::/32", "2001:db8:1::/48", "2001:db8::1/128", "fd00::/8"],
}

steps = st.lists(
    st.tuples(
        st.sampled_from(["announce", "announce", "withdraw", "toggle", "refresh", "go on"]),
        st.sampled_from(sorted(PEERS)),
        st.sets(st.integers(0, 3), min_size=1),
        st.sampled_from([7, 8]),
        st.integers(65010, 65012),
    ),
    max_size=25,
)


class Memory:
    """A way out that keeps everything, and lets the test say when dumps go on."""

    def __init__(self):
        self.octets = b""

    def put(self, message):
        self.octets += message

    @types.coroutine
    def ready(self):
        yield


class World:
    """Peers that do things, before and after the station comes."""

    def __init__(self):
        self.played = Played()
        self.up = set()
        self.memory = Memory()
        self.dump = None

    def connect(self):
        station = BmpStation("here", 1, name="n1", monitor=self.played.monitor, events=EventLog())
        self.played.monitor.add(station)
        station._begin(self.memory)
        self.dump = station._dump(self.memory)

    def go_on(self):
        """Let the dump do its next slice; return whether there is more to come."""
        try:
            self.dump.send(None)
        except StopIteration:
            self.dump = None
        return self.dump is not None

    def do(self, what, address, numbers, path_id, origin_as):
        family = Family.IPV6_UNICAST if ":" in address else Family.IPV4_UNICAST
        prefixes = [PREFIXES[family][number] for number in sorted(numbers)]
        path_id = path_id if PEERS[address][1] else None
        if what == "toggle":
            (self.played.down if address in self.up else self.played.up)(address)
            self.up ^= {address}
        elif what == "go on":
            if self.dump is not None:
                self.go_on()
        elif address in self.up:
            self.act(what, address, family, prefixes, path_id, origin_as)

    def act(self, what, address, family, prefixes, path_id, origin_as):
        match what:
            case "announce":
                self.played.announce(address, prefixes, path_id, origin_as)
            case "withdraw":
                self.played.withdraw(address, prefixes[0], path_id)
            case "refresh":
                self.played.refresh(address, family, prefixes[1:])

    def received(self):
        """What the tables hold of each peer, as it came."""
        return {
            (parse_address(address), family, row.path_id, row.prefix): row.attributes
            for address in self.up
            for family in Family
            for row in self.played.router.routes(family, received_from=address)
        }


@settings(deadline=None)
@given(steps, steps)
def test_station_ends_up_with_what_is_there(before, after):
    world = World()
    slice_before, exporter._SLICE = exporter._SLICE, 1
    try:
        for address in PEERS:
            world.do("toggle", address, {0}, 7, 65010)
        for step in before:
            world.do(*step)
        world.connect()
        for step in after:
            world.do(*step)
        while world.dump is not None and world.go_on():
            pass
    finally:
        exporter._SLICE = slice_before
    routes, complete = table_of(read_messages(world.memory.octets))
    assert routes == world.received()
    assert {wire.format_address(peer) for peer, _ in complete} <= set(PEERS)
