"""Reads MRT records by the letter of RFC 6396 and RFC 8050, knowing nothing of how they are written."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple


class Record(NamedTuple):
    """Section 2; the time in microseconds since the epoch."""

    time: int
    kind: int
    subtype: int
    body: bytes


@dataclass
class Bgp4mp:
    """Sections 4.4.1 to 4.4.3."""

    time: int
    peer_as: int
    local_as: int
    peer_address: bytes
    local_address: bytes
    states: tuple[int, int] | None = None
    message: bytes = b""
    add_path: bool = False


class Entry(NamedTuple):
    """Section 4.3.4; `path_id` None where the record has none."""

    peer_index: int
    originated: int
    path_id: int | None
    attributes: bytes


@dataclass
class Rib:
    """Section 4.3.2."""

    afi: int
    sequence: int
    prefix: bytes
    entries: list[Entry]


def read_records(data: bytes) -> Iterator[Record]:
    """Read a file of whole records."""
    while data:
        seconds, kind, subtype, length = struct.unpack_from(">IHHI", data)
        body, data = data[12 : 12 + length], data[12 + length :]
        assert len(body) == length, "a record is cut off"
        rest = 0
        if kind == 17:
            rest, body = int.from_bytes(body[:4], "big"), body[4:]
            assert rest < 1_000_000
        yield Record(seconds * 1_000_000 + rest, kind, subtype, body)


def read_updates(data: bytes) -> list[Bgp4mp]:
    """Read a file of BGP4MP_ET."""
    return [_bgp4mp(record) for record in read_records(data)]


def _bgp4mp(record: Record) -> Bgp4mp:
    assert record.kind == 17
    wide = record.subtype in {4, 5, 9}
    ases, body = record.body[: 8 if wide else 4], record.body[8 if wide else 4 :]
    peer_as, local_as = struct.unpack(">II" if wide else ">HH", ases)
    interface, afi = struct.unpack_from(">HH", body)
    assert interface == 0
    size = {1: 4, 2: 16}[afi]
    peer, local, rest = body[4 : 4 + size], body[4 + size : 4 + 2 * size], body[4 + 2 * size :]
    found = Bgp4mp(record.time, peer_as, local_as, peer, local)
    if record.subtype in {0, 5}:
        found.states = struct.unpack(">HH", rest)
    else:
        assert int.from_bytes(rest[16:18], "big") == len(rest)
        found.message, found.add_path = rest, record.subtype in {8, 9}
    return found


@dataclass
class TableDump:
    """Section 4.3: the collector's BGP Identifier, peers as (identifier, address, AS), routes."""

    bgp_identifier: bytes
    peers: list[tuple[bytes, bytes, int]]
    routes: list[Rib]


def read_table(data: bytes) -> TableDump:
    """Read a file of TABLE_DUMP_V2."""
    head, *records = read_records(data)
    assert (head.kind, head.subtype) == (13, 1)
    name_length = int.from_bytes(head.body[4:6], "big")
    count = int.from_bytes(head.body[6 + name_length : 8 + name_length], "big")
    rows, peers = head.body[8 + name_length :], []
    for _ in range(count):
        size, as_size = 16 if rows[0] & 1 else 4, 4 if rows[0] & 2 else 2
        stop = 5 + size + as_size
        peers.append((rows[1:5], rows[5 : 5 + size], int.from_bytes(rows[5 + size : stop], "big")))
        rows = rows[stop:]
    assert not rows
    dump = TableDump(head.body[:4], peers, [_rib(record) for record in records])
    assert all(entry.peer_index < count for route in dump.routes for entry in route.entries)
    return dump


def _rib(record: Record) -> Rib:
    assert record.kind == 13
    afi, add_path = {2: (1, False), 4: (2, False), 8: (1, True), 10: (2, True)}[record.subtype]
    body = record.body
    stop = 5 + (body[4] + 7) // 8
    route = Rib(afi, int.from_bytes(body[:4], "big"), body[4:stop], [])
    count, rest = int.from_bytes(body[stop : stop + 2], "big"), body[stop + 2 :]
    for _ in range(count):
        peer_index, originated = struct.unpack_from(">HI", rest)
        path_id = int.from_bytes(rest[6:10], "big") if add_path else None
        rest = rest[10 if add_path else 6 :]
        length = int.from_bytes(rest[:2], "big")
        route.entries.append(Entry(peer_index, originated, path_id, rest[2 : 2 + length]))
        rest = rest[2 + length :]
    assert not rest
    return route


def read_attributes(block: bytes) -> list[tuple[int, int, bytes]]:
    """Read path attributes (RFC 4271, section 4.3): flags, type code and value of each."""
    found = []
    while block:
        flags, code = block[0], block[1]
        start = 4 if flags & 0x10 else 3
        stop = start + int.from_bytes(block[2:start], "big")
        assert stop <= len(block)
        found.append((flags, code, block[start:stop]))
        block = block[stop:]
    return found
