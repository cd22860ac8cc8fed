"""Putting ASes in front of an AS_PATH value (RFC 4271, section 5.1.2)."""

from typing import Final

__all__ = ["leading", "prepend"]

_AS_SEQUENCE: Final = 2
_LONGEST: Final = 255
"""ASes that the count octet of a segment can say."""


def prepend(as_path: bytes, as_numbers: tuple[int, ...]) -> bytes:
    """Return the value with these ASes before it, the first of them leftmost.

    They join a leading AS_SEQUENCE that has room for all of them and open one of their own otherwise.
    """
    octets = b"".join([as_number.to_bytes(4, "big") for as_number in as_numbers])
    count = len(as_numbers)
    if as_path and as_path[0] == _AS_SEQUENCE and as_path[1] + count <= _LONGEST:
        return bytes((_AS_SEQUENCE, as_path[1] + count)) + octets + as_path[2:]
    return bytes((_AS_SEQUENCE, count)) + octets + as_path


def leading(segments: list[tuple[int, list[int]]]) -> list[int]:
    """Return the ASes of the AS_SEQUENCEs that a path begins with."""
    result: list[int] = []
    for kind, as_numbers in segments:
        if kind != _AS_SEQUENCE:
            break
        result += as_numbers
    return result
