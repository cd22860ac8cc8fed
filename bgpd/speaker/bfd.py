"""BFD for BGP peers: the sockets of RFC 5881 (one hop) and RFC 5883 (several), and a timer a session.

A peer says by its port which of the two it speaks. We begin with the one that is configured and follow the
peer: what BIRD takes for a direct session may be called multihop by Calico.
"""

import asyncio
import logging
import random
import secrets
import socket
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bgpd.intent import SessionIntent
from bgpd.speaker.socket_options import family_of
from fsm.bfd import BfdPacketError, BfdSession, BfdState

_LOGGER = logging.getLogger(__name__)

SINGLE_HOP: Final = 3784
"""UDP port of RFC 5881."""
MULTIHOP: Final = 4784
"""UDP port of RFC 5883."""
_TTL: Final = 255
_SOURCE_PORTS: Final = range(49152, 65536)
"""RFC 5881, section 4."""
_ATTEMPTS: Final = 32
_FAREWELLS: Final = 3
"""Packets that say that a session ends by intent: one may get lost."""
_RETRY_SECONDS: Final = 5.0
_PACKETS_PER_TURN: Final = 256
_IP_RECVTTL: Final = 12  # linux/in.h; the socket module does not name it


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """How a peer is watched; the interval is in microseconds."""

    peer: str
    source: str | None
    interval: int
    multiplier: int
    multihop: bool


@dataclass(frozen=True, slots=True)
class BfdChange:
    """A session went from one state to another; `by_intent`: the peer says that it ends it, and is well."""

    peer: str
    old: BfdState
    new: BfdState
    by_intent: bool

    @property
    def fell(self) -> bool:
        """Whether a peer that was there is so no more."""
        return self.old is BfdState.UP and not self.by_intent


Report = Callable[[BfdChange], None]


