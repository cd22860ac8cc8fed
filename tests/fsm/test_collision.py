"""Two connections to one peer: one lives, and both ends agree which (RFC 4271, section 6.8)."""

import random

import pytest

import fsm
import wire
from fsm import State
from fsm.collision import Contender, Speaker, newcomer_wins
from tests.fsm.rig import PEER_OPEN, Rig, peer_open, rig_in
from tests.support.session_pair import SessionPair, parameters

LOW, HIGH = Speaker(bytes([10, 0, 0, 1]), 64512), Speaker(bytes([10, 0, 0, 2]), 64512)
HIGHER_AS = Speaker(bytes([10, 0, 0, 1]), 64513)
RESTART = wire.GracefulRestart(90, families=((wire.Family.IPV4_UNICAST, True),))


@pytest.mark.parametrize(
    ("local", "peer", "ours_lives"),
    [(LOW, HIGH, False), (HIGH, LOW, True), (LOW, HIGHER_AS, False), (HIGHER_AS, LOW, True)],
    ids=["lower", "higher", "same identifier, lower AS", "same identifier, higher AS"],
)
@pytest.mark.parametrize("newcomer_incoming", [True, False])
def test_connection_of_the_higher_speaker_lives(
    local: Speaker, peer: Speaker, ours_lives: bool, newcomer_incoming: bool
) -> None:
    newcomer, settled = Contender(newcomer_incoming), Contender(not newcomer_incoming)
    wins = newcomer_wins(newcomer, settled, local=local, peer=peer, graceful_restart=False)
    assert wins is (newcomer_incoming is not ours_lives)


def test_later_of_two_connections_from_one_side_lives() -> None:
    assert newcomer_wins(Contender(True), Contender(True), local=HIGH, peer=LOW, graceful_restart=False)


@pytest.mark.parametrize(
    ("incoming", "after", "graceful_restart", "wins"),
    [
        (True, True, True, True),
        (True, True, False, False),
        (True, False, True, False),
        (False, True, True, False),
    ],
)
def test_established_connection_yields_to_a_restarted_peer_only(
    incoming: bool, after: bool, graceful_restart: bool, wins: bool
) -> None:
    newcomer = Contender(incoming, after_establishment=after)
    settled = Contender(True, established=True)
    result = newcomer_wins(newcomer, settled, local=LOW, peer=HIGH, graceful_restart=graceful_restart)
    assert result is wins


def colliding(our_identifier: bytes) -> Rig:
    """Return a session with our connection 1 in OpenConfirm and the peer's connection 2 in OpenSent."""
    rig = rig_in(State.OPEN_SENT, bgp_identifier=our_identifier).tell(fsm.Incoming(2))
    return rig.tell(fsm.OpenReceived(1, PEER_OPEN))


def test_lower_side_gives_its_own_connection_up() -> None:
    rig = colliding(bytes([10, 0, 0, 1])).tell(fsm.OpenReceived(2, PEER_OPEN))
    assert rig.notification() == wire.Notification(6, 7)
    assert rig.of(fsm.Close) == [fsm.Close(1)]
    assert rig.of(fsm.Send)[-1] == fsm.Send(2, wire.encode_keepalive())
    assert rig.state is State.OPEN_CONFIRM
    assert rig.tell(fsm.KeepaliveReceived(2)).state is State.ESTABLISHED


def test_higher_side_keeps_its_own_connection() -> None:
    rig = colliding(bytes([10, 0, 0, 3])).tell(fsm.OpenReceived(2, PEER_OPEN))
    assert rig.of(fsm.Close) == [fsm.Close(2)]
    assert [action.connection for action in rig.of(fsm.Send)] == [2]
    assert rig.tell(fsm.KeepaliveReceived(1)).state is State.ESTABLISHED


def test_collision_is_no_error_and_costs_no_time() -> None:
    rig = colliding(bytes([10, 0, 0, 1])).tell(fsm.OpenReceived(2, PEER_OPEN))
    assert rig.session.last_error is None
    rig = rig_in(State.OPEN_CONFIRM).tell(fsm.NotificationReceived(1, wire.Notification(6, 7)))
    assert rig.session.deadline == rig.now


