"""Reads BMP messages by the letter of RFC 7854, knowing nothing of how they are written."""

import struct
from dataclasses import dataclass, field

TYPES = ("route monitoring", "statistics", "peer down", "peer up", "initiation", "termination")


@dataclass
class Message:
    """One message; `content` by type of message."""

    kind: str
    peer: "PeerHeader | None"
    content: dict[str, object] = field(default_factory=dict)


@dataclass
class PeerHeader:
    """Section 4.2."""

    peer_type: int
    flags: int
    address: bytes
    as_number: int
    bgp_identifier: bytes
    time: int
    """Microseconds since the epoch."""


def read_messages(data: bytes) -> list[Message]:
    """Read a stream of whole messages."""
    messages = []
    while data:
        version, length, kind = struct.unpack_from(">BIB", data)
        assert version == 3
        assert 6 <= length <= len(data), "a message is cut off"
        messages.append(_read(TYPES[kind], data[6:length]))
        data = data[length:]
    return messages


def _read(kind: str, body: bytes) -> Message:
    if kind in {"initiation", "termination"}:
        return Message(kind, None, {"tlvs": _tlvs(body)})
    return Message(kind, _header(body[:42]), _CONTENT[kind](body[42:], body[1]))


def _header(octets: bytes) -> PeerHeader:
    peer_type, flags, distinguisher, address, as_number, identifier, seconds, rest = struct.unpack(
        ">BBQ16sI4sII", octets
    )
    assert distinguisher == 0
    if not flags & 0x80:
        assert address[:12] == bytes(12)
        address = address[12:]
    return PeerHeader(peer_type, flags, address, as_number, identifier, seconds * 1_000_000 + rest)


def _tlvs(octets: bytes) -> list[tuple[int, bytes]]:
    found = []
    while octets:
        kind, length = struct.unpack_from(">HH", octets)
        assert len(octets) >= 4 + length
        found.append((kind, octets[4 : 4 + length]))
        octets = octets[4 + length :]
    return found


def _peer_up(body: bytes, flags: int) -> dict[str, object]:
    address, local_port, remote_port = struct.unpack_from(">16sHH", body)
    sent_length = struct.unpack_from(">H", body, 20 + 16)[0]
    sent, received = body[20 : 20 + sent_length], body[20 + sent_length :]
    assert struct.unpack_from(">H", received, 16)[0] == len(received)
    return {
        "local_address": address if flags & 0x80 else address[12:],
        "local_port": local_port,
        "remote_port": remote_port,
        "sent": sent,
        "received": received,
    }


def _statistics(body: bytes, flags: int) -> dict[str, object]:
    tlvs = _tlvs(body[4:])
    assert int.from_bytes(body[:4], "big") == len(tlvs)
    widths = {3: 4, 4: 4, 5: 4, 7: 8, 8: 8, 9: 11, 10: 11}
    assert all(widths[kind] == len(value) for kind, value in tlvs)
    per_family = {
        (kind, int.from_bytes(value[:2], "big")): int.from_bytes(value[3:], "big")
        for kind, value in tlvs
        if kind in {9, 10}
    }
    return {
        "totals": {kind: int.from_bytes(value, "big") for kind, value in tlvs if kind < 9},
        "per_family": per_family,
    }


_CONTENT = {
    "route monitoring": lambda body, flags: {"update": body},
    "peer down": lambda body, flags: {"reason": body[0], "data": body[1:]},
    "peer up": _peer_up,
    "statistics": _statistics,
}
