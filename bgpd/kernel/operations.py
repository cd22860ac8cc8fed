"""Writes to the main table, packed into as few bytes and as little time as Python allows.

Whatever records have in common is packed once per (verb, prefix length, route) and repeated by one
multiplication; addresses are then filled in by slices with a stride, one for each of their octets.
"""

from collections.abc import Iterator, Mapping, Sequence
from struct import Struct
from typing import Final, NamedTuple

from bgpd.kernel.codes import (
    KIND_CODES,
    NLM_F_ACK,
    NLM_F_CREATE,
    NLM_F_EXCL,
    NLM_F_REPLACE,
    NLM_F_REQUEST,
    NLMSG_NOOP,
    RT_SCOPE_LINK,
    RT_SCOPE_NOWHERE,
    RT_SCOPE_UNIVERSE,
    RT_TABLE_MAIN,
    RTA_DST,
    RTA_GATEWAY,
    RTA_MULTIPATH,
    RTA_OIF,
    RTA_PREFSRC,
    RTA_PRIORITY,
    RTA_VIA,
    RTM_DELROUTE,
    RTM_NEWROUTE,
    RTNH_F_ONLINK,
)
from bgpd.kernel.messages import ATTRIBUTE, HEADER, NEXT_HOP, ROUTE, WORD, attribute
from bgpd.kernel.model import Hop, KernelRoute, Refusal, Target
from wire import Prefix

Verb = tuple[int, int]
"""Message type and flags."""
CREATE: Final = (RTM_NEWROUTE, NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL)
"""Fails where the slot is taken, by whomever."""
REPLACE: Final = (RTM_NEWROUTE, NLM_F_REQUEST | NLM_F_CREATE | NLM_F_REPLACE)
"""Puts the route in place of the slot's without a gap; only for slots that are known to be ours.

IPv6 replaces all hops of a multipath route: by the first new hop, to which the kernel adds the others.
"""
DELETE: Final = (RTM_DELROUTE, NLM_F_REQUEST)
"""Removes the slot's route if it has the protocol named."""
VERB_NAMES: Final = {CREATE: "create", REPLACE: "replace", DELETE: "delete"}

_OCTETS: Final = {2: 4, 10: 16}
_VIA_IPV6: Final = Struct("=H").pack(10)


class Operation(NamedTuple):
    """The same write at some prefixes."""

    verb: Verb
    target: Target
    prefixes: Sequence[Prefix]


Refusals = Mapping[int, Mapping[Prefix, Refusal]]
"""What the kernel refused, by the operation's position and by prefix."""


def pack_operation(
    address_family: int, operation: Operation, sequence: int
) -> Iterator[tuple[int, bytearray]]:
    """Yield, for each prefix length, the octets of one record and all records, which share a sequence number.

    They differ in the address alone. An error returns the request, and `refused_prefix` tells which it was.
    """
    verb, target, prefixes = operation
    octets = _OCTETS[address_family]
    fields, attributes = _slot(target.route) if verb == DELETE else _content(octets, target.route)
    for length, part in _by_length(prefixes):
        before = ROUTE.pack(address_family, length, 0, 0, RT_TABLE_MAIN, target.route.protocol, *fields)
        before += ATTRIBUTE.pack(ATTRIBUTE.size + octets, RTA_DST)
        size = HEADER.size + len(before) + octets + len(attributes)
        head = HEADER.pack(size, *verb, sequence, 0) + before  # port 0: the kernel, RFC 3549, section 2.3.2.1
        yield size, _records(head, bytes(octets) + attributes, part)


def _records(head: bytes, tail: bytes, prefixes: Sequence[Prefix]) -> bytearray:
    """Repeat a record for prefixes of one length, and fill in their addresses, all first octets at once."""
    records = bytearray((head + tail) * len(prefixes))
    addresses = b"".join(prefixes)
    for octet in range(1, len(prefixes[0])):
        records[len(head) + octet - 1 :: len(head) + len(tail)] = addresses[octet :: len(prefixes[0])]
    return records


def _by_length(prefixes: Sequence[Prefix]) -> Iterator[tuple[int, Sequence[Prefix]]]:
    """Yield the prefixes of each length; blocks mostly have one."""
    lengths = dict.fromkeys([prefix[0] for prefix in prefixes])
    for length in lengths:
        one = len(lengths) == 1
        yield length, prefixes if one else [prefix for prefix in prefixes if prefix[0] == length]


def pack_barrier(sequence: int) -> bytes:
    """Ask for an acknowledgement once all before it was worked through: errors come without being asked."""
    return HEADER.pack(HEADER.size, NLMSG_NOOP, NLM_F_REQUEST | NLM_F_ACK, sequence, 0)


def refused_prefix(request: bytes) -> Prefix:
    """Read the prefix out of one of our requests, from its body on."""
    length = request[1]
    start = ROUTE.size + ATTRIBUTE.size
    return request[1:2] + request[start : start + (length + 7) // 8]


def _slot(route: KernelRoute) -> tuple[tuple[int, int, int], bytes]:
    """Name the route by metric and protocol; type and hops left open match any, all of an IPv6 route."""
    return (RT_SCOPE_NOWHERE, 0, 0), attribute(RTA_PRIORITY, WORD.pack(route.metric))


def _content(octets: int, route: KernelRoute) -> tuple[tuple[int, int, int], bytes]:
    """Scope, type and flags of struct rtmsg, and the attributes that follow the destination."""
    on_device = bool(route.hops) and all(hop.gateway is None for hop in route.hops)
    scope = RT_SCOPE_LINK if on_device else RT_SCOPE_UNIVERSE
    tail = attribute(RTA_PRIORITY, WORD.pack(route.metric))
    if route.source is not None:
        tail += attribute(RTA_PREFSRC, route.source)
    flags = 0
    if len(route.hops) == 1:
        flags = _hop_flags(route.hops[0])
        tail += _gateway(octets, route.hops[0])
        if route.hops[0].interface:
            tail += attribute(RTA_OIF, WORD.pack(route.hops[0].interface))
    elif route.hops:
        tail += attribute(RTA_MULTIPATH, b"".join(_multipath_hop(octets, hop) for hop in route.hops))
    return (scope, KIND_CODES[route.kind], flags), tail


def _multipath_hop(octets: int, hop: Hop) -> bytes:
    gateway = _gateway(octets, hop)
    weight = min(max(hop.weight, 1), 256) - 1
    return NEXT_HOP.pack(NEXT_HOP.size + len(gateway), _hop_flags(hop), weight, hop.interface) + gateway


def _hop_flags(hop: Hop) -> int:
    return RTNH_F_ONLINK if hop.onlink else 0


def _gateway(octets: int, hop: Hop) -> bytes:
    if hop.gateway is None:
        return b""
    if len(hop.gateway) == octets:
        return attribute(RTA_GATEWAY, hop.gateway)
    return attribute(RTA_VIA, _VIA_IPV6 + hop.gateway)
