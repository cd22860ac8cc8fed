"""The daemon's HTTP sites, the API on a Unix socket and metrics on a TCP address, and BIRD's sockets."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from bgpd.api.unix_socket import SocketError, bind_unix_socket, unlink_own

if TYPE_CHECKING:  # the sites listen from the start; what answers is imported with the first question
    from bgpd.api.bird import BirdSockets
    from bgpd.api.endpoints import Endpoint
    from bgpd.api.http import Respond
    from bgpd.api.view import DaemonView

_LOGGER = logging.getLogger(__name__)

CONNECTION_LIMIT = 64
"""Connections a site serves at a time; more are told to come back."""

_BUSY = b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class ApiServer:
    """Serves a `DaemonView`, asked for with the first question; start either site or both, then `close`."""

    def __init__(self, view: Callable[[], "DaemonView"]) -> None:
        self._view = view
        self._sites: list[_Site] = []
        self._socket: tuple[str, int] | None = None
        self._bird: BirdSockets | None = None

    async def start(self, socket_path: str) -> None:
        """Serve the API on a Unix socket.

        Raises:
            SocketError: when the socket cannot be had; the text is for the operator.

        """
        listening, inode = bind_unix_socket(socket_path)
        self._socket = socket_path, inode
        site = self._site(_api)
        site.server = await asyncio.start_unix_server(site.connected, sock=listening)

    async def start_metrics(self, host: str, port: int) -> tuple[str, int]:
        """Serve metrics and health; gives the address, with the port that was chosen when `port` is 0.

        Raises:
            SocketError: when the address cannot be had; the text is for the operator.

        """
        site = self._site(_metrics_site)
        try:
            site.server = await asyncio.start_server(site.connected, host, port)
        except OSError as error:
            reason = error.strerror or error
            remedy = "choose another address with --metrics"
            raise SocketError(f"cannot serve metrics on {host} port {port}: {reason}; {remedy}") from error
        address = site.server.sockets[0].getsockname()
        return address[0], address[1]

    async def start_bird(self, directory: str) -> None:
        """Answer as BIRD does on its control sockets in a directory.

        Raises:
            SocketError: when a socket cannot be had; the text is for the operator.

        """
        from bgpd.api.bird import BirdSockets

        self._bird = BirdSockets(self._view())
        await self._bird.start(directory)

    async def close(self) -> None:
        """Stop all sites, cut their connections and remove the sockets."""
        if self._bird is not None:
            await self._bird.close()
        if self._socket is not None:
            unlink_own(*self._socket)
        for site in self._sites:
            await site.close()
        self._sites.clear()

    def _site(self, table: "Table") -> "_Site":
        site = _Site(table, self._view)
        self._sites.append(site)
        return site


Table = Callable[[], "Sequence[Endpoint]"]


def _api() -> "Sequence[Endpoint]":
    from bgpd.api.handlers import API

    return API


def _metrics_site() -> "Sequence[Endpoint]":
    from bgpd.api.metrics_site import METRICS_SITE

    return METRICS_SITE


class _Site:
    """One listener and its connections."""

    def __init__(self, table: Table, view: Callable[[], "DaemonView"]) -> None:
        self.server: asyncio.Server | None = None
        self._table = table
        self._view = view
        self._serving: set[asyncio.Task[None]] = set()

    @cached_property
    def _respond(self) -> "Respond":
        from bgpd.api.endpoints import dispatcher

        return dispatcher(self._table(), self._view())

    def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take a new connection."""
        if len(self._serving) >= CONNECTION_LIMIT:
            writer.write(_BUSY)
            writer.close()
            return
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from bgpd.api.http import HttpConnection

        try:
            await HttpConnection(reader, writer, self._respond).serve()
        except Exception:
            _LOGGER.exception("an answer broke off")
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def close(self) -> None:
        """Stop listening and cut what is served."""
        if self.server is not None:
            self.server.close()
        serving = list(self._serving)
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)
        if self.server is not None:
            await self.server.wait_closed()
