"""A scripted BGP speaker: many sessions in one process, fast enough to be no part of what is measured.

It opens sessions, sends UPDATEs that were encoded before, and keeps what comes back as octets, to look at
it when the line is quiet. It answers OPENs, sends KEEPALIVEs, and does nothing else that a speaker does.
"""

import os
import select
import socket
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from benchmarks import updates
from benchmarks.tables import Prefix

_READ: Final = 1 << 20
_KEEPALIVE_SECONDS: Final = 20.0
_QUIET_SECONDS: Final = 0.1
_RETRY_SECONDS: Final = 0.05
_IPV6_FREEBIND: Final = 78
"""Socket option of ipv6(7) that `socket` has no name for."""


class SpeakerError(Exception):
    """The daemon did not do what the scenario needs; the text says what."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One session of the speaker: where it comes from and who it is."""

    address: str
    as_number: int
    ipv6: bool = False
    hold_time: int = 240
    """Seconds; a third of them pass between KEEPALIVEs of either side."""

    @property
    def identifier(self) -> bytes:
        """BGP Identifier: the address, or what stands in for it."""
        family = socket.AF_INET6 if ":" in self.address else socket.AF_INET
        return socket.inet_pton(family, self.address)[-4:]


class ConnectionLostError(SpeakerError):
    """The daemon closed a session."""


