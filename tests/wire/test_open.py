import pytest
from hypothesis import given
from hypothesis import strategies as st

import wire
from tests.support import wire_strategies as some
from wire import ErrorCode, NotificationError, Open, OpenError, decode_open, encode_open

FIXED = "04 fbf0 00b4 0a000001"
"""Version 4, AS 64496, hold time 180, 10.0.0.1."""


def body(text: str) -> bytes:
    return bytes.fromhex(text)


def error_of(octets: bytes) -> NotificationError:
    with pytest.raises(NotificationError) as caught:
        decode_open(octets)
    assert caught.value.code == ErrorCode.OPEN_MESSAGE_ERROR
    return caught.value


def test_the_least_open() -> None:
    expected = Open(64496, 180, bytes([10, 0, 0, 1]))
    assert decode_open(body(FIXED + "00")) == expected
    assert encode_open(expected)[19:] == body(FIXED + "00")


def test_capabilities_in_one_parameter_or_in_several() -> None:
    both = (wire.Multiprotocol(wire.Family.IPV4_UNICAST), wire.RouteRefreshCapability())
    assert decode_open(body(FIXED + "0a" + "0208 0104000100010200")).capabilities == both
    assert decode_open(body(FIXED + "0c" + "0206 010400010001" + "0202 0200")).capabilities == both


def test_the_four_octet_as_is_the_real_one() -> None:
    # RFC 6793, section 4.1.
    message = Open(4200000000, 90, bytes([10, 0, 0, 1]), (wire.FourOctetAs(4200000000),))
    encoded = encode_open(message)
    assert encoded[20:22] == wire.AS_TRANS.to_bytes(2, "big")
    assert decode_open(encoded[19:]) == message


@given(some.opens())
def test_round_trip(message: Open) -> None:
    assert decode_open(encode_open(message)[19:]) == message


def test_long_capabilities_take_extended_parameters() -> None:
    # RFC 9072, section 2.
    capabilities = tuple(wire.UnknownCapability(200 + n, bytes(100)) for n in range(5))
    encoded = encode_open(Open(64496, 180, bytes([10, 0, 0, 1]), capabilities))
    assert encoded[28:35] == body("ff ff 0201 02 01fe")
    assert decode_open(encoded[19:]).capabilities == capabilities


@pytest.mark.parametrize("length", ["01", "08", "ff"])
def test_extended_parameters_go_by_the_first_type_alone(length: str) -> None:
    # RFC 9072, section 2: the old length octet is not looked at, but for zero.
    assert decode_open(body(FIXED + length + "ff0005 02 0002 0200")).capabilities == (
        wire.RouteRefreshCapability(),
    )


def test_more_than_an_open_can_hold_is_not_written() -> None:
    capabilities = tuple(wire.UnknownCapability(200, bytes(255)) for _ in range(16))
    with pytest.raises(ValueError, match="do not fit an OPEN"):
        encode_open(Open(64496, 180, bytes([10, 0, 0, 1]), capabilities))


@pytest.mark.parametrize(
    ("text", "subcode", "data"),
    [
        ("03 fbf0 00b4 0a000001 00", OpenError.UNSUPPORTED_VERSION_NUMBER, "0004"),
        ("05 fbf0 00b4 0a000001 00", OpenError.UNSUPPORTED_VERSION_NUMBER, "0004"),
        ("04 0000 00b4 0a000001 00", OpenError.BAD_PEER_AS, ""),  # RFC 7607
        ("04 fbf0 00b4 0a000001 08 0206 410400000000", OpenError.BAD_PEER_AS, ""),
        ("04 0000 00b4 0a000001 08 0206 41040000fbf0", OpenError.BAD_PEER_AS, ""),
        ("04 fbf0 0001 0a000001 00", OpenError.UNACCEPTABLE_HOLD_TIME, ""),
        ("04 fbf0 0002 0a000001 00", OpenError.UNACCEPTABLE_HOLD_TIME, ""),
        ("04 fbf0 00b4 00000000 00", OpenError.BAD_BGP_IDENTIFIER, ""),  # RFC 6286
        (FIXED + "03 010100", OpenError.UNSUPPORTED_OPTIONAL_PARAMETER, ""),  # authentication, deprecated
        (FIXED + "02 fe00", OpenError.UNSUPPORTED_OPTIONAL_PARAMETER, ""),
        (FIXED + "01", OpenError.UNSPECIFIC, ""),
        (FIXED + "00 00", OpenError.UNSPECIFIC, ""),
        (FIXED + "01 02", OpenError.UNSPECIFIC, ""),
        (FIXED + "04 0202 0201", OpenError.UNSPECIFIC, ""),
        (FIXED + "04 0203 0200", OpenError.UNSPECIFIC, ""),
        (FIXED + "05 0203 010100", OpenError.UNSPECIFIC, ""),
        (FIXED + "06 0204 41020001", OpenError.UNSPECIFIC, ""),
        (FIXED + "ff ff00", OpenError.UNSPECIFIC, ""),
        (FIXED + "ff ff0005 02 0003 0200", OpenError.UNSPECIFIC, ""),
    ],
)
def test_what_is_wrong_is_named(text: str, subcode: OpenError, data: str) -> None:
    error = error_of(body(text))
    assert error.subcode == subcode
    assert error.data == bytes.fromhex(data)
    assert error.message == wire.Notification(2, subcode, bytes.fromhex(data))


def test_hold_times_at_the_borders() -> None:
    assert decode_open(body("04 fbf0 0000 0a000001 00")).hold_time == 0
    assert decode_open(body("04 fbf0 0003 0a000001 00")).hold_time == 3


@given(some.opens())
def test_cut_anywhere_is_an_error(message: Open) -> None:
    octets = encode_open(message)[19:]
    for stop in range(len(octets)):
        error_of(octets[:stop])


@given(
    some.mutations(some.opens().map(encode_open).map(lambda message: message[19:])) | st.binary(max_size=80)
)
def test_any_octets_are_read_or_refused(octets: bytes) -> None:
    try:
        message = decode_open(octets)
    except NotificationError:
        error_of(octets)
    else:
        assert decode_open(encode_open(message)[19:]) == message
