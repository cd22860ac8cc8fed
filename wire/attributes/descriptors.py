"""One row per path attribute: what it must be like, and what happens if it is not (RFC 7606, section 7)."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from records import record
from wire.attributes import as_path as paths
from wire.codes import AttributeFlag, AttributeType, Origin
from wire.faults import Verdict

WELL_KNOWN: Final = int(AttributeFlag.TRANSITIVE)
OPTIONAL: Final = int(AttributeFlag.OPTIONAL)
OPTIONAL_TRANSITIVE: Final = OPTIONAL | WELL_KNOWN

_ANY_LENGTH: Final = 1 << 16
_LARGE: Final = 12
"""Octets of a large community (RFC 8092, section 3)."""


class MalformedAttributeError(ValueError):
    """A value of the right length is still not a value of its attribute."""


@record
class Descriptor:
    """The rules of one attribute in one session."""

    code: AttributeType
    flags: int
    """The Optional and Transitive bits it must have; others are treat-as-withdraw (RFC 7606, section 3 c)."""
    lengths: range
    """Lengths that a value may have."""
    verdict: Verdict
    """What happens when the length or the value is wrong."""
    field: str
    """Where the decoded value goes: a field of `PathAttributes`, or a name that `as4.merge` takes away."""
    decode: Callable[[bytes], Any] = bytes
    """From octets of an allowed length to the value; raises MalformedAttributeError."""
    unwanted: str = ""
    """Why this session discards the attribute unread, if it does."""


def _exactly(length: int) -> range:
    return range(length, length + 1)


def _multiple_of(size: int) -> range:
    """Non-zero multiples: RFC 7606 calls an empty list malformed."""
    return range(size, _ANY_LENGTH, size)


def _number(value: bytes) -> int:
    return int.from_bytes(value, "big")


def _origin(value: bytes) -> int:
    if value[0] > Origin.INCOMPLETE:
        raise MalformedAttributeError(f"value {value[0]} is not defined")
    return value[0]


def _present(_: bytes) -> bool:
    return True


def _aggregator(value: bytes) -> bytes:
    widened = value.rjust(8, b"\0")
    if not any(widened[:4]):  # RFC 7607, section 2
        raise MalformedAttributeError("the AS is 0")
    return widened


def distinct_large_communities(value: bytes) -> bytes:
    """Return the value without repetitions, which a receiver must remove (RFC 8092, section 3)."""
    if len(value) <= _LARGE:
        return value
    return b"".join(dict.fromkeys(value[start : start + _LARGE] for start in range(0, len(value), _LARGE)))


def _as_path_reader(width: int, *, confederation: bool) -> Callable[[bytes], bytes]:
    def read(value: bytes) -> bytes:
        fault = paths.find_fault(value, width, confederation=confederation)
        if fault is not None:
            raise MalformedAttributeError(fault)
        return value if width == 4 else paths.widen(value)

    return read


_DISCARD: Final = Verdict.DISCARD
_WITHDRAW: Final = Verdict.TREAT_AS_WITHDRAW
_TYPE: Final = AttributeType

_ROWS: Final = (
    Descriptor(_TYPE.ORIGIN, WELL_KNOWN, _exactly(1), _WITHDRAW, "origin", _origin),
    Descriptor(_TYPE.AS_PATH, WELL_KNOWN, range(0, _ANY_LENGTH, 2), _WITHDRAW, "as_path"),
    Descriptor(_TYPE.NEXT_HOP, WELL_KNOWN, _exactly(4), _WITHDRAW, "next_hop"),
    Descriptor(_TYPE.MULTI_EXIT_DISC, OPTIONAL, _exactly(4), _WITHDRAW, "med", _number),
    Descriptor(_TYPE.LOCAL_PREF, WELL_KNOWN, _exactly(4), _WITHDRAW, "local_pref", _number),
    Descriptor(_TYPE.ATOMIC_AGGREGATE, WELL_KNOWN, _exactly(0), _DISCARD, "atomic_aggregate", _present),
    Descriptor(_TYPE.AGGREGATOR, OPTIONAL_TRANSITIVE, _exactly(8), _DISCARD, "aggregator", _aggregator),
    Descriptor(_TYPE.COMMUNITIES, OPTIONAL_TRANSITIVE, _multiple_of(4), _WITHDRAW, "communities"),
    Descriptor(_TYPE.ORIGINATOR_ID, OPTIONAL, _exactly(4), _WITHDRAW, "originator_id"),
    Descriptor(_TYPE.CLUSTER_LIST, OPTIONAL, _multiple_of(4), _WITHDRAW, "cluster_list"),
    Descriptor(
        _TYPE.EXTENDED_COMMUNITIES, OPTIONAL_TRANSITIVE, _multiple_of(8), _WITHDRAW, "extended_communities"
    ),
    Descriptor(_TYPE.AS4_PATH, OPTIONAL_TRANSITIVE, range(6, _ANY_LENGTH, 2), _DISCARD, "as4_path"),
    Descriptor(
        _TYPE.AS4_AGGREGATOR, OPTIONAL_TRANSITIVE, _exactly(8), _DISCARD, "as4_aggregator", _aggregator
    ),
    Descriptor(
        _TYPE.LARGE_COMMUNITIES,
        OPTIONAL_TRANSITIVE,
        _multiple_of(_LARGE),
        _WITHDRAW,
        "large_communities",
        distinct_large_communities,
    ),
    Descriptor(
        _TYPE.ONLY_TO_CUSTOMER, OPTIONAL_TRANSITIVE, _exactly(4), _WITHDRAW, "only_to_customer", _number
    ),
)

_INTERNAL_ONLY: Final = (_TYPE.LOCAL_PREF, _TYPE.ORIGINATOR_ID, _TYPE.CLUSTER_LIST)
_AS4: Final = (_TYPE.AS4_PATH, _TYPE.AS4_AGGREGATOR)


@functools.cache
def descriptors(*, four_octet_as: bool, ibgp: bool) -> Mapping[int, Descriptor]:
    """Return the rows by type code, as they are in a session of this kind."""
    rows: dict[int, Descriptor] = {row.code: row for row in _ROWS}
    width = 4 if four_octet_as else 2

    def change(code: AttributeType, **changes: Any) -> None:
        rows[code] = replace(rows[code], **changes)

    change(_TYPE.AS_PATH, decode=_as_path_reader(width, confederation=ibgp))
    change(_TYPE.AS4_PATH, decode=_as_path_reader(4, confederation=True))
    change(_TYPE.AGGREGATOR, lengths=_exactly(width + 4))
    for code in () if ibgp else _INTERNAL_ONLY:  # RFC 7606, sections 7.5, 7.9 and 7.10
        change(code, unwanted="an external peer sent it")
    for code in _AS4 if four_octet_as else ():  # RFC 6793, section 4.1
        change(code, unwanted="a peer of 4-octet ASes sent it")
    return rows
