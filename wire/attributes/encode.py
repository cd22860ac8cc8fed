"""From `PathAttributes` to the octets of a path attribute list."""

from collections.abc import Iterator
from functools import lru_cache
from operator import itemgetter
from typing import Final

from wire.attributes import as_path as paths
from wire.attributes.descriptors import OPTIONAL, OPTIONAL_TRANSITIVE, WELL_KNOWN
from wire.attributes.value import PathAttributes
from wire.codes import AS_TRANS, AttributeFlag, AttributeType, Origin

_PARTIAL: Final = int(AttributeFlag.PARTIAL)
_EXTENDED_LENGTH: Final = int(AttributeFlag.EXTENDED_LENGTH)

_NOTHING_MORE: Final = list(PathAttributes())[PathAttributes._fields.index("communities") + 1 :]
"""What most routes have in the fields after `communities`."""

_Attribute = tuple[int, int, bytes]
"""Flags, type code and value."""

_type_code: Final = itemgetter(1)


@lru_cache(maxsize=4096)
def _head(flags: int, code: int, size: int) -> bytes:
    """Return what stands before a value of `size` octets; there are few different ones."""
    if size < 256:
        return bytes((flags, code, size))
    return bytes((flags | _EXTENDED_LENGTH, code, size >> 8, size & 0xFF))


# Looked up once: a member of an enum takes longer to find than an attribute takes to encode.
_ORIGINS: Final = {
    origin.value: _head(WELL_KNOWN, AttributeType.ORIGIN, 1) + bytes((origin,)) for origin in Origin
}
_AS_PATH: Final = int(AttributeType.AS_PATH)
_NEXT_HOP: Final = _head(WELL_KNOWN, AttributeType.NEXT_HOP, 4)
_MULTI_EXIT_DISC: Final = _head(OPTIONAL, AttributeType.MULTI_EXIT_DISC, 4)
_LOCAL_PREF: Final = _head(WELL_KNOWN, AttributeType.LOCAL_PREF, 4)
_ATOMIC_AGGREGATE: Final = _head(WELL_KNOWN, AttributeType.ATOMIC_AGGREGATE, 0)
_AGGREGATOR: Final = int(AttributeType.AGGREGATOR)
_COMMUNITIES: Final = int(AttributeType.COMMUNITIES)


def encode_attributes(
    attributes: PathAttributes, *, four_octet_as: bool = True, ipv4_next_hop: bool = True
) -> bytes:
    """Return the path attribute list in the order of type codes, without MP_REACH_NLRI.

    Toward a peer of 2-octet ASes, AS_TRANS stands for what does not fit, and AS4_PATH and AS4_AGGREGATOR
    carry the truth (RFC 6793, section 4.2.2). NEXT_HOP is there when `ipv4_next_hop` is set and the next hop
    has 4 octets.
    """
    origin, as_path, next_hop, med, local_pref, atomic_aggregate, aggregator, communities, *rest = attributes
    if not four_octet_as:
        as_path = paths.narrow(as_path)
    parts = [_ORIGINS[origin], _head(WELL_KNOWN, _AS_PATH, len(as_path)), as_path]
    if ipv4_next_hop and len(next_hop) == 4:
        parts += (_NEXT_HOP, next_hop)
    if med is not None:
        parts += (_MULTI_EXIT_DISC, med.to_bytes(4, "big"))
    if local_pref is not None:
        parts += (_LOCAL_PREF, local_pref.to_bytes(4, "big"))
    if atomic_aggregate:
        parts.append(_ATOMIC_AGGREGATE)
    if aggregator is not None:
        value = aggregator if four_octet_as else _narrow_aggregator(aggregator)
        parts += (_head(_transitive(attributes, _AGGREGATOR), _AGGREGATOR, len(value)), value)
    if communities:
        parts += (_head(_transitive(attributes, _COMMUNITIES), _COMMUNITIES, len(communities)), communities)
    if not four_octet_as or rest != _NOTHING_MORE:
        rows = sorted(_rare(attributes, four_octet_as), key=_type_code)
        parts += [_head(flags, code, len(value)) + value for flags, code, value in rows]
    return b"".join(parts)


def _transitive(attributes: PathAttributes, code: int) -> int:
    # RFC 4271, section 4.3: once the Partial bit is set, no later speaker clears it.
    return OPTIONAL_TRANSITIVE | _PARTIAL if code in attributes.partial else OPTIONAL_TRANSITIVE


def _narrow_aggregator(aggregator: bytes) -> bytes:
    return aggregator[2:] if _fits(aggregator) else AS_TRANS.to_bytes(2, "big") + aggregator[4:]


def _fits(aggregator: bytes) -> bool:
    return aggregator[:2] == b"\0\0"


def _rare(attributes: PathAttributes, four_octet_as: bool) -> Iterator[_Attribute]:
    """Yield the attributes of type codes above that of COMMUNITIES: few routes have any."""
    if attributes.originator_id is not None:
        yield OPTIONAL, AttributeType.ORIGINATOR_ID, attributes.originator_id
    if attributes.cluster_list:
        yield OPTIONAL, AttributeType.CLUSTER_LIST, attributes.cluster_list
    if not four_octet_as:
        yield from _as4(attributes)
    transitive = [
        (AttributeType.EXTENDED_COMMUNITIES, attributes.extended_communities),
        (AttributeType.LARGE_COMMUNITIES, attributes.large_communities),
    ]
    if attributes.only_to_customer is not None:
        transitive.append((AttributeType.ONLY_TO_CUSTOMER, attributes.only_to_customer.to_bytes(4, "big")))
    for code, value in transitive:
        if value:
            yield _transitive(attributes, code), code, value
    # RFC 4271, section 5: who passes on what it does not recognize sets the Partial bit.
    for _, unknown, value in attributes.unknown:
        yield OPTIONAL_TRANSITIVE | _PARTIAL, unknown, value


def _as4(attributes: PathAttributes) -> Iterator[_Attribute]:
    """Yield what tells the ASes that a 2-octet speaker cannot be told (RFC 6793, section 4.2.2)."""
    if paths.needs_as4_path(attributes.as_path):
        yield OPTIONAL_TRANSITIVE, AttributeType.AS4_PATH, paths.as4_path(attributes.as_path)
    aggregator = attributes.aggregator
    if aggregator is not None and not _fits(aggregator):
        yield _transitive(attributes, _AGGREGATOR), AttributeType.AS4_AGGREGATOR, aggregator
