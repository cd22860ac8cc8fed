"""What two reflectors of a large cluster have to do: `python -m benchmarks.projection [NODES ...]`.

Both run in this process, with the real codec and RIB and without sockets: each node announces its blocks to
both, and each of them sends what it reflects to the other. What is counted is CPU time of one reflector and
the messages it hands to sockets; the time that a socket takes for each is measured beside it.
"""

import argparse
import gc
import os
import socket
import sys
import time
from collections.abc import Sequence
from typing import Final

import rib
import wire
from benchmarks import updates
from benchmarks.report import as_text
from benchmarks.scenarios.reflector import BLOCKS, announcement_of
from benchmarks.tables import blocks
from benchmarks.usage import usage_of
from benchmarks.world import DAEMON_AS, client_address

_SIZES: Final = (100, 300, 1000, 3000, 5000)
_FAMILIES: Final = frozenset({wire.Family.IPV4_UNICAST})
_BUDGET: Final = 20_000
_REFLECTORS: Final = ("10.0.0.1", "10.0.0.2")
_PROBES: Final = 200
_SENDS: Final = 50
_MESSAGE: Final = bytes(100)


class Reflector:
    """A router, and a codec for each of its peers."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.cpu = 0.0
        self.sends = 0
        self.octets = 0
        self._router = rib.Router(
            bgp_identifier=wire.parse_address(address), fib=False, assume_reachable=True
        )
        self._codecs: dict[str, wire.Codec] = {}

    def add(self, address: str, kind: rib.PeerKind) -> None:
        """Open a session."""
        octets = wire.parse_address(address)
        self._codecs[address] = wire.Codec(families=_FAMILIES, four_octet_as=True, ibgp=True)
        self._router.add_peer(
            rib.PeerSettings(
                name=address,
                kind=kind,
                address=octets,
                local_address=wire.parse_address(self.address),
                local_as=DAEMON_AS,
                peer_as=DAEMON_AS,
                bgp_identifier=octets,
                families=_FAMILIES,
            )
        )

    def receive(self, address: str, stream: bytes) -> None:
        """Take messages of a peer."""
        framer = wire.Framer()
        while frames := framer.feed(stream):
            for _, body in frames:
                self._router.receive(address, self._codecs[address].decode_update(body))
            stream = b""

    def run(self, other: str) -> bytes:
        """Decide everything; return what the other reflector is sent."""
        sent: list[bytes | memoryview] = []
        while self._router.pending:
            for transmission in self._router.run(_BUDGET).transmissions:
                self.sends += len(transmission.members)
                self.octets += len(transmission.buffer) * len(transmission.members)
                if other in transmission.members:
                    sent += transmission.for_member(other)
        return b"".join(sent)


class Cluster:
    """Two reflectors and so many nodes, which announce what they are told to."""

    def __init__(self, nodes: int) -> None:
        self.nodes = [client_address(number) for number in range(nodes)]
        self.reflectors = [Reflector(address) for address in _REFLECTORS]

    def connect(self) -> None:
        """Bring up all sessions."""
        for reflector, other in zip(self.reflectors, reversed(_REFLECTORS), strict=True):
            begun = time.process_time()
            for address in self.nodes:
                reflector.add(address, rib.PeerKind.IBGP_CLIENT)
            reflector.add(other, rib.PeerKind.IBGP)
            reflector.run(other)
            reflector.cpu = time.process_time() - begun

    def announce(self, streams: Sequence[tuple[str, bytes]]) -> None:
        """Have nodes say this to both reflectors, and the reflectors pass it on until nobody has news."""
        mail: list[list[tuple[str, bytes]]] = [list(streams), list(streams)]
        for reflector in self.reflectors:
            reflector.cpu = 0.0
            reflector.sends = reflector.octets = 0
        while any(mail):
            mail = [
                self._deliver(reflector, letters, other)
                for reflector, letters, other in zip(
                    self.reflectors, mail, reversed(self.reflectors), strict=True
                )
            ][::-1]

    def _deliver(
        self, reflector: Reflector, letters: Sequence[tuple[str, bytes]], other: Reflector
    ) -> list[tuple[str, bytes]]:
        begun = time.process_time()
        for sender, stream in letters:
            reflector.receive(sender, stream)
        reflected = reflector.run(other.address)
        reflector.cpu += time.process_time() - begun
        return [(reflector.address, reflected)] if reflected else []


def project(nodes: int, microseconds: float) -> list[str]:
    """Measure one size; return a row of the table."""
    resident = _resident()
    cluster = Cluster(nodes)
    first = cluster.reflectors[0]
    cluster.connect()
    connected = first.cpu
    cluster.announce([(address, announcement_of(number)) for number, address in enumerate(cluster.nodes)])
    spread, octets, sends = first.cpu, first.octets, first.sends
    memory = (_resident() - resident) / len(cluster.reflectors)
    cluster.announce([(cluster.nodes[0], updates.withdrawals(blocks(0, BLOCKS)))])
    withdrawn = first.cpu + first.sends * microseconds / 1e6
    cells = (
        f"{nodes:,}",
        f"{nodes * BLOCKS:,}",
        f"{connected:.2f}",
        f"{spread:.2f}",
        f"{octets / 1e6:,.0f}",
        f"{sends:,}",
        f"{withdrawn * 1e3:.1f}",
        f"{memory:.0f}",
    )
    return list(cells)


def send_cost() -> float:
    """Return the microseconds that one small send takes on a TCP connection within this machine."""
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as ours:
        ours.connect(listener.getsockname())
        ours.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        theirs, _ = listener.accept()
        used = 0.0
        with theirs:
            for _ in range(_PROBES):
                begun = time.process_time()
                for _ in range(_SENDS):
                    ours.send(_MESSAGE)
                used += time.process_time() - begun
                theirs.recv(1 << 20)
    return used / _PROBES / _SENDS * 1e6


def _resident() -> float:
    gc.collect()
    return usage_of(os.getpid()).resident


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.projection", description=__doc__)
    parser.add_argument("nodes", nargs="*", type=int, default=list(_SIZES))
    cost = send_cost()
    headings = [
        "nodes",
        "blocks",
        "sessions CPU s",
        "spread CPU s",
        "MB sent",
        "sends",
        "one node's change ms",
        "MiB",
    ]
    rows = [headings, *(project(nodes, cost) for nodes in parser.parse_args().nodes)]
    sys.stdout.write(f"{as_text(rows)}\na send: {cost:.1f} us\n")


if __name__ == "__main__":
    main()
