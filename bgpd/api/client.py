"""The client of the API on the Unix socket, with the standard library alone: bgpctl must start quickly."""

import http.client
import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlencode

_ABSENT = "is bgpd running? `systemctl status bgpd` tells, --socket PATH chooses another daemon"
_PIECE = 1 << 16
_REMEDIES: tuple[tuple[type[OSError], str, str], ...] = (
    (FileNotFoundError, "bgpd does not run here: there is no {path}", _ABSENT),
    (ConnectionRefusedError, "nobody answers on {path}", _ABSENT),
    (
        PermissionError,
        "you may not use {path}",
        "run as root or as a member of the group bgpd: usermod -aG bgpd USER",
    ),
    (TimeoutError, "bgpd did not answer on {path} in time", "its log tells what keeps it busy"),
)


class ClientError(Exception):
    """The daemon could not be asked, or refused: what is wrong, and in `remedy` what to do about it."""

    def __init__(self, text: str, remedy: str = "", status: int = 0) -> None:
        super().__init__(text)
        self.remedy = remedy
        self.status = status
        """HTTP status of the refusal; 0 when there was no answer."""


class Client:
    """Talks to the daemon at `path`; every call uses a connection of its own, `timeout` in seconds."""

    def __init__(self, path: str, timeout: float = 30.0) -> None:
        self._path = path
        self._timeout = timeout

    def get(self, target: str, **query: str | None) -> Any:
        """GET a document; parameters that are None are left out. Raises ClientError."""
        with self._exchange("GET", _with_query(target, query)) as response:
            return json.load(response)

    def post(self, target: str, message: str = "") -> Any:
        """POST an order with a message for the peer. Raises ClientError."""
        return self.send(target, {"message": message})

    def send(self, target: str, document: Mapping[str, object]) -> Any:
        """POST a document. Raises ClientError."""
        with self._exchange("POST", target, json.dumps(document)) as response:
            return json.load(response)

    def hold(self, target: str, document: Mapping[str, object]) -> Iterator[Any]:
        """POST a document that has its effect while this stream of answers is read. Raises ClientError."""
        with self._exchange("POST", target, json.dumps(document), timeout=None) as response:
            yield from map(json.loads, response)

    def delete(self, target: str) -> Any:
        """DELETE what a path names. Raises ClientError."""
        with self._exchange("DELETE", target) as response:
            return json.load(response)

    def lines(self, target: str, **query: str | None) -> Iterator[Any]:
        """GET a stream of JSON lines, each as it comes. Raises ClientError."""
        # Silence is no fault of a stream that waits for events.
        patience = None if query.get("follow") == "true" else self._timeout
        with self._exchange("GET", _with_query(target, query), timeout=patience) as response:
            yield from map(json.loads, response)

    def octets(self, target: str) -> Iterator[bytes]:
        """GET what is no JSON, piece by piece. Raises ClientError."""
        with self._exchange("GET", target) as response:
            while piece := response.read(_PIECE):
                yield piece

    @contextmanager
    def _exchange(
        self, method: str, target: str, body: str | None = None, *, timeout: float | None = -1
    ) -> Iterator[http.client.HTTPResponse]:
        connection = _UnixConnection(self._path, self._timeout if timeout == -1 else timeout)
        try:
            connection.request(method, target, body, {"Content-Type": "application/json"} if body else {})
            response = connection.getresponse()
            if response.status >= http.client.BAD_REQUEST:
                raise _refusal(response)
            yield response
        except (OSError, http.client.HTTPException, json.JSONDecodeError) as error:
            raise self._failure(error) from error
        finally:
            connection.close()

    def _failure(self, error: Exception) -> ClientError:
        for kind, text, remedy in _REMEDIES:
            if isinstance(error, kind):
                return ClientError(text.format(path=self._path), remedy)
        return ClientError(f"the daemon's answer on {self._path} broke off: {error}", "its log tells why")


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: str, timeout: float | None) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        """Connect to the socket in place of a TCP address."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def escaped(segment: str) -> str:
    """Quote a name for use in a path; a prefix keeps its slash."""
    return quote(segment, safe="/:")


def _with_query(target: str, query: Mapping[str, str | None]) -> str:
    given = {name: value for name, value in query.items() if value is not None}
    return f"{target}?{urlencode(given)}" if given else target


def _refusal(response: http.client.HTTPResponse) -> ClientError:
    body = response.read()
    try:
        document = json.loads(body)
        return ClientError(document["error"], document["remedy"], response.status)
    except (ValueError, KeyError, TypeError):
        text = body.decode(errors="replace").strip() or response.reason
        return ClientError(f"HTTP status {response.status}: {text}", status=response.status)
