"""The ASes that a path begins with (RFC 4271, section 4.3)."""

from wire import SegmentType

__all__ = ["leading"]


def leading(segments: list[tuple[int, list[int]]]) -> list[int]:
    """Return the ASes of the AS_SEQUENCEs that a path begins with."""
    result: list[int] = []
    for kind, as_numbers in segments:
        if kind != SegmentType.AS_SEQUENCE:
            break
        result += as_numbers
    return result
