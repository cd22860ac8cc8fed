"""Prefixes as their NLRI octets: a length octet and the address octets it needs, host bits zero (RFC 4271, 4.3)."""

from typing import Final

from wire.address import format_address, parse_address
from wire.family import Family

Prefix = bytes
"""Canonical NLRI octets; equal prefixes of one family are equal bytes."""

_MULTICAST_IPV4: Final = range(224, 240)
_MULTICAST_IPV6: Final = range(255, 256)


class MalformedNlriError(ValueError):
    """An NLRI field does not parse: RFC 7606, section 5.3."""


def parse_prefix(text: str) -> tuple[Family, Prefix]:
    """Return family and prefix of ``address[/length]``; host bits are cleared, a bare address is a host prefix.

    ValueError says what is wrong with the text.
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


class _Shape:
    """What the splitting loop looks up by one octet, so that it has no arithmetic to do per prefix."""

    __slots__ = ("host_bits", "ignored", "sizes")

    def __init__(self, family: Family, multicast: range) -> None:
        lengths = range(family.bits + 1)
        self.sizes = tuple(1 + (length + 7) // 8 for length in lengths)
        self.host_bits = tuple(0xFF >> length % 8 if length % 8 else 0 for length in lengths)
        self.ignored = tuple(octet in multicast for octet in range(256))


_SHAPES: Final = {
    Family.IPV4_UNICAST: _Shape(Family.IPV4_UNICAST, _MULTICAST_IPV4),
    Family.IPV6_UNICAST: _Shape(Family.IPV6_UNICAST, _MULTICAST_IPV6),
}


def split_prefixes(family: Family, field: bytes) -> list[Prefix]:
    """Return the prefixes of an NLRI field without path identifiers, in its order.

    Trailing bits have no meaning (RFC 4271, section 4.3) and are cleared. Multicast prefixes are left out: RFC
    4271, section 6.3, ignores what is semantically incorrect. MalformedNlriError when the field does not parse.
    """
    shape = _SHAPES[family]
    sizes, host_bits, ignored = shape.sizes, shape.host_bits, shape.ignored
    end = len(field)
    octets = field + b"\0"  # the octet after a final default route can be looked at
    prefixes: list[Prefix] = []
    append = prefixes.append
    start = 0
    try:
        while start < end:
            length = octets[start]
            stop = start + sizes[length]
            if octets[stop - 1] & host_bits[length] or ignored[octets[start + 1]]:
                if not ignored[octets[start + 1]]:
                    append(make_prefix(octets[start + 1 : stop], length))
            else:
                append(octets[start:stop])
            start = stop
    except IndexError:
        raise MalformedNlriError(f"prefix at octet {start} of {end} overruns its field") from None
    if start != end:
        raise MalformedNlriError(f"last prefix ends {start - end} octets after its field")
    return prefixes


def split_paths(family: Family, field: bytes) -> dict[int, list[Prefix]]:
    """Return the prefixes of an NLRI field with path identifiers (RFC 7911, section 3), grouped by identifier.

    Groups and their prefixes are in the order of the field. MalformedNlriError as for `split_prefixes`.
    """
    shape = _SHAPES[family]
    paths: dict[int, list[Prefix]] = {}
    start, end = 0, len(field)
    while start < end:
        if end - start < 5 or field[start + 4] > family.bits:
            raise MalformedNlriError(f"path at octet {start} of {end} does not parse")
        stop = start + 4 + shape.sizes[field[start + 4]]
        paths.setdefault(int.from_bytes(field[start : start + 4], "big"), []).extend(
            split_prefixes(family, field[start + 4 : stop])
        )
        start = stop
    return paths
