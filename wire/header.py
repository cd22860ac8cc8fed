"""The message header (RFC 4271, section 4.1)."""

import struct
from typing import Final

from wire.codes import MessageType

MARKER: Final = b"\xff" * 16
"""Sixteen octets of ones open each message (RFC 4271, section 4.1)."""

HEADER: Final = struct.Struct(">16sHB")
"""Marker, Length, Type."""

MAXIMUM_LENGTH: Final = 4096
"""Longest message, header included (RFC 4271, section 4.1)."""

EXTENDED_MAXIMUM_LENGTH: Final = 65535
"""Longest message once both sides offered the capability (RFC 8654)."""


def encode_message(kind: MessageType, body: bytes) -> bytes:
    """Return the whole message of this type and body."""
    return HEADER.pack(MARKER, HEADER.size + len(body), kind) + body
