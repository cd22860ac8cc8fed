"""The sockets `bird.ctl` (IPv4) and `bird6.ctl` (IPv6), where Calico's programs look for BIRD."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from pathlib import Path

from bgpd.api.bird.dialogue import GREETING, Dialogue
from bgpd.api.unix_socket import bind_unix_socket, unlink_own
from bgpd.api.view import DaemonView

Connected = Callable[[asyncio.StreamReader, asyncio.StreamWriter], None]

_LOGGER = logging.getLogger(__name__)

NAMES = {"bird.ctl": "ipv4", "bird6.ctl": "ipv6"}
"""One BIRD process per family is what Calico runs, with one socket each."""

_COMMAND_LIMIT = 4096
"""Octets of a command's line."""
_SEND_SECONDS = 30.0
"""How long a reader may leave our bytes unread before it is dropped."""
_CONNECTIONS = 32


class BirdSockets:
    """Serves the dialogue over a `DaemonView`: `start`, then `close`."""

    def __init__(self, view: DaemonView) -> None:
        self._view = view
        self._servers: list[asyncio.Server] = []
        self._sockets: list[tuple[str, int]] = []
        self._talking: set[asyncio.Task[None]] = set()

    async def start(self, directory: str) -> None:
        """Listen in a directory. Raises SocketError; the text is for the operator."""
        for name, family in NAMES.items():
            path = str(Path(directory) / name)
            listening, inode = bind_unix_socket(path)
            self._sockets.append((path, inode))
            server = await asyncio.start_unix_server(
                self._accept(family), sock=listening, limit=_COMMAND_LIMIT
            )
            self._servers.append(server)

    async def close(self) -> None:
        """Stop listening, cut what is connected and remove the sockets."""
        for path, inode in self._sockets:
            unlink_own(path, inode)
        for server in self._servers:
            server.close()
        talking = list(self._talking)
        for task in talking:
            task.cancel()
        await asyncio.gather(*talking, return_exceptions=True)
        for server in self._servers:
            await server.wait_closed()

    def _accept(self, family: str) -> Connected:
        def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if len(self._talking) >= _CONNECTIONS:
                writer.close()
                return
            task = asyncio.ensure_future(self._talk(Dialogue(self._view, family), reader, writer))
            self._talking.add(task)
            task.add_done_callback(self._talking.discard)

        return connected

    async def _talk(
        self, dialogue: Dialogue, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            with contextlib.suppress(OSError, TimeoutError, asyncio.LimitOverrunError):
                await _send(writer, GREETING)
                while command := await reader.readline():
                    async for piece in dialogue.answer(command.decode("utf-8", "replace").strip()):
                        await _send(writer, piece)
        except ValueError:
            pass  # a line longer than the reader's limit: no client of ours
        except Exception:
            _LOGGER.exception("a BIRD dialogue broke off")
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


async def _send(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(data)
    async with asyncio.timeout(_SEND_SECONDS):
        await writer.drain()
