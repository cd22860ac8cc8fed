"""From `PathAttributes` to the octets of a path attribute list."""

from operator import itemgetter
from typing import Final

from wire.attributes import as_path as paths
from wire.attributes.descriptors import OPTIONAL, OPTIONAL_TRANSITIVE, WELL_KNOWN
from wire.attributes.value import PathAttributes
from wire.codes import AS_TRANS, AttributeFlag, AttributeType

_PARTIAL: Final = int(AttributeFlag.PARTIAL)
_EXTENDED_LENGTH: Final = int(AttributeFlag.EXTENDED_LENGTH)

# Plain numbers, because a member of an enum takes longer to find than an attribute takes to encode.
_ORIGIN: Final = int(AttributeType.ORIGIN)
_AS_PATH: Final = int(AttributeType.AS_PATH)
_NEXT_HOP: Final = int(AttributeType.NEXT_HOP)
_MULTI_EXIT_DISC: Final = int(AttributeType.MULTI_EXIT_DISC)
_LOCAL_PREF: Final = int(AttributeType.LOCAL_PREF)
_COMMUNITIES: Final = int(AttributeType.COMMUNITIES)

_AFTER_COMMUNITIES: Final = PathAttributes._fields.index("communities") + 1
_NOTHING_MORE: Final = tuple(PathAttributes())[_AFTER_COMMUNITIES:]

_Attribute = tuple[int, int, bytes]
"""Flags, type code and value."""

_type_code: Final = itemgetter(1)


def encode_attributes(
    attributes: PathAttributes, *, four_octet_as: bool = True, ipv4_next_hop: bool = True
) -> bytes:
    """Return the path attribute list in the order of type codes, without MP_REACH_NLRI.

    Toward a peer of 2-octet ASes, AS_TRANS stands for what does not fit, and AS4_PATH and AS4_AGGREGATOR
    carry the truth (RFC 6793, section 4.2.2). NEXT_HOP is there when `ipv4_next_hop` is set and the next hop
    has 4 octets.
    """
    path = attributes.as_path if four_octet_as else paths.narrow(attributes.as_path)
    rows = [(WELL_KNOWN, _ORIGIN, bytes((attributes.origin,))), (WELL_KNOWN, _AS_PATH, path)]
    if ipv4_next_hop and len(attributes.next_hop) == 4:
        rows.append((WELL_KNOWN, _NEXT_HOP, attributes.next_hop))
    if attributes.med is not None:
        rows.append((OPTIONAL, _MULTI_EXIT_DISC, attributes.med.to_bytes(4, "big")))
    if attributes.local_pref is not None:
        rows.append((WELL_KNOWN, _LOCAL_PREF, attributes.local_pref.to_bytes(4, "big")))
    if attributes.communities:
        rows.append((_transitive(attributes, _COMMUNITIES), _COMMUNITIES, attributes.communities))
    if not four_octet_as and paths.needs_as4_path(attributes.as_path):
        rows.append((OPTIONAL_TRANSITIVE, AttributeType.AS4_PATH, paths.as4_path(attributes.as_path)))
    if attributes.atomic_aggregate or attributes.aggregator is not None:
        rows += _aggregation(attributes, four_octet_as)
    if attributes[_AFTER_COMMUNITIES:] != _NOTHING_MORE:
        rows += _rare(attributes)
    rows.sort(key=_type_code)
    return b"".join([_encode(*row) for row in rows])


def _encode(flags: int, code: int, value: bytes) -> bytes:
    size = len(value)
    if size < 256:
        return bytes((flags, code, size)) + value
    return bytes((flags | _EXTENDED_LENGTH, code, size >> 8, size & 0xFF)) + value


def _transitive(attributes: PathAttributes, code: int) -> int:
    # RFC 4271, section 4.3: once the Partial bit is set, no later speaker clears it.
    return OPTIONAL_TRANSITIVE | _PARTIAL if code in attributes.partial else OPTIONAL_TRANSITIVE


def _aggregation(attributes: PathAttributes, four_octet_as: bool) -> list[_Attribute]:
    rows: list[_Attribute] = []
    if attributes.atomic_aggregate:
        rows.append((WELL_KNOWN, AttributeType.ATOMIC_AGGREGATE, b""))
    aggregator = attributes.aggregator
    if aggregator is None:
        return rows
    flags, value = _transitive(attributes, AttributeType.AGGREGATOR), aggregator
    if not four_octet_as:
        fits = aggregator[:2] == b"\0\0"
        value = aggregator[2:] if fits else AS_TRANS.to_bytes(2, "big") + aggregator[4:]
        if not fits:
            rows.append((flags, AttributeType.AS4_AGGREGATOR, aggregator))
    rows.append((flags, AttributeType.AGGREGATOR, value))
    return rows


def _rare(attributes: PathAttributes) -> list[_Attribute]:
    rows: list[_Attribute] = []
    if attributes.originator_id is not None:
        rows.append((OPTIONAL, AttributeType.ORIGINATOR_ID, attributes.originator_id))
    if attributes.cluster_list:
        rows.append((OPTIONAL, AttributeType.CLUSTER_LIST, attributes.cluster_list))
    transitive = [
        (AttributeType.EXTENDED_COMMUNITIES, attributes.extended_communities),
        (AttributeType.LARGE_COMMUNITIES, attributes.large_communities),
    ]
    if attributes.only_to_customer is not None:
        transitive.append((AttributeType.ONLY_TO_CUSTOMER, attributes.only_to_customer.to_bytes(4, "big")))
    rows += [(_transitive(attributes, code), code, value) for code, value in transitive if value]
    # RFC 4271, section 5: who passes on what it does not recognize sets the Partial bit.
    flags = OPTIONAL_TRANSITIVE | _PARTIAL
    rows += [(flags, code, value) for _, code, value in attributes.unknown]
    return rows
