"""Hold, keepalive and send hold timers; what time does to a session."""

import pytest

import fsm
import wire
from fsm import DownReason, State
from fsm.timers import Timer, Timers, jittered
from tests.fsm.rig import PEER_OPEN, Rig, peer_open, rig_in
from tests.support.session_pair import SessionPair, parameters

KEEPALIVE = (wire.MessageType.KEEPALIVE, b"")


def test_due_timers_come_in_order_and_once() -> None:
    timers = Timers()
    timers.start(Timer.HOLD, 3.0)
    timers.start(Timer.KEEPALIVE, 2.0)
    timers.start(Timer.DELAY_OPEN, 9.0)
    assert min(timers.deadlines) == 2.0
    assert timers.take_due(1.0) == []
    assert timers.take_due(5.0) == [Timer.KEEPALIVE, Timer.HOLD]
    assert timers.take_due(5.0) == []
    timers.stop(Timer.DELAY_OPEN)
    timers.stop(Timer.DELAY_OPEN)
    assert not timers.deadlines


@pytest.mark.parametrize(("luck", "factor"), [(0.0, 0.75), (0.5, 0.875), (1.0, 1.0)])
def test_jitter_shortens_by_up_to_a_quarter(luck: float, factor: float) -> None:
    assert jittered(100, lambda: luck) == 100 * factor


def test_deadline_without_timers_is_none() -> None:
    assert rig_in(State.IDLE).session.deadline is None


def test_timer_that_fires_early_does_nothing() -> None:
    assert rig_in(State.ESTABLISHED).tell(fsm.TimerExpired()).last == []


def test_silent_connection_is_told_after_the_open_wait() -> None:
    rig = rig_in(State.ACTIVE, passive=True, open_wait=240).tell(fsm.Incoming(2))
    assert rig.wait(239).last == []
    rig.wait(1)
    assert rig.notification() == wire.Notification(4)
    assert rig.of(fsm.Close) == [fsm.Close(2)]
    assert rig.state is State.IDLE
    assert rig.session.last_error is not None
    assert rig.session.last_error.text == "Hold Timer Expired (no OPEN came)"


def test_hold_timer_runs_from_the_last_sign_of_life() -> None:
    rig = rig_in(State.ESTABLISHED, hold_time=9)
    family = wire.Family.IPV4_UNICAST
    for sign in (
        fsm.KeepaliveReceived(1),
        fsm.UpdateReceived(1),
        fsm.RouteRefreshReceived(1, wire.RouteRefresh(family)),
    ):
        rig.wait(8.5)
        assert rig.state is State.ESTABLISHED
        rig.tell(sign)
    rig.wait(9)
    assert rig.notification() == wire.Notification(4)
    (down,) = rig.of(fsm.Down)
    assert (down.reason, down.retain) == (DownReason.HOLD_TIMER, frozenset())
    assert rig.session.flaps == 1


def test_hold_timer_runs_in_open_confirm() -> None:
    rig = rig_in(State.OPEN_CONFIRM, hold_time=9).wait(9)
    assert rig.notification() == wire.Notification(4)


def test_keepalives_come_at_a_third_of_the_hold_time() -> None:
    rig = rig_in(State.ESTABLISHED, hold_time=9)
    times = []
    for _ in range(4):
        deadline = rig.session.deadline
        assert deadline is not None
        rig.wait(deadline - rig.now).tell(fsm.KeepaliveReceived(1))
        times.append(rig.now)
    assert times == [5003.0, 5006.0, 5009.0, 5012.0]
    assert rig.sent(ever=True).count(KEEPALIVE) == 5


def test_keepalive_is_never_sent_more_than_once_a_second() -> None:
    rig = (
        Rig(random=lambda: 0.0, connect_delay=0.0, hold_time=3).tell(fsm.ManualStart()).tell(fsm.Connected(1))
    )
    rig.tell(fsm.OpenReceived(1, PEER_OPEN)).tell(fsm.KeepaliveReceived(1))
    assert rig.session.deadline == rig.now + 1.0


def test_configured_keepalive_time() -> None:
    rig = rig_in(State.ESTABLISHED, keepalive_time=10)
    assert rig.session.deadline == rig.now + 10


def test_hold_time_zero_means_no_timers() -> None:
    rig = rig_in(State.ESTABLISHED, hold_time=0)
    assert rig.session.deadline is None
    rig.tell(fsm.KeepaliveReceived(1)).tell(fsm.SendBlocked(1))
    assert rig.session.deadline is None
    assert rig.wait(1e6).state is State.ESTABLISHED


def test_hold_time_zero_does_not_let_an_unfinished_opening_stay() -> None:
    assert rig_in(State.OPEN_CONFIRM, hold_time=0, open_wait=240).wait(240).state is State.IDLE


@pytest.mark.parametrize(("hold_time", "patience"), [(90, 480), (240, 480), (300, 600)])
def test_send_hold_timer(hold_time: int, patience: float) -> None:
    rig = rig_in(State.ESTABLISHED, hold_time=hold_time, opened=peer_open(hold_time=hold_time))
    rig.tell(fsm.SendBlocked(1))
    blocked = rig.now
    while rig.state is State.ESTABLISHED:
        rig.tell(fsm.KeepaliveReceived(1)).wait(1)
    assert rig.now == blocked + patience
    assert rig.of(fsm.Close) == [fsm.Close(1, hard=True)]
    assert rig.session.last_error == fsm.SessionError(8, 0, "Send Hold Timer Expired", fsm.Direction.LOCAL)
    assert [down.reason for down in rig.of(fsm.Down)] == [DownReason.SEND_HOLD_TIMER]


def test_peer_that_reads_again_is_forgiven() -> None:
    rig = rig_in(State.ESTABLISHED, hold_time=90, send_hold_time=20).tell(fsm.SendBlocked(1)).wait(15)
    rig.tell(fsm.SendResumed(1)).wait(10)
    assert rig.state is State.ESTABLISHED
    rig.tell(fsm.SendBlocked(1)).wait(15).tell(fsm.SendBlocked(1)).wait(5)
    assert rig.state is State.IDLE


def test_sessions_stay_up_for_days_on_keepalives_alone() -> None:
    luck = iter(range(10**9))
    pair = SessionPair(
        parameters(hold_time=9),
        parameters(local_as=64513, peer_as=64512, bgp_identifier=b"\x0a\0\0\2", passive=True),
        random=lambda: (next(luck) * 37 % 101) / 100,
    )
    pair.start()
    pair.run(3600)
    assert pair.left.session.state is State.ESTABLISHED
    assert pair.left.session.flaps == pair.right.session.flaps == 0


def test_silent_network_is_noticed_by_both_and_overcome() -> None:
    pair = SessionPair(
        parameters(hold_time=9),
        parameters(local_as=64513, peer_as=64512, bgp_identifier=b"\x0a\0\0\2", passive=True),
    )
    pair.start()
    pair.run(5)
    pair.cut = True
    pair.run(9)
    assert State.ESTABLISHED not in (pair.left.session.state, pair.right.session.state)
    pair.cut = False
    pair.run(30)
    assert pair.left.session.state is pair.right.session.state is State.ESTABLISHED
    assert [down.reason for down in pair.left.of(fsm.Down)] == [DownReason.HOLD_TIMER]
