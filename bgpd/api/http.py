"""One HTTP/1.1 connection: h11 reads and writes the protocol, asyncio streams the bytes.

Bounded on all sides: the size and time of a request, the time a reader may make us wait, the number of
connections (see `HttpListener`).
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from urllib.parse import parse_qsl, unquote, urlsplit

import h11

from records import field, record

REQUEST_LIMIT = 64 << 10
"""Octets of a request's body; its head is bounded by h11 at `_HEAD_LIMIT`."""
_HEAD_LIMIT = 16 << 10
REQUEST_SECONDS = 10.0
"""How long a request may take to arrive, and how long a kept-alive connection may be idle."""
SEND_SECONDS = 30.0
"""How long a reader may leave our bytes unread before it is dropped."""

JSON = "application/json"
JSON_LINES = "application/x-ndjson"


@record
class Request:
    """One request: the path is decoded, of a repeated query parameter the last counts."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@record
class Response:
    """One answer: `body` is bytes, or a generator of pieces that are sent as chunks while they are made."""

    body: bytes | AsyncGenerator[bytes, None]
    status: int = 200
    content_type: str = JSON
    headers: tuple[tuple[str, str], ...] = ()
    endless: bool = False
    """The pieces go on until the reader closes the connection."""


Respond = Callable[[Request], Awaitable[Response]]


class TooLargeError(Exception):
    """The request's body is longer than `REQUEST_LIMIT`."""


def json_response(document: object, status: int = 200) -> Response:
    """Answer with a JSON document."""
    return Response(json.dumps(document).encode() + b"\n", status)


def error_response(status: int, error: str, remedy: str = "") -> Response:
    """Answer with what is wrong and what to do about it."""
    return json_response({"error": error, "remedy": remedy}, status)


class HttpConnection:
    """Serves the requests of one connection, one after the other, until either side ends it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, respond: Respond) -> None:
        self._reader = reader
        self._writer = writer
        self._respond = respond
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=_HEAD_LIMIT)

    async def serve(self) -> None:
        """Answer requests; returns when the connection is to be closed, whatever the client did."""
        with contextlib.suppress(OSError, TimeoutError, h11.LocalProtocolError):
            while await self._serve_one():
                self._http.start_next_cycle()

    async def _serve_one(self) -> bool:
        """Serve one request; True when the connection may carry another."""
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                request = await self._receive()
        except h11.RemoteProtocolError as error:
            await self._send(error_response(error.error_status_hint, f"malformed HTTP request: {error}"))
            return False
        except TooLargeError:
            await self._send(error_response(413, f"the body is longer than {REQUEST_LIMIT} octets"))
            return False
        if request is None:
            return False
        await self._send(await self._respond(request), head_only=request.method == "HEAD")
        return self._http.our_state is h11.DONE and self._http.their_state is h11.DONE

    async def _receive(self) -> Request | None:
        head: h11.Request | None = None
        body = bytearray()
        while True:
            event = await self._next_event()
            if isinstance(event, h11.Request):
                head = event
            elif isinstance(event, h11.Data):
                body += event.data
                if len(body) > REQUEST_LIMIT:
                    raise TooLargeError
            elif isinstance(event, h11.EndOfMessage) and head is not None:
                return _request(head, bytes(body))
            else:
                return None

    async def _next_event(self) -> object:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            if self._http.they_are_waiting_for_100_continue:
                await self._write(h11.InformationalResponse(status_code=100, headers=[]))
            self._http.receive_data(await self._reader.read(1 << 16))
        return event

    async def _send(self, response: Response, *, head_only: bool = False) -> None:
        headers = [("Content-Type", response.content_type), *response.headers]
        if isinstance(response.body, bytes):
            headers.append(("Content-Length", str(len(response.body))))
            await self._write(h11.Response(status_code=response.status, headers=headers))
            await self._write(h11.Data(b"" if head_only else response.body))
        else:
            headers.append(("Connection", "close"))
            await self._write(h11.Response(status_code=response.status, headers=headers))
            async with contextlib.aclosing(response.body) as pieces:
                if not head_only:
                    await self._stream(pieces, endless=response.endless)
        await self._write(h11.EndOfMessage())

    async def _stream(self, pieces: AsyncGenerator[bytes, None], *, endless: bool) -> None:
        sending = asyncio.ensure_future(self._send_pieces(pieces))
        # Between events nothing is written, so only reading tells that the reader of an endless answer left.
        leaving = asyncio.ensure_future(self._reader.read(1)) if endless else sending
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not sending.done():
                raise ConnectionResetError
            await sending
        finally:
            for task in {sending, leaving}:
                task.cancel()
            await asyncio.gather(sending, leaving, return_exceptions=True)

    async def _send_pieces(self, pieces: AsyncGenerator[bytes, None]) -> None:
        async for piece in pieces:
            await self._write(h11.Data(piece))

    async def _write(self, event: h11.Event) -> None:
        data = self._http.send(event)
        if data:
            self._writer.write(data)
            async with asyncio.timeout(SEND_SECONDS):
                await self._writer.drain()


def _request(head: h11.Request, body: bytes) -> Request:
    target = urlsplit(head.target.decode("ascii", "replace"))
    headers = {name.decode(): value.decode("latin-1") for name, value in head.headers}
    query = dict(parse_qsl(target.query, keep_blank_values=True))
    return Request(head.method.decode(), unquote(target.path), query, headers, body)
