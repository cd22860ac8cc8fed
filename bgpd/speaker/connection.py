"""One TCP connection of a session: bytes in, frames out; whole messages in, bytes out.

It works on the socket itself, with the event loop's readers and writers. Between asyncio's transports and the
sockets of a reflector with a thousand clients lies more work than the sessions themselves need.
"""

import asyncio
import socket
from typing import Protocol

from bgpd.speaker.connector import reason_of
from wire import Framer

_HIGH_WATER = 1 << 20
"""Bytes a slow reader may leave unread before its session is served from the tables instead (design 5.5)."""
_LOW_WATER = 1 << 18
_LINGER_SECONDS = 5.0
"""How long a peer may take to read what waits when the connection ends. Who reads nothing would keep socket
and buffer for ever, and could get another of both with each new connection."""
_WATCH_SECONDS = 1.0
"""Between two looks at whether what waits gets less."""

_read_buffer = bytearray(1 << 16)
"""Shared by all: what is read is handed over at once. Its size is what one peer can make us work through
before the others have their turn, be it KEEPALIVEs of 19 octets."""
_octets_read = memoryview(_read_buffer)

Buffer = bytes | memoryview


class ConnectionOwner(Protocol):
    """What a connection tells the session it belongs to."""

    @property
    def behind(self) -> bool:
        """Whether nothing shall be read for now."""

    def bytes_received(self, connection: "Connection", data: Buffer) -> None:
        """Take bytes in the order they came; they are gone when this returns."""

    def connection_lost(self, connection: "Connection", reason: str) -> None:
        """Take note that the connection is gone, and not by `close`."""

    def writing_paused(self, connection: "Connection", paused: bool) -> None:
        """Take note that much (or no longer much) waits for the peer to read it."""

    def sending_stalled(self, connection: "Connection", stalled: bool) -> None:
        """Take note that nothing of what waits could be sent for a while, or that something could again."""


class Connection:
    """A connected TCP socket at work; it knows no protocol rule."""

    __slots__ = (
        "_loop",
        "_open",
        "_owner",
        "_paused",
        "_socket",
        "_stalled",
        "_taken",
        "_waiting",
        "_watch",
        "framer",
        "incoming",
        "number",
    )

    def __init__(self, number: int, owner: ConnectionOwner, opened: socket.socket, *, incoming: bool) -> None:
        """Begin to read from `opened`, which must not block; it is closed with the connection."""
        self.number = number
        self.incoming = incoming
        self.framer = Framer()
        self._owner = owner
        self._socket = opened
        self._open = True
        self._waiting = bytearray()
        """What the kernel has not taken yet."""
        self._taken = 0
        """Bytes of it that the kernel has taken later."""
        self._paused = self._stalled = False
        self._watch: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(opened.fileno(), self._read)

    @property
    def local_address(self) -> str:
        """Our address of the connection; "" once it is gone."""
        name = self._socket.getsockname() if self._open else ("",)
        return str(name[0]).partition("%")[0]

    @property
    def ports(self) -> tuple[int, int]:
        """TCP ports of our end and of the peer's; 0 for those of a connection that is gone."""
        try:
            return self._socket.getsockname()[1], self._socket.getpeername()[1]
        except OSError:
            return 0, 0

    @property
    def waiting(self) -> int:
        """Bytes that the kernel has not taken yet."""
        return len(self._waiting)

    # --- in -----------------------------------------------------------------------------------------------

    def _read(self) -> None:
        if self._owner.behind:
            return  # the loop asks again in the next turn
        try:
            count = self._socket.recv_into(_read_buffer)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._lose(reason_of(error))
            return
        if count:
            self._owner.bytes_received(self, _octets_read[:count])
        else:
            self._lose("connection closed by the peer")

    # --- out ----------------------------------------------------------------------------------------------

    def send(self, data: Buffer) -> None:
        """Send whole messages, now or when the peer reads; what comes after the end is dropped, as by TCP."""
        if not self._open:
            return
        taken = 0 if self._waiting else self._offer(data)
        if taken < len(data):
            self._wait(memoryview(data)[taken:])

    def _offer(self, data: Buffer | bytearray) -> int:
        """Give the kernel what it takes, and return how much that was."""
        try:
            return self._socket.send(data)
        except (BlockingIOError, InterruptedError):
            return 0
        except OSError as error:
            # Not now: whoever sends is in the middle of something.
            self._loop.call_soon(self._lose, reason_of(error))
            return len(data)

    def _wait(self, data: memoryview) -> None:
        if not self._waiting:
            self._loop.add_writer(self._socket, self._write)
        self._waiting += data
        self._watch_sending()
        if not self._paused and len(self._waiting) > _HIGH_WATER:
            self._paused = True
            self._owner.writing_paused(self, True)

    def _write(self) -> None:
        taken = self._offer(self._waiting)
        del self._waiting[:taken]
        self._taken += taken
        if not self._waiting:
            self._loop.remove_writer(self._socket)
            if not self._open:
                self._release()
        if self._paused and len(self._waiting) <= _LOW_WATER:
            self._paused = False
            self._owner.writing_paused(self, False)

    def _watch_sending(self) -> None:
        """Look after what the kernel has not taken, for a peer that reads nothing at all (RFC 9687)."""
        if self._watch is None:
            self._watch = self._loop.call_later(_WATCH_SECONDS, self._look, self._taken)

    def _look(self, taken_before: int) -> None:
        self._watch = None
        stalled = bool(self._waiting) and self._taken == taken_before
        if stalled is not self._stalled:
            self._stalled = stalled
            self._owner.sending_stalled(self, stalled)
        if self._waiting:
            self._watch_sending()

    # --- the end ------------------------------------------------------------------------------------------

    def close(self, *, hard: bool = False) -> None:
        """End the connection: after what waits has gone out or the peer had its time to read, or at once."""
        if self._open:
            self._open = False
            self._loop.remove_reader(self._socket)
            if self._watch is not None:
                self._watch.cancel()
            if hard or not self._waiting:
                self._release()
            else:
                self._watch = self._loop.call_later(_LINGER_SECONDS, self._release)

    def _lose(self, reason: str) -> None:
        if self._open:
            self.close(hard=True)
            self._owner.connection_lost(self, reason)

    def _release(self) -> None:
        if self._waiting:
            self._waiting.clear()
            self._loop.remove_writer(self._socket)
        if self._watch is not None:
            self._watch.cancel()
        self._socket.close()
