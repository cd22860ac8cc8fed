"""Prefixes as their NLRI octets (RFC 4271, section 4.3): a length octet, then the address octets it needs."""

from wire.address import format_address, parse_address
from wire.family import Family

Prefix = bytes
"""NLRI octets with all host bits zero, so that equal prefixes of one family are equal bytes."""


def parse_prefix(text: str) -> tuple[Family, Prefix]:
    """Return family and prefix of ``address[/length]``; a bare address is a host prefix.

    Host bits are cleared. ValueError says what is wrong with the text.
    """
    host, slash, length_text = text.partition("/")
    address = parse_address(host)
    family = Family.IPV4_UNICAST if len(address) == 4 else Family.IPV6_UNICAST
    if slash and not (length_text.isascii() and length_text.isdigit() and len(length_text) <= 3):
        raise ValueError(f"{text!r} is not a prefix: {length_text!r} is not a length")
    length = int(length_text) if slash else family.bits
    if length > family.bits:
        raise ValueError(f"{text!r} is not a prefix: its length is over {family.bits}")
    return family, make_prefix(address, length)


def make_prefix(address: bytes, length: int) -> Prefix:
    """Return the prefix of `length` bits that covers `address` (4 or 16 octets)."""
    size = (length + 7) // 8
    octets = bytearray(address[:size])
    if length % 8:
        octets[-1] &= 0xFF00 >> length % 8
    return bytes([length]) + octets


def format_prefix(family: Family, prefix: Prefix) -> str:
    """Return ``address/length``."""
    return f"{format_address(prefix[1:].ljust(family.bits // 8, bytes(1)))}/{prefix[0]}"
