"""Failures in a row make a session wait longer (DampPeerOscillations)."""

import fsm
import wire
from fsm import State
from fsm.backoff import Backoff
from tests.fsm.rig import PEER_OPEN, peer_open, rig_in
from tests.support.session_pair import parameters


def holds(backoff: Backoff, times: int, *, up_for: float = 0.0, blameless: bool = False) -> list[float]:
    configured = parameters(idle_hold_time=1.0, idle_hold_limit=30.0, stable_time=300.0)
    return [backoff.failed(configured, up_for=up_for, blameless=blameless) for _ in range(times)]


def test_doubles_up_to_the_limit() -> None:
    assert holds(Backoff(), 7) == [1, 2, 4, 8, 16, 30, 30]


def test_blameless_failure_is_free_the_first_time() -> None:
    assert holds(Backoff(), 4, blameless=True) == [0, 1, 2, 4]


def test_stable_session_starts_afresh() -> None:
    backoff = Backoff()
    holds(backoff, 5)
    assert holds(backoff, 1, up_for=299.0) == [30]
    assert holds(backoff, 1, up_for=300.0) == [1]


def test_never_overflows() -> None:
    backoff = Backoff()
    assert holds(backoff, 5000)[-1] == 30


def test_session_waits_longer_after_each_bad_open() -> None:
    rig = rig_in(State.OPEN_SENT)
    waits = []
    for number in range(1, 8):
        rig.tell(fsm.OpenReceived(number, peer_open(my_as=65000)))
        assert rig.state is State.IDLE
        assert rig.session.deadline is not None
        waits.append(rig.session.deadline - rig.now)
        rig.wait(waits[-1])
        assert rig.of(fsm.Connect)
        rig.tell(fsm.Connected(number + 1))
    assert waits == [1, 2, 4, 8, 16, 30, 30]


def test_idle_hold_refuses_the_peer() -> None:
    rig = (
        rig_in(State.OPEN_SENT).tell(fsm.MessageError(1, wire.NotificationError(1, 1))).tell(fsm.Incoming(2))
    )
    assert rig.notification() == wire.Notification(6, 5)
    assert rig.state is State.IDLE


def test_operator_ends_the_wait() -> None:
    rig = rig_in(State.OPEN_SENT).tell(fsm.MessageError(1, wire.NotificationError(1, 1)))
    assert rig.tell(fsm.ManualStart()).of(fsm.Connect)
    rig.tell(fsm.Connected(2)).tell(fsm.MessageError(2, wire.NotificationError(1, 1)))
    assert rig.session.deadline == rig.now + 1.0  # and forgives what was before


def test_system_ends_the_wait_too() -> None:
    rig = rig_in(State.OPEN_SENT).tell(fsm.MessageError(1, wire.NotificationError(1, 1)))
    assert rig.tell(fsm.AutomaticStart()).of(fsm.Connect)


def test_lost_connection_comes_back_at_once_but_not_twice() -> None:
    rig = rig_in(State.ESTABLISHED).tell(fsm.Disconnected(1, "reset"))
    assert rig.session.deadline == rig.now
    rig.wait(0.0).tell(fsm.Connected(2)).tell(fsm.OpenReceived(2, PEER_OPEN)).tell(fsm.KeepaliveReceived(2))
    rig.tell(fsm.Disconnected(2, "reset"))
    assert rig.session.deadline == rig.now + 1.0
    assert rig.session.flaps == 2
