"""From a stream of octets to messages (RFC 4271, sections 4.1 and 6.1)."""

import functools
from collections.abc import Mapping
from typing import Final

from wire.codes import ErrorCode, HeaderError, MessageType
from wire.header import HEADER, MARKER, MAXIMUM_LENGTH
from wire.notification import NotificationError

Frame = tuple[int, bytes]
"""Message type, and the message without its header."""

_SHORTEST: Final = {
    MessageType.OPEN: 29,
    MessageType.UPDATE: 23,
    MessageType.NOTIFICATION: 21,
    MessageType.KEEPALIVE: 19,
    MessageType.ROUTE_REFRESH: 19,  # a wrong length has an error of its own (RFC 7313, section 5)
}


class Framer:
    """Cuts what a peer sends into frames. Keeps less than one message of input.

    The header of an unfinished message is checked as soon as it is there, so garbage is not waited for.
    """

    __slots__ = ("_buffer", "_lengths", "_limit")

    def __init__(self) -> None:
        self._buffer = b""
        self.limit = MAXIMUM_LENGTH

    @property
    def limit(self) -> int:
        """Longest message, 4096 or 65535 octets; OPEN and KEEPALIVE keep to 4096 (RFC 8654, section 4)."""
        return self._limit

    @limit.setter
    def limit(self, octets: int) -> None:
        self._limit = octets
        self._lengths = _lengths(octets)

    def feed(self, data: bytes | memoryview) -> list[Frame]:
        """Take what arrived and return the messages that it completes.

        NotificationError when the stream is broken and no message comes before the break. After messages,
        call again with nothing until none are left: what they say may raise `limit`.
        """
        buffer = self._buffer + data if self._buffer else bytes(data)
        frames: list[Frame] = []
        start, end = 0, len(buffer)
        size, unpack, lengths = HEADER.size, HEADER.unpack_from, self._lengths
        while end - start >= size:
            marker, length, kind = unpack(buffer, start)
            if marker != MARKER or length not in lengths.get(kind, ()):
                if not frames:
                    self._buffer = buffer[: HEADER.size]  # enough to fail again, whatever follows
                    raise self._diagnose(marker, length, kind)
                break
            stop = start + length
            if stop > end:
                break
            frames.append((kind, buffer[start + size : stop]))
            start = stop
        self._buffer = buffer[start:]
        return frames

    def _diagnose(self, marker: bytes, length: int, kind: int) -> NotificationError:
        if marker != MARKER:
            return _error(HeaderError.CONNECTION_NOT_SYNCHRONIZED, b"", "the marker is not all ones")
        if not HEADER.size <= length <= self._limit or kind in self._lengths:
            data = length.to_bytes(2, "big")
            return _error(HeaderError.BAD_MESSAGE_LENGTH, data, f"message type {kind} of {length} octets")
        return _error(HeaderError.BAD_MESSAGE_TYPE, bytes([kind]), f"message type {kind} is unknown")


@functools.cache
def _lengths(limit: int) -> Mapping[int, range]:
    """Return how long messages of each type may be where the longest has `limit` octets."""
    longest = dict.fromkeys(MessageType, limit)
    longest[MessageType.OPEN] = MAXIMUM_LENGTH
    longest[MessageType.KEEPALIVE] = HEADER.size
    return {kind.value: range(_SHORTEST[kind], longest[kind] + 1) for kind in MessageType}


def _error(subcode: HeaderError, data: bytes, text: str) -> NotificationError:
    return NotificationError(ErrorCode.MESSAGE_HEADER_ERROR, subcode, data, text)