def test_survivor_goes_on_when_the_other_breaks() -> None:
    rig = rig_in(State.OPEN_SENT).tell(fsm.Incoming(2)).tell(fsm.OpenReceived(2, peer_open(my_as=1)))
    assert rig.notification().subcode == 2
    assert rig.state is State.OPEN_SENT
    rig.tell(fsm.OpenReceived(1, PEER_OPEN)).tell(fsm.KeepaliveReceived(1))
    assert rig.state is State.ESTABLISHED


@pytest.mark.parametrize("capabilities", [(), (wire.GracefulRestart(90),)], ids=["no restart", "no family"])
def test_second_connection_beside_an_established_one_is_dumped_at_its_open(
    capabilities: tuple[wire.Capability, ...],
) -> None:
    rig = rig_in(State.ESTABLISHED, opened=peer_open(*capabilities)).tell(fsm.Incoming(2))
    assert [action.connection for action in rig.of(fsm.Send)] == [2]
    assert rig.tell(fsm.OpenReceived(2, PEER_OPEN)).of(fsm.Close) == [fsm.Close(2)]
    assert rig.notification() == wire.Notification(6, 7)
    assert rig.state is State.ESTABLISHED


def test_port_probe_beside_an_established_connection_changes_nothing() -> None:
    rig = rig_in(State.ESTABLISHED, opened=peer_open(RESTART)).tell(fsm.Incoming(2))
    rig.tell(fsm.Disconnected(2, "closed"))
    assert rig.of(fsm.Down, ever=True) == []
    assert rig.state is State.ESTABLISHED


def test_garbage_beside_an_established_connection_changes_nothing() -> None:
    rig = rig_in(State.ESTABLISHED, opened=peer_open(RESTART)).tell(fsm.Incoming(2))
    rig.tell(fsm.MessageError(2, wire.NotificationError(1, 1)))
    assert rig.of(fsm.Close) == [fsm.Close(2)]
    assert rig.state is State.ESTABLISHED


@pytest.mark.parametrize(("left", "right"), [(1, 2), (2, 1)])
def test_simultaneous_open_leaves_the_connection_of_the_higher_side(left: int, right: int) -> None:
    pair = SessionPair(
        parameters(bgp_identifier=bytes([10, 0, 0, left]), connect_delay=0.0),
        parameters(local_as=64513, peer_as=64512, bgp_identifier=bytes([10, 0, 0, right]), connect_delay=0.0),
    )
    pair.start()
    pair.settle()
    assert pair.left.session.state is pair.right.session.state is State.ESTABLISHED
    assert list(pair.left.open.values()) == list(pair.right.open.values()) == [1 if left > right else 2]
    assert (6, 7) in pair.left.notifications() + pair.right.notifications()


def test_simultaneous_open_with_equal_identifiers_goes_by_as() -> None:
    pair = SessionPair(
        parameters(connect_delay=0.0), parameters(local_as=64513, peer_as=64512, connect_delay=0.0)
    )
    pair.start()
    pair.settle()
    assert list(pair.left.open.values()) == list(pair.right.open.values()) == [2]


@pytest.mark.parametrize("seed", range(60))
def test_any_order_of_arrival_ends_established(seed: int) -> None:
    dice = random.Random(seed)
    pair = SessionPair(
        parameters(connect_delay=0.0, graceful_restart_time=dice.choice([None, 120])),
        parameters(local_as=64513, peer_as=64512, bgp_identifier=bytes([10, 0, 0, 2]), connect_delay=0.0),
        random=dice.random,
        choose=dice.randrange,
    )
    pair.start()
    pair.run(60)
    assert pair.left.session.state is pair.right.session.state is State.ESTABLISHED
    assert list(pair.left.open.values()) == list(pair.right.open.values())
    assert len(pair.left.open) == 1
