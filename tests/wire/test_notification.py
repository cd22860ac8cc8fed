import pytest
from hypothesis import given
from hypothesis import strategies as st

import wire
from tests.support import wire_strategies as some
from wire import CeaseError, Notification, NotificationError, decode_notification, describe_error


@given(some.notifications)
def test_round_trip(notification: Notification) -> None:
    assert decode_notification(notification.encode()[19:]) == notification
    assert notification.describe()


@pytest.mark.parametrize("body", [b"", b"\x06"])
def test_without_a_subcode_it_is_a_bad_length(body: bytes) -> None:
    with pytest.raises(NotificationError) as caught:
        decode_notification(body)
    assert caught.value.message == Notification(1, 2, bytes([0, 19 + len(body)]))


@pytest.mark.parametrize(
    ("code", "subcode", "name"),
    [
        (1, 1, "Message Header Error / Connection Not Synchronized"),
        (2, 0, "OPEN Message Error"),
        (2, 2, "OPEN Message Error / Bad Peer AS"),
        (2, 11, "OPEN Message Error / Role Mismatch"),
        (3, 11, "UPDATE Message Error / Malformed AS PATH"),
        (4, 0, "Hold Timer Expired"),
        (5, 2, "Finite State Machine Error / Unexpected Message in OPEN Confirm"),
        (6, 7, "Cease / Connection Collision Resolution"),
        (6, 10, "Cease / BFD Down"),
        (6, 200, "Cease / 200"),
        (7, 1, "Route Refresh Message Error / Invalid Message Length"),
        (8, 3, "Send Hold Timer Expired / 3"),
        (99, 1, "Error 99 / 1"),
    ],
)
def test_errors_have_the_names_of_the_registry(code: int, subcode: int, name: str) -> None:
    assert describe_error(code, subcode) == name


def test_a_shutdown_communication_is_shown() -> None:
    # RFC 9003, section 2.
    notification = Notification.shutdown(
        CeaseError.ADMINISTRATIVE_SHUTDOWN, "moving to rack 2 \N{EN DASH} back at 12"
    )
    assert notification.data[0] == len(notification.data) - 1
    assert (
        notification.describe() == "Cease / Administrative Shutdown: moving to rack 2 \N{EN DASH} back at 12"
    )
    assert Notification.shutdown(CeaseError.ADMINISTRATIVE_RESET, "").data == b""


@given(st.text(max_size=300))
def test_a_long_communication_is_cut_between_characters(text: str) -> None:
    notification = Notification.shutdown(CeaseError.ADMINISTRATIVE_RESET, text)
    assert len(notification.data) <= 256
    sent = notification.data[1:].decode()
    assert text.encode(errors="replace").decode().startswith(sent)
    if len(text.encode(errors="replace")) <= 255:
        assert len(sent) == len(text)


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b"\x05hello", "hello"),
        (b"\xffhel", "hel"),  # the length overruns: what is there is shown
        (b"\x03hello", "hel"),
        (b"\x00", ""),
        (b"\x03a\xff\x1b", "a\ufffd\ufffd"),
        (b"\x04a\nb\x00", "a\ufffdb\ufffd"),
    ],
)
def test_a_peers_text_is_made_safe(data: bytes, shown: str) -> None:
    assert Notification(6, 2, data).communication == shown


def test_only_shutdown_and_reset_carry_text() -> None:
    assert Notification(6, 3, b"\x05hello").communication is None
    assert Notification(4, 2, b"\x05hello").communication is None
    assert Notification(6, 2).communication is None


def test_a_hard_reset_names_its_cause() -> None:
    # RFC 8538, section 3.1.
    cause = Notification.shutdown(CeaseError.ADMINISTRATIVE_RESET, "upgrade")
    hard = Notification(6, CeaseError.HARD_RESET, bytes([cause.code, cause.subcode]) + cause.data)
    assert hard.describe() == "Cease / Hard Reset: Cease / Administrative Reset: upgrade"
    assert Notification(6, CeaseError.HARD_RESET).describe() == "Cease / Hard Reset"


def test_hard_resets_within_hard_resets_end() -> None:
    nested = Notification(6, 9, b"\x06\x09" * 2000)
    assert nested.describe() == "Cease / Hard Reset: Cease / Hard Reset"


def test_an_error_says_what_it_tells_the_peer() -> None:
    error = NotificationError(3, 10, b"\x01", "the prefix does not fit")
    assert str(error) == "UPDATE Message Error / Invalid Network Field: the prefix does not fit"
    assert error.message == Notification(3, 10, b"\x01")
    assert str(NotificationError(4, 0)) == "Hold Timer Expired"
    assert wire.Notification(4).describe() == "Hold Timer Expired"
