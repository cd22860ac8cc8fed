import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import wire_strategies as some
from wire import Family, ForeignFamily, NotificationError, RefreshKind, RouteRefresh, decode_route_refresh


@pytest.mark.parametrize(
    ("body", "refresh"),
    [
        ("00010001", RouteRefresh(Family.IPV4_UNICAST)),
        ("00020101", RouteRefresh(Family.IPV6_UNICAST, RefreshKind.BORR)),
        ("00010201", RouteRefresh(Family.IPV4_UNICAST, RefreshKind.EORR)),
        ("00190046", RouteRefresh(ForeignFamily(25, 70))),
    ],
)
def test_octets_and_value(body: str, refresh: RouteRefresh) -> None:
    assert decode_route_refresh(bytes.fromhex(body)) == refresh
    assert refresh.encode()[18:] == b"\x05" + bytes.fromhex(body)


@given(some.route_refreshes)
def test_round_trip(refresh: RouteRefresh) -> None:
    assert decode_route_refresh(refresh.encode()[19:]) == refresh


@given(st.integers(3, 255))
def test_other_subtypes_are_to_be_ignored(subtype: int) -> None:
    # RFC 7313, section 5.
    refresh = decode_route_refresh(bytes([0, 1, subtype, 1]))
    assert refresh == RouteRefresh(Family.IPV4_UNICAST, RefreshKind.RESERVED)


def test_without_enhanced_refresh_the_subtype_is_reserved() -> None:
    # RFC 2918, section 3.
    assert decode_route_refresh(bytes([0, 1, 2, 1]), enhanced=False).kind is RefreshKind.NORMAL


@given(st.integers(3, 255), st.binary(max_size=12))
def test_other_subtypes_are_to_be_ignored_whatever_their_length(subtype: int, rest: bytes) -> None:
    assert decode_route_refresh(bytes([0, 1, subtype]) + rest).kind is RefreshKind.RESERVED


def _is_wrong(body: bytes) -> bool:
    return len(body) != 4 and (len(body) < 3 or body[2] <= RefreshKind.EORR)


@given(st.binary(max_size=12).filter(_is_wrong))
def test_a_wrong_length_is_answered_with_the_message(body: bytes) -> None:
    # RFC 7313, section 5.
    with pytest.raises(NotificationError) as caught:
        decode_route_refresh(body)
    assert (caught.value.code, caught.value.subcode) == (7, 1)
    assert caught.value.data[19:] == body
