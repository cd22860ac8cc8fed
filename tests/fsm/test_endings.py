"""How sessions end: errors in both directions, stops, and what is told of it."""

import pytest

import fsm
import wire
from fsm import Direction, DownReason, State
from tests.fsm.rig import PEER_OPEN, Rig, peer_open, rig_in

SUBCODES = {State.OPEN_SENT: 1, State.OPEN_CONFIRM: 2, State.ESTABLISHED: 3}
UNEXPECTED: list[tuple[State, fsm.Event, int]] = [
    (State.OPEN_SENT, fsm.KeepaliveReceived(1), 4),
    (State.OPEN_SENT, fsm.UpdateReceived(1), 2),
    (State.OPEN_SENT, fsm.MessageError(1, wire.NotificationError(3, 1)), 2),
    (State.OPEN_SENT, fsm.RouteRefreshReceived(1, wire.RouteRefresh(wire.Family.IPV4_UNICAST)), 5),
    (State.OPEN_CONFIRM, fsm.OpenReceived(1, PEER_OPEN), 1),
    (State.OPEN_CONFIRM, fsm.UpdateReceived(1), 2),
    (State.OPEN_CONFIRM, fsm.MessageError(1, wire.NotificationError(7, 1)), 5),
    (State.ESTABLISHED, fsm.OpenReceived(1, PEER_OPEN), 1),
    (State.ESTABLISHED, fsm.MessageError(1, wire.NotificationError(2, 4)), 1),
]


@pytest.mark.parametrize(("state", "event", "kind"), UNEXPECTED)
def test_message_out_of_place_is_an_fsm_error_that_names_it(
    state: State, event: fsm.Event, kind: int
) -> None:
    rig = rig_in(state).tell(event)
    assert rig.notification() == wire.Notification(5, SUBCODES[state], bytes([kind]))
    assert rig.state is State.IDLE


@pytest.mark.parametrize("state", SUBCODES)
def test_garbage_gets_the_notification_it_deserves(state: State) -> None:
    error = wire.NotificationError(1, 2, b"\0\5", "length 5")
    rig = rig_in(state).tell(fsm.MessageError(1, error))
    assert rig.notification() == error.message
    assert rig.session.last_error == fsm.SessionError(
        1, 2, "Message Header Error / Bad Message Length (length 5)", Direction.SENT
    )


def test_malformed_update_takes_the_session_down() -> None:
    rig = rig_in(State.ESTABLISHED).tell(fsm.MessageError(1, wire.NotificationError(3, 3, b"\2")))
    assert rig.notification() == wire.Notification(3, 3, b"\2")
    (down,) = rig.of(fsm.Down)
    assert down == fsm.Down(DownReason.ERROR_SENT, rig.session.last_error, frozenset(), 0.0)
    assert rig.last[-1] == fsm.StateChanged(State.ESTABLISHED, State.IDLE)
    assert rig.session.negotiated is None
    assert rig.session.established_at is None


@pytest.mark.parametrize("state", SUBCODES)
def test_notification_is_never_answered(state: State) -> None:
    rig = rig_in(state).tell(fsm.NotificationReceived(1, wire.Notification(6, 2, b"\4noon")))
    assert rig.sent() == []
    assert rig.of(fsm.Close) == [fsm.Close(1)]
    assert rig.session.last_error == fsm.SessionError(
        6, 2, "Cease / Administrative Shutdown: noon", Direction.RECEIVED
    )


def test_header_error_before_our_open_is_told_all_the_same() -> None:
    rig = rig_in(State.CONNECT, delay_open_time=5.0).tell(fsm.Connected(1))
    rig.tell(fsm.MessageError(1, wire.NotificationError(1, 1)))
    assert rig.notification() == wire.Notification(1, 1)


