"""A bgpd in a namespace, peers that behave and are watched, and the means to misbehave towards it."""

import contextlib
import re
import select
import socket
import threading
import time
from pathlib import Path
from typing import Any, Self

import wire
from lab.cluster import session_name
from lab.resources import bgp_peer, ip_pool
from lab.topology import Lab
from lab.wait import wait_until
from tests.interop.conftest import Wire, address

HOLD_TIME = 9
"""Seconds, of those who behave: a longer silence of the daemon would end their sessions."""
PATIENT = 180
"""Seconds, of those who need not."""
WITNESSES = (201, 202)
"""Addresses of the peers that behave."""
CULPRITS = tuple(range(211, 220))
"""Addresses of configured peers that need not."""
STRANGER = 230
"""An address that nobody has configured."""
IPV4 = wire.Family.IPV4_UNICAST


def as_of(number: int) -> int:
    """The AS of the peer with this address."""
    return 64000 + number


def opening(number: int, *, hold_time: int = PATIENT) -> bytes:
    """Its OPEN."""
    identifier = bytes([10, 9, 9, number])
    capabilities = (wire.Multiprotocol(IPV4), wire.RouteRefreshCapability(), wire.FourOctetAs(as_of(number)))
    return wire.encode_open(wire.Open(as_of(number), hold_time, identifier, capabilities))


def announcement(number: int, prefixes: list[bytes], *, community: int = 1) -> bytes:
    """UPDATEs of a peer with this address."""
    attributes = wire.PathAttributes(
        origin=0,
        as_path=wire.prepend_as_path(b"", [as_of(number)]),
        next_hop=wire.parse_address(address("ipv4", number)),
        communities=community.to_bytes(4, "big"),
    )
    block = wire.encode_attributes(attributes)
    return b"".join(wire.pack_announcements(IPV4, block, attributes.next_hop, prefixes))


def prefixes(count: int, *, second: int = 128) -> list[bytes]:
    """As many /26 of 10.`second`.0.0/9 as asked for."""
    start = 10 << 24 | second << 16
    return [wire.make_prefix((start + 64 * n).to_bytes(4, "big"), 26) for n in range(count)]


def _session_name(number: int) -> str:
    return session_name("Global", address("ipv4", number))


class Line:
    """A TCP connection to the daemon under test."""

    def __init__(self, arena: "Arena", number: int, *, receive_buffer: int | None = None) -> None:
        self.number = number
        self.socket = arena.others.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(10)
        self.socket.bind((address("ipv4", number), 0))
        self._framer = wire.Framer()
        self._frames: list[wire.Frame] = []
        try:
            self.socket.connect((address("ipv4", 1), 179))
        except OSError:
            self.socket.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        """Send everything."""
        self.socket.sendall(data)

    def receive(self) -> wire.Frame | None:
        """Return the next message, None at the end of the connection; raises TimeoutError."""
        while not self._frames:
            data = self.socket.recv(65536)
            if not data:
                return None
            self._frames = list(self._framer.feed(data))
        return self._frames.pop(0)

    def establish(self, *, hold_time: int = PATIENT) -> Self:
        """Go through the opening; raises OSError when the daemon does not let us."""
        try:
            self.send(opening(self.number, hold_time=hold_time))
            for expected in (wire.MessageType.OPEN, wire.MessageType.KEEPALIVE):
                frame = self.receive()
                if frame is None or frame[0] != expected:
                    raise ConnectionError(f"no session for {self.number}: {frame}")
                self.send(wire.encode_keepalive())
        except OSError:
            self.socket.close()
            raise
        return self


class Drain(threading.Thread):
    """Reads what a line receives and keeps it alive until it is closed; remembers when messages came."""

    def __init__(self, line: Line) -> None:
        super().__init__(daemon=True)
        self._line = line
        self._done = threading.Event()
        self._last = time.monotonic()
        self._longest = 0.0
        self.ended = False
        self.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def longest_silence(self) -> float:
        """Seconds, the present silence included."""
        return max(self._longest, time.monotonic() - self._last)

    def run(self) -> None:
        beat = 0.0
        while not self._done.is_set() and not self.ended:
            if time.monotonic() >= beat:
                beat = time.monotonic() + HOLD_TIME / 6
                with contextlib.suppress(OSError):
                    self._line.send(wire.encode_keepalive())
            readable, _, _ = select.select([self._line.socket], [], [], 0.2)
            if readable:
                self._read()

    def _read(self) -> None:
        try:
            data = self._line.socket.recv(1 << 20)
        except OSError:
            data = b""
        now = time.monotonic()
        self._longest, self._last = max(self._longest, now - self._last), now
        self.ended = not data

    def close(self) -> None:
        self._done.set()
        self.join()
        self._line.socket.close()


class Arena(Wire):
    """The daemon, its witnesses and everybody's addresses."""

    def __init__(self, lab: Lab) -> None:
        super().__init__(lab)
        self.others = lab.namespace("others")
        numbers = (*WITNESSES, *CULPRITS, STRANGER)
        lab.plug(self.switch, self.others, "eth0", *(f"{address('ipv4', number)}/24" for number in numbers))
        self.configure()
        self.resources.put(ip_pool("all", "10.0.0.0/8"))
        for number in (*WITNESSES, *CULPRITS):
            remote = address("ipv4", number)
            self.resources.put(bgp_peer(f"peer-{number}", peerIP=remote, asNumber=as_of(number)))
        self.daemon.start()
        wait_until(lambda: len(self.daemon.peers()) == len(numbers) - 1, "the daemon has its sessions")
        self.witnesses = [Drain(self.line(number).establish(hold_time=HOLD_TIME)) for number in WITNESSES]

    def line(self, number: int, **options: int) -> Line:
        """Connect from this address."""
        return Line(self, number, **options)

    def state(self, number: int) -> dict[str, Any]:
        """What the daemon says of the session with this address."""
        return self.daemon.peers().get(_session_name(number), {})

    def received(self, number: int, kind: str) -> int:
        """Count the messages of a kind that the daemon has read from this address; 0 while it is too busy."""
        return self._count(number, "received", kind)

    def sent(self, number: int, kind: str) -> int:
        """Count the messages of a kind that the daemon has sent to this address."""
        return self._count(number, "sent", kind)

    def _count(self, number: int, way: str, kind: str) -> int:
        return int(self.state(number).get("messages", {}).get(way, {}).get(kind, 0))

    def session(self, number: int) -> Line:
        """Open a session; the daemon holds off those who misbehaved until its operator forgives them."""
        line: Line | None = None

        def opened() -> bool:
            nonlocal line
            try:
                line = self.line(number).establish()
            except OSError:
                self.daemon.bgpctl("session", "start", _session_name(number))
                return False
            return True

        wait_until(opened, f"a session for {number}", seconds=60, interval=0.5)
        assert line is not None
        return line

    def check(self) -> None:
        """Nobody else has felt anything: no KEEPALIVE is missing, no session fell, the daemon is the same."""
        for number, witness in zip(WITNESSES, self.witnesses, strict=True):
            assert not witness.ended
            assert witness.longest_silence < HOLD_TIME
            assert self.state(number)["state"] == "Established"
            assert self.state(number)["flaps"] == 0
        assert self.daemon.process.status is None

    def memory(self) -> int:
        """Resident memory of the daemon in KiB."""
        status = Path(f"/proc/{self.daemon.process.pid}/status").read_text()
        found = re.search(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE)
        assert found is not None
        return int(found[1])
