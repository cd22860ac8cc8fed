"""Where fuzzing starts: one sound example of everything that has a form of its own."""

from typing import Final

import wire
from wire import Family

_IPV4: Final = Family.IPV4_UNICAST
_IPV6: Final = Family.IPV6_UNICAST

_ATTRIBUTES: Final = wire.PathAttributes(
    origin=0,
    as_path=wire.join_as_path([(2, [64513, 4200000000]), (1, [65001, 65002])]),
    next_hop=bytes([192, 0, 2, 1]),
    med=10,
    local_pref=100,
    atomic_aggregate=True,
    aggregator=bytes([0, 0, 0xFC, 1, 192, 0, 2, 9]),
    communities=bytes.fromhex("fc010001ffffff01"),
    originator_id=bytes([192, 0, 2, 7]),
    cluster_list=bytes([192, 0, 2, 8]),
    extended_communities=bytes.fromhex("0002fc0100000001"),
    large_communities=bytes.fromhex("0000fc010000000100000002"),
    only_to_customer=64513,
    unknown=((0xE0, 99, b"kept"),),
)
_GLOBAL: Final = b"\x20\x01\x0d\xb8" + bytes(11) + b"\x01"
_LINK_LOCAL: Final = b"\xfe\x80" + bytes(13) + b"\x01"
_PREFIXES: Final = {
    _IPV4: [wire.parse_prefix(text)[1] for text in ("10.0.0.0/8", "192.0.2.128/25", "0.0.0.0/0")],
    _IPV6: [wire.parse_prefix(text)[1] for text in ("2001:db8::/32", "::/0", "2001:db8::1/128")],
}

_CAPABILITIES: Final[tuple[wire.Capability, ...]] = (
    wire.Multiprotocol(_IPV4),
    wire.Multiprotocol(_IPV6),
    wire.RouteRefreshCapability(),
    wire.ExtendedNextHop(((_IPV4, 2),)),
    wire.ExtendedMessage(),
    wire.Role(3),
    wire.GracefulRestart(120, notification=True, families=((_IPV4, True),)),
    wire.FourOctetAs(4200000000),
    wire.AddPath(((_IPV4, True, True),)),
    wire.EnhancedRouteRefresh(),
    wire.LongLivedGracefulRestart(((_IPV6, True, 3600),)),
    wire.Fqdn("node", "example"),
    wire.UnknownCapability(200, b"?"),
)
_OPENS: Final = [
    wire.encode_open(wire.Open(4200000000, 90, bytes([192, 0, 2, 2]), capabilities))
    for capabilities in (_CAPABILITIES, (*_CAPABILITIES, wire.UnknownCapability(201, bytes(200))))
]


def _announcements(family: Family, next_hop: bytes, *, four_octet_as: bool = True) -> list[bytes]:
    classic = len(next_hop) == 4
    attributes = _ATTRIBUTES.replace(next_hop=next_hop)
    block = wire.encode_attributes(attributes, four_octet_as=four_octet_as, ipv4_next_hop=classic)
    return [
        message
        for path_id in (None, 7)
        for message in wire.pack_announcements(family, block, next_hop, _PREFIXES[family], path_id=path_id)
    ]


_UPDATES: Final = [
    *_announcements(_IPV4, _ATTRIBUTES.next_hop),
    *_announcements(_IPV4, _ATTRIBUTES.next_hop, four_octet_as=False),
    *_announcements(_IPV4, _GLOBAL),
    *_announcements(_IPV6, _GLOBAL + _LINK_LOCAL),
    *(message for family in Family for message in wire.pack_withdrawals(family, _PREFIXES[family])),
    *(wire.encode_end_of_rib(family) for family in Family),
]
_USUAL: Final = [
    wire.PathAttributes(0, wire.join_as_path([(2, [64513, origin])]), bytes([192, 0, 2, 1]), med)
    for origin, med in ((64514, None), (64515, 5))
]
_RUN: Final = [
    message
    for family, next_hop in ((_IPV4, bytes([192, 0, 2, 1])), (_IPV6, _GLOBAL))
    for usual in _USUAL
    for message in wire.pack_announcements(
        family, wire.encode_attributes(usual, ipv4_next_hop=family is _IPV4), next_hop, _PREFIXES[family]
    )
]
"""The bulk of a table: it is read several UPDATEs at a time."""
_OTHERS: Final = [
    wire.encode_keepalive(),
    wire.Notification.shutdown(wire.CeaseError.ADMINISTRATIVE_SHUTDOWN, "back at noon").encode(),
    wire.Notification(wire.ErrorCode.CEASE, wire.CeaseError.HARD_RESET, b"\x06\x02").encode(),
    wire.RouteRefresh(_IPV4, wire.RefreshKind.BORR).encode(),
]

_FOUND: Final = (
    bytes.fromhex(
        "00030000001440010100400206020100000fa14003040a00000103ff"
    ),  # multicast by its set bits alone
)
"""What once showed a defect."""

MESSAGES: Final = (
    *_FOUND,
    bytes([12, 0]) + b"".join(_RUN),  # from an external peer of 4-octet ASes, without ADD-PATH
    *(
        seed
        for message in (*_OPENS, *_UPDATES, *_OTHERS)
        for seed in (
            bytes([0, 30]) + message,  # the stream, cut in its second half
            bytes([16, 2 * message[18] - 1]) + message[19:],  # the body, from a peer of 2-octet ASes
            bytes([4, 2 * message[18] - 1]) + message[19:],  # the body, with ADD-PATH
        )
    ),
)

_CONNECT: Final = bytes([1, 1])
_INTRODUCE: Final = b"\x06"
_LOSE: Final = b"\x03"
_UP: Final = _CONNECT + _INTRODUCE


def _wait(root: int) -> bytes:
    return bytes([4, root])


def _send(message: bytes) -> bytes:
    body = message[19:]
    return bytes([5, message[18], len(body)]) + body


SESSIONS: Final = (
    _UP,
    _UP + _LOSE + _wait(20) + _UP,
    _UP + _wait(200),
    _UP + _UP,
    _UP + b"\x07\x01" + _wait(255),
    _CONNECT + b"".join(map(_send, [_OPENS[0], *_OTHERS])),
    _UP + _send(_OTHERS[3]) + _send(wire.encode_end_of_rib(_IPV4)) + b"\x00\x01" + _UP,
)
