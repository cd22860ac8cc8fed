"""Accepts TCP connections and hands each to the session configured for its source address."""

import asyncio
import errno
import logging
import socket
from collections.abc import Callable, Iterable

from bgpd import log
from bgpd.speaker.socket_options import family_of, listening_socket, set_md5_key

_LOGGER = logging.getLogger(__name__)
_RETRY_SECONDS = 5.0
_ACCEPTS_PER_TURN = 64

Endpoint = tuple[str, int]


class Listener:
    """Holds the listening sockets that are wanted; what cannot be bound is reported and tried again."""

    def __init__(self, accepted: Callable[[socket.socket, str], None]) -> None:
        """Call `accepted(connection, source address)` for every accepted connection."""
        self._accepted = accepted
        self._wanted: frozenset[Endpoint] = frozenset()
        self._sockets: dict[Endpoint, socket.socket] = {}
        self._keys: dict[str, str] = {}
        self._retry: asyncio.TimerHandle | None = None
        self.problems: dict[Endpoint, str] = {}
        """Endpoints that could not be bound, with reason and remedy."""

    @property
    def addresses(self) -> list[Endpoint]:
        """Endpoints that are listening now."""
        return sorted(endpoint for endpoint in self._sockets)

    def listen(self, endpoints: Iterable[Endpoint]) -> None:
        """Listen on exactly these endpoints; those already open stay open."""
        self._wanted = frozenset(endpoints)
        for endpoint in set(self._sockets) - self._wanted:
            self._close(endpoint)
        self.problems = {
            endpoint: text for endpoint, text in self.problems.items() if endpoint in self._wanted
        }
        self._open_missing()

    def set_keys(self, keys: dict[str, str]) -> None:
        """Have exactly these TCP-MD5 keys (peer address -> password) on every listening socket."""
        changed = {address for address in self._keys | keys if self._keys.get(address) != keys.get(address)}
        self._keys = keys
        for endpoint in self._sockets.values():
            self._install_keys(endpoint, changed)

    def close(self) -> None:
        """Stop listening."""
        self.listen(())
        if self._retry:
            self._retry.cancel()

    def _open_missing(self) -> None:
        self._retry = None
        for endpoint in sorted(self._wanted - set(self._sockets)):
            self._open(endpoint)
        if self._wanted - set(self._sockets):
            self._retry = asyncio.get_running_loop().call_later(_RETRY_SECONDS, self._open_missing)

    def _open(self, endpoint: Endpoint) -> None:
        address, port = endpoint
        try:
            opened = listening_socket(address, port)
        except OSError as error:
            text = f"cannot listen on {address} port {port}: {error.strerror}; {_remedy(error, port)}"
            if self.problems.get(endpoint) != text:
                _LOGGER.error(
                    "%s; trying again every %.0f s", text, _RETRY_SECONDS, extra=log.fields(event="listen")
                )
            self.problems[endpoint] = text
            return
        self.problems.pop(endpoint, None)
        self._sockets[endpoint] = opened
        self._install_keys(opened, set(self._keys))
        asyncio.get_running_loop().add_reader(opened, self._accept, opened)
        _LOGGER.info("listening on %s port %d", address, port, extra=log.fields(event="listen"))

    def _close(self, endpoint: Endpoint) -> None:
        closing = self._sockets.pop(endpoint)
        asyncio.get_running_loop().remove_reader(closing)
        closing.close()

    def _install_keys(self, endpoint: socket.socket, addresses: Iterable[str]) -> None:
        for address in addresses:
            if family_of(address) != endpoint.family:
                continue
            try:
                set_md5_key(endpoint, address, self._keys.get(address, ""))
            except FileNotFoundError:
                continue  # removing a key that the kernel does not have
            except (OSError, ValueError) as error:
                _LOGGER.error("cannot set the TCP-MD5 key of %s: %s", address, error)

    def _accept(self, listener: socket.socket) -> None:
        # A bounded number a turn: a storm of connects must not delay the KEEPALIVEs of other sessions.
        for _ in range(_ACCEPTS_PER_TURN):
            try:
                connection, source = listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                _LOGGER.error("cannot accept a connection: %s", error.strerror)
                return
            connection.setblocking(False)
            self._accepted(connection, source[0].partition("%")[0])


def _remedy(error: OSError, port: int) -> str:
    """Tell what an operator can do about a failed bind."""
    if isinstance(error, PermissionError):
        return (
            f"ports below 1024 need CAP_NET_BIND_SERVICE, or set listenPort in BGPConfiguration (now {port})"
        )
    if error.errno == errno.EADDRINUSE:
        return "another BGP daemon has the port (is BIRD still running?): stop it or set listenPort"
    return "check that the address is configured on this node"
