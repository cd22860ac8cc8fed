"""Whose paths outlive a session, and for how long (RFC 4724, RFC 8538, RFC 9494)."""

import pytest

import fsm
import wire
from fsm import DownReason, RetainEnd, State
from tests.fsm.rig import PEER_OPEN, Rig, peer_open, rig_in
from tests.support.session_pair import SessionPair, parameters

V4, V6 = wire.Family.IPV4_UNICAST, wire.Family.IPV6_UNICAST
BOTH = frozenset({V4, V6})


def restart(
    *families: wire.Family, forwarding: bool = True, notification: bool = False, time: int = 90
) -> wire.GracefulRestart:
    return wire.GracefulRestart(
        time, restarting=False, notification=notification, families=tuple((f, forwarding) for f in families)
    )


def long_lived(
    *families: wire.Family, forwarding: bool = True, time: int = 600
) -> wire.LongLivedGracefulRestart:
    return wire.LongLivedGracefulRestart(tuple((family, forwarding, time) for family in families))


def up(*capabilities: wire.Capability, **changes: object) -> Rig:
    """Return an Established session whose peer has both families and these capabilities."""
    opened = peer_open(wire.Multiprotocol(V6), *capabilities)
    return rig_in(State.ESTABLISHED, opened=opened, families=BOTH, hold_time=0, **changes)


def lose(rig: Rig) -> fsm.Down:
    (down,) = rig.tell(fsm.Disconnected(1, "reset")).of(fsm.Down)
    return down


def come_back(rig: Rig, *capabilities: wire.Capability, number: int = 50) -> Rig:
    """Let the peer return with these capabilities; `last` is what was answered from its OPEN on."""
    if rig.state is State.IDLE:
        rig.wait(rig.session.deadline - rig.now if rig.session.deadline is not None else 0)
    opened = peer_open(wire.Multiprotocol(V6), *capabilities)
    rig.tell(fsm.Incoming(number)).tell(fsm.OpenReceived(number, opened))
    return rig.tell(fsm.KeepaliveReceived(number))


def ends(rig: Rig) -> dict[wire.Family, RetainEnd]:
    return {action.family: action.reason for action in rig.of(fsm.RetainExpired)}


# --- what is kept -----------------------------------------------------------------------------------------


def test_lost_connection_keeps_the_families_the_peer_named() -> None:
    down = lose(up(restart(V4)))
    assert (down.reason, down.retain, down.retain_for) == (DownReason.CONNECTION_LOST, {V4}, 90.0)


def test_without_graceful_restart_nothing_is_kept() -> None:
    assert lose(up()).retain == frozenset()
    assert lose(up(restart(V4), graceful_restart_time=None)).retain == frozenset()
    assert lose(up(restart())).retain == frozenset()


ENDINGS: list[tuple[fsm.Event, bool]] = [
    (fsm.NotificationReceived(1, wire.Notification(6, 4)), True),
    (fsm.NotificationReceived(1, wire.Notification(6, 9, b"\6\2")), False),
    (fsm.MessageError(1, wire.NotificationError(3, 1)), True),
    (fsm.OpenReceived(1, PEER_OPEN), True),
    (fsm.AutomaticStop(4), True),
    (fsm.AutomaticStop(1), False),
    (fsm.ManualStop(), False),
]


@pytest.mark.parametrize(("event", "kept"), ENDINGS)
@pytest.mark.parametrize("agreed", [True, False])
def test_notification_keeps_paths_when_both_sides_agreed_to(
    event: fsm.Event, kept: bool, agreed: bool
) -> None:
    rig = up(restart(V4, notification=agreed)).tell(event)
    (down,) = rig.of(fsm.Down)
    assert down.retain == ({V4} if kept and agreed else set())
    assert down.retain_for == (90.0 if kept and agreed else 0.0)


@pytest.mark.parametrize("agreed", [True, False])
def test_expired_hold_timer_counts_as_a_notification(agreed: bool) -> None:
    opened = peer_open(restart(V4, notification=agreed))
    rig = rig_in(State.ESTABLISHED, opened=opened, hold_time=9).wait(9)
    assert [down.retain for down in rig.of(fsm.Down)] == [{V4} if agreed else set()]


