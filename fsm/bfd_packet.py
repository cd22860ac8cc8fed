"""The BFD Control packet (RFC 5880, section 4.1), without authentication."""

import enum
import struct
from typing import Final

from records import record

_LAYOUT: Final = struct.Struct("!BBBBIIIII")
_VERSION: Final = 1
_POLL: Final = 0x20
_FINAL: Final = 0x10
_AUTHENTICATION: Final = 0x04
_DEMAND: Final = 0x02
_MULTIPOINT: Final = 0x01


class BfdState(enum.IntEnum):
    """The state of a BFD session; the numbers are those of the packet."""

    ADMIN_DOWN = 0
    DOWN = 1
    INIT = 2
    UP = 3

    def __str__(self) -> str:
        return self.name.title().replace("_", "")


class Diagnostic(enum.IntEnum):
    """Why a session last changed its state, as far as we tell it."""

    NONE = 0
    DETECTION_TIME_EXPIRED = 1
    NEIGHBOR_SIGNALED_DOWN = 3
    ADMINISTRATIVELY_DOWN = 7


class BfdPacketError(ValueError):
    """A packet must be discarded (RFC 5880, section 6.8.6); the text says why."""


@record(kw_only=True)
class ControlPacket:
    """One BFD Control packet. Intervals are in microseconds."""

    state: BfdState
    diagnostic: int = Diagnostic.NONE
    poll: bool = False
    final: bool = False
    demand: bool = False
    """The sender asks for packets that answer its polls, and no others (section 6.6)."""
    multiplier: int
    my_discriminator: int
    your_discriminator: int = 0
    desired_min_tx: int
    required_min_rx: int

    def encode(self) -> bytes:
        """Return the packet's octets."""
        flags = self.state << 6 | _POLL * self.poll | _FINAL * self.final | _DEMAND * self.demand
        numbers = (self.my_discriminator, self.your_discriminator, self.desired_min_tx, self.required_min_rx)
        head = (_VERSION << 5 | self.diagnostic, flags, self.multiplier, _LAYOUT.size)
        return _LAYOUT.pack(*head, *numbers, 0)  # no Echo packets are wanted


def decode_control_packet(data: bytes) -> ControlPacket:
    """Read a packet; raises BfdPacketError for what RFC 5880, section 6.8.6, has discarded."""
    if len(data) < _LAYOUT.size:
        raise BfdPacketError("the packet is too short")
    first, flags, multiplier, length, mine, yours, transmit, receive, _ = _LAYOUT.unpack_from(data)
    state = BfdState(flags >> 6)
    for wrong, text in (
        (first >> 5 != _VERSION, "not version 1"),
        (not _LAYOUT.size <= length <= len(data), "its length is wrong"),
        (multiplier == 0, "its detection multiplier is zero"),
        (bool(flags & _MULTIPOINT), "its multipoint bit is set"),
        (mine == 0, "its discriminator is zero"),
        (yours == 0 and state > BfdState.DOWN, "it does not say whom it is for"),
        (bool(flags & _AUTHENTICATION), "it is authenticated, and we have no key"),
    ):
        if wrong:
            raise BfdPacketError(text)
    return ControlPacket(
        state=state,
        diagnostic=first & 0x1F,
        poll=bool(flags & _POLL),
        final=bool(flags & _FINAL),
        demand=bool(flags & _DEMAND),
        multiplier=multiplier,
        my_discriminator=mine,
        your_discriminator=yours,
        desired_min_tx=transmit,
        required_min_rx=receive,
    )
