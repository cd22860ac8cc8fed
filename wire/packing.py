"""Announcements and withdrawals packed into as few UPDATEs as fit."""

import struct
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from wire.codes import AttributeFlag, AttributeType, MessageType
from wire.family import Family
from wire.header import MARKER, MAXIMUM_LENGTH
from wire.prefix import Prefix

_HEAD: Final = struct.Struct(">16sHBH")
"""The header of an UPDATE and its first field, the length of the Withdrawn Routes (RFC 4271, section 4.3)."""

_FULL_HEAD: Final = struct.Struct(">16sHBHH")
"""The same, and the length of the attribute list, where no routes are withdrawn."""

_OVERHEAD: Final = _FULL_HEAD.size
"""Octets of an UPDATE without routes and attributes."""

_MP_HEAD: Final = 4
"""Octets before the value of a multiprotocol attribute: its length always has two of them."""

# Plain numbers: a member of an enum takes longer to find than the message takes to pack.
_UPDATE: Final = int(MessageType.UPDATE)
_REACH: Final = int(AttributeType.MP_REACH_NLRI)
_UNREACH: Final = int(AttributeType.MP_UNREACH_NLRI)
_MP_FLAGS: Final = int(AttributeFlag.OPTIONAL | AttributeFlag.EXTENDED_LENGTH)


def pack_announcements(
    family: Family,
    attributes_block: bytes,
    next_hop: bytes,
    prefixes: Sequence[Prefix],
    *,
    path_id: int | None = None,
    limit: int = MAXIMUM_LENGTH,
) -> list[bytes]:
    """Return whole UPDATEs that announce the prefixes, each at most `limit` octets long.

    IPv4 prefixes with a 4-octet next hop go into the NLRI field, and the block must hold NEXT_HOP; all else
    goes into MP_REACH_NLRI (RFC 4760, section 3), put first as RFC 7606, section 5.1, wants it, and the block
    must not hold NEXT_HOP. `path_id` adds a Path Identifier to each prefix (RFC 7911). The list is empty when
    the block leaves no room for a prefix: such a route cannot be sent and must be withdrawn (RFC 8654,
    section 4).
    """
    lead = b"" if path_id is None else path_id.to_bytes(4, "big")
    if family is Family.IPV4_UNICAST and len(next_hop) == 4:
        room = limit - _OVERHEAD - len(attributes_block)
        return [_update(b"", attributes_block, field) for field in _fill(prefixes, lead, room)]
    head = _family_octets(family) + bytes((len(next_hop),)) + next_hop + b"\0"
    room = limit - _OVERHEAD - len(attributes_block) - _MP_HEAD - len(head)
    reaches = [_attribute(_REACH, head + field) for field in _fill(prefixes, lead, room)]
    return [_update(b"", reach + attributes_block, b"") for reach in reaches]


def pack_bulk(
    family: Family,
    next_hop: bytes,
    routes: Iterable[tuple[bytes, Sequence[Prefix]]],
    *,
    limit: int = MAXIMUM_LENGTH,
) -> list[bytes]:
    """Return what `pack_announcements` does for each (attribute list, prefixes), in a third of the time.

    The next hop is one of the family itself.
    """
    reach = (
        b""
        if family is Family.IPV4_UNICAST
        else _family_octets(family) + bytes((len(next_hop),)) + next_hop + b"\0"
    )
    messages: list[bytes] = []
    add, join, head = messages.append, b"".join, _FULL_HEAD.pack
    for block, prefixes in routes:
        octets, field = block, join(prefixes)
        if reach:
            octets, field = _attribute(_REACH, reach + field) + block, b""
        size = len(octets)
        length = _OVERHEAD + size + len(field)
        if length <= limit:
            add(head(MARKER, length, _UPDATE, 0, size) + octets + field)
        else:
            messages += pack_announcements(family, block, next_hop, prefixes, limit=limit)
    return messages


def pack_withdrawals(
    family: Family,
    prefixes: Sequence[Prefix],
    *,
    path_ids: Sequence[int] | None = None,
    limit: int = MAXIMUM_LENGTH,
) -> list[bytes]:
    """Return whole UPDATEs that withdraw the prefixes, each at most `limit` octets long.

    `path_ids` holds one Path Identifier per prefix (RFC 7911). IPv4 goes into the Withdrawn Routes field,
    IPv6 into MP_UNREACH_NLRI.
    """
    if path_ids is not None:
        pairs = zip(path_ids, prefixes, strict=True)
        prefixes = [path_id.to_bytes(4, "big") + prefix for path_id, prefix in pairs]
    if family is Family.IPV4_UNICAST:
        return [_update(field, b"", b"") for field in _fill(prefixes, b"", limit - _OVERHEAD)]
    head = _family_octets(family)
    room = limit - _OVERHEAD - _MP_HEAD - len(head)
    fields = _fill(prefixes, b"", room)
    return [_update(b"", _attribute(_UNREACH, head + field), b"") for field in fields]


def encode_end_of_rib(family: Family) -> bytes:
    """Return the End-of-RIB marker of a family (RFC 4724, section 2)."""
    if family is Family.IPV4_UNICAST:
        return _update(b"", b"", b"")
    unreach = bytes([AttributeFlag.OPTIONAL, _UNREACH, 3]) + _family_octets(family)
    return _update(b"", unreach, b"")


def _update(withdrawn: bytes, attributes: bytes, nlri: bytes) -> bytes:
    length = _OVERHEAD + len(withdrawn) + len(attributes) + len(nlri)
    head = _HEAD.pack(MARKER, length, _UPDATE, len(withdrawn))
    return b"".join((head, withdrawn, len(attributes).to_bytes(2, "big"), attributes, nlri))


def _attribute(code: int, value: bytes) -> bytes:
    return bytes([_MP_FLAGS, code]) + len(value).to_bytes(2, "big") + value


def _family_octets(family: Family) -> bytes:
    return family.afi.to_bytes(2, "big") + bytes([family.safi])


def _fill(prefixes: Sequence[Prefix], lead: bytes, room: int) -> list[bytes]:
    """Return NLRI fields of at most `room` octets, `lead` before each prefix; none when one is too long."""
    field = lead.join([b"", *prefixes]) if lead else b"".join(prefixes)
    if len(field) <= room:
        return [field] if field else []
    return list(_fill_many(prefixes, lead, room))


def _fill_many(prefixes: Sequence[Prefix], lead: bytes, room: int) -> Iterator[bytes]:
    lengths = [len(lead) + len(prefix) for prefix in prefixes]
    if max(lengths) > room:
        return
    first, used = 0, 0
    for position, length in enumerate(lengths):
        used += length
        if used > room:
            yield lead.join([b"", *prefixes[first:position]])
            first, used = position, length
    yield lead.join([b"", *prefixes[first:]])