@pytest.mark.parametrize("subcode", [1, 2, 3])
def test_stop_that_must_not_keep_our_routes_is_a_hard_reset(subcode: int) -> None:
    rig = up(restart(V4, notification=True)).tell(fsm.ManualStop("bye" if subcode == 2 else "", subcode))
    inner = bytes([6, subcode]) + (b"\3bye" if subcode == 2 else b"")
    assert rig.notification() == wire.Notification(6, 9, inner)


def test_data_of_the_cease_travels_inside_the_hard_reset() -> None:
    limit = bytes.fromhex("000101 00000005")  # RFC 4486, section 4
    rig = up(restart(V4, notification=True)).tell(fsm.AutomaticStop(1, data=limit))
    assert rig.notification() == wire.Notification(6, 9, b"\6\1" + limit)


def test_reset_is_not_a_hard_one() -> None:
    rig = up(restart(V4, notification=True)).tell(fsm.AutomaticStop(4, restart_after=0))
    assert rig.notification() == wire.Notification(6, 4)


# --- how long it is kept ----------------------------------------------------------------------------------


def test_peer_that_does_not_return_in_time_loses_its_paths() -> None:
    rig = up(restart(V4, V6), passive=True)
    lose(rig)
    assert ends(rig.wait(89.9)) == {}
    assert ends(rig.wait(0.2)) == {V4: RetainEnd.RESTART_TIME, V6: RetainEnd.RESTART_TIME}


def test_returned_peer_replaces_its_paths_until_end_of_rib() -> None:
    rig = up(restart(V4, V6))
    lose(rig)
    come_back(rig, restart(V4, V6))
    assert ends(rig) == {}
    rig.tell(fsm.EndOfRibReceived(50, V4))
    assert ends(rig) == {V4: RetainEnd.END_OF_RIB}
    assert ends(rig.tell(fsm.EndOfRibReceived(50, V4))) == {}
    assert ends(rig.wait(240)) == {V6: RetainEnd.NO_END_OF_RIB}


def test_end_of_rib_of_a_session_that_kept_nothing_means_nothing() -> None:
    assert up(restart(V4)).tell(fsm.EndOfRibReceived(1, V4)).last == []


@pytest.mark.parametrize(
    "capabilities",
    [(), (restart(V6),), (restart(V4, V6, forwarding=False),), (restart(),)],
    ids=["no capability", "another family", "no F bit", "no family"],
)
def test_peer_that_returns_without_its_forwarding_state(capabilities: tuple[wire.Capability, ...]) -> None:
    rig = up(restart(V4))
    lose(rig)
    come_back(rig, *capabilities)
    assert ends(rig) == {V4: RetainEnd.NOT_FORWARDING}
    kinds = [type(action) for action in rig.last]
    assert kinds.index(fsm.Up) < kinds.index(fsm.RetainExpired)


def test_second_fall_before_end_of_rib_ends_what_was_stale() -> None:
    rig = up(restart(V4))
    lose(rig)
    come_back(rig, restart(V4))
    rig.tell(fsm.Disconnected(50, "reset"))
    kinds = [type(action) for action in rig.last]
    assert ends(rig) == {V4: RetainEnd.RESTARTED_AGAIN}
    assert kinds.index(fsm.RetainExpired) < kinds.index(fsm.Down)
    assert rig.of(fsm.Down)[0].retain == {V4}


def test_failed_attempts_do_not_extend_the_restart_time() -> None:
    rig = up(restart(V4))
    lose(rig)
    rig.wait(60)
    assert rig.of(fsm.RetainExpired) == []
    rig.tell(fsm.ConnectionFailed(None, "refused")).wait(31)
    assert ends(rig) == {V4: RetainEnd.RESTART_TIME}


def test_operator_stops_the_waiting() -> None:
    rig = up(restart(V4))
    lose(rig)
    assert ends(rig.tell(fsm.ManualStop())) == {V4: RetainEnd.STOPPED}
    assert rig.session.deadline is None


# --- the peer restarted and its old connection is still up -------------------------------------------------


