"""What a change of parameters does to a running session."""

from dataclasses import fields, replace

import pytest

import fsm
import wire
from fsm import DownReason, State
from fsm.reconfiguration import EFFECTS, Effect, effect_of
from tests.fsm.rig import PEER_OPEN, Rig, peer_open, rig_in
from tests.support.session_pair import parameters

V4, V6 = wire.Family.IPV4_UNICAST, wire.Family.IPV6_UNICAST
RESTART = wire.GracefulRestart(90, notification=True, families=((V4, True),))

CHANGES: dict[str, object] = {
    "local_as": 65000,
    "peer_as": 65000,
    "bgp_identifier": bytes([9, 9, 9, 9]),
    "families": frozenset({V4, V6}),
    "required_families": frozenset({V4}),
    "passive": True,
    "connect_delay": 1.5,
    "connect_retry_time": 7.0,
    "delay_open_time": 2.0,
    "idle_hold_time": 2.0,
    "idle_hold_limit": 60.0,
    "stable_time": 10.0,
    "hold_time": 30,
    "keepalive_time": 5,
    "open_wait": 60.0,
    "send_hold_time": 60.0,
    "graceful_restart_time": 60,
    "restarting": True,
    "forwarding_preserved": frozenset({V4}),
    "long_lived_stale_time": 100,
    "end_of_rib_time": 60.0,
    "add_path_receive": frozenset({V4}),
    "add_path_send": frozenset({V4}),
    "extended_message": False,
    "extended_next_hop": frozenset({V4}),
    "role": 3,
    "role_strict": True,
    "host_name": "n2",
}


def change(rig: Rig, **changes: object) -> Rig:
    changed = replace(rig.session.parameters, **changes)  # type: ignore[arg-type]
    rig.last = rig.session.reconfigure(changed, rig.now)
    rig.log += rig.last
    return rig


def test_every_parameter_has_its_effect() -> None:
    names = {field.name for field in fields(fsm.SessionParameters)}
    assert set(EFFECTS) == names == set(CHANGES)


@pytest.mark.parametrize("name", CHANGES)
def test_session_survives_what_needs_no_new_open(name: str) -> None:
    rig = change(rig_in(State.ESTABLISHED), **{name: CHANGES[name]})
    if EFFECTS[name] < Effect.RESET:
        assert rig.state is State.ESTABLISHED
        assert rig.of(fsm.Close) == []
    else:
        assert rig.notification() == wire.Notification(6, 6)
        assert [down.reason for down in rig.of(fsm.Down)] == [DownReason.RECONFIGURED]
        assert rig.session.deadline == rig.now  # and it begins anew at once
    assert getattr(rig.session.parameters, name) == CHANGES[name]


def test_nothing_changed_nothing_done() -> None:
    rig = change(rig_in(State.ESTABLISHED))
    assert rig.last == []
    assert effect_of(parameters(), parameters()) is Effect.NONE


def test_furthest_effect_counts() -> None:
    assert effect_of(parameters(), parameters(passive=True, local_as=1, role=1)) is Effect.RESET


@pytest.mark.parametrize("name", ["hold_time", "peer_as", "local_as"])
def test_paths_outlive_a_reset(name: str) -> None:
    rig = change(rig_in(State.ESTABLISHED, opened=peer_open(RESTART)), **{name: CHANGES[name]})
    assert [down.retain for down in rig.of(fsm.Down)] == [{V4}]


def test_stale_paths_wait_for_the_peer_in_another_as() -> None:
    rig = rig_in(State.ESTABLISHED, opened=peer_open(RESTART)).tell(fsm.Disconnected(1, "reset"))
    assert change(rig, peer_as=65000).of(fsm.RetainExpired) == []
    assert rig.session.retained == {V4}


def test_correction_ends_the_wait_after_an_error() -> None:
    rig = rig_in(State.OPEN_SENT).tell(fsm.OpenReceived(1, peer_open(my_as=65000)))
    assert change(rig, peer_as=65000).session.deadline == rig.now
    assert rig.wait(0.0).of(fsm.Connect)


def test_stopped_session_stays_stopped() -> None:
    rig = change(rig_in(State.IDLE), peer_as=65000)
    assert rig.last == []
    assert rig.session.deadline is None


@pytest.mark.parametrize("state", [State.CONNECT, State.ACTIVE, State.OPEN_SENT, State.OPEN_CONFIRM])
def test_reset_while_opening(state: State) -> None:
    rig = change(rig_in(state), hold_time=30)
    assert rig.state is State.IDLE
    assert rig.of(fsm.Down) == []
    assert rig.wait(0.0).of(fsm.Connect)


def test_session_made_passive_stops_connecting() -> None:
    rig = change(rig_in(State.CONNECT), passive=True)
    assert rig.last == [fsm.CancelConnect(), fsm.StateChanged(State.CONNECT, State.ACTIVE)]
    assert rig.session.deadline is None
    assert change(rig, passive=False).wait(5.0).of(fsm.Connect)


def test_new_keepalive_time_is_in_force_at_once() -> None:
    rig = change(rig_in(State.ESTABLISHED), keepalive_time=5)
    assert rig.sent() == [(wire.MessageType.KEEPALIVE, b"")]
    assert rig.session.deadline == rig.now + 5
    assert rig.session.negotiated is not None
    assert rig.session.negotiated.keepalive_time == 5
    assert change(rig, keepalive_time=5).last == []


def test_new_keepalive_time_while_opening() -> None:
    rig = change(rig_in(State.OPEN_CONFIRM), keepalive_time=5).tell(fsm.KeepaliveReceived(1))
    assert rig.session.negotiated is not None
    assert rig.session.negotiated.keepalive_time == 5


def test_next_open_tells_what_changed_meanwhile() -> None:
    rig = change(rig_in(State.ESTABLISHED), host_name="n2").tell(fsm.Disconnected(1, "reset")).wait(0.0)
    (message,) = rig.tell(fsm.Connected(2)).sent()
    assert wire.Fqdn("n2") in wire.decode_open(message[1]).capabilities
    assert rig.tell(fsm.OpenReceived(2, PEER_OPEN)).state is State.OPEN_CONFIRM
