"""Prefixes as their NLRI octets (RFC 4271, section 4.3): a length octet, then the address octets it needs."""

from typing import Final

from wire.address import format_address, parse_address
from wire.family import Family

Prefix = bytes
"""NLRI octets with all host bits zero, so that equal prefixes of one family are equal bytes."""

_MULTICAST_IPV4: Final = range(224, 240)
_MULTICAST_IPV6: Final = range(255, 256)


class MalformedNlriError(ValueError):
    """An NLRI field does not parse: RFC 7606, section 5.3."""


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


class _Shape:
    """What the splitting loop looks up by one octet, so that it has no arithmetic to do per prefix."""

    __slots__ = ("host_bits", "multicast", "sizes")

    def __init__(self, family: Family, multicast: range) -> None:
        lengths = range(family.bits + 1)
        self.sizes = tuple(1 + (length + 7) // 8 for length in lengths)
        self.host_bits = tuple(0xFF >> length % 8 if length % 8 else 0 for length in lengths)
        self.multicast = tuple(octet in multicast for octet in range(256))


_SHAPES: Final = {
    Family.IPV4_UNICAST: _Shape(Family.IPV4_UNICAST, _MULTICAST_IPV4),
    Family.IPV6_UNICAST: _Shape(Family.IPV6_UNICAST, _MULTICAST_IPV6),
}


def split_prefixes(family: Family, field: bytes, ignored: list[Prefix]) -> list[Prefix]:
    """Return the prefixes of an NLRI field without path identifiers, in its order.

    Trailing bits mean nothing and are cleared (RFC 4271, section 4.3). Multicast prefixes are appended to `ignored`
    instead: they are semantically incorrect (RFC 4271, section 6.3). MalformedNlriError when the field does not
    parse.
    """
    shape = _SHAPES[family]
    sizes, host_bits, multicast = shape.sizes, shape.host_bits, shape.multicast
    end = len(field)
    octets = field + b"\0"  # so that there is an octet to look at after a default route at the end
    prefixes: list[Prefix] = []
    append = prefixes.append
    start = 0
    try:
        while start < end:
            length = octets[start]
            stop = start + sizes[length]
            if octets[stop - 1] & host_bits[length] or multicast[octets[start + 1]]:
                target = ignored if length and multicast[octets[start + 1]] else prefixes
                target.append(make_prefix(octets[start + 1 : stop], length))
            else:
                append(octets[start:stop])
            start = stop
    except IndexError:
        raise MalformedNlriError(f"the prefix at octet {start} of {end} does not fit") from None
    if start != end:
        raise MalformedNlriError(f"the last prefix overruns its field by {start - end} octets")
    return prefixes


def split_paths(family: Family, field: bytes, ignored: list[Prefix]) -> dict[int, list[Prefix]]:
    """Return the prefixes of an NLRI field with path identifiers (RFC 7911, section 3), by identifier.

    Identifiers and prefixes are in the order of the field; `ignored` and errors as for `split_prefixes`.
    """
    sizes = _SHAPES[family].sizes
    paths: dict[int, list[Prefix]] = {}
    start, end = 0, len(field)
    while start < end:
        if end - start < 5 or field[start + 4] > family.bits:
            raise MalformedNlriError(f"the path at octet {start} of {end} does not fit")
        first = start + 4
        stop = first + sizes[field[first]]
        path_id = int.from_bytes(field[start:first], "big")
        paths.setdefault(path_id, []).extend(split_prefixes(family, field[first:stop], ignored))
        start = stop
    if start != end:
        raise MalformedNlriError(f"the last path overruns its field by {start - end} octets")
    return paths
