"""A client of etcd's JSON gateway (path /v3/, etcd 3.4 and later).

Why not a library: aetcd knows no TLS, etcetra and etcd-client-py give no revisions. etcd3gw 2.7 does all but
the watch: that runs in a thread whose end nobody is told of, and the answer "compacted" is dropped (tried
against etcd 3.4: the callback is simply never called again). It also knows one endpoint and no tokens, and
brings requests and pbr along. What bgpd needs are four requests and one stream.

The gateway writes numbers as strings, keys and values in base64, and leaves zeros out.
"""

import asyncio
import base64
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from http import HTTPStatus
from typing import Any

import h11

from bgpd.datastore.errors import DatastoreError, RefusedError, UnreachableError
from bgpd.datastore.etcd.connection import Connection
from bgpd.datastore.etcd.options import Endpoint, EtcdOptions

Message = Mapping[str, Any]

_CALL_TIMEOUT = 10.0
_LOST = (OSError, h11.ProtocolError)
# gRPC codes as the gateway passes them on: deadline exceeded, unavailable; another member may do better.
_TRANSIENT = {4, 14}
_DENIED = ("permission denied", "authentication failed", "user name is empty")
_ACCOUNT = "ETCD_USERNAME and ETCD_PASSWORD must be of a user who may do this"
_REMEDY = "see that it runs there, and that URL or ETCD_ENDPOINTS name its client addresses"
_COMPACTED = "required revision has been compacted"
_TOKEN_PROBLEMS = ("invalid auth token", "revision of auth store is old")


class CompactedError(DatastoreError):
    """The revision asked for is no longer kept: list again."""


def encode(text: str) -> str:
    """Return a key or value as the gateway takes it."""
    return base64.b64encode(text.encode()).decode()


def decode(text: str | None) -> str:
    """Return a key or value of an answer; what is no UTF-8 stays recognisably wrong."""
    return base64.b64decode(text or "").decode(errors="replace")


class Client:
    """Asks one member after the other until one answers. Raises DatastoreError alone.

    Every request has a connection of its own, so that a failed one tells whether a write may have been done.
    """

    def __init__(self, options: EtcdOptions) -> None:
        self._options = options
        self._tls = options.ssl_context()
        self._turn = 0
        self._token: str | None = None

    async def call(self, method: str, request: Message, *, repeatable: bool = True) -> dict[str, Any]:
        """Send a request such as ("kv/range", {...}) and return the answer.

        What is not repeatable, a write, goes to another member only if the first surely has not got it.
        Raises UnreachableError, CompactedError, RefusedError.
        """
        await self._log_in()
        try:
            return await self._ask_members(method, request, repeatable=repeatable)
        except RefusedError as error:
            if self._token is None or not str(error).endswith(_TOKEN_PROBLEMS):
                raise
        self._token = None
        await self._log_in()
        return await self._ask_members(method, request, repeatable=repeatable)

    @contextlib.asynccontextmanager
    async def stream(self, method: str, request: Message) -> AsyncIterator[AsyncIterator[Message]]:
        """Open a stream of answers to a request. Raises as `call` does.

        One request is all that a stream takes: the gateway may stop reading once it has begun to answer.
        """
        await self._log_in()
        body = json.dumps(request).encode()
        # Without a leader a member would keep silent: better to be told, and to turn to another.
        headers = [*self._headers, ("Grpc-Metadata-hasleader", "true")]
        try:
            connection = await Connection.open(self._member, self._tls)
            try:
                async with asyncio.timeout(_CALL_TIMEOUT):
                    await connection.post(f"/v3/{method}", body, headers)
                yield _results(connection)
            finally:
                await connection.close()
        except (*_LOST, UnreachableError) as error:
            raise UnreachableError(f"etcd lost: {self._turn_away(error)}") from error
        except RefusedError:
            self._token = None  # whatever it was about, the next attempt begins with a new one
            raise

    async def _log_in(self) -> None:
        if self._options.username is None or self._token is not None:
            return
        request = {"name": self._options.username, "password": self._options.password or ""}
        answer = await self._ask_members("auth/authenticate", request)
        self._token = answer["token"]

    async def _ask_members(self, method: str, request: Message, *, repeatable: bool = True) -> dict[str, Any]:
        reasons = []
        for _ in self._options.endpoints:
            sent = False
            try:
                connection = await Connection.open(self._member, self._tls)
                sent = True
                return await self._ask(connection, method, request)
            except (*_LOST, UnreachableError) as error:
                reasons.append(self._turn_away(error))
            if sent and not repeatable:
                reasons.append("whether the change was made is not known, look before repeating it")
                break
        raise UnreachableError(f"no answer from etcd: {'; '.join(reasons)}; {_REMEDY}")

    async def _ask(self, connection: Connection, method: str, request: Message) -> dict[str, Any]:
        try:
            async with asyncio.timeout(_CALL_TIMEOUT):
                status = await connection.post(f"/v3/{method}", json.dumps(request).encode(), self._headers)
                answer = _read_json(b"".join([piece async for piece in connection.pieces()]))
        finally:
            await connection.close()
        if status != HTTPStatus.OK:
            raise _error(answer)
        return answer

    @property
    def _member(self) -> Endpoint:
        return self._options.endpoints[self._turn]

    @property
    def _headers(self) -> list[tuple[str, str]]:
        return [("Authorization", self._token)] if self._token else []

    def _turn_away(self, error: Exception) -> str:
        """Let the next member have its turn; returns what was wrong with this one."""
        text = f"{self._member}: {str(error) or type(error).__name__}"
        self._turn = (self._turn + 1) % len(self._options.endpoints)
        return text


async def _results(connection: Connection) -> AsyncIterator[Message]:
    """Yield the results of a stream, a JSON document per line. Raises UnreachableError when it ends."""
    rest: list[bytes] = []
    async for piece in connection.pieces():
        *lines, last = piece.split(b"\n")
        for line in lines:
            text = b"".join([*rest, line])
            rest = []
            if text.strip():
                yield _result(_read_json(text))
        rest.append(last)
    raise UnreachableError("the stream ended")


def _result(answer: Mapping[str, Any]) -> Message:
    if "result" not in answer:
        raise _error(answer.get("error") or answer)
    result: Message = answer["result"]
    return result


def _read_json(data: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(data)
    except ValueError as error:
        raise UnreachableError(f"that was no answer of etcd's: {data[:80]!r}") from error
    if not isinstance(answer, dict):
        raise UnreachableError(f"that was no answer of etcd's: {data[:80]!r}")
    return answer


def _error(answer: Mapping[str, Any]) -> DatastoreError:
    """Make the error that an answer stands for; the gateway has more than one form for them."""
    text = str(answer.get("message") or answer.get("error") or answer)
    if answer.get("code", answer.get("grpc_code")) in _TRANSIENT:
        return UnreachableError(text)
    if _COMPACTED in text:
        return CompactedError(text)
    return RefusedError(f"{text}; {_ACCOUNT}" if any(reason in text for reason in _DENIED) else text)
