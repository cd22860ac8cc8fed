"""Putting ASes in front of an AS_PATH value (RFC 4271, section 5.1.2)."""

from typing import Final

from wire import SegmentType

__all__ = ["leading", "prepend"]

_AS_SEQUENCE: Final = b"\2"
_LONGEST: Final = 255
"""ASes that the count octet of a segment can say."""


def prepend(as_path: bytes, ases: bytes) -> bytes:
    """Return the value with ASes, 4 octets each, before it, the first of them leftmost.

    They join a leading AS_SEQUENCE that has room for all of them and open one of their own otherwise.
    """
    count = len(ases) // 4
    if as_path[:1] == _AS_SEQUENCE and as_path[1] + count <= _LONGEST:
        return _AS_SEQUENCE + bytes((as_path[1] + count,)) + ases + as_path[2:]
    return _AS_SEQUENCE + bytes((count,)) + ases + as_path


def leading(segments: list[tuple[int, list[int]]]) -> list[int]:
    """Return the ASes of the AS_SEQUENCEs that a path begins with."""
    result: list[int] = []
    for kind, as_numbers in segments:
        if kind != SegmentType.AS_SEQUENCE:
            break
        result += as_numbers
    return result