def test_stop_with_a_message() -> None:
    rig = rig_in(State.ESTABLISHED).tell(fsm.ManualStop("until noon"))
    assert rig.notification() == wire.Notification(6, 2, b"\x0auntil noon")
    assert [type(action) for action in rig.last] == [fsm.Send, fsm.Close, fsm.Down, fsm.StateChanged]
    assert rig.of(fsm.Down)[0].reason is DownReason.ADMINISTRATIVE
    assert rig.session.stopped
    assert rig.session.deadline is None
    assert rig.wait(1e6).last == []


def test_stop_message_is_cut_between_characters() -> None:
    rig = rig_in(State.ESTABLISHED).tell(fsm.ManualStop("ä" * 200))
    data = rig.notification().data
    assert data[0] == 254
    assert data[1:].decode() == "ä" * 127


def test_message_is_for_shutdown_and_reset_alone() -> None:
    rig = rig_in(State.ESTABLISHED).tell(fsm.ManualStop("too many", subcode=1))
    assert rig.notification() == wire.Notification(6, 1)


def test_stop_without_notice_just_closes() -> None:
    rig = rig_in(State.ESTABLISHED).tell(fsm.ManualStop(notify=False))
    assert rig.sent() == []
    assert rig.of(fsm.Close) == [fsm.Close(1)]
    assert rig.session.last_error is not None
    assert rig.session.last_error.direction is Direction.LOCAL


def test_stop_before_our_open_just_closes() -> None:
    rig = rig_in(State.CONNECT, delay_open_time=5.0).tell(fsm.Connected(1)).tell(fsm.ManualStop())
    assert rig.sent() == []
    assert rig.of(fsm.Close) == [fsm.Close(1)]


def test_stop_closes_both_connections_of_a_collision() -> None:
    rig = rig_in(State.OPEN_SENT).tell(fsm.Incoming(2)).tell(fsm.ManualStop())
    assert rig.of(fsm.Close) == [fsm.Close(1), fsm.Close(2)]


def test_stop_ends_an_idle_hold_for_good() -> None:
    rig = (
        rig_in(State.OPEN_SENT).tell(fsm.MessageError(1, wire.NotificationError(1, 1))).tell(fsm.ManualStop())
    )
    assert rig.session.deadline is None
    assert rig.session.stopped


@pytest.mark.parametrize(("restart_after", "hold"), [(None, 1.0), (0.0, 0.0), (300.0, 300.0)])
def test_automatic_stop_starts_again_by_itself(restart_after: float | None, hold: float) -> None:
    rig = rig_in(State.ESTABLISHED).tell(fsm.AutomaticStop(1, restart_after=restart_after))
    assert rig.notification() == wire.Notification(6, 1)
    assert [down.reason for down in rig.of(fsm.Down)] == [DownReason.AUTOMATIC_STOP]
    assert rig.session.deadline == rig.now + hold
    assert rig.wait(hold).of(fsm.Connect)


def test_connection_lost_before_the_peer_spoke_is_no_reason_for_idle() -> None:
    rig = rig_in(State.OPEN_SENT).tell(fsm.Disconnected(1, "connection reset by peer"))
    assert rig.state is State.ACTIVE
    assert rig.of(fsm.Connect) == []
    assert rig.wait(5).of(fsm.Connect)


def test_connection_lost_in_open_confirm_backs_off() -> None:
    rig = rig_in(State.OPEN_CONFIRM).tell(fsm.Disconnected(1, "connection reset by peer"))
    assert rig.state is State.IDLE
    assert rig.session.deadline == rig.now + 1.0
    assert rig.of(fsm.Down) == []


def test_failure_of_a_connection_may_be_told_as_such() -> None:
    rig = rig_in(State.ESTABLISHED).tell(fsm.ConnectionFailed(1, "host unreachable"))
    assert rig.session.last_error == fsm.SessionError(0, 0, "host unreachable", Direction.LOCAL)
    assert [down.reason for down in rig.of(fsm.Down)] == [DownReason.CONNECTION_LOST]


# --- route refresh and counters ---------------------------------------------------------------------------

KINDS = wire.RefreshKind
V4, V6 = wire.Family.IPV4_UNICAST, wire.Family.IPV6_UNICAST


