"""KEEPALIVE (RFC 4271, section 4.4): a header alone."""

from wire.codes import MessageType
from wire.header import encode_message


def encode_keepalive() -> bytes:
    """Return the whole message."""
    return encode_message(MessageType.KEEPALIVE, b"")
