"""AS_PATH values: segments of a type, a count and that many ASes (RFC 4271, section 4.3; RFC 6793)."""

import struct
from collections.abc import Iterable
from typing import Final

from wire.codes import AS_TRANS, SegmentType

Segment = tuple[int, list[int]]
"""Segment type and its ASes."""

SEQUENCES: Final = (SegmentType.AS_SEQUENCE, SegmentType.AS_CONFED_SEQUENCE)
"""Segment types whose ASes are in order."""

_CONFEDERATION: Final = (SegmentType.AS_CONFED_SEQUENCE, SegmentType.AS_CONFED_SET)
_MAXIMUM_COUNT: Final = 255
_SEQUENCE_HEADS: Final = [bytes((SegmentType.AS_SEQUENCE, n)) for n in range(_MAXIMUM_COUNT + 1)]


def segments(value: bytes, width: int = 4) -> list[Segment]:
    """Split a well-formed value of ASes of `width` octets."""
    result: list[Segment] = []
    start = 0
    while start < len(value):
        stop = start + 2 + value[start + 1] * width
        result.append((value[start], _as_numbers(value[start + 2 : stop], width)))
        start = stop
    return result


def join_segments(parts: Iterable[Segment], width: int = 4) -> bytes:
    """Return the value of these segments, splitting those longer than the count octet can say."""
    result = bytearray()
    letter = "I" if width == 4 else "H"
    for kind, as_numbers in parts:
        for start in range(0, len(as_numbers), _MAXIMUM_COUNT):
            chunk = as_numbers[start : start + _MAXIMUM_COUNT]
            result += struct.pack(f">BB{len(chunk)}{letter}", kind, len(chunk), *chunk)
    return bytes(result)


def _as_numbers(octets: bytes, width: int) -> list[int]:
    return list(struct.unpack(f">{len(octets) // width}{'I' if width == 4 else 'H'}", octets))


def find_fault(value: bytes, width: int, *, confederation: bool) -> str | None:
    """Return what makes a received value malformed (RFC 7606, section 7.2; RFC 7607), or None.

    Confederation segments are an error from a neighbour outside the confederation (RFC 5065, section 5).
    """
    if len(value) > 2 and value[0] == SegmentType.AS_SEQUENCE and len(value) == 2 + width * value[1]:
        return "AS 0 in the path" if _holds_as_zero(value, width) else None  # one sequence: most paths by far
    start, end = 0, len(value)
    known = 4 if confederation else 2
    while start < end:
        if start + 2 > end:
            return "a single octet is left for a segment"
        kind, count = value[start], value[start + 1]
        if not 1 <= kind <= known:
            return f"segment type {kind} is not allowed here"
        if count == 0:
            return "a segment is empty"
        start += 2 + count * width
    if start != end:
        return "the last segment overruns the attribute"
    return "AS 0 in the path" if _holds_as_zero(value, width) else None


def _holds_as_zero(value: bytes, width: int) -> bool:
    # So many zero octets are rarely there at all; only then is it worth looking where they stand.
    return value.find(bytes(width)) >= 0 and any(0 in as_numbers for _, as_numbers in segments(value, width))


def path_length(value: bytes) -> int:
    """Count the ASes as the decision process does (RFC 4271, section 9.1.2.2; RFC 5065, section 5.3)."""
    if not value:
        return 0
    if value[0] == SegmentType.AS_SEQUENCE and len(value) == 2 + 4 * value[1]:
        return value[1]
    return sum(_counted(segment) for segment in segments(value))


def _counted(segment: Segment) -> int:
    kind, as_numbers = segment
    if kind == SegmentType.AS_SEQUENCE:
        return len(as_numbers)
    return 1 if kind == SegmentType.AS_SET else 0


def first_as(value: bytes) -> int | None:
    """Return the first AS of a value that begins with an AS_SEQUENCE, else None."""
    if not value or value[0] != SegmentType.AS_SEQUENCE:
        return None
    return int.from_bytes(value[2:6], "big")


