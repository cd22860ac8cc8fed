"""`PathAttributes`: the value that the RIB works on."""

from typing import Any, NamedTuple

from wire.address import format_address
from wire.attributes import as_path as paths
from wire.attributes.as_path import Segment
from wire.codes import Origin

UnknownAttribute = tuple[int, int, bytes]
"""Flags, type code and value of an unrecognized optional transitive attribute."""


class PathAttributes(NamedTuple):
    """The path attributes of a route; equality is by value.

    Fields hold network-order octets as the RFCs define the attribute values, but for two that are always in
    their 4-octet form whatever the peer sent: `as_path` (RFC 6793) and `aggregator`. Empty bytes or None:
    absent.

    A named tuple, because one is made per distinct attribute block and hashed and compared per route:
    construction takes a fifth of a frozen dataclass's time, hash and equality run in C.
    """

    origin: int = Origin.INCOMPLETE.value
    as_path: bytes = b""
    """Value of AS_PATH: segments of 4-octet ASes (RFC 4271, section 4.3; RFC 6793)."""
    next_hop: bytes = b""
    """4 octets, 16, or 32 when a link-local address follows the global one (RFC 2545, section 3)."""
    med: int | None = None
    local_pref: int | None = None
    atomic_aggregate: bool = False
    aggregator: bytes | None = None
    """AS and BGP Identifier of the aggregator, 4 octets each."""
    communities: bytes = b""
    originator_id: bytes | None = None
    cluster_list: bytes = b""
    extended_communities: bytes = b""
    large_communities: bytes = b""
    only_to_customer: int | None = None
    """Value of OTC (RFC 9234, section 5)."""
    unknown: tuple[UnknownAttribute, ...] = ()
    """Unrecognized optional transitive attributes, to be passed on (RFC 4271, section 5)."""
    partial: tuple[int, ...] = ()
    """Type codes of recognized attributes that came with the Partial bit, which must stay (RFC 4271, 4.3)."""

    def replace(self, **changes: Any) -> "PathAttributes":
        """Return a copy with other values for the named fields."""
        return self._replace(**changes)

    @property
    def as_path_length(self) -> int:
        """ASes as the decision process counts them: 1 for a set (RFC 4271, section 9.1.2.2)."""
        return paths.path_length(self.as_path)

    @property
    def as_path_segments(self) -> list[Segment]:
        """Segment type and ASes, in path order."""
        return paths.segments(self.as_path)

    @property
    def neighbour_as(self) -> int | None:
        """The AS the route came from: first of a leading AS_SEQUENCE, else None (RFC 4271, 9.1.2.2)."""
        return paths.first_as(self.as_path)

    @property
    def origin_as(self) -> int | None:
        """The AS that originated the route: last of a trailing AS_SEQUENCE, else None."""
        return paths.last_as(self.as_path)

    def as_path_count(self, as_number: int) -> int:
        """How often an AS appears in the path, sets included."""
        return paths.count(self.as_path, as_number)

    def as_path_contains(self, as_number: int) -> bool:
        """Whether an AS appears in the path: a loop when it is our own (RFC 4271, section 9)."""
        return paths.count(self.as_path, as_number) > 0

    @property
    def community_list(self) -> list[int]:
        """The communities as 32-bit numbers (RFC 1997)."""
        return _words(self.communities)

    @property
    def large_community_list(self) -> list[tuple[int, int, int]]:
        """Global Administrator and the two Local Data parts of each large community (RFC 8092)."""
        words = _words(self.large_communities)
        return list(zip(words[::3], words[1::3], words[2::3], strict=True))

    def describe(self) -> dict[str, Any]:
        """Return a JSON-able form with the keys of `bgpctl routes -o json`; a set is a list in the list."""
        return {
            "next_hop": [format_address(self.next_hop[n : n + 16]) for n in range(0, len(self.next_hop), 16)],
            "as_path": _flatten(self.as_path_segments),
            "origin": Origin(self.origin).name.lower(),
            "local_pref": self.local_pref,
            "med": self.med,
            "communities": [f"{value >> 16}:{value & 0xFFFF}" for value in self.community_list],
            "large_communities": [":".join(map(str, parts)) for parts in self.large_community_list],
            "extended_communities": [
                self.extended_communities[n : n + 8].hex()
                for n in range(0, len(self.extended_communities), 8)
            ],
            "originator_id": None if self.originator_id is None else format_address(self.originator_id),
            "cluster_list": [
                format_address(self.cluster_list[n : n + 4]) for n in range(0, len(self.cluster_list), 4)
            ],
            "atomic_aggregate": self.atomic_aggregate,
            "aggregator": _describe_aggregator(self.aggregator),
            "only_to_customer": self.only_to_customer,
        }


def _words(value: bytes) -> list[int]:
    return [int.from_bytes(value[n : n + 4], "big") for n in range(0, len(value), 4)]


def _flatten(segments: list[Segment]) -> list[int | list[int]]:
    flat: list[int | list[int]] = []
    for kind, as_numbers in segments:
        if kind in paths.SEQUENCES:
            flat.extend(as_numbers)
        else:
            flat.append(as_numbers)
    return flat


def _describe_aggregator(aggregator: bytes | None) -> str | None:
    if aggregator is None:
        return None
    return f"{int.from_bytes(aggregator[:4], 'big')} {format_address(aggregator[4:])}"