def test_new_connection_of_a_restarted_peer_replaces_the_established_one() -> None:
    rig = up(restart(V4)).tell(fsm.Incoming(2))
    assert rig.state is State.ESTABLISHED
    rig.tell(fsm.OpenReceived(2, peer_open(wire.Multiprotocol(V6), restart(V4))))
    assert rig.of(fsm.Close) == [fsm.Close(1, hard=True)]
    (down,) = rig.of(fsm.Down)
    assert (down.reason, down.retain) == (DownReason.PEER_RESTARTED, {V4})
    assert [action.connection for action in rig.of(fsm.Send)] == [2]
    assert rig.state is State.OPEN_CONFIRM
    assert rig.tell(fsm.KeepaliveReceived(2)).of(fsm.Up)


def test_restarted_peer_in_the_wrong_as_does_not_replace_anything() -> None:
    rig = up(restart(V4)).tell(fsm.Incoming(2)).tell(fsm.OpenReceived(2, peer_open(my_as=1)))
    assert rig.of(fsm.Close) == [fsm.Close(2)]
    assert rig.state is State.ESTABLISHED


# --- long-lived -------------------------------------------------------------------------------------------


def test_long_lived_stale_time_follows_the_restart_time() -> None:
    rig = up(restart(V4, V6), long_lived(V4), long_lived_stale_time=600, passive=True)
    lose(rig)
    rig.wait(90)
    assert ends(rig) == {V6: RetainEnd.RESTART_TIME}
    assert rig.of(fsm.LongLivedStale) == [fsm.LongLivedStale(V4, 600)]
    assert ends(rig.wait(599)) == {}
    assert ends(rig.wait(1)) == {V4: RetainEnd.STALE_TIME}
    assert rig.session.deadline is None


def test_family_with_the_long_lived_kind_alone_starts_it_at_once() -> None:
    rig = up(restart(), long_lived(V4), long_lived_stale_time=600, passive=True)
    assert lose(rig).retain == {V4}
    assert rig.wait(0.0).of(fsm.LongLivedStale) == [fsm.LongLivedStale(V4, 600)]


def test_return_neither_stops_nor_extends_the_long_lived_stale_time() -> None:
    rig = up(restart(V4, time=10), long_lived(V4, time=100), long_lived_stale_time=100, passive=True)
    lose(rig)
    rig.wait(60)
    come_back(rig, restart(V4), long_lived(V4))
    assert ends(rig) == {}
    assert ends(rig.wait(49)) == {}
    assert ends(rig.wait(1)) == {V4: RetainEnd.STALE_TIME}


def test_fall_within_the_long_lived_stale_time_marks_the_new_paths_too() -> None:
    rig = up(restart(V4, time=10), long_lived(V4, time=100), long_lived_stale_time=100, passive=True)
    lose(rig)
    rig.wait(60)
    come_back(rig, restart(V4), long_lived(V4))
    rig.tell(fsm.Disconnected(50, "reset"))
    assert ends(rig) == {}
    assert rig.of(fsm.LongLivedStale) == [fsm.LongLivedStale(V4, 50.0)]
    kinds = [type(action) for action in rig.last]
    assert kinds.index(fsm.Down) < kinds.index(fsm.LongLivedStale)


# --- two of ours ------------------------------------------------------------------------------------------


def test_broken_links_lose_no_paths_between_two_of_ours() -> None:
    pair = SessionPair(
        parameters(), parameters(local_as=64513, peer_as=64512, bgp_identifier=b"\x0a\0\0\2", passive=True)
    )
    pair.start()
    pair.run(5)
    pair.break_links()
    pair.run(5)
    for end in (pair.left, pair.right):
        assert end.session.state is State.ESTABLISHED
        assert [down.retain for down in end.of(fsm.Down)] == [{V4}]
        assert end.of(fsm.RetainExpired) == []


def test_reset_by_the_operator_loses_no_paths_between_two_of_ours() -> None:
    pair = SessionPair(parameters(), parameters(local_as=64513, peer_as=64512, bgp_identifier=b"\x0a\0\0\2"))
    pair.start()
    pair.run(5)
    pair.tell(pair.left, fsm.AutomaticStop(4, restart_after=0))
    pair.run(10)
    for end in (pair.left, pair.right):
        assert end.session.state is State.ESTABLISHED
        assert [down.retain for down in end.of(fsm.Down)] == [{V4}]
        assert end.of(fsm.RetainExpired) == []
