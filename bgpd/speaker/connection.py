"""One TCP connection of a session: bytes in, frames out; whole messages in, bytes out."""

import asyncio
import socket
from typing import Protocol

from bgpd.speaker.connector import reason_of
from wire import Framer

_HIGH_WATER = 1 << 20
"""Bytes a slow reader may leave unread before its session is served from the tables instead (design 5.5)."""
_LOW_WATER = 1 << 18
_WATCH_SECONDS = 1.0
"""Between two looks at whether what waits gets less."""

_read_buffer = bytearray(1 << 16)
"""Shared by all: asyncio asks for it, fills it and hands it over in one go. Its size is what one peer can
make us work through before the others have their turn, be it KEEPALIVEs of 19 octets."""

Buffer = bytes | memoryview


class ConnectionOwner(Protocol):
    """What a connection tells the session it belongs to."""

    def connection_opened(self, connection: "Connection") -> None:
        """Take note that bytes can flow."""

    def bytes_received(self, connection: "Connection", data: Buffer) -> None:
        """Take bytes in the order they came; they are gone when this returns."""

    def connection_lost(self, connection: "Connection", reason: str) -> None:
        """Take note that the connection is gone."""

    def writing_paused(self, connection: "Connection", paused: bool) -> None:
        """Take note that much (or no longer much) waits for the peer to read it."""

    def sending_stalled(self, connection: "Connection", stalled: bool) -> None:
        """Take note that nothing of what waits could be sent for a while, or that something could again."""


class Connection(asyncio.BufferedProtocol):
    """The asyncio end of one TCP connection; it knows no protocol rule."""

    def __init__(self, number: int, owner: ConnectionOwner, *, incoming: bool) -> None:
        self.number = number
        self.incoming = incoming
        self.framer = Framer()
        self._owner = owner
        self._transport: asyncio.Transport | None = None
        self._handed_over = 0
        self._watch: asyncio.TimerHandle | None = None
        self._stalled = False

    @property
    def local_address(self) -> str:
        """Our address of the connection; "" once it is gone."""
        return self._name("sockname")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport and tell the owner (asyncio)."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - asyncio's contract for stream sockets
        transport.set_write_buffer_limits(high=_HIGH_WATER, low=_LOW_WATER)
        self._transport = transport
        self._owner.connection_opened(self)

    def get_buffer(self, sizehint: int) -> bytearray:  # noqa: ARG002 - asyncio's signature
        """Give the buffer to read into (asyncio)."""
        return _read_buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Pass bytes on (asyncio)."""
        self._owner.bytes_received(self, memoryview(_read_buffer)[:nbytes])

    def connection_lost(self, exc: Exception | None) -> None:
        """Pass the end on, with the reason in words (asyncio)."""
        self._transport = None
        self._owner.connection_lost(self, "connection closed by the peer" if exc is None else reason_of(exc))

    def pause_writing(self) -> None:
        """Pass on that the send buffer is full (asyncio)."""
        self._owner.writing_paused(self, True)

    def resume_writing(self) -> None:
        """Pass on that the send buffer has drained (asyncio)."""
        self._owner.writing_paused(self, False)

    def send(self, data: Buffer) -> None:
        """Queue whole messages; what comes after the end is dropped, as TCP would."""
        if self._transport is not None:
            self._transport.write(data)
            self._handed_over += len(data)
            self._watch_sending(self._transport)

    def _watch_sending(self, transport: asyncio.Transport) -> None:
        """Look after what the kernel has not taken, for a peer that reads nothing at all (RFC 9687)."""
        waiting = transport.get_write_buffer_size()
        if waiting and self._watch is None:
            sent = self._handed_over - waiting
            self._watch = asyncio.get_running_loop().call_later(_WATCH_SECONDS, self._look, sent)

    def _look(self, sent_before: int) -> None:
        self._watch = None
        transport = self._transport
        if transport is None:
            return
        waiting = transport.get_write_buffer_size()
        stalled = waiting > 0 and self._handed_over - waiting == sent_before
        if stalled is not self._stalled:
            self._stalled = stalled
            self._owner.sending_stalled(self, stalled)
        self._watch_sending(transport)

    def close(self, *, hard: bool = False) -> None:
        """End the connection: after what is queued has gone out, or at once."""
        if self._transport is None:
            return
        if hard:
            self._transport.abort()
        else:
            self._transport.close()

    def _name(self, which: str) -> str:
        name = self._transport.get_extra_info(which) if self._transport else None
        return str(name[0]).partition("%")[0] if name else ""


async def adopt(opened: socket.socket, connection: Connection) -> None:
    """Give a connected TCP socket to a connection."""
    await asyncio.get_running_loop().create_connection(lambda: connection, sock=opened)
