import pytest
from hypothesis import given
from hypothesis import strategies as st

import wire
from tests.support import wire_strategies as some
from wire import ErrorCode, Framer, HeaderError, MessageType, NotificationError

MARKER = b"\xff" * 16


def message(kind: int, size: int) -> bytes:
    return MARKER + size.to_bytes(2, "big") + bytes([kind]) + bytes(max(0, size - 19))


def error_of(framer: Framer, data: bytes) -> NotificationError:
    with pytest.raises(NotificationError) as caught:
        framer.feed(data)
    assert caught.value.code == ErrorCode.MESSAGE_HEADER_ERROR
    return caught.value


@given(st.lists(some.messages, max_size=6), st.data())
def test_any_cut_of_the_stream_gives_the_same_frames(messages: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(messages)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    framer, frames = Framer(), []
    for start, stop in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        frames += framer.feed(memoryview(stream)[start:stop])
    assert frames == [(one[18], one[19:]) for one in messages]


def test_one_octet_at_a_time() -> None:
    framer = Framer()
    stream = wire.encode_keepalive() + message(MessageType.UPDATE, 23)
    frames = [frame for octet in stream for frame in framer.feed(bytes([octet]))]
    assert frames == [(MessageType.KEEPALIVE, b""), (MessageType.UPDATE, bytes(4))]


def test_a_broken_marker_is_connection_not_synchronized() -> None:
    broken = MARKER[:15] + b"\xfe" + message(MessageType.KEEPALIVE, 19)[16:]
    assert error_of(Framer(), broken).subcode == HeaderError.CONNECTION_NOT_SYNCHRONIZED


@pytest.mark.parametrize(
    ("kind", "size"),
    [
        (1, 28),
        (2, 22),
        (3, 20),
        (4, 18),
        (4, 20),
        (5, 18),
        (2, 4097),
        (1, 4097),
        (3, 0),
        (99, 18),
        (99, 4097),
    ],
)
def test_a_length_out_of_bounds_is_bad_message_length(kind: int, size: int) -> None:
    error = error_of(Framer(), message(kind, size)[:19])
    assert error.subcode == HeaderError.BAD_MESSAGE_LENGTH
    assert error.data == size.to_bytes(2, "big")


def test_an_unknown_type_is_bad_message_type() -> None:
    error = error_of(Framer(), message(6, 19))
    assert (error.subcode, error.data) == (HeaderError.BAD_MESSAGE_TYPE, b"\x06")


def test_extended_messages_are_for_all_but_open_and_keepalive() -> None:
    # RFC 8654, section 4.
    framer = Framer()
    framer.limit = wire.EXTENDED_MAXIMUM_LENGTH
    assert framer.feed(message(MessageType.UPDATE, 65535)) == [(MessageType.UPDATE, bytes(65516))]
    assert framer.feed(message(MessageType.NOTIFICATION, 5000)) == [(MessageType.NOTIFICATION, bytes(4981))]
    assert error_of(framer, message(MessageType.OPEN, 4097)).subcode == HeaderError.BAD_MESSAGE_LENGTH


def test_frames_before_a_break_are_not_lost() -> None:
    framer = Framer()
    assert framer.feed(wire.encode_keepalive() * 2 + bytes(100)) == [(MessageType.KEEPALIVE, b"")] * 2
    for data in (b"", wire.encode_keepalive()):
        assert error_of(framer, data).subcode == HeaderError.CONNECTION_NOT_SYNCHRONIZED


def test_a_long_message_may_follow_at_once_what_allows_it() -> None:
    # The KEEPALIVE that makes the session Established, and a long UPDATE behind it in the same segment.
    framer = Framer()
    long = message(MessageType.UPDATE, 5000)
    assert framer.feed(wire.encode_keepalive() + long) == [(MessageType.KEEPALIVE, b"")]
    framer.limit = wire.EXTENDED_MAXIMUM_LENGTH
    assert framer.feed(b"") == [(MessageType.UPDATE, long[19:])]


def test_a_broken_header_is_found_before_its_body_arrives() -> None:
    framer = Framer()
    assert framer.feed(message(MessageType.UPDATE, 5000)[:18]) == []
    assert error_of(framer, b"\x02").subcode == HeaderError.BAD_MESSAGE_LENGTH


@given(some.mutations(st.lists(some.messages, min_size=1, max_size=3).map(b"".join)))
def test_garbage_gives_frames_or_a_typed_error(stream: bytes) -> None:
    framer, data = Framer(), stream
    try:
        while frames := framer.feed(data):
            assert all(kind in MessageType.__members__.values() for kind, _ in frames)
            data = b""
    except NotificationError:
        assert error_of(framer, b"")  # and it stays broken