@pytest.mark.parametrize(
    ("family", "kind", "enhanced", "passed"),
    [
        (V4, KINDS.NORMAL, False, KINDS.NORMAL),
        (V4, KINDS.BORR, False, KINDS.NORMAL),
        (V4, KINDS.BORR, True, KINDS.BORR),
        (V4, KINDS.RESERVED, True, None),
        (V6, KINDS.NORMAL, True, None),
        (wire.family_of(25, 70), KINDS.NORMAL, True, None),
    ],
)
def test_route_refresh_is_passed_on_as_far_as_both_understand_it(
    family: wire.AnyFamily, kind: wire.RefreshKind, enhanced: bool, passed: wire.RefreshKind | None
) -> None:
    more = (wire.EnhancedRouteRefresh(),) if enhanced else ()
    rig = rig_in(State.ESTABLISHED, opened=peer_open(*more))
    rig.tell(fsm.RouteRefreshReceived(1, wire.RouteRefresh(family, kind)))
    assert rig.last == ([] if passed is None else [fsm.Refresh(V4, passed)])


def refreshing(*kinds: wire.RefreshKind) -> Rig:
    rig = rig_in(State.ESTABLISHED, opened=peer_open(wire.EnhancedRouteRefresh()), hold_time=0)
    for kind in kinds:
        rig.tell(fsm.RouteRefreshReceived(1, wire.RouteRefresh(V4, kind)))
    return rig


def test_the_end_of_a_refresh_counts_once_and_after_its_beginning() -> None:
    assert refreshing(KINDS.EORR).last == []
    assert refreshing(KINDS.BORR, KINDS.EORR).last == [fsm.Refresh(V4, KINDS.EORR)]
    assert refreshing(KINDS.BORR, KINDS.EORR, KINDS.EORR).last == []
    assert refreshing(KINDS.BORR, KINDS.BORR, KINDS.EORR).last == [fsm.Refresh(V4, KINDS.EORR)]


def test_a_refresh_that_never_ends_is_ended() -> None:
    rig = refreshing(KINDS.BORR)
    limit = rig.session.parameters.end_of_rib_time
    assert rig.wait(limit - 1).of(fsm.Refresh) == []
    assert rig.wait(1).of(fsm.Refresh) == [fsm.Refresh(V4, KINDS.EORR)]
    assert rig.tell(fsm.RouteRefreshReceived(1, wire.RouteRefresh(V4, KINDS.EORR))).last == []


def test_a_refresh_before_the_initial_table_is_complete_does_not_count() -> None:
    # RFC 7313, section 4: what waits for End-of-RIB must not be swept before it.
    restart = wire.GracefulRestart(90, restarting=False, notification=False, families=((V4, True),))
    rig = rig_in(State.ESTABLISHED, opened=peer_open(wire.EnhancedRouteRefresh(), restart))
    borr = fsm.RouteRefreshReceived(1, wire.RouteRefresh(V4, KINDS.BORR))
    assert rig.tell(borr).last == []
    assert rig.tell(fsm.EndOfRibReceived(1, V4)).tell(borr).last == [fsm.Refresh(V4, KINDS.BORR)]


def test_a_refresh_falls_with_its_session() -> None:
    rig = refreshing(KINDS.BORR).tell(fsm.Disconnected(1, "reset"))
    assert rig.wait(rig.session.parameters.end_of_rib_time).of(fsm.Refresh) == []


def test_counters() -> None:
    rig = rig_in(State.ESTABLISHED).tell(fsm.UpdateReceived(1, 250)).tell(fsm.KeepaliveReceived(77))
    rig.tell(fsm.NotificationReceived(1, wire.Notification(6, 4)))
    assert rig.session.counters.received == {
        "open": 1, "update": 250, "notification": 1, "keepalive": 1, "route_refresh": 0,
    }  # fmt: skip
    rig.tell(fsm.Incoming(2))
    assert rig.session.counters.sent == {
        "open": 1, "update": 0, "notification": 1, "keepalive": 1, "route_refresh": 0,
    }  # fmt: skip
