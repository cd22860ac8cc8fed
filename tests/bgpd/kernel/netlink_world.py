"""Helpers of this room's tests: short words for routes, and messages as the kernel would send them."""

from collections.abc import Iterable, Mapping, Sequence
from struct import pack
from typing import NamedTuple

from bgpd.kernel.codes import (
    RT_TABLE_MAIN,
    RTA_DST,
    RTA_GATEWAY,
    RTA_OIF,
    RTA_PRIORITY,
    RTA_TABLE,
    RTM_NEWROUTE,
)
from bgpd.kernel.messages import HEADER, ROUTE, Message, attribute
from bgpd.kernel.model import Hop, KernelRoute, Refusal, Target
from bgpd.kernel.operations import Operation, Refusals, Verb
from rib import FibNextHop, FibRoute

AF_INET, AF_INET6 = 2, 10
OURS, STATIC, KERNEL, BIRD = 186, 4, 2, 12
P1, P2, P3 = b"\x18\x0a\x01\x01", b"\x18\x0a\x01\x02", b"\x18\x0a\x01\x03"


def address(last: int) -> bytes:
    """192.0.2.`last`."""
    return bytes((192, 0, 2, last))


def wish(gateway: int = 1, interface: str | None = "eth0", metric: int = 0) -> FibRoute:
    return FibRoute((FibNextHop(address(gateway), interface),), metric=metric)


def held(gateway: int = 1, interface: int = 2, metric: int = 0, protocol: int = OURS) -> KernelRoute:
    return KernelRoute("unicast", metric, protocol, (Hop(address(gateway), interface),))


def route_body(
    prefix: bytes, *, gateway: bytes, interface: int, metric: int = 0, protocol: int = OURS, table: int = 254
) -> bytes:
    """An IPv4 unicast route in the kernel's own order of attributes."""
    body = ROUTE.pack(AF_INET, prefix[0], 0, 0, RT_TABLE_MAIN, protocol, 0, 1, 0)
    body += attribute(RTA_TABLE, pack("=I", table))
    if prefix[0]:
        body += attribute(RTA_DST, prefix[1:].ljust(4, b"\0"))
    if metric:
        body += attribute(RTA_PRIORITY, pack("=I", metric))
    return body + attribute(RTA_GATEWAY, gateway) + attribute(RTA_OIF, pack("=I", interface))


def message(kind: int, body: bytes, *, flags: int = 0, sequence: int = 0) -> Message:
    return Message(kind, flags, sequence, 0, body)


def new_route(prefix: bytes, *, flags: int = 0, **fields: int) -> Message:
    gateway = address(fields.pop("gateway", 1))
    return message(
        RTM_NEWROUTE,
        route_body(prefix, gateway=gateway, interface=fields.pop("interface", 2), **fields),
        flags=flags,
    )


def datagram(*parts: Message) -> bytes:
    return b"".join(
        HEADER.pack(16 + len(part.body), part.kind, part.flags, part.sequence, part.port)
        + part.body
        + bytes(-len(part.body) & 3)
        for part in parts
    )


class Write(NamedTuple):
    """What an operation does at one of its prefixes."""

    verb: Verb
    prefix: bytes
    target: Target


def each(operations: Iterable[Operation]) -> list[Write]:
    """Take operations apart."""
    return [Write(verb, prefix, target) for verb, target, prefixes in operations for prefix in prefixes]


def refusals(operations: Sequence[Operation], answers: Mapping[Write, Refusal | None]) -> Refusals:
    """Put a kernel's answers to writes where they belong."""
    refused: dict[int, dict[bytes, Refusal]] = {}
    for position, operation in enumerate(operations):
        for write in each([operation]):
            answer = answers.get(write)
            if answer is not None:
                refused.setdefault(position, {})[write.prefix] = answer
    return refused
