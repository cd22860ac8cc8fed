"""How the traffic is shared where several ways are equally good: by link bandwidth, where it is told.

The Link Bandwidth extended community (draft-ietf-idr-link-bandwidth, section 2) has the bandwidth of the link
to the neighbouring AS as an IEEE 754 number of octets a second.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import isfinite
from struct import unpack_from
from typing import Final

__all__ = ["bandwidth", "weights"]

_TYPES: Final = frozenset({b"\x40\x04", b"\x00\x04"})
"""Type and subtype of the community: not transitive, as in the draft, and transitive, as others send it."""

_HEAVIEST: Final = 256
"""What the kernel takes for one next hop at most (rtnetlink(7), rtnh_hops + 1)."""
_TOLERANCE: Final = 0.01
"""How far a share may be from what the bandwidth asks for, so that the numbers are small."""


def bandwidth(extended_communities: bytes) -> float | None:
    """Return the bandwidth that an EXTENDED_COMMUNITIES value tells, None where it tells none above zero."""
    for start, end in pairwise(range(0, len(extended_communities) + 1, 8)):
        community = extended_communities[start:end]
        if community[:2] in _TYPES:
            value: float = unpack_from(">f", community, 4)[0]
            return value if value > 0 and isfinite(value) else None
    return None


def weights(bandwidths: Sequence[float | None]) -> list[int]:
    """Return the weight of each way, in numbers as small as will do; equal unless all are known."""
    known = [value for value in bandwidths if value is not None]
    if not known or len(known) < len(bandwidths):
        return [1] * len(bandwidths)
    largest = max(known)
    parts = [value / largest for value in known]
    for heaviest in range(1, _HEAVIEST):
        if all(abs(round(part * heaviest) / heaviest - part) <= part * _TOLERANCE for part in parts):
            return [round(part * heaviest) for part in parts]
    return [max(1, round(part * _HEAVIEST)) for part in parts]
