"""Announcements and withdrawals packed into as few UPDATEs as fit."""

from collections.abc import Iterator, Sequence
from typing import Final

from wire.codes import AttributeFlag, AttributeType, MessageType
from wire.family import Family
from wire.header import HEADER, MAXIMUM_LENGTH, encode_message
from wire.prefix import Prefix

_LENGTHS: Final = 4
"""Octets of the two length fields of an UPDATE body."""

_MP_FLAGS: Final = AttributeFlag.OPTIONAL | AttributeFlag.EXTENDED_LENGTH


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
    classic = family is Family.IPV4_UNICAST and len(next_hop) == 4
    head = b"" if classic else _reach_head(family, next_hop)
    overhead = HEADER.size + _LENGTHS + len(attributes_block) + (len(head) + 4 if head else 0)
    messages = []
    for field in _fill(prefixes, _path_id_octets(path_id), limit - overhead):
        if classic:
            messages.append(_update(b"", attributes_block, field))
        else:
            reach = _attribute(AttributeType.MP_REACH_NLRI, head + field)
            messages.append(_update(b"", reach + attributes_block, b""))
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
        prefixes = [_path_id_octets(path_id) + prefix for path_id, prefix in pairs]
    if family is Family.IPV4_UNICAST:
        room = limit - HEADER.size - _LENGTHS
        return [_update(field, b"", b"") for field in _fill(prefixes, b"", room)]
    head = _family_octets(family)
    room = limit - HEADER.size - _LENGTHS - 4 - len(head)
    return [
        _update(b"", _attribute(AttributeType.MP_UNREACH_NLRI, head + field), b"")
        for field in _fill(prefixes, b"", room)
    ]


def encode_end_of_rib(family: Family) -> bytes:
    """Return the End-of-RIB marker of a family (RFC 4724, section 2)."""
    if family is Family.IPV4_UNICAST:
        return _update(b"", b"", b"")
    flags = AttributeFlag.OPTIONAL
    unreach = bytes([flags, AttributeType.MP_UNREACH_NLRI, 3]) + _family_octets(family)
    return _update(b"", unreach, b"")


def _update(withdrawn: bytes, attributes: bytes, nlri: bytes) -> bytes:
    body = b"".join(
        [len(withdrawn).to_bytes(2, "big"), withdrawn, len(attributes).to_bytes(2, "big"), attributes, nlri]
    )
    return encode_message(MessageType.UPDATE, body)


def _attribute(code: AttributeType, value: bytes) -> bytes:
    return bytes([_MP_FLAGS, code]) + len(value).to_bytes(2, "big") + value


def _family_octets(family: Family) -> bytes:
    return family.afi.to_bytes(2, "big") + bytes([family.safi])


def _reach_head(family: Family, next_hop: bytes) -> bytes:
    return _family_octets(family) + bytes([len(next_hop)]) + next_hop + b"\0"


def _path_id_octets(path_id: int | None) -> bytes:
    return b"" if path_id is None else path_id.to_bytes(4, "big")


def _fill(prefixes: Sequence[Prefix], lead: bytes, room: int) -> Iterator[bytes]:
    """Yield NLRI fields of at most `room` octets, `lead` before each prefix; none when one is too long."""
    field = lead.join([b"", *prefixes]) if lead else b"".join(prefixes)
    if len(field) <= room:
        if field:
            yield field
        return
    yield from _fill_many(prefixes, lead, room)


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
