"""UPDATEs to and from octets. Independent of `wire`: a fault there must not hide itself here."""

import struct
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final

from benchmarks.tables import Batch, Prefix

MARKER: Final = b"\xff" * 16
OPEN, UPDATE, NOTIFICATION, KEEPALIVE = 1, 2, 3, 4
KEEPALIVE_MESSAGE: Final = MARKER + b"\x00\x13\x04"

_ROOM: Final = 4000
"""Octets of NLRI in one UPDATE: below 4096 with any attributes we send."""


def message(kind: int, body: bytes) -> bytes:
    """Return a whole message."""
    return MARKER + struct.pack(">HB", 19 + len(body), kind) + body


def open_message(as_number: int, identifier: bytes, *, ipv6: bool, hold_time: int = 240) -> bytes:
    """Return an OPEN with this hold time (seconds), one family, route refresh and 4-octet ASes."""
    family = struct.pack(">HBB", 2 if ipv6 else 1, 0, 1)
    capabilities = b"\x01\x04" + family + b"\x02\x00" + b"\x41\x04" + struct.pack(">I", as_number)
    parameters = bytes((2, len(capabilities))) + capabilities
    body = struct.pack(">BHH", 4, min(as_number, 23456), hold_time) + identifier + bytes((len(parameters),))
    return message(OPEN, body + parameters)


def attributes(batch: Batch, *, first_as: int | None, next_hop: bytes) -> bytes:
    """Return a path attribute list; `first_as` None: an internal peer's, with LOCAL_PREF.

    An IPv6 next hop is not part of it: it goes with the prefixes.
    """
    ases = batch.as_path if first_as is None else (first_as, *batch.as_path)
    path = bytes((2, len(ases))) + struct.pack(f">{len(ases)}I", *ases) if ases else b""
    block = b"\x40\x01\x01\x00" + b"\x40\x02" + bytes((len(path),)) + path
    if len(next_hop) == 4:
        block += b"\x40\x03\x04" + next_hop
    if first_as is None:
        block += b"\x40\x05\x04\x00\x00\x00\x64"
    if batch.communities:
        values = struct.pack(f">{len(batch.communities)}I", *batch.communities)
        block += b"\xc0\x08" + bytes((len(values),)) + values
    return block


def announcements(batches: Iterable[Batch], *, first_as: int | None, next_hop: bytes) -> bytes:
    """Return the UPDATEs that announce a table, one for each batch unless it is too long."""
    return b"".join(
        announcement(attributes(batch, first_as=first_as, next_hop=next_hop), next_hop, field)
        for batch in batches
        for field in _fields(batch.prefixes)
    )


def announcement(block: bytes, next_hop: bytes, field: bytes) -> bytes:
    """Return one UPDATE with these attributes and NLRI."""
    if len(next_hop) == 4:
        return message(UPDATE, b"\0\0" + struct.pack(">H", len(block)) + block + field)
    reach = struct.pack(">HBB", 2, 1, len(next_hop)) + next_hop + b"\0" + field
    block = b"\x90\x0e" + struct.pack(">H", len(reach)) + reach + block
    return message(UPDATE, b"\0\0" + struct.pack(">H", len(block)) + block)


def withdrawals(prefixes: Sequence[Prefix]) -> bytes:
    """Return the UPDATEs that withdraw IPv4 prefixes."""
    return b"".join(
        message(UPDATE, struct.pack(">H", len(field)) + field + b"\0\0") for field in _fields(prefixes)
    )


def _fields(prefixes: Sequence[Prefix]) -> Iterator[bytes]:
    field: list[Prefix] = []
    size = 0
    for prefix in prefixes:
        if size + len(prefix) > _ROOM:
            yield b"".join(field)
            field, size = [], 0
        field.append(prefix)
        size += len(prefix)
    yield b"".join(field)


def routes_in(body: bytes) -> tuple[bytes, bytes]:
    """Return the fields of withdrawn and announced prefixes of an UPDATE, of either family."""
    size = body[0] << 8 | body[1]
    start = 4 + size
    stop = start + (body[size + 2] << 8 | body[size + 3])
    if stop < len(body) or size or stop == start:
        return body[2 : 2 + size], body[stop:]
    return _multiprotocol(body[start:stop])


def _multiprotocol(block: bytes) -> tuple[bytes, bytes]:
    withdrawn = announced = b""
    at = 0
    while at < len(block):
        extended = block[at] & 0x10
        first = at + (4 if extended else 3)
        size = block[at + 2] << 8 | block[at + 3] if extended else block[at + 2]
        value = block[first : first + size]
        if block[at + 1] == 14:
            announced = value[5 + value[3] :]
        elif block[at + 1] == 15:
            withdrawn = value[3:]
        at = first + size
    return withdrawn, announced


@lru_cache(maxsize=4096)
def split(field: bytes) -> tuple[Prefix, ...]:
    """Return the prefixes of an NLRI field."""
    prefixes = []
    start, end = 0, len(field)
    while start < end:
        stop = start + 1 + (field[start] + 7 >> 3)
        prefixes.append(field[start:stop])
        start = stop
    return tuple(prefixes)
