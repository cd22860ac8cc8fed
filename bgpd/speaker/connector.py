"""Opens the TCP connection of a session: at most one attempt at a time, given up after a while."""

import asyncio
import os
import socket
from collections.abc import Callable

from bgpd.speaker.socket_options import TransportOptions, connecting_socket

_TIMEOUT = 30.0
"""Seconds an attempt may take; the kernel would go on for two minutes."""


class Connector:
    """Answers each `start` with a call of `opened` or `failed`, unless it is cancelled first."""

    def __init__(self, *, opened: Callable[[socket.socket], None], failed: Callable[[str], None]) -> None:
        self._opened = opened
        self._failed = failed
        self._loop = asyncio.get_running_loop()
        self._attempt: asyncio.Task[None] | None = None

    def start(self, options: TransportOptions) -> None:
        """Begin an attempt, in place of one that is still under way."""
        self.cancel()
        self._attempt = self._loop.create_task(self._connect(options))

    def cancel(self) -> None:
        """Give up the attempt, without an answer."""
        if self._attempt is not None:
            self._attempt.cancel()
            self._attempt = None

    async def _connect(self, options: TransportOptions) -> None:
        try:
            connection = await self._open(options)
        except (OSError, ValueError) as error:
            self._attempt = None
            self._failed(reason_of(error))
        else:
            self._attempt = None
            self._opened(connection)

    async def _open(self, options: TransportOptions) -> socket.socket:
        connection = connecting_socket(options)
        try:
            async with asyncio.timeout(_TIMEOUT):
                await self._loop.sock_connect(connection, (options.peer_address, options.peer_port))
        except BaseException:
            connection.close()
            raise
        return connection


def reason_of(error: BaseException) -> str:
    """Say in words why a connection failed."""
    if isinstance(error, TimeoutError):
        return "connection timed out"
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno).lower()  # asyncio's own words hold the address as Python writes it
    return str(error) or type(error).__name__
