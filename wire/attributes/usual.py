"""Usual attribute lists: kept as the octets that came, looked into when somebody asks, sent on by splicing.

A usual list comes from an external peer and holds nothing but ORIGIN, AS_PATH, NEXT_HOP, MULTI_EXIT_DISC,
ATOMIC_AGGREGATE, AGGREGATOR and COMMUNITIES, in this order, each in order by itself. Most routes of a table
have one. Its octets take a third of the memory of a `PathAttributes`, and most are never asked for more.
"""

import functools
import re
from typing import Final

from wire.attributes.descriptors import WELL_KNOWN, descriptors
from wire.attributes.plain import attribute_pattern, parse_plain, plain_pattern
from wire.attributes.value import PathAttributes
from wire.codes import AttributeFlag, AttributeType, SegmentType

_USUAL: Final = (
    AttributeType.ORIGIN,
    AttributeType.AS_PATH,
    AttributeType.NEXT_HOP,
    AttributeType.MULTI_EXIT_DISC,
    AttributeType.ATOMIC_AGGREGATE,
    AttributeType.AGGREGATOR,
    AttributeType.COMMUNITIES,
)

_DECODED: Final = 256
"""Values remembered: who asks for a field often asks for the next one too."""

_EXTENDED_LENGTH: Final = int(AttributeFlag.EXTENDED_LENGTH)
_ORIGIN_SIZE: Final = 4
_ORIGIN_VALUE: Final = 3
_AS_PATH_VALUE: Final = _ORIGIN_SIZE + 3
"""Where the value of AS_PATH begins; with Extended Length one octet later."""
_FIXED_SIZE: Final = 7
"""Octets of NEXT_HOP and of MULTI_EXIT_DISC: flags, type code, length, 4 of value."""
_NEXT_HOP_CODE: Final = bytes((AttributeType.NEXT_HOP,))
_MED_CODE: Final = bytes((AttributeType.MULTI_EXIT_DISC,))

_MOST_ASES: Final = 63
"""ASes in the longest usual path: its length fits into one octet."""


def _path_head(count: int) -> bytes:
    """Return what stands before so many ASes of an AS_PATH that is one AS_SEQUENCE."""
    size = 2 + 4 * count
    length = (
        bytes((WELL_KNOWN, AttributeType.AS_PATH, size))
        if size < 256
        else bytes((WELL_KNOWN | _EXTENDED_LENGTH, AttributeType.AS_PATH)) + size.to_bytes(2, "big")
    )
    return length + bytes((SegmentType.AS_SEQUENCE, count))


_LONGER: Final = [_path_head(count + 1) for count in range(_MOST_ASES + 1)]
"""By the number of ASes: what stands before them and one more."""


@functools.cache
def usual_pattern() -> re.Pattern[bytes]:
    """Return the pattern of usual lists from an external peer of 4-octet ASes, with or without NEXT_HOP.

    A group per attribute: the second is AS_PATH with its length octet, the third the value of NEXT_HOP.
    """
    rows = descriptors(four_octet_as=True, ibgp=False)
    return re.compile(b"".join(attribute_pattern(rows[code]) for code in _USUAL), re.DOTALL)


@functools.lru_cache(maxsize=_DECODED)
def decode_usual(octets: bytes, next_hop: bytes) -> PathAttributes:
    """Return the value of a usual list whose routes have this next hop; ValueError for another list."""
    attributes = parse_plain(plain_pattern(ibgp=False), octets, next_hop, {next_hop: next_hop})
    if attributes is None:
        raise ValueError(f"not a usual attribute list: {octets.hex()}")
    return attributes


def as_path_of(octets: bytes) -> bytes:
    """Return the value of AS_PATH in a usual list."""
    start = _AS_PATH_VALUE + (octets[4] & _EXTENDED_LENGTH != 0)
    return octets[start : start + octets[start - 1]]


def rank_usual(octets: bytes) -> tuple[int, int, int]:
    """Return what the decision process asks of a usual list: ASes in the path, ORIGIN, MULTI_EXIT_DISC.

    MULTI_EXIT_DISC is 0 where there is none (RFC 4271, section 9.1.2.2).
    """
    path = _AS_PATH_VALUE + (octets[4] & _EXTENDED_LENGTH != 0)
    rest = path + octets[path - 1]
    length = octets[path + 1] if rest > path else 0
    if octets[rest + 1 : rest + 2] == _NEXT_HOP_CODE:
        rest += _FIXED_SIZE
    has_med = octets[rest + 1 : rest + 2] == _MED_CODE
    med = int.from_bytes(octets[rest + 3 : rest + _FIXED_SIZE], "big") if has_med else 0
    return length, octets[_ORIGIN_VALUE], med


def forward_usual(octets: bytes, own_as: bytes, next_hop: bytes) -> bytes:
    """Return a usual list as an external peer is to see it (RFC 4271, sections 5.1.2 to 5.1.4).

    `own_as`, 4 octets, goes in front of AS_PATH. `next_hop` is the whole attribute that takes the place of
    NEXT_HOP; empty for a list without. MULTI_EXIT_DISC stays behind.
    """
    path = _AS_PATH_VALUE + (octets[4] & _EXTENDED_LENGTH != 0)
    rest = path + octets[path - 1]
    count = octets[path + 1] if rest > path else 0
    ases = octets[path + 2 : rest]
    if next_hop:
        rest += _FIXED_SIZE
    if octets[rest + 1 : rest + 2] == _MED_CODE:
        rest += _FIXED_SIZE
    return b"".join((octets[:_ORIGIN_SIZE], _LONGER[count], own_as, ases, next_hop, octets[rest:]))
