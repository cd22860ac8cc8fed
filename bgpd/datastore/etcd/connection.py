"""One HTTP/1.1 connection to one member, for one request."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Iterable

import h11

from bgpd.datastore.etcd.options import Endpoint

_CONNECT_TIMEOUT = 3.0
_READ_SIZE = 256 * 1024
# A silent member, or a network that drops everything, is noticed after about 30 s (TCP keepalive).
_KEEPALIVE = (
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 15),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 5),
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3),
    (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 30_000),
)

Headers = Iterable[tuple[str, str]]


class Connection:
    """Raises OSError (TimeoutError, ssl.SSLError) and h11.ProtocolError for all that can go wrong."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, endpoint: Endpoint
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._http = h11.Connection(h11.CLIENT)
        self._endpoint = endpoint

    @classmethod
    async def open(cls, endpoint: Endpoint, tls: ssl.SSLContext | None) -> "Connection":
        """Connect to a member."""
        async with asyncio.timeout(_CONNECT_TIMEOUT):
            reader, writer = await asyncio.open_connection(
                endpoint.host, endpoint.port, ssl=tls, limit=_READ_SIZE
            )
        raw: socket.socket = writer.get_extra_info("socket")
        for level, option, value in _KEEPALIVE:
            raw.setsockopt(level, option, value)
        return cls(reader, writer, endpoint)

    async def post(self, path: str, body: bytes, headers: Headers = ()) -> int:
        """Send a request and return the status of the answer; `pieces` gives its body."""
        head = [("Host", str(self._endpoint)), ("Content-Length", str(len(body))), *headers]
        data = self._http.send(h11.Request(method="POST", target=path, headers=head))
        data = (data or b"") + (self._http.send(h11.Data(data=body)) or b"")
        self._writer.write(data + (self._http.send(h11.EndOfMessage()) or b""))
        await self._writer.drain()
        event = await self._next()
        while not isinstance(event, h11.Response):
            event = await self._next()
        return event.status_code

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the body of the answer as it arrives."""
        while not isinstance(event := await self._next(), h11.EndOfMessage):
            if isinstance(event, h11.Data):
                yield bytes(event.data)

    async def close(self) -> None:
        """Give the connection up, whatever is under way."""
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

    async def _next(self) -> h11.Event:
        while not isinstance(event := self._http.next_event(), h11.Event):
            self._http.receive_data(await self._reader.read(_READ_SIZE))
        if isinstance(event, h11.ConnectionClosed):
            raise ConnectionResetError("the member closed the connection")
        return event
