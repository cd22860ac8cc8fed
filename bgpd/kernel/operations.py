"""Writes to the main table, packed into as few bytes and as little time as Python allows.

Whatever a batch's records have in common is packed once per (verb, prefix length, route); a record then costs
one struct call that puts in its sequence number and address: under a microsecond.
"""

from collections.abc import Callable, Iterable
from struct import Struct
from typing import Final, NamedTuple

from bgpd.kernel.codes import (
    KIND_CODES,
    NLM_F_ACK,
    NLM_F_CREATE,
    NLM_F_EXCL,
    NLM_F_REPLACE,
    NLM_F_REQUEST,
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
from bgpd.kernel.model import Hop, KernelRoute, Target
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
    """One write: what to do at a prefix with the target's kernel route."""

    verb: Verb
    prefix: Prefix
    target: Target


def pack_operations(address_family: int, operations: Iterable[Operation], sequence: int) -> bytes:
    """One record an operation, numbered from `sequence`; the last one asks for an acknowledgement.

    The kernel reports errors without being asked, so one ACK proves that the whole batch was worked through.
    """
    packers: dict[tuple[Verb, int, int], Callable[[int, bytes], bytes]] = {}
    records = []
    for verb, prefix, target in operations:
        key = (verb, prefix[0], id(target.route))
        pack = packers.get(key)
        if pack is None:
            pack = packers[key] = _packer(address_family, verb, prefix[0], target.route)
        records.append(pack(sequence, prefix[1:]))
        sequence += 1
    if records:
        records[-1] = _asking_for_ack(records[-1])
    return b"".join(records)


def _asking_for_ack(record: bytes) -> bytes:
    length, kind, flags, sequence, port = HEADER.unpack_from(record)
    return HEADER.pack(length, kind, flags | NLM_F_ACK, sequence, port) + record[HEADER.size :]


def _packer(
    address_family: int, verb: Verb, length: int, route: KernelRoute
) -> Callable[[int, bytes], bytes]:
    """Make the function that fills sequence number and address into an otherwise ready record."""
    octets = _OCTETS[address_family]
    fields, tail = _slot(route) if verb == DELETE else _content(octets, route)
    middle = (
        WORD.pack(0)  # port: the kernel's, RFC 3549 2.3.2.1
        + ROUTE.pack(address_family, length, 0, 0, RT_TABLE_MAIN, route.protocol, *fields)
        + ATTRIBUTE.pack(ATTRIBUTE.size + octets, RTA_DST)
    )
    layout = Struct(f"=8sI{len(middle)}s{octets}s{len(tail)}s")
    head = Struct("=IHH").pack(layout.size, *verb)
    pack = layout.pack  # fills an address shorter than its field with zeros, as NLRI means it

    def record(sequence: int, address: bytes) -> bytes:
        return pack(head, sequence, middle, address, tail)

    return record


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
