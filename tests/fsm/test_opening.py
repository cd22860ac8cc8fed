"""From Idle to Established: starting, connecting, waiting for the peer."""

import pytest

import fsm
import wire
from fsm import State
from tests.fsm.rig import PEER_OPEN, Rig, rig_in
from tests.support.session_pair import SessionPair, parameters


def test_active_session_walks_through_all_states() -> None:
    rig = Rig(connect_delay=0.5).tell(fsm.ManualStart())
    assert rig.last == [fsm.StateChanged(State.IDLE, State.ACTIVE)]
    assert rig.wait(0.5).last == [fsm.Connect(), fsm.StateChanged(State.ACTIVE, State.CONNECT)]
    rig.tell(fsm.Connected(7))
    ((kind, body),) = rig.sent()
    assert kind == wire.MessageType.OPEN
    assert wire.decode_open(body).my_as == 64512
    assert rig.state is State.OPEN_SENT
    rig.tell(fsm.OpenReceived(7, PEER_OPEN))
    assert rig.sent() == [(wire.MessageType.KEEPALIVE, b"")]
    assert rig.state is State.OPEN_CONFIRM
    assert rig.session.negotiated is None
    rig.tell(fsm.KeepaliveReceived(7))
    up, changed = rig.last
    assert isinstance(up, fsm.Up)
    assert up == fsm.Up(7, up.negotiated)
    assert changed == fsm.StateChanged(State.OPEN_CONFIRM, State.ESTABLISHED)
    assert rig.session.established_at == rig.now
    assert rig.session.negotiated is up.negotiated


def test_start_without_delay_connects_at_once() -> None:
    assert fsm.Connect() in Rig(connect_delay=0.0).tell(fsm.ManualStart()).last


def test_passive_session_never_connects() -> None:
    rig = Rig(passive=True).tell(fsm.ManualStart())
    assert rig.state is State.ACTIVE
    assert rig.session.deadline is None
    rig.wait(3600)
    assert rig.of(fsm.Connect, ever=True) == []
    assert rig.tell(fsm.Incoming(1)).state is State.OPEN_SENT


def test_session_not_started_refuses_its_peer() -> None:
    rig = Rig().tell(fsm.Incoming(4))
    assert rig.notification() == wire.Notification(6, 5)
    assert rig.last[-1] == fsm.Close(4)
    assert rig.state is State.IDLE
    assert rig.session.stopped


def test_automatic_start_does_not_override_the_operator() -> None:
    rig = rig_in(State.ESTABLISHED).tell(fsm.ManualStop()).tell(fsm.AutomaticStart())
    assert rig.last == []
    assert rig.state is State.IDLE


def test_failed_attempt_is_repeated_after_the_connect_retry_time() -> None:
    rig = rig_in(State.CONNECT, connect_retry_time=5.0).tell(fsm.ConnectionFailed(None, "no route to host"))
    assert rig.state is State.ACTIVE
    assert rig.session.last_error == fsm.SessionError(0, 0, "no route to host", fsm.Direction.LOCAL)
    assert rig.wait(4.9).last == []
    assert fsm.Connect() in rig.wait(0.2).last


def test_attempt_that_hangs_is_replaced() -> None:
    rig = rig_in(State.CONNECT, connect_retry_time=5.0).wait(5.0)
    assert rig.last == [fsm.Connect()]
    assert rig.state is State.CONNECT


@pytest.mark.parametrize(("luck", "after"), [(0.0, 3.75), (0.5, 4.375), (1.0, 5.0)])
def test_connect_retry_timer_has_jitter(luck: float, after: float) -> None:
    rig = Rig(random=lambda: luck, connect_delay=0.0, connect_retry_time=5.0).tell(fsm.ManualStart())
    assert rig.session.deadline == rig.now + after


def test_success_of_an_attempt_that_was_cancelled_is_closed() -> None:
    rig = rig_in(State.CONNECT).tell(fsm.ManualStop())
    assert rig.of(fsm.CancelConnect)
    assert rig.tell(fsm.Connected(9)).last == [fsm.Close(9)]
    assert rig.tell(fsm.ConnectionFailed(None, "late")).last == []


