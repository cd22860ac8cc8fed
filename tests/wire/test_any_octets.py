"""Whatever the octets: a value, or a NotificationError that says why not (RFC 7606)."""

from collections.abc import Callable
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wire
from tests.support import wire_strategies as some
from wire import Codec, ErrorCode, Family, NotificationError, Update, Verdict

T = TypeVar("T")

FAMILIES = frozenset(Family)
SESSIONS = st.builds(
    Codec,
    families=st.sampled_from([FAMILIES, frozenset({Family.IPV4_UNICAST}), frozenset({Family.IPV6_UNICAST})]),
    four_octet_as=st.booleans(),
    ibgp=st.booleans(),
    add_path_receive=st.sampled_from([frozenset(), FAMILIES]),
    extended_next_hop=st.sampled_from([frozenset(), frozenset({Family.IPV4_UNICAST})]),
)
BODIES = some.updates().map(lambda packed: packed[0][19:])


def outcome(read: Callable[[bytes], T], octets: bytes) -> T | NotificationError:
    """Return the value or the error: nothing else may come of any octets."""
    try:
        return read(octets)
    except NotificationError as error:
        return error


def check(codec: Codec, body: bytes) -> Update | None:
    """Decode, and check what holds for every result."""
    update = outcome(codec.decode_update, body)
    if isinstance(update, NotificationError):
        assert update.code == ErrorCode.UPDATE_MESSAGE_ERROR
        assert update.message.encode()
        return None
    withdrawing = any(fault.verdict is Verdict.TREAT_AS_WITHDRAW for fault in update.faults)
    assert not (withdrawing and update.announced)
    for route in update.announced + update.withdrawn:
        assert route.family in codec.families
        assert route.prefixes
        for prefix in set(route.prefixes):
            assert wire.parse_prefix(wire.format_prefix(route.family, prefix)) == (route.family, prefix)
    for announcement in update.announced:
        announcement.attributes.describe()
        wire.encode_attributes(announcement.attributes, four_octet_as=codec.four_octet_as)
    return update


@settings(max_examples=200)
@given(SESSIONS, some.mutations(BODIES) | st.binary(max_size=120))
def test_any_update_has_a_verdict(codec: Codec, body: bytes) -> None:
    assert check(codec, body) == check(codec, body)  # what is remembered changes nothing


@given(BODIES)
def test_cut_at_each_octet(body: bytes) -> None:
    codec = Codec(families=FAMILIES, four_octet_as=True, ibgp=True)
    whole = check(codec, body)
    assert whole is not None
    for stop in range(len(body)):
        cut = check(codec, body[:stop])
        # Between two prefixes of the NLRI field a cut cannot be seen; elsewhere it is an error.
        assert (
            cut is None or cut.announced == [] or cut.announced[0].attributes == whole.announced[0].attributes
        )


@given(st.integers(0, 255), st.integers(0, 255), st.binary(max_size=40), st.booleans(), st.booleans())
def test_any_single_attribute(flags: int, code: int, value: bytes, ibgp: bool, four_octet_as: bool) -> None:
    codec = Codec(families=FAMILIES, four_octet_as=four_octet_as, ibgp=ibgp)
    path = "40020602010000fbf0" if four_octet_as else "4002040201fbf0"
    length = len(value).to_bytes(2 if flags & 0x10 else 1, "big")
    block = bytes.fromhex("40010100" + path + "4003040a000001") + bytes([flags, code]) + length + value
    check(codec, bytes(2) + len(block).to_bytes(2, "big") + block + b"\x08\x0a")


@pytest.mark.parametrize("size", [4096 - 19, 65535 - 19])
def test_the_longest_updates(size: int) -> None:
    codec = Codec(families=FAMILIES, four_octet_as=True, ibgp=True, extended_message=True)
    assert check(codec, bytes(4) + bytes(size - 4)) is not None  # default routes without attributes
    assert check(codec, (size - 4).to_bytes(2, "big") + bytes(size - 4) + bytes(2)) is not None
    attributes = bytes.fromhex("c0ff00") * ((size - 4) // 3)
    check(codec, bytes(2) + len(attributes).to_bytes(2, "big") + attributes)


@given(some.mutations(some.notifications.map(wire.Notification.encode)))
def test_any_notification(message: bytes) -> None:
    notification = outcome(wire.decode_notification, message[19:])
    if isinstance(notification, NotificationError):
        assert notification.code == ErrorCode.MESSAGE_HEADER_ERROR
    else:
        assert notification.describe()
