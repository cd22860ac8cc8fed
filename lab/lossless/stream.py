"""One end of packet streams: `python stream.py RATE LOCAL=REMOTE...`, in the namespace of a pod.

Each LOCAL=REMOTE is a pair of addresses. To every remote goes a stream of numbered UDP packets, RATE a
second, and the one that comes from it is counted. "ready" is printed when all sockets are open; SIGUSR1
starts the streams, SIGTERM ends them; then comes a line of JSON with what was sent and which packets arrived.
"""

import contextlib
import json
import signal
import socket
import struct
import sys
import time
from collections.abc import Iterator
from itertools import groupby
from typing import Final

PORT: Final = 4789
"""The UDP port of both ends."""
_NUMBER: Final = struct.Struct("!Q")
_SO_RCVBUFFORCE: Final = 33  # asm-generic/socket.h; the socket module does not name it
_BUFFER: Final = 8 << 20
"""Octets: what waits while this process does not get its turn must not be taken for lost."""
_CATCH_UP: Final = 0.02
"""Seconds of packets that may be sent at once after this process did not get its turn: no larger burst."""
_LINGER: Final = 1.0
"""Seconds after the last packet was sent in which packets may still arrive."""


class Stream:
    """A stream to a remote address and the one that comes from there."""

    def __init__(self, local: str, remote: str) -> None:
        self.local = local
        self.remote = remote
        self.sent = 0
        self.received: set[int] = set()
        self.socket = socket.socket(socket.AF_INET6 if ":" in remote else socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        _enlarge_buffer(self.socket)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind((local, PORT))
        self.socket.connect((remote, PORT))

    def send(self) -> None:
        """Send the next packet; one that cannot even leave is sent and lost."""
        with contextlib.suppress(OSError):
            self.socket.send(_NUMBER.pack(self.sent))
        self.sent += 1

    def receive(self) -> None:
        """Count what has arrived; an ICMP error of an earlier packet comes up here, too."""
        with contextlib.suppress(OSError):
            while True:
                self.received.update(_NUMBER.unpack(self.socket.recv(_NUMBER.size)))

    def report(self) -> dict[str, object]:
        """Tell what was sent, and what arrived as runs of consecutive numbers."""
        ends = {"local": self.local, "remote": self.remote}
        return {**ends, "sent": self.sent, "received": list(runs(sorted(self.received)))}


def runs(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """Join consecutive numbers of a sorted list: 1 2 3 7 becomes (1, 3), (7, 7)."""
    for _, group in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]):
        members = [number for _, number in group]
        yield members[0], members[-1]


def main(arguments: list[str]) -> None:
    """Run the streams between the two signals."""
    interval = 1 / float(arguments[0])
    streams = [Stream(*pair.split("=")) for pair in arguments[1:]]
    ending: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: ending.append(number))
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    print("ready", flush=True)  # noqa: T201 - whoever started us reads it
    signal.sigwait({signal.SIGUSR1})
    _run(streams, interval, ending)
    print(json.dumps([stream.report() for stream in streams]), flush=True)  # noqa: T201


def _run(streams: list[Stream], interval: float, ending: list[int]) -> None:
    due = time.monotonic()
    while not ending:
        for stream in streams:
            stream.send()
        due = max(due + interval, time.monotonic() - _CATCH_UP)
        time.sleep(max(0.0, due - time.monotonic()))
        for stream in streams:
            stream.receive()
    time.sleep(_LINGER)
    for stream in streams:
        stream.receive()


def _enlarge_buffer(receiver: socket.socket) -> None:
    try:
        receiver.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _BUFFER)
    except PermissionError:  # root of a user namespace alone
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)


if __name__ == "__main__":
    main(sys.argv[1:])
