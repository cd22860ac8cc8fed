"""The way out to a BMP station: a bounded buffer in front of a TCP connection that nothing is read from."""

import asyncio

_HIGH_WATER = 1 << 20
"""Octets the station may leave unread before dumps wait for it."""
LIMIT = 32 << 20
"""Octets the station may leave unread before it is left, to begin anew when it reads again."""


class Feed(asyncio.Protocol):
    """One connection to a station. What is put in a turn of the event loop goes out in one write."""

    def __init__(self) -> None:
        self.closed: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        """Why it ended, once it has."""
        self._transport: asyncio.Transport | None = None
        self._pending: list[bytes] = []
        self._ready = asyncio.Event()
        self._ready.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport (asyncio)."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - asyncio's contract for stream sockets
        transport.set_write_buffer_limits(high=_HIGH_WATER)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Note the end (asyncio)."""
        self._transport = None
        self._ready.set()
        self._end("it closed the connection" if exc is None else str(exc))

    def pause_writing(self) -> None:
        """Let dumps wait (asyncio)."""
        self._ready.clear()

    def resume_writing(self) -> None:
        """Let dumps go on (asyncio)."""
        self._ready.set()

    def put(self, message: bytes) -> None:
        """Send a message at the end of this turn; after the end it is dropped."""
        if not self._pending:
            asyncio.get_running_loop().call_soon(self._flush)
        self._pending.append(message)

    async def ready(self) -> None:
        """Return in another turn, as soon as the station keeps up."""
        await asyncio.sleep(0)
        await self._ready.wait()

    def close(self) -> None:
        """End the connection after what was put."""
        self._flush()
        if self._transport is not None:
            self._transport.close()

    def _flush(self) -> None:
        messages, self._pending = self._pending, []
        if self._transport is None:
            return
        self._transport.write(b"".join(messages))
        waiting = self._transport.get_write_buffer_size()
        if waiting > LIMIT:
            self._end(f"it is too slow: {waiting >> 20} MiB wait for it")
            self._transport.abort()

    def _end(self, reason: str) -> None:
        if not self.closed.done():
            self.closed.set_result(reason)
