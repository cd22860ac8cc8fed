"""Attribute lists that are all in order, read by one regular expression.

Nearly every list a speaker receives is well-formed, and in the order of type codes. One pattern, made from
the descriptor rows, says what such a list looks like, and the matching runs in C: a third of the time of a
loop. What does not match is not wrong for that; `wire.attributes.decode` is the judge.
"""

import functools
import re
from collections.abc import Mapping
from typing import Final

from wire.attributes.descriptors import Descriptor, descriptors, distinct_large_communities
from wire.attributes.value import PathAttributes
from wire.codes import AttributeFlag, AttributeType, SegmentType

_EXTENDED_LENGTH: Final = int(AttributeFlag.EXTENDED_LENGTH)
_MANDATORY: Final = (AttributeType.ORIGIN, AttributeType.AS_PATH)
_AS_ZERO: Final = bytes(4)
_FIELDS: Final = frozenset(PathAttributes._fields)


def parse_plain(
    pattern: re.Pattern[bytes], block: bytes, next_hop: bytes | None, next_hops: Mapping[bytes, bytes]
) -> PathAttributes | None:
    """Return the value of a list that matches `plain_pattern`; None when it takes more than a look.

    `next_hop` is that of MP_REACH_NLRI, if it gives it. `next_hops` maps next hops known to be good to the
    object to be used; others take more than a look.
    """
    match = pattern.fullmatch(block)
    if match is None:
        return None
    (
        origin,
        as_path,
        own_next_hop,
        med,
        local_pref,
        atomic_aggregate,
        aggregator,
        communities,
        originator_id,
        cluster_list,
        extended_communities,
        large_communities,
        only_to_customer,
    ) = match.groups(b"")
    hop = next_hops.get(next_hop or own_next_hop)
    if hop is None or as_path.find(_AS_ZERO) >= 0:  # `in` takes six times as long for bytes
        return None
    fields = (
        origin[0],
        as_path[1:],
        hop,
        int.from_bytes(med, "big") if med else None,
        int.from_bytes(local_pref, "big") if local_pref else None,
        atomic_aggregate != b"",
        aggregator or None,
        communities[1:],
        originator_id or None,
        cluster_list[1:],
        extended_communities[1:],
        distinct_large_communities(large_communities[1:]),
        int.from_bytes(only_to_customer, "big") if only_to_customer else None,
        (),
        (),
    )
    return tuple.__new__(PathAttributes, fields)


@functools.cache
def plain_pattern(*, ibgp: bool) -> re.Pattern[bytes]:
    """Return the pattern of lists from a peer of 4-octet ASes, with a group per field of `PathAttributes`."""
    rows = descriptors(four_octet_as=True, ibgp=ibgp).values()
    return re.compile(b"".join(attribute_pattern(row) for row in rows if row.field in _FIELDS), re.DOTALL)


def attribute_pattern(row: Descriptor) -> bytes:
    """Return a pattern with one group: the value, with its length octet before it where the length varies.

    An optional attribute is an alternative to nothing, since one octet then tells that it is not there.
    """
    if row.unwanted:
        return b"()"
    head = _octet(row.flags) + _octet(row.code)
    if row.code == AttributeType.AS_PATH:  # some speakers always give it Extended Length
        head = b"(?:%s|%s%s%s)" % (head, _octet(row.flags | _EXTENDED_LENGTH), _octet(row.code), _octet(0))
    pattern = head + _value(row)
    return pattern if row.code in _MANDATORY else b"(?:%s|)" % pattern


def _value(row: Descriptor) -> bytes:
    match row.code:
        case AttributeType.ORIGIN:
            return _octet(1) + b"([\\x00-\\x02])"
        case AttributeType.AS_PATH:  # nothing, or a single AS_SEQUENCE
            sequences = (
                _octet(2 + 4 * n) + _octet(SegmentType.AS_SEQUENCE) + _octet(n) + b".{%d}" % (4 * n)
                for n in range(1, 64)
            )
            return b"(%s|%s)" % (_octet(0), b"|".join(sequences))
        case AttributeType.ATOMIC_AGGREGATE:
            return b"(%s)" % _octet(0)
        case AttributeType.AGGREGATOR:
            return _octet(8) + b"((?!\\x00{4}).{8})"
        case _ if len(row.lengths) == 1:
            return _octet(row.lengths.start) + b"(.{%d})" % row.lengths.start
        case _:
            return b"(%s)" % b"|".join(_octet(size) + b".{%d}" % size for size in row.lengths if size < 256)


def _octet(value: int) -> bytes:
    return b"\\x%02x" % value
