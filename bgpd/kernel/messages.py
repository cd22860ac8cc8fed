"""Netlink messages to bytes and the frame around them (RFC 3549, sections 2.2 and 2.3; man 7 netlink).

Hand-packed, because the hot path is measured in microseconds a route: pyroute2 takes some 200, this room
about 1 beside the kernel's own 3 to 5. Links and addresses are then read by the same two dozen lines:
importing pyroute2 would cost the daemon 150 ms of start-up and 13 MiB of idle memory (measured).
"""

from collections.abc import Iterator
from struct import Struct
from typing import Final, NamedTuple

from bgpd.kernel.codes import (
    IFLA_EXT_MASK,
    NLA_TYPE_MASK,
    NLM_F_ACK_TLVS,
    NLM_F_CAPPED,
    NLM_F_DUMP,
    NLM_F_REQUEST,
    NLMSGERR_ATTR_MSG,
    RT_TABLE_MAIN,
    RTA_TABLE,
    RTEXT_FILTER_SKIP_STATS,
    RTM_GETADDR,
    RTM_GETLINK,
    RTM_GETROUTE,
)
from bgpd.kernel.model import Refusal

HEADER: Final = Struct("=IHHII")
"""struct nlmsghdr: length, type, flags, sequence number, port."""
ROUTE: Final = Struct("=BBBBBBBBI")
"""struct rtmsg: family, prefix length, source length, TOS, table, protocol, scope, type, flags."""
LINK: Final = Struct("=BxHiII")
"""struct ifinfomsg: family, hardware type, index, flags, change mask."""
ADDRESS: Final = Struct("=BBBBI")
"""struct ifaddrmsg: family, prefix length, flags, scope, interface."""
NEXT_HOP: Final = Struct("=HBBi")
"""struct rtnexthop: length, flags, hops (weight - 1), interface."""
ATTRIBUTE: Final = Struct("=HH")
WORD: Final = Struct("=I")
_ERROR: Final = Struct("=i")


class Message(NamedTuple):
    """One netlink message: its header, but the length, and what follows."""

    kind: int
    flags: int
    sequence: int
    port: int
    body: bytes


def messages(datagram: bytes) -> Iterator[Message]:
    """Split what one receive returned; a length that cannot be ends it (the kernel does not do that)."""
    offset, end = 0, len(datagram)
    while offset + 16 <= end:
        length, kind, flags, sequence, port = HEADER.unpack_from(datagram, offset)
        if length < 16:
            return
        yield Message(kind, flags, sequence, port, datagram[offset + 16 : offset + length])
        offset += (length + 3) & ~3


def attributes(data: bytes, offset: int = 0) -> dict[int, bytes]:
    """Read a run of attributes (struct rtattr) by type, the last of a type wins."""
    found = {}
    end = len(data)
    while offset + 4 <= end:
        length, kind = ATTRIBUTE.unpack_from(data, offset)
        if length < 4:
            break
        found[kind & NLA_TYPE_MASK] = data[offset + 4 : offset + length]
        offset += (length + 3) & ~3
    return found


def attribute(kind: int, value: bytes) -> bytes:
    """Pack one attribute, padded to four octets."""
    length = 4 + len(value)
    return ATTRIBUTE.pack(length, kind) + value + bytes(-length & 3)


def refusal(message: Message) -> Refusal:
    """Read an NLMSG_ERROR message; errno 0 is an acknowledgement."""
    (code,) = _ERROR.unpack_from(message.body)
    if not message.flags & NLM_F_ACK_TLVS:
        return Refusal(-code)
    request = 16 if message.flags & NLM_F_CAPPED else (WORD.unpack_from(message.body, 4)[0] + 3) & ~3
    text = attributes(message.body, 4 + request).get(NLMSGERR_ATTR_MSG, b"")
    return Refusal(-code, text.rstrip(b"\0").decode("utf-8", "replace"))


def dump_request(kind: int, address_family: int, sequence: int) -> bytes:
    """Ask for all links, addresses, or routes of the main table.

    The kernel picks the table because our sockets have strict checking on.
    """
    body = _DUMP_BODIES[kind](address_family)
    return HEADER.pack(16 + len(body), kind, NLM_F_REQUEST | NLM_F_DUMP, sequence, 0) + body


def _link_dump(address_family: int) -> bytes:
    header = LINK.pack(address_family, 0, 0, 0, 0)
    return header + attribute(IFLA_EXT_MASK, WORD.pack(RTEXT_FILTER_SKIP_STATS))


def _address_dump(address_family: int) -> bytes:
    return ADDRESS.pack(address_family, 0, 0, 0, 0)


def _route_dump(address_family: int) -> bytes:
    header = ROUTE.pack(address_family, 0, 0, 0, RT_TABLE_MAIN, 0, 0, 0, 0)
    return header + attribute(RTA_TABLE, WORD.pack(RT_TABLE_MAIN))


_DUMP_BODIES: Final = {RTM_GETLINK: _link_dump, RTM_GETADDR: _address_dump, RTM_GETROUTE: _route_dump}
