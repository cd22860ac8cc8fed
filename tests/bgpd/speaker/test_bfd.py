"""Which session a BFD packet belongs to, and which packets belong to none: RFC 5880, 5881, 5883."""

import asyncio
import dataclasses

import pytest

from bgpd.speaker import bfd
from bgpd.speaker.bfd import BfdPeers, Watch
from bgpd.speaker.bfd_sockets import MULTIHOP, SINGLE_HOP
from fsm.bfd import BfdState, ControlPacket, decode_control_packet

PEER, OTHER = "10.0.0.2", "10.0.0.3"
WATCH = Watch(peer=PEER, source=None, interval=100_000, multiplier=3, multihop=True)
HELLO = ControlPacket(
    state=BfdState.DOWN,
    multiplier=3,
    my_discriminator=99,
    desired_min_tx=1_000_000,
    required_min_rx=100_000,
)


class Network:
    """Stands for the sockets: hands in what a test sends, and keeps what is sent."""

    def __init__(self, monkeypatch):
        self.changes = []
        self.sent = []
        self.waiting = {SINGLE_HOP: [], MULTIHOP: []}
        self.readers = {}
        monkeypatch.setattr(bfd, "receiving_socket", lambda _family, port: port)
        monkeypatch.setattr(bfd, "packets", self._packets)
        monkeypatch.setattr(bfd, "sending_socket", lambda *_: self)
        self.peers = BfdPeers(self, self.changes.append)

    def _packets(self, port):
        waiting, self.waiting[port] = self.waiting[port], []
        return waiting

    def time(self):
        return 1.0

    def call_at(self, _when, _callback):
        return asyncio.TimerHandle(1.0, print, (), asyncio.get_running_loop())

    def add_reader(self, port, callback, *arguments):
        self.readers[port] = lambda: callback(*arguments)

    def sendto(self, data, address):
        self.sent.append((decode_control_packet(data), address))

    def close(self):
        """Be closed as a socket is."""

    def arrive(self, packet, *, source=PEER, port=SINGLE_HOP, ttl=255):
        """Have a packet arrive; gives the states that were gone through."""
        before = len(self.changes)
        self.waiting[port].append((packet.encode(), source, ttl))
        self.readers[port]()
        return [change.new for change in self.changes[before:]]


@pytest.fixture
async def network(monkeypatch):
    network = Network(monkeypatch)
    network.peers.watch({PEER: WATCH, OTHER: dataclasses.replace(WATCH, peer=OTHER)})
    return network


def number_of(network):
    """Bring the session with the peer to Init, and give the number by which the peer knows it."""
    assert network.arrive(HELLO) == [BfdState.INIT]
    return network.sent[-1][0].my_discriminator


async def test_a_first_packet_is_for_the_session_with_its_source(network):
    network.arrive(HELLO)
    assert [(change.peer, change.new) for change in network.changes] == [(PEER, BfdState.INIT)]
    assert network.sent[-1][1] == (PEER, SINGLE_HOP)
    assert network.arrive(HELLO, source="10.0.0.9") == []


async def test_a_packet_with_our_number_is_for_its_session_wherever_it_comes_from(network):
    known = dataclasses.replace(HELLO, state=BfdState.INIT, your_discriminator=number_of(network))
    network.arrive(known, source=OTHER)
    assert [(change.peer, change.new) for change in network.changes] == [
        (PEER, BfdState.INIT),
        (PEER, BfdState.UP),
    ]


async def test_a_packet_with_a_number_of_nobody_is_discarded(network):
    wrong = number_of(network) ^ 1
    assert network.arrive(dataclasses.replace(HELLO, state=BfdState.UP, your_discriminator=wrong)) == []


async def test_the_number_of_an_ended_session_is_of_nobody(network):
    number = number_of(network)
    network.peers.watch({OTHER: dataclasses.replace(WATCH, peer=OTHER)})
    assert network.arrive(dataclasses.replace(HELLO, state=BfdState.UP, your_discriminator=number)) == []


async def test_over_one_hop_a_packet_that_was_forwarded_is_discarded(network):
    assert network.arrive(HELLO, ttl=254) == []
    assert network.arrive(HELLO, port=MULTIHOP, ttl=62) == [BfdState.INIT]


async def test_a_session_stays_with_its_port_until_it_is_down(network):
    up = dataclasses.replace(HELLO, state=BfdState.UP, your_discriminator=number_of(network))
    assert network.arrive(up) == [BfdState.UP]
    assert network.arrive(HELLO, port=MULTIHOP, ttl=62) == []
    assert network.arrive(HELLO) == [BfdState.DOWN]
    assert network.arrive(HELLO, port=MULTIHOP, ttl=62) == [BfdState.INIT]
    assert network.sent[-1][1] == (PEER, MULTIHOP)


async def test_octets_that_are_no_packet_are_discarded(network):
    network.waiting[SINGLE_HOP] += [(b"", PEER, 255), (b"\x20" * 40, PEER, 255)]
    network.readers[SINGLE_HOP]()
    assert network.changes == []