class BfdPeers:
    """The BFD sessions of the node, by the address of the peer, on one event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, report: Report) -> None:
        self.loop = loop
        self.report = report
        self._peers: dict[str, _Watched] = {}
        self._receivers: dict[tuple[socket.AddressFamily, int], socket.socket] = {}
        self._retry: asyncio.TimerHandle | None = None

    def watch(self, watches: Mapping[str, Watch]) -> None:
        """Watch exactly these peers; a session goes on with another timing, and begins anew for all else."""
        for address in [known for known, peer in self._peers.items() if not peer.follow(watches.get(known))]:
            self._peers.pop(address).stop()
        self._open_receivers({family_of(address) for address in watches})
        for address in watches.keys() - self._peers.keys():
            self._peers[address] = _Watched(watches[address], self)

    # --- receiving ----------------------------------------------------------------------------------------

    def drain(self) -> None:
        """Take what has arrived: before a peer is given up, in case we are late and not the peer."""
        for receiver, port in [(receiver, port) for (_, port), receiver in self._receivers.items()]:
            self._receive(receiver, port)

    def _open_receivers(self, families: set[socket.AddressFamily]) -> None:
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None
        for endpoint in [known for known in self._receivers if known[0] not in families]:
            closing = self._receivers.pop(endpoint)
            self.loop.remove_reader(closing)
            closing.close()
        for family in families:
            for port in (SINGLE_HOP, MULTIHOP):
                if (family, port) not in self._receivers:
                    self._open_receiver(family, port)

    def _open_receiver(self, family: socket.AddressFamily, port: int) -> None:
        try:
            receiver = _receiving_socket(family, port)
        except OSError as error:
            _LOGGER.error("cannot receive BFD on UDP port %d: %s; trying again", port, error.strerror)
            again = {watched for watched, _ in self._receivers} | {family}
            self._retry = self.loop.call_later(_RETRY_SECONDS, self._open_receivers, again)
            return
        self._receivers[family, port] = receiver
        self.loop.add_reader(receiver, self._receive, receiver, port)

    def _receive(self, receiver: socket.socket, port: int) -> None:
        for data, source, ttl in _packets(receiver):
            peer = self._peers.get(source)
            # RFC 5881, section 5: a packet of one hop comes with the TTL it was sent with.
            if peer is not None and (port == MULTIHOP or ttl == _TTL):
                peer.receive(data, port)


class _Watched:
    """One BFD session with its socket and timer."""

    def __init__(self, watch: Watch, owner: BfdPeers) -> None:
        self.watch = watch
        self._owner = owner
        self._loop = owner.loop
        self._port = MULTIHOP if watch.multihop else SINGLE_HOP
        self._socket: socket.socket | None = None
        self._timer: asyncio.TimerHandle | None = None
        self.session = BfdSession(
            discriminator=secrets.randbelow(0xFFFFFFFF) + 1,
            interval=watch.interval,
            multiplier=watch.multiplier,
            now=self._loop.time(),
            random=random.random,
        )
        self._arm()

    def receive(self, data: bytes, port: int) -> None:
        """Take a packet of the peer, and answer it in kind."""
        before = self.session.state
        try:
            answers = self.session.receive(data, self._loop.time())
        except BfdPacketError as error:
            _LOGGER.debug("BFD packet of %s discarded: %s", self.watch.peer, error)
            return
        self._port = port
        self._settle(before, answers)

    def follow(self, watch: Watch | None) -> bool:
        """Take another timing; False where the session cannot go on as `watch` has it."""
        if watch is None or (watch.source, watch.multihop) != (self.watch.source, self.watch.multihop):
            return False
        if watch != self.watch:
            self.watch = watch
            now = self._loop.time()
            self.session.change(interval=watch.interval, multiplier=watch.multiplier, now=now)
            self._arm()
        return True

    def stop(self) -> None:
        """End the session by intent and let go of the loop."""
        if self._timer is not None:
            self._timer.cancel()
        farewell = self.session.stop()
        self._send([farewell] * _FAREWELLS)
        if self._socket is not None:
            self._socket.close()

    def _fire(self) -> None:
        self._timer = None
        self._owner.drain()
        before = self.session.state
        self._settle(before, self.session.expire(self._loop.time()))

    def _settle(self, before: BfdState, packets: list[bytes]) -> None:
        self._send(packets)
        self._arm()
        session = self.session
        if session.state is not before:
            by_intent = session.remote_state is BfdState.ADMIN_DOWN
            self._owner.report(BfdChange(self.watch.peer, before, session.state, by_intent))

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        deadline = self.session.deadline
        self._timer = None if deadline is None else self._loop.call_at(deadline, self._fire)

    def _send(self, packets: list[bytes]) -> None:
        for packet in packets:
            try:
                self._socket = self._socket or _sending_socket(self.watch)
                self._socket.sendto(packet, (self.watch.peer, self._port))
            except OSError as error:
                # No route, no address yet: the peer hears nothing, and that is what BFD is about.
                _LOGGER.debug("cannot send BFD to %s: %s", self.watch.peer, error.strerror)


def _sending_socket(watch: Watch) -> socket.socket:
    """Open a socket bound to the source address and a port of the range; raises OSError."""
    family = family_of(watch.peer)
    opened = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK)
    if family == socket.AF_INET6:
        opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, _TTL)
    else:
        opened.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, _TTL)
    address = watch.source or ("::" if family == socket.AF_INET6 else "0.0.0.0")  # noqa: S104 - the kernel chooses
    try:
        _bind(opened, address)
    except OSError:
        opened.close()
        raise
    return opened


def _bind(opened: socket.socket, address: str) -> None:
    for attempt in range(_ATTEMPTS):
        try:
            opened.bind((address, secrets.choice(_SOURCE_PORTS)))
            return
        except OSError:
            if attempt == _ATTEMPTS - 1:
                raise


def _receiving_socket(family: socket.AddressFamily, port: int) -> socket.socket:
    opened = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK)
    try:
        if family == socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVHOPLIMIT, 1)
            opened.bind(("::", port))
        else:
            opened.setsockopt(socket.IPPROTO_IP, _IP_RECVTTL, 1)
            opened.bind(("0.0.0.0", port))  # noqa: S104 - peers of any interface
    except OSError:
        opened.close()
        raise
    return opened


def _packets(receiver: socket.socket) -> Iterator[tuple[bytes, str, int]]:
    """Read what has arrived, a bounded part of it: data, source address, TTL."""
    for _ in range(_PACKETS_PER_TURN):
        try:
            data, ancillary, _flags, source = receiver.recvmsg(128, socket.CMSG_SPACE(4))
        except OSError:  # nothing is left, or an ICMP error of what was sent
            return
        ttl = int.from_bytes(ancillary[0][2][:4], sys.byteorder) if ancillary else 0
        yield data, str(source[0]).partition("%")[0], ttl


def watches(sessions: Iterable[SessionIntent]) -> dict[str, Watch]:
    """Give the peers that are to be watched, by address; of several sessions with one, the first says how."""
    found: dict[str, Watch] = {}
    for session in sessions:
        if session.bfd is not None and session.enabled and session.listen_range is None:
            watch = Watch(
                peer=session.peer_ip,
                source=session.source_address,
                interval=session.bfd.interval * 1000,
                multiplier=session.bfd.multiplier,
                multihop=session.multihop,
            )
            found.setdefault(session.peer_ip, watch)
    return found
