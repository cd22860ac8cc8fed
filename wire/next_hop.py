"""What a next hop must look like (RFC 4271, section 6.3; RFC 2545, section 3; RFC 8950)."""

from typing import Final

from wire.family import Family

LENGTHS: Final = {Family.IPV4_UNICAST: (4, 16, 32), Family.IPV6_UNICAST: (16, 32)}
"""Lengths in octets that MP_REACH_NLRI of a family may have; 16 and 32 for IPv4 take RFC 8950."""

_CLASS_D: Final = 224
_MULTICAST: Final = 0xFF
_LINK_LOCAL: Final = 0xFE80


def find_next_hop_fault(next_hop: bytes) -> str | None:
    """Return why no packet can be sent to a next hop of 4, 16 or 32 octets, or None."""
    if len(next_hop) == 4:
        return "is not a host address" if next_hop[0] == 0 or next_hop[0] >= _CLASS_D else None
    if next_hop[0] == _MULTICAST:
        return "is a multicast address"
    # Speakers without a global address send the unspecified one before their link-local address.
    if not any(next_hop[:16]) and not _is_link_local(next_hop[16:]):
        return "is the unspecified address"
    return None


def _is_link_local(address: bytes) -> bool:
    return int.from_bytes(address[:2], "big") & 0xFFC0 == _LINK_LOCAL
