"""The bulk of any table: UPDATEs in a row that announce routes with usual attributes, read at a glance."""

import re
from collections.abc import Sequence
from itertools import islice, takewhile
from typing import Final, NamedTuple

from wire.attributes.usual import as_path_of, usual_pattern
from wire.codes import AttributeType, MessageType
from wire.family import Family
from wire.framing import Frame
from wire.next_hop import find_next_hop_fault
from wire.nlri import prefix_pattern
from wire.prefix import Prefix

__all__ = ["Bulk", "BulkReader"]

_AS_ZERO: Final = bytes(4)
_REACH: Final = bytes((AttributeType.MP_REACH_NLRI,))
_REACH_HEAD: Final = re.compile(
    rb"\0\0(..)(?:\x80\x0e(.)|\x90\x0e(..))(\0\x02\x01(?:\x10(?=.{17})|\x20(?=.{33})))", re.DOTALL
)
"""An UPDATE up to its first next hop: no withdrawn routes, then MP_REACH_NLRI of IPv6 unicast (RFC 4760).

Groups: the size of the attribute list, that of MP_REACH_NLRI in one octet or in two, its value so far.
"""
_LONGEST: Final = 0xFFFF
"""Octets of an attribute list at the most."""
_NEXT_HOP: Final = 3
"""Group of the pattern of usual lists."""
_UPDATE: Final = int(MessageType.UPDATE)

_Parts = tuple[bytes, bytes, bytes]
"""Next hop of MP_REACH_NLRI, attribute list without it, NLRI."""

Route = tuple[bytes, list[Prefix]]
"""A usual attribute list and the prefixes that it is for."""


class Bulk(NamedTuple):
    """Routes that UPDATEs in a row announce with one next hop, and nothing else that they say."""

    family: Family
    next_hop: bytes
    routes: list[Route]
    """One for each UPDATE; MP_REACH_NLRI is not in the list."""


class BulkReader:
    """Reads such UPDATEs from an external peer of 4-octet ASes; others are for the Codec to judge."""

    def __init__(self, families: frozenset[Family]) -> None:
        self._families = families
        self._match = usual_pattern().fullmatch

    def read(self, frames: Sequence[Frame], start: int) -> Bulk | None:
        """Return what the frames from `start` on announce, as many as share a next hop; None for none."""
        multiprotocol = frames[start][1][5:6] == _REACH
        family = Family.IPV6_UNICAST if multiprotocol else Family.IPV4_UNICAST
        if family not in self._families:
            return None
        split, match, join = prefix_pattern(family).findall, self._match, b"".join
        routes: list[Route] = []
        common: bytes | None = None
        for kind, body in islice(frames, start, None):
            # Withdrawn Routes come first, here two octets of zero, then the size of the attribute list.
            size = int.from_bytes(body[:4], "big")
            if kind != _UPDATE or size > _LONGEST:
                break
            reached, octets, field = b"", body[4 : 4 + size], body[4 + size :]
            if multiprotocol:
                parts = _cut_ipv6(body)
                if parts is None:
                    break
                reached, octets, field = parts
            found = match(octets)
            if found is None:
                break
            own = found[_NEXT_HOP]
            if own and reached:
                break
            next_hop = own or reached
            if next_hop != common:
                if routes or not next_hop or find_next_hop_fault(next_hop):
                    break
                common = next_hop
            prefixes: list[Prefix] = split(field)
            # What the pattern does not match it skips: nothing was skipped if all octets are there.
            if len(join(prefixes)) != len(field) or not field:
                break
            routes.append((octets, prefixes))
        routes = _without_as_zero(routes)
        return Bulk(family, common, routes) if common and routes else None


def _without_as_zero(routes: list[Route]) -> list[Route]:
    """Return the routes before the first that may have AS 0 in its path (RFC 7607)."""
    if b"".join([octets for octets, _ in routes]).find(_AS_ZERO) < 0:
        return routes
    return list(takewhile(lambda route: as_path_of(route[0]).find(_AS_ZERO) < 0, routes))


def _cut_ipv6(body: bytes) -> _Parts | None:
    """Cut an UPDATE whose first attribute is MP_REACH_NLRI, as RFC 7606, section 5.1, wants it."""
    head = _REACH_HEAD.match(body)
    if head is None or 4 + int.from_bytes(head[1], "big") != len(body):
        return None
    stop = head.start(4) + int.from_bytes(head[2] or head[3], "big")
    hop = head.end()
    field = hop + body[hop - 1]
    return body[hop:field], body[stop:], body[field + 1 : stop]  # the octet between is reserved and ignored