def test_number_that_is_in_use_is_not_taken_twice() -> None:
    assert rig_in(State.OPEN_SENT).tell(fsm.Incoming(1)).last == []


def test_incoming_connection_does_not_end_our_own_attempt_until_its_open_is_here() -> None:
    rig = rig_in(State.CONNECT).tell(fsm.Incoming(2))
    assert rig.state is State.OPEN_SENT
    assert not rig.of(fsm.CancelConnect)
    rig.tell(fsm.OpenReceived(2, PEER_OPEN))
    assert rig.of(fsm.CancelConnect)
    assert rig.state is State.OPEN_CONFIRM


def test_silent_incoming_connection_does_not_keep_us_from_connecting() -> None:
    rig = rig_in(State.ACTIVE).tell(fsm.Incoming(2))
    assert fsm.Connect() in rig.wait(5.0).last


def test_later_incoming_connection_replaces_a_silent_one() -> None:
    rig = rig_in(State.ACTIVE, passive=True).tell(fsm.Incoming(2)).tell(fsm.Incoming(3))
    assert rig.notification() == wire.Notification(6, 7)
    assert rig.of(fsm.Close) == [fsm.Close(2)]
    assert rig.tell(fsm.OpenReceived(3, PEER_OPEN)).state is State.OPEN_CONFIRM


def test_third_connection_is_rejected() -> None:
    rig = rig_in(State.OPEN_SENT)  # ours is 1
    rig.tell(fsm.Incoming(2)).tell(fsm.OpenReceived(2, PEER_OPEN)).tell(fsm.Incoming(3))
    assert rig.notification() == wire.Notification(6, 5)
    assert rig.of(fsm.Close) == [fsm.Close(3)]
    assert rig.state is State.OPEN_CONFIRM


def test_refused_by_a_peer_that_is_not_ready_we_listen_on() -> None:
    rig = rig_in(State.OPEN_SENT).tell(fsm.NotificationReceived(1, wire.Notification(6, 5)))
    assert rig.state is State.ACTIVE
    assert rig.tell(fsm.Incoming(2)).state is State.OPEN_SENT


def test_delayed_open_is_sent_when_the_timer_expires() -> None:
    rig = Rig(connect_delay=0.0, delay_open_time=3.0).tell(fsm.ManualStart()).tell(fsm.Connected(1))
    assert rig.sent() == []
    assert rig.state is State.CONNECT
    assert [kind for kind, _ in rig.wait(3.0).sent()] == [wire.MessageType.OPEN]
    assert rig.state is State.OPEN_SENT


def test_delayed_open_is_sent_when_the_peer_spoke_first() -> None:
    rig = Rig(passive=True, delay_open_time=3.0).tell(fsm.ManualStart()).tell(fsm.Incoming(1))
    rig.tell(fsm.OpenReceived(1, PEER_OPEN))
    assert [kind for kind, _ in rig.sent()] == [wire.MessageType.OPEN, wire.MessageType.KEEPALIVE]
    assert rig.state is State.OPEN_CONFIRM
    rig.wait(3.0)
    assert rig.state is State.OPEN_CONFIRM


@pytest.mark.parametrize("passive", ["left", "right", "neither"])
def test_two_sessions_find_each_other(passive: str) -> None:
    pair = SessionPair(
        parameters(passive=passive == "left"),
        parameters(local_as=64513, peer_as=64512, bgp_identifier=b"\x0a\0\0\2", passive=passive == "right"),
    )
    pair.start()
    pair.run(30)
    assert pair.left.session.state is pair.right.session.state is State.ESTABLISHED
    assert pair.left.session.negotiated is not None
    assert pair.left.session.negotiated.peer_as == 64513
    assert len(pair.left.open) == len(pair.right.open) == 1


def test_two_passive_sessions_wait_for_ever() -> None:
    pair = SessionPair(parameters(passive=True), parameters(local_as=64513, peer_as=64512, passive=True))
    pair.start()
    pair.run(3600)
    assert pair.left.session.state is pair.right.session.state is State.ACTIVE
