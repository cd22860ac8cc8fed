"""BMP messages to a monitoring station (RFC 7854): what peers sent us, as it came.

A message about a peer has that peer's header, made once, and the time at which it happened, in microseconds
since the epoch.
"""

import enum
import struct
from collections.abc import Iterable, Mapping
from typing import Final

from wire.family import Family

VERSION: Final = 3

_COMMON: Final = struct.Struct(">BIB")
"""Version, Message Length, Message Type (RFC 7854, section 4.1)."""
_PEER: Final = struct.Struct(">BB8s16sI4s")
"""The per-peer header without its time (RFC 7854, section 4.2)."""
_TIME: Final = struct.Struct(">II")
"""Seconds and microseconds."""
_TLV: Final = struct.Struct(">HH")

_GLOBAL_INSTANCE: Final = 0
"""The only Peer Type that is a session of this speaker without a VRF."""
_IPV6: Final = 0x80
_TWO_OCTET_AS: Final = 0x20


class MessageType(enum.IntEnum):
    """BMP Message Types (RFC 7854, section 4.1)."""

    ROUTE_MONITORING = 0
    STATISTICS_REPORT = 1
    PEER_DOWN = 2
    PEER_UP = 3
    INITIATION = 4
    TERMINATION = 5


class InitiationType(enum.IntEnum):
    """TLVs of an Initiation message (RFC 7854, section 4.4)."""

    STRING = 0
    SYS_DESCR = 1
    SYS_NAME = 2


class TerminationReason(enum.IntEnum):
    """Why we leave the station (RFC 7854, section 4.5)."""

    ADMINISTRATIVELY_CLOSED = 0
    UNSPECIFIED = 1
    OUT_OF_RESOURCES = 2


class PeerDownReason(enum.IntEnum):
    """Why a session fell (RFC 7854, section 4.9), with what stands in the field Data."""

    LOCAL_NOTIFICATION = 1  # the NOTIFICATION that we sent
    LOCAL_NO_NOTIFICATION = 2  # the number of the event of RFC 4271, section 8.1
    REMOTE_NOTIFICATION = 3  # the NOTIFICATION that came
    REMOTE_NO_NOTIFICATION = 4  # nothing


class StatisticType(enum.IntEnum):
    """What a Statistics Report counts (RFC 7854, section 4.8): those that this speaker knows."""

    CLUSTER_LIST_LOOPS = 3
    AS_PATH_LOOPS = 4
    ORIGINATOR_ID_LOOPS = 5
    ADJ_RIB_IN = 7
    LOC_RIB = 8
    ADJ_RIB_IN_OF_FAMILY = 9
    LOC_RIB_OF_FAMILY = 10


_COUNTERS: Final = frozenset(
    {StatisticType.CLUSTER_LIST_LOOPS, StatisticType.AS_PATH_LOOPS, StatisticType.ORIGINATOR_ID_LOOPS}
)
"""Counters have 32 bits, gauges 64."""


def encode_peer_header(
    *, address: bytes, as_number: int, bgp_identifier: bytes, two_octet_as: bool = False
) -> bytes:
    """Return the per-peer header of a session without its time (RFC 7854, section 4.2).

    What it heads is what the peer sent, before the import policy. `two_octet_as`: AS_PATH has ASes of two
    octets, as the session has.
    """
    flags = (_IPV6 if len(address) == 16 else 0) | (_TWO_OCTET_AS if two_octet_as else 0)
    return _PEER.pack(_GLOBAL_INSTANCE, flags, bytes(8), _wide(address), as_number, bgp_identifier)


def encode_initiation(*, name: str, description: str) -> bytes:
    """Return the first message to a station: who speaks (RFC 7854, section 4.3)."""
    texts = {InitiationType.SYS_DESCR: description, InitiationType.SYS_NAME: name}
    return _message(MessageType.INITIATION, *(_tlv(kind, text.encode()) for kind, text in texts.items()))


def encode_termination(reason: TerminationReason) -> bytes:
    """Return the last message to a station (RFC 7854, section 4.5)."""
    return _message(MessageType.TERMINATION, _tlv(1, reason.to_bytes(2, "big")))


def encode_peer_up(
    peer: bytes,
    microseconds: int,
    *,
    local_address: bytes,
    local_port: int,
    remote_port: int,
    sent: bytes,
    received: bytes,
) -> bytes:
    """Return what opens a session's routes: both its OPENs, as whole messages (RFC 7854, section 4.10)."""
    ports = struct.pack(">HH", local_port, remote_port)
    about = (_wide(local_address), ports, sent, received)
    return _message(MessageType.PEER_UP, peer, _time(microseconds), *about)


def encode_peer_down(peer: bytes, microseconds: int, reason: PeerDownReason, data: bytes = b"") -> bytes:
    """Return what ends a session's routes (RFC 7854, section 4.9)."""
    return _message(MessageType.PEER_DOWN, peer, _time(microseconds), bytes((reason,)), data)


def encode_route_monitoring(peer: bytes, microseconds: int, update: bytes) -> bytes:
    """Return an UPDATE, a whole message, as it came or in its stead (RFC 7854, section 4.6)."""
    return _message(MessageType.ROUTE_MONITORING, peer, _time(microseconds), update)


def encode_statistics(
    peer: bytes,
    microseconds: int,
    totals: Mapping[StatisticType, int],
    per_family: Iterable[tuple[StatisticType, Family, int]] = (),
) -> bytes:
    """Return a Statistics Report (RFC 7854, section 4.8); counters wrap at 32 bits."""
    rows = [_tlv(kind, _number(kind, value)) for kind, value in totals.items()]
    rows += [
        _tlv(kind, struct.pack(">HBQ", family.afi, family.safi, value)) for kind, family, value in per_family
    ]
    count = len(rows).to_bytes(4, "big")
    return _message(MessageType.STATISTICS_REPORT, peer, _time(microseconds), count, *rows)


def _number(kind: StatisticType, value: int) -> bytes:
    return struct.pack(">I", value & 0xFFFFFFFF) if kind in _COUNTERS else struct.pack(">Q", value)


def _wide(address: bytes) -> bytes:
    """Return an address as the 16 octets that there is room for: IPv4 in the last four."""
    return address.rjust(16, b"\0")


def _time(microseconds: int) -> bytes:
    return _TIME.pack(*divmod(microseconds, 1_000_000))


def _tlv(kind: int, value: bytes) -> bytes:
    return _TLV.pack(kind, len(value)) + value


def _message(kind: MessageType, *parts: bytes) -> bytes:
    length = _COMMON.size + sum(map(len, parts))
    return b"".join((_COMMON.pack(VERSION, length, kind), *parts))
