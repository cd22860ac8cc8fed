"""BFD for BGP peers, over one hop (RFC 5881) and several (RFC 5883): a socket and a timer for each session.

A peer says by its port which of the two it speaks. We begin with the one that is configured and follow the
peer: what BIRD takes for a direct session may be called multihop by Calico.
"""

import asyncio
import logging
import random
import secrets
import socket
from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple

from bgpd.intent import SessionIntent
from bgpd.speaker.bfd_sockets import MULTIHOP, SINGLE_HOP, TTL, packets, receiving_socket, sending_socket
from bgpd.speaker.socket_options import family_of
from fsm.bfd import BfdPacketError, BfdSession, BfdState, ControlPacket, decode_control_packet
from records import record

_LOGGER = logging.getLogger(__name__)

_FAREWELLS: Final = 3
"""Packets that say that a session ends by intent: one may get lost."""
_RETRY_SECONDS: Final = 5.0


@record(kw_only=True)
class Watch:
    """How a peer is watched; the interval is in microseconds."""

    peer: str
    source: str | None
    interval: int
    multiplier: int
    multihop: bool


class BfdChange(NamedTuple):
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
        self._numbers: dict[int, _Watched] = {}
        """The same sessions by My Discriminator."""
        self._receivers: dict[tuple[socket.AddressFamily, int], socket.socket] = {}
        self._retry: asyncio.TimerHandle | None = None

    def watch(self, watches: Mapping[str, Watch]) -> None:
        """Watch exactly these peers; a session goes on with another timing, and begins anew for all else."""
        for address in [known for known, peer in self._peers.items() if not peer.follow(watches.get(known))]:
            ended = self._peers.pop(address)
            del self._numbers[ended.session.discriminator]
            ended.stop()
        self._open_receivers({family_of(address) for address in watches})
        for address in watches.keys() - self._peers.keys():
            begun = _Watched(watches[address], self._unused_number(), self)
            self._peers[address] = self._numbers[begun.session.discriminator] = begun

    def _unused_number(self) -> int:
        """Draw a discriminator: unique here (RFC 5880, section 6.8.1), and nobody elsewhere guesses it."""
        while (number := secrets.randbelow(0xFFFFFFFF) + 1) in self._numbers:
            pass
        return number

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
            receiver = receiving_socket(family, port)
        except OSError as error:
            _LOGGER.error("cannot receive BFD on UDP port %d: %s; trying again", port, error.strerror)
            again = {watched for watched, _ in self._receivers} | {family}
            self._retry = self.loop.call_later(_RETRY_SECONDS, self._open_receivers, again)
            return
        self._receivers[family, port] = receiver
        self.loop.add_reader(receiver, self._receive, receiver, port)

    def _receive(self, receiver: socket.socket, port: int) -> None:
        for data, source, ttl in packets(receiver):
            try:
                packet = decode_control_packet(data)
            except BfdPacketError as error:
                _LOGGER.debug("BFD packet of %s discarded: %s", source, error)
                continue
            peer = self._peer_of(packet, source)
            # RFC 5881, section 5: a packet of one hop comes with the TTL it was sent with.
            if peer is not None and (port == MULTIHOP or ttl == TTL):
                peer.receive(packet, port)

    def _peer_of(self, packet: ControlPacket, source: str) -> "_Watched | None":
        """Find the session of a packet: once the peer knows its number, by that alone (RFC 5880, 6.3)."""
        if packet.your_discriminator == 0:
            return self._peers.get(source)
        return self._numbers.get(packet.your_discriminator)


class _Watched:
    """One BFD session with its socket and timer."""

    def __init__(self, watch: Watch, discriminator: int, owner: BfdPeers) -> None:
        self.watch = watch
        self._owner = owner
        self._loop = owner.loop
        self._port = MULTIHOP if watch.multihop else SINGLE_HOP
        self._socket: socket.socket | None = None
        self._timer: asyncio.TimerHandle | None = None
        self.session = BfdSession(
            discriminator=discriminator,
            interval=watch.interval,
            multiplier=watch.multiplier,
            now=self._loop.time(),
            random=random.random,
        )
        self._arm()

    def receive(self, packet: ControlPacket, port: int) -> None:
        """Take a packet of the peer, and answer it in kind.

        A session that is more than Down stays with its port: whoever is far away, and cannot have a packet
        of one hop arrive with the right TTL, must not end the session by one of several hops.
        """
        before = self.session.state
        if port != self._port and before is not BfdState.DOWN:
            return
        self._port = port
        self._settle(before, self.session.receive(packet, self._loop.time()))

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
                self._socket = self._socket or sending_socket(self.watch.peer, self.watch.source)
                self._socket.sendto(packet, (self.watch.peer, self._port))
            except OSError as error:
                # No route, no address yet: the peer hears nothing, and that is what BFD is about.
                _LOGGER.debug("cannot send BFD to %s: %s", self.watch.peer, error.strerror)


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
