"""ICMP echo from inside a namespace, in Python: the machine may have no ping."""

import os
import socket
import struct
import threading
import time
from dataclasses import dataclass
from ipaddress import ip_address
from types import TracebackType
from typing import Final, Self

from lab.netns import Namespace

_HEADER: Final = struct.Struct(
    "!BBHHH"
)  # type, code, checksum, identifier, sequence number (RFC 792, RFC 4443)
_GRACE_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Loss:
    """How many echo requests were sent and how many were answered."""

    sent: int
    received: int

    @property
    def lost(self) -> int:
        """Requests without an answer."""
        return self.sent - self.received

    def __str__(self) -> str:
        return f"{self.received} of {self.sent} answered"


@dataclass(frozen=True, slots=True)
class _Protocol:
    family: int
    number: int
    request: int
    reply: int
    header: int  # octets of IP header that a raw socket delivers before the ICMP message


_IPV4 = _Protocol(socket.AF_INET, socket.IPPROTO_ICMP, request=8, reply=0, header=20)
_IPV6 = _Protocol(socket.AF_INET6, socket.IPPROTO_ICMPV6, request=128, reply=129, header=0)


class Pinger:
    """A steady stream of numbered echo requests, one every `interval` seconds, sent by a thread.

    It ends after `count` of them, or when told to `finish`.
    """

    def __init__(
        self, source: Namespace, destination: str, *, interval: float = 0.05, count: int | None = None
    ) -> None:
        self._protocol = _IPV4 if ip_address(destination).version == 4 else _IPV6
        self._socket = source.socket(self._protocol.family, socket.SOCK_RAW, self._protocol.number)
        self._destination = destination
        self._interval = interval
        self._count = count
        self._identifier = int.from_bytes(os.urandom(2))
        self._sent = 0
        self._answered: set[int] = set()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"ping {destination}", daemon=True)

    @property
    def loss(self) -> Loss:
        """What was sent and answered until now."""
        return Loss(self._sent, len(self._answered))

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def finish(self) -> Loss:
        """Send what is left of `count`, or stop if there is none; answers get a last second to arrive."""
        if self._count is None:
            self._stopping.set()
        self._thread.join()
        self._socket.close()
        return self.loss

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.finish()

    def _run(self) -> None:
        while not self._stopping.is_set() and self._sent != self._count:
            self._send()
            self._receive_until(time.monotonic() + self._interval, all_answered=False)
        self._receive_until(time.monotonic() + _GRACE_SECONDS, all_answered=True)

    def _send(self) -> None:
        header = (self._protocol.request, 0)
        message = _HEADER.pack(*header, 0, self._identifier, self._sent & 0xFFFF)
        if self._protocol is _IPV4:  # the kernel sums ICMPv6 itself, with the pseudo header
            message = _HEADER.pack(*header, _checksum(message), self._identifier, self._sent & 0xFFFF)
        self._sent += 1
        try:
            self._socket.sendto(message, (self._destination, 0))
        except OSError:
            return  # no route is a lost packet as well

    def _receive_until(self, deadline: float, *, all_answered: bool) -> None:
        while (remaining := deadline - time.monotonic()) > 0 and not (all_answered and self.loss.lost == 0):
            self._socket.settimeout(remaining)
            try:
                packet = self._socket.recv(1500)
            except TimeoutError:
                return
            self._take(packet[self._protocol.header :])

    def _take(self, message: bytes) -> None:
        if len(message) < _HEADER.size:
            return
        kind, _code, _checksum, identifier, sequence = _HEADER.unpack_from(message)
        if kind == self._protocol.reply and identifier == self._identifier:
            self._answered.add(sequence)


def ping(source: Namespace, destination: str, *, count: int = 3, interval: float = 0.05) -> Loss:
    """Send `count` echo requests from `source` and return what came back within a second of the last."""
    pinger = Pinger(source, destination, interval=interval, count=count)
    pinger.start()
    return pinger.finish()


def _checksum(message: bytes) -> int:
    """Compute the Internet checksum (RFC 1071) of an even number of octets."""
    total: int = sum(struct.unpack(f"!{len(message) // 2}H", message))
    total = (total & 0xFFFF) + (total >> 16)
    return ~(total + (total >> 16)) & 0xFFFF
