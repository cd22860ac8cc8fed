"""MRT records (RFC 6396, RFC 8050): files of what peers sent, and of the whole table."""

import enum
import struct
from collections.abc import Iterable, Sequence
from typing import Final

from wire.attributes.encode import encode_attributes
from wire.attributes.value import PathAttributes
from wire.codes import AS_TRANS, AttributeFlag, AttributeType
from wire.family import Family
from wire.prefix import Prefix

_HEADER: Final = struct.Struct(">IHHI")
"""Timestamp, Type, Subtype, Length (RFC 6396, section 2)."""


class RecordType(enum.IntEnum):
    """MRT record types (RFC 6396, section 4)."""

    TABLE_DUMP_V2 = 13
    BGP4MP_ET = 17


_STATE_CHANGE_AS4: Final = 5
_MESSAGE_SUBTYPES: Final = {
    # by whether ASes have four octets, and whether prefixes have Path Identifiers
    (False, False): 1,
    (True, False): 4,
    (False, True): 8,  # RFC 8050, section 3
    (True, True): 9,
}
_PEER_INDEX_TABLE: Final = 1
_RIB_SUBTYPES: Final = {
    (Family.IPV4_UNICAST, False): 2,
    (Family.IPV6_UNICAST, False): 4,
    (Family.IPV4_UNICAST, True): 8,  # RFC 8050, section 4.1
    (Family.IPV6_UNICAST, True): 10,
}
_AS4: Final = 0x02
_IPV6: Final = 0x01


def encode_session_header(
    *, peer_as: int, local_as: int, peer_address: bytes, local_address: bytes, four_octet_as: bool = True
) -> bytes:
    """Return what the BGP4MP records of a session begin with (RFC 6396, sections 4.4.2 and 4.4.3).

    The addresses are of one family, 4 or 16 octets.
    """
    afi = 1 if len(peer_address) == 4 else 2
    if four_octet_as:
        ases = struct.pack(">II", peer_as, local_as)
    else:
        ases = struct.pack(">HH", _narrow(peer_as), _narrow(local_as))
    return ases + struct.pack(">HH", 0, afi) + peer_address + local_address


def encode_message(
    session: bytes, microseconds: int, message: bytes, *, four_octet_as: bool, add_path: bool
) -> bytes:
    """Return the record of a message that came from the peer, header and all (RFC 6396, section 4.4.2).

    `session`: the header made for sessions with, or without, ASes of four octets. `add_path`: the routes in
    the message have Path Identifiers (RFC 8050, section 3).
    """
    subtype = _MESSAGE_SUBTYPES[four_octet_as, add_path]
    return _extended_record(subtype, microseconds, session + message)


def encode_state_change(session: bytes, microseconds: int, old: int, new: int) -> bytes:
    """Return the record of a transition between states, 1 for Idle to 6 for Established (section 4.4.1).

    `session`: the header with ASes of four octets.
    """
    return _extended_record(_STATE_CHANGE_AS4, microseconds, session + struct.pack(">HH", old, new))


def encode_peer_index_table(
    seconds: int, bgp_identifier: bytes, peers: Iterable[tuple[bytes, bytes, int]]
) -> bytes:
    """Return the record that opens a dump of the table: peers, by place, of what follows (section 4.3.1).

    `peers` are BGP Identifiers, addresses and ASes.
    """
    rows = [
        struct.pack(">B4s", _AS4 | (_IPV6 if len(address) == 16 else 0), identifier)
        + address
        + as_number.to_bytes(4, "big")
        for identifier, address, as_number in peers
    ]
    head = bgp_identifier + struct.pack(">HH", 0, len(rows))
    return _record(RecordType.TABLE_DUMP_V2, _PEER_INDEX_TABLE, seconds, head + b"".join(rows))


def encode_rib(
    family: Family, seconds: int, sequence: int, prefix: Prefix, entries: Sequence[bytes], *, add_path: bool
) -> bytes:
    """Return the record of a prefix with its routes (section 4.3.2), made by `encode_rib_entry`."""
    head = sequence.to_bytes(4, "big") + prefix + len(entries).to_bytes(2, "big")
    return _record(
        RecordType.TABLE_DUMP_V2, _RIB_SUBTYPES[family, add_path], seconds, head + b"".join(entries)
    )


def encode_rib_entry(
    peer_index: int, originated: int, attributes: bytes, path_id: int | None = None
) -> bytes:
    """Return one route of a prefix (section 4.3.4); `path_id` where the record has them (RFC 8050).

    `originated` is in seconds since the epoch; `attributes` come from `encode_rib_attributes`.
    """
    lead = struct.pack(">HI", peer_index, originated)
    if path_id is not None:
        lead += path_id.to_bytes(4, "big")
    return lead + len(attributes).to_bytes(2, "big") + attributes


def encode_rib_attributes(attributes: PathAttributes) -> bytes:
    """Return path attributes as a dump of the table has them: ASes of four octets (section 4.3.4).

    Of MP_REACH_NLRI there is the next hop alone.
    """
    block = encode_attributes(attributes)
    next_hop = attributes.next_hop
    if len(next_hop) in {0, 4}:
        return block
    value = bytes((len(next_hop),)) + next_hop
    return block + bytes((AttributeFlag.OPTIONAL, AttributeType.MP_REACH_NLRI, len(value))) + value


def _narrow(as_number: int) -> int:
    """Return an AS as two octets can say it (RFC 6793, section 9)."""
    return as_number if as_number <= 0xFFFF else AS_TRANS


def _record(kind: RecordType, subtype: int, seconds: int, body: bytes) -> bytes:
    return _HEADER.pack(seconds, kind, subtype, len(body)) + body


def _extended_record(subtype: int, microseconds: int, body: bytes) -> bytes:
    """Return a record whose time has microseconds, which count as part of its body (section 3)."""
    seconds, rest = divmod(microseconds, 1_000_000)
    return _record(RecordType.BGP4MP_ET, subtype, seconds, rest.to_bytes(4, "big") + body)
