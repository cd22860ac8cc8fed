"""From `PathAttributes` to the octets of a path attribute list."""

from collections.abc import Iterator
from typing import Final

from wire.attributes import as_path as paths
from wire.attributes.value import PathAttributes
from wire.codes import AS_TRANS, AttributeFlag, AttributeType

_WELL_KNOWN: Final = int(AttributeFlag.TRANSITIVE)
_OPTIONAL: Final = int(AttributeFlag.OPTIONAL)
_OPTIONAL_TRANSITIVE: Final = _OPTIONAL | _WELL_KNOWN
_PARTIAL: Final = int(AttributeFlag.PARTIAL)
_EXTENDED_LENGTH: Final = int(AttributeFlag.EXTENDED_LENGTH)

_Row = tuple[int, int, bytes]


def encode_attributes(
    attributes: PathAttributes, *, four_octet_as: bool = True, ipv4_next_hop: bool = True
) -> bytes:
    """Return the path attribute list in the order of type codes, without MP_REACH_NLRI.

    Toward a peer of 2-octet ASes, AS_TRANS stands for what does not fit, and AS4_PATH and AS4_AGGREGATOR carry the
    truth (RFC 6793, section 4.2.2). NEXT_HOP is there when `ipv4_next_hop` is set and the next hop has 4 octets.
    """
    rows = [*_plain_rows(attributes, ipv4_next_hop), *_as_rows(attributes, four_octet_as)]
    rows += [(flags | _PARTIAL, code, value) for flags, code, value in attributes.unknown]
    rows.sort(key=lambda row: row[1])
    return b"".join([_encode(*row) for row in rows])


def _encode(flags: int, code: int, value: bytes) -> bytes:
    if len(value) > 255:
        return bytes([flags | _EXTENDED_LENGTH, code]) + len(value).to_bytes(2, "big") + value
    return bytes([flags & ~_EXTENDED_LENGTH, code, len(value)]) + value


def _plain_rows(attributes: PathAttributes, ipv4_next_hop: bool) -> Iterator[_Row]:
    yield _WELL_KNOWN, AttributeType.ORIGIN, bytes([attributes.origin])
    if ipv4_next_hop and len(attributes.next_hop) == 4:
        yield _WELL_KNOWN, AttributeType.NEXT_HOP, attributes.next_hop
    if attributes.med is not None:
        yield _OPTIONAL, AttributeType.MULTI_EXIT_DISC, attributes.med.to_bytes(4, "big")
    if attributes.local_pref is not None:
        yield _WELL_KNOWN, AttributeType.LOCAL_PREF, attributes.local_pref.to_bytes(4, "big")
    if attributes.atomic_aggregate:
        yield _WELL_KNOWN, AttributeType.ATOMIC_AGGREGATE, b""
    if attributes.originator_id is not None:
        yield _OPTIONAL, AttributeType.ORIGINATOR_ID, attributes.originator_id
    if attributes.cluster_list:
        yield _OPTIONAL, AttributeType.CLUSTER_LIST, attributes.cluster_list
    for code, value in _transitive(attributes):
        if value:
            yield _transitive_flags(attributes, code), code, value


def _transitive(attributes: PathAttributes) -> Iterator[tuple[int, bytes]]:
    yield AttributeType.COMMUNITIES, attributes.communities
    yield AttributeType.EXTENDED_COMMUNITIES, attributes.extended_communities
    yield AttributeType.LARGE_COMMUNITIES, attributes.large_communities
    if attributes.only_to_customer is not None:
        yield AttributeType.ONLY_TO_CUSTOMER, attributes.only_to_customer.to_bytes(4, "big")


def _transitive_flags(attributes: PathAttributes, code: int) -> int:
    # RFC 4271, section 4.3: once the Partial bit is set, no later speaker clears it.
    return _OPTIONAL_TRANSITIVE | _PARTIAL if code in attributes.partial else _OPTIONAL_TRANSITIVE


def _as_rows(attributes: PathAttributes, four_octet_as: bool) -> Iterator[_Row]:
    path, aggregator = attributes.as_path, attributes.aggregator
    yield _WELL_KNOWN, AttributeType.AS_PATH, path if four_octet_as else paths.narrow(path)
    if not four_octet_as and paths.needs_as4_path(path):
        yield _OPTIONAL_TRANSITIVE, AttributeType.AS4_PATH, paths.as4_path(path)
    if aggregator is None:
        return
    flags = _transitive_flags(attributes, AttributeType.AGGREGATOR)
    if four_octet_as:
        yield flags, AttributeType.AGGREGATOR, aggregator
    elif aggregator[:2] == b"\0\0":
        yield flags, AttributeType.AGGREGATOR, aggregator[2:]
    else:
        yield flags, AttributeType.AGGREGATOR, AS_TRANS.to_bytes(2, "big") + aggregator[4:]
        yield flags, AttributeType.AS4_AGGREGATOR, aggregator