def last_as(value: bytes) -> int | None:
    """Return the last AS of a value that ends with an AS_SEQUENCE, else None."""
    parts = segments(value)
    return parts[-1][1][-1] if parts and parts[-1][0] == SegmentType.AS_SEQUENCE else None


def count(value: bytes, as_number: int) -> int:
    """Count an AS in a value, sets included."""
    if value.find(as_number.to_bytes(4, "big")) < 0:  # `in` takes six times as long for bytes
        return 0
    return sum(as_numbers.count(as_number) for _, as_numbers in segments(value))


def prepend(value: bytes, as_numbers: Iterable[int]) -> bytes:
    """Put ASes before a value, the first of them leftmost (RFC 4271, section 5.1.2 b).

    They join a leading AS_SEQUENCE while its count allows; what does not fit opens a segment of its own.
    """
    added = list(as_numbers)
    if value and value[0] == SegmentType.AS_SEQUENCE and value[1] + len(added) <= _MAXIMUM_COUNT:
        octets = b"".join([as_number.to_bytes(4, "big") for as_number in added])
        return _SEQUENCE_HEADS[value[1] + len(added)] + octets + value[2:]
    parts = segments(value)
    if parts and parts[0][0] == SegmentType.AS_SEQUENCE:
        room = _MAXIMUM_COUNT - len(parts[0][1])
        joining = added[len(added) - room :] if room < len(added) else added
        parts[0] = (parts[0][0], joining + parts[0][1])
        added = added[: len(added) - len(joining)]
    return join_segments([(SegmentType.AS_SEQUENCE, added), *parts])


def widen(value: bytes) -> bytes:
    """Turn 2-octet ASes into 4-octet ones."""
    return join_segments(segments(value, 2))


def narrow(value: bytes) -> bytes:
    """Turn 4-octet ASes into 2-octet ones, AS_TRANS for those that do not fit (RFC 6793, section 4.2.2)."""
    parts = segments(value)
    return join_segments(((kind, [_mappable(number) for number in numbers]) for kind, numbers in parts), 2)


def _mappable(as_number: int) -> int:
    return as_number if as_number <= 0xFFFF else AS_TRANS


def needs_as4_path(value: bytes) -> bool:
    """Whether narrowing loses an AS that AS4_PATH can tell, so that it must go along (RFC 6793, 4.2.2)."""
    return any(
        number > 0xFFFF
        for kind, numbers in segments(value)
        if kind not in _CONFEDERATION
        for number in numbers
    )


def as4_path(value: bytes) -> bytes:
    """Return the AS4_PATH to send: the path without confederation segments (RFC 6793, section 4.2.2)."""
    return join_segments(segment for segment in segments(value) if segment[0] not in _CONFEDERATION)


def merge_as4_path(widened: bytes, as4: bytes) -> bytes:
    """Rebuild the path from AS_PATH and AS4_PATH of a 2-octet peer (RFC 6793, section 4.2.3).

    AS4_PATH is ignored when it is the longer one; else the leading ASes that only AS_PATH has are put before
    it.
    """
    tail = [segment for segment in segments(as4) if segment[0] not in _CONFEDERATION]
    leading = path_length(widened) - sum(map(_counted, tail))
    if leading < 0 or not tail:
        return widened
    head: list[Segment] = []
    for kind, numbers in segments(widened):
        if leading == 0 and kind not in _CONFEDERATION:
            break
        taken = (kind, numbers[:leading] if kind == SegmentType.AS_SEQUENCE else numbers)
        head.append(taken)
        leading -= _counted(taken)
    return join_segments(_coalesce([*head, *tail]))


def _coalesce(parts: list[Segment]) -> list[Segment]:
    joined: list[Segment] = []
    for kind, numbers in parts:
        if joined and kind in SEQUENCES and joined[-1][0] == kind:
            joined[-1] = (kind, joined[-1][1] + numbers)
        else:
            joined.append((kind, numbers))
    return joined
