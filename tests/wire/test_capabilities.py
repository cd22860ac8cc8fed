import pytest
from hypothesis import given
from hypothesis import strategies as st

import wire
from tests.support import wire_strategies as some
from wire import Family, ForeignFamily
from wire.capabilities import Capability, decode_capability, encode_capability

V4, V6 = Family.IPV4_UNICAST, Family.IPV6_UNICAST
VPN = ForeignFamily(1, 128)

CASES: list[tuple[str, Capability]] = [
    ("0104 00010001", wire.Multiprotocol(V4)),
    ("0104 00010080", wire.Multiprotocol(VPN)),
    ("0200", wire.RouteRefreshCapability()),
    ("050c 000100010002 000100800002", wire.ExtendedNextHop(((V4, 2), (VPN, 2)))),
    ("0600", wire.ExtendedMessage()),
    ("0901 03", wire.Role(wire.BgpRole.CUSTOMER)),
    ("4002 0078", wire.GracefulRestart(120)),
    ("400a c078 00010180 00020100", wire.GracefulRestart(120, True, True, ((V4, True), (V6, False)))),
    ("4104 fffffffe", wire.FourOctetAs(0xFFFFFFFE)),
    ("4508 00010103 00020102", wire.AddPath(((V4, True, True), (V6, False, True)))),
    ("4600", wire.EnhancedRouteRefresh()),
    ("4707 00010180 015180", wire.LongLivedGracefulRestart(((V4, True, 86400),))),
    ("4700", wire.LongLivedGracefulRestart()),
    ("4905 026e31 0178", wire.Fqdn("n1", "x")),
    ("4b03 026162", wire.UnknownCapability(75, b"\x02ab")),
]


@pytest.mark.parametrize(("text", "capability"), CASES)
def test_octets_and_value(text: str, capability: Capability) -> None:
    octets = bytes.fromhex(text)
    assert encode_capability(capability) == octets
    assert decode_capability(octets[0], octets[2:]) == capability


@given(some.capabilities)
def test_round_trip(capability: Capability) -> None:
    octets = encode_capability(capability)
    assert decode_capability(octets[0], octets[2:]) == capability


@given(st.integers(0, 255), st.binary(max_size=255))
def test_any_value_is_read_kept_or_refused(code: int, value: bytes) -> None:
    try:
        capability = decode_capability(code, value)
    except ValueError:
        return
    assert capability.code == code
    if isinstance(capability, wire.UnknownCapability):
        assert capability.value == value


@pytest.mark.parametrize(
    "text",
    [
        "01 000100",
        "01 0001000100",
        "02 00",
        "05 0001000100",
        "06 00",
        "09",
        "09 0001",
        "40",
        "40 00",
        "40 007800",
        "41 0001",
        "41",
        "45 000101",
        "46 01",
        "47 000101",
    ],
)
def test_a_wrong_length_is_refused(text: str) -> None:
    code, *value = bytes.fromhex(text)
    with pytest.raises(ValueError, match="octets"):
        decode_capability(code, bytes(value))


def test_add_path_with_an_undefined_mode_is_not_understood() -> None:
    # RFC 7911, section 4.
    for value in (bytes.fromhex("00010104"), bytes.fromhex("0001010100010100")):
        assert decode_capability(69, value) == wire.UnknownCapability(69, value)


@pytest.mark.parametrize("value", [b"\x05ab", b"\x02ab", b"\x02ab\x03c", b"\x01\xff\x00", b"\x01a\x01bc"])
def test_an_odd_host_name_is_no_reason_to_refuse_a_session(value: bytes) -> None:
    assert decode_capability(73, value) == wire.UnknownCapability(73, value)


@pytest.mark.parametrize(
    "capability",
    [
        wire.GracefulRestart(4096),
        wire.GracefulRestart(-1),
        wire.FourOctetAs(1 << 32),
        wire.Role(256),
        wire.LongLivedGracefulRestart(((V4, False, 1 << 24),)),
        wire.UnknownCapability(99, bytes(256)),
        wire.Fqdn("n" * 256),
    ],
)
def test_what_does_not_fit_is_not_written(capability: Capability) -> None:
    with pytest.raises(ValueError):
        encode_capability(capability)


def test_names_are_for_the_eye() -> None:
    assert [capability.name for _, capability in CASES[-3:]] == [
        "long-lived-graceful-restart",
        "fqdn",
        "capability-75",
    ]