class Session:
    """One connection, what it has received, and what it has yet to send."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.connection: socket.socket
        self.established = False
        self.last_update = 0.0
        """When the last octets came that were not just a KEEPALIVE (monotonic seconds)."""
        self.keepalives: list[float] = []
        """When reads came that were just a KEEPALIVE (monotonic seconds)."""
        self.messages = 0
        """UPDATEs received."""
        self.held: set[Prefix] = set()
        """Prefixes that are announced to us now, as of the last `digest`."""
        self.own: frozenset[Prefix] = frozenset()
        """Prefixes that we announce here; FRR sends them back to members of a larger update group."""
        self.withdrawn = 0
        """Withdrawals received so far."""
        self._chunks: list[bytes] = []
        self._rest = b""
        self._out = memoryview(b"")

    def attach(self) -> None:
        """Begin the session on a connection that is there now."""
        self.established = False
        self._chunks.clear()
        self._rest = b""
        self._out = memoryview(b"")
        endpoint = self.endpoint
        self.send(
            updates.open_message(
                endpoint.as_number, endpoint.identifier, ipv6=endpoint.ipv6, hold_time=endpoint.hold_time
            )
        )

    def send(self, data: bytes) -> None:
        """Queue whole messages."""
        self._out = memoryview(bytes(self._out) + data if self._out else data)
        self.write()

    @property
    def sending(self) -> bool:
        """Whether something is queued."""
        return bool(self._out)

    def write(self) -> None:
        """Send what the socket takes."""
        try:
            while self._out:
                self._out = self._out[self.connection.send(self._out[:_READ]) :]
        except BlockingIOError:
            return
        except ConnectionError as error:
            raise ConnectionLostError(f"session of {self.endpoint.address}: {error}") from None

    def read(self, now: float) -> None:
        """Keep what has arrived; while the session opens, look at it at once."""
        try:
            data = self.connection.recv(_READ)
        except ConnectionError:
            data = b""
        if not data:
            raise ConnectionLostError(f"the daemon closed the session of {self.endpoint.address}")
        self._chunks.append(data)
        if not self.established:
            self.digest()
        elif len(data) == len(updates.KEEPALIVE_MESSAGE):
            self.keepalives.append(now)
        else:
            self.last_update = now

    def digest(self) -> None:
        """Read the messages that have arrived."""
        buffer = b"".join((self._rest, *self._chunks))
        self._chunks.clear()
        start, end = 0, len(buffer)
        while end - start >= 19:
            stop = start + (buffer[start + 16] << 8 | buffer[start + 17])
            if stop > end:
                break
            self._take(buffer[start + 18], buffer[start + 19 : stop])
            start = stop
        self._rest = buffer[start:]

    def _take(self, kind: int, body: bytes) -> None:
        if kind == updates.UPDATE:
            self.messages += 1
            withdrawn, announced = updates.routes_in(body)
            if withdrawn:
                gone = updates.split(withdrawn)
                self.withdrawn += len(gone)
                self.held.difference_update(gone)
            if announced:
                self.held.update(updates.split(announced))
                self.held.difference_update(self.own)
        elif kind == updates.OPEN:
            self.send(updates.KEEPALIVE_MESSAGE)
        elif kind == updates.KEEPALIVE:
            self.established = True
        elif kind == updates.NOTIFICATION:
            text = f"NOTIFICATION {body[0]}/{body[1]} {body[2:]!r} to {self.endpoint.address}"
            raise ConnectionLostError(text)


class Speaker:
    """All sessions with one daemon, which listens on port 179 of `target` or `target_ipv6`."""

    def __init__(self, target: str, target_ipv6: str) -> None:
        self.sessions: list[Session] = []
        self.retries = 0
        """Connections that the daemon refused or dropped while the session opened."""
        self._targets = {False: target, True: target_ipv6}
        self._epoll = select.epoll()
        self._by_descriptor: dict[int, Session] = {}
        self._connecting: set[Session] = set()
        self._again: list[tuple[float, Session]] = []
        """Sessions to connect anew, and when."""
        self._keepalive_seconds = _KEEPALIVE_SECONDS
        self._keepalive_due = 0.0

    def open(
        self, endpoints: Iterable[Endpoint], *, seconds: float = 120, at_once: int = 1_000_000
    ) -> list[Session]:
        """Open sessions, so many at a time, and wait until all are Established."""
        opening: list[Session] = []
        for endpoint in endpoints:
            session = Session(endpoint)
            self._keepalive_seconds = min(self._keepalive_seconds, endpoint.hold_time / 3)
            opening.append(session)
            self.sessions.append(session)
            self._connect(session)
            self._until_few_open(opening, at_once, seconds)
        self.until(lambda: all(session.established for session in opening), "sessions Established", seconds)
        return opening

    def _until_few_open(self, opening: list[Session], at_once: int, seconds: float) -> None:
        """Wait until fewer than so many of the sessions are on their way."""
        recent = opening[-at_once:]
        if len(recent) == at_once:
            self.until(lambda: any(session.established for session in recent), "a session", seconds)

    def _connect(self, session: Session) -> None:
        endpoint = session.endpoint
        connection = socket.socket(socket.AF_INET6 if endpoint.ipv6 else socket.AF_INET)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if endpoint.ipv6:
            connection.setsockopt(socket.IPPROTO_IPV6, _IPV6_FREEBIND, 1)  # bind(2) knows AnyIP in IPv4 alone
        connection.bind((endpoint.address, 0))
        connection.setblocking(False)
        connection.connect_ex((self._targets[endpoint.ipv6], 179))
        session.connection = connection
        self._by_descriptor[connection.fileno()] = session
        self._connecting.add(session)
        self._epoll.register(connection, select.EPOLLIN | select.EPOLLOUT)

    def _connected(self, session: Session) -> None:
        error = session.connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            self._lost(session, ConnectionLostError(os.strerror(error)))
            return
        self._connecting.discard(session)
        self._epoll.modify(session.connection, select.EPOLLIN)
        session.attach()

    def _lost(self, session: Session, error: ConnectionLostError) -> None:
        """Connect anew while the session opens: nobody listens yet, or refuses who comes too early."""
        if session.established:
            raise error
        self.retries += 1
        self._connecting.discard(session)
        del self._by_descriptor[session.connection.fileno()]
        session.connection.close()
        self._again.append((time.monotonic() + _RETRY_SECONDS, session))

    def _reconnect(self, now: float) -> None:
        due = [session for when, session in self._again if when <= now]
        self._again = [(when, session) for when, session in self._again if when > now]
        for session in due:
            self._connect(session)

    def turn(self, seconds: float) -> bool:
        """Read and write what can be; wait up to `seconds` for something; return whether there was."""
        sending = False
        for session in self.sessions:
            if session.sending:
                session.write()
                sending = sending or session.sending
        wait = 0.0002 if sending else _RETRY_SECONDS if self._again else seconds
        ready = self._epoll.poll(wait)
        now = time.monotonic()
        for descriptor, _ in ready:
            session = self._by_descriptor[descriptor]
            if session in self._connecting:
                self._connected(session)
                continue
            try:
                session.read(now)
            except ConnectionLostError as error:
                self._lost(session, error)
        if self._again:
            self._reconnect(now)
        if now > self._keepalive_due:
            self._keep_alive(now)
        return bool(ready) or sending

    def _keep_alive(self, now: float) -> None:
        """Send KEEPALIVEs where nothing else is on its way."""
        self._keepalive_due = now + self._keepalive_seconds
        for session in self.sessions:
            if session.established and not session.sending:
                session.send(updates.KEEPALIVE_MESSAGE)

    def until(self, done: Callable[[], bool], what: str, seconds: float = 300) -> None:
        """Turn until `done`; raises SpeakerError when that takes too long."""
        deadline = time.monotonic() + seconds
        while not done():
            self.turn(_QUIET_SECONDS)
            if time.monotonic() > deadline:
                raise SpeakerError(f"not within {seconds:.0f} s: {what}")

    def until_held(self, expected: Mapping[Session, int], what: str, seconds: float = 600) -> float:
        """Turn until each session holds so many prefixes; return when the last UPDATE came."""
        deadline = time.monotonic() + seconds
        while True:
            while self.turn(_QUIET_SECONDS):
                if time.monotonic() > deadline:
                    break
            for session in expected:
                session.digest()
            missing = sum(abs(count - len(session.held)) for session, count in expected.items())
            if not missing:
                return max(session.last_update for session in expected)
            if time.monotonic() > deadline:
                raise SpeakerError(f"not within {seconds:.0f} s: {what}; {missing} routes differ")

    def settle(self, seconds: float = 0.3) -> None:
        """Turn until nothing has come for a while, and read it."""
        deadline = time.monotonic() + 10
        quiet_since = time.monotonic()
        while time.monotonic() - quiet_since < seconds and time.monotonic() < deadline:
            if self.turn(_QUIET_SECONDS):
                quiet_since = time.monotonic()
        for session in self.sessions:
            session.digest()

    def drop(self, session: Session) -> None:
        """Close one session without a word."""
        self.sessions.remove(session)
        del self._by_descriptor[session.connection.fileno()]
        session.connection.close()

    def close(self) -> None:
        """Drop all connections."""
        for session in list(self.sessions):
            self.drop(session)
        self._epoll.close()
