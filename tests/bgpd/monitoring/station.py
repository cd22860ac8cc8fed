"""A BMP station: takes what is sent, and works out from it what each peer has announced."""

import asyncio
import contextlib

import wire
from tests.support.bmp_reader import read_messages
from wire import Family


class Station:
    """Listens on a port of its own. While it is `deaf` it takes connections, but reads nothing."""

    def __init__(self):
        self.received = bytearray()
        """What came over the last connection."""
        self.connections = 0
        self.deaf = False
        self.port = 0
        self._server = None
        self._writers = []

    async def open(self, port=0):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self):
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        await self._server.wait_closed()

    async def _serve(self, reader, writer):
        self._writers.append(writer)
        self.connections += 1
        self.received = received = bytearray()
        if self.deaf:
            writer.transport.pause_reading()
            return
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(1 << 16):
                received += data

    def messages(self, kind=None):
        """The whole messages that came, all or of one kind."""
        whole, data = 0, self.received
        while len(data) >= whole + 6 and len(data) >= whole + int.from_bytes(
            data[whole + 1 : whole + 5], "big"
        ):
            whole += int.from_bytes(data[whole + 1 : whole + 5], "big")
        return [message for message in read_messages(bytes(data[:whole])) if kind in {None, message.kind}]

    def table(self):
        """What `table_of` makes of all that came."""
        return table_of(self.messages())

    def prefixes(self):
        """Prefixes as text, by the peer's address as text."""
        found = {}
        for peer, family, _, prefix in self.table()[0]:
            found.setdefault(wire.format_address(peer), set()).add(wire.format_prefix(family, prefix))
        return found


def table_of(messages):
    """Attributes by (peer, family, Path Identifier, prefix), and the (peer, family) that are complete."""
    routes, complete, codecs = {}, set(), {}
    for message in messages:
        if message.kind == "route monitoring":
            _apply(routes, complete, codecs[message.peer.address], message)
        elif message.kind in {"peer up", "peer down"}:
            routes = {key: value for key, value in routes.items() if key[0] != message.peer.address}
            if message.kind == "peer up":
                codecs[message.peer.address] = _codec(message)
    return routes, complete


def _codec(message):
    """Read by what both OPENs agreed on, as a station has to."""
    ours, theirs = (wire.decode_open(message.content[side][19:]) for side in ("sent", "received"))
    return wire.Codec(
        families=frozenset(Family),
        four_octet_as=not message.peer.flags & 0x20,
        ibgp=True,
        add_path_receive=_add_path(ours, 1) & _add_path(theirs, 2),
    )


def _add_path(message, direction):
    rows = [
        row
        for capability in message.capabilities
        if capability.name == "add-path"
        for row in capability.families
    ]
    return frozenset(row[0] for row in rows if row[direction])


def _apply(routes, complete, codec, message):
    peer, update = message.peer.address, message.content["update"]
    told = codec.decode_update(update[19:])
    if told.end_of_rib is not None:
        complete.add((peer, told.end_of_rib))
    for gone in told.withdrawn:
        for prefix in gone.prefixes:
            routes.pop((peer, gone.family, gone.path_id, prefix), None)
    for new in told.announced:
        for prefix in new.prefixes:
            routes[peer, new.family, new.path_id, prefix] = new.attributes
