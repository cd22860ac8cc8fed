"""What becomes of a BFD Control packet that arrives: RFC 5880, section 6.8.6, step by step."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsm.bfd import (
    BfdPacketError,
    BfdSession,
    BfdState,
    ControlPacket,
    Diagnostic,
    decode_control_packet,
)

UP, DOWN, INIT, ADMIN_DOWN = BfdState.UP, BfdState.DOWN, BfdState.INIT, BfdState.ADMIN_DOWN
MINE, THEIRS = 0x05060708, 0x01020304
EXAMPLE = ControlPacket(
    state=UP,
    diagnostic=Diagnostic.NEIGHBOR_SIGNALED_DOWN,
    poll=True,
    multiplier=3,
    my_discriminator=THEIRS,
    your_discriminator=MINE,
    desired_min_tx=100_000,
    required_min_rx=300_000,
)
STEADY = dataclasses.replace(EXAMPLE, poll=False, multiplier=10)
"""What a system that is Up sends when nothing happens."""


def session_in(state: BfdState, *, interval: int = 100_000) -> BfdSession:
    """Lead a session to a state, at the time 1.0."""
    session = BfdSession(discriminator=MINE, interval=interval, multiplier=3, now=1.0, random=lambda: 0.0)
    if state is ADMIN_DOWN:
        session.stop()
    for remote in {INIT: (DOWN,), UP: (DOWN, UP)}.get(state, ()):
        session.receive(dataclasses.replace(STEADY, state=remote), 1.0)
    assert session.state is state
    return session


def confirmed() -> BfdSession:
    """Give a session that is Up, and whose Poll Sequence is over."""
    session = session_in(UP)
    session.receive(dataclasses.replace(STEADY, final=True), 1.0)
    return session


def sent(packets: list[bytes]) -> list[ControlPacket]:
    return [decode_control_packet(packet) for packet in packets]


# --- what is discarded ------------------------------------------------------------------------------------


def test_a_packet_is_laid_out_as_the_rfc_has_it() -> None:
    assert EXAMPLE.encode().hex() == "23e003180102030405060708000186a0000493e000000000"
    assert decode_control_packet(EXAMPLE.encode()) == EXAMPLE


@pytest.mark.parametrize(
    ("octet", "value", "reason"),
    [
        (0, 0x40, "not version 1"),
        (3, 23, "length is wrong"),
        (3, 25, "length is wrong"),
        (2, 0, "multiplier is zero"),
        (1, 0xC1, "multipoint"),
        (1, 0xC4, "authenticated"),
    ],
)
def test_what_must_be_discarded_is(octet: int, value: int, reason: str) -> None:
    data = bytearray(EXAMPLE.encode())
    data[octet] = value
    with pytest.raises(BfdPacketError, match=reason):
        decode_control_packet(bytes(data))


def test_a_packet_with_its_authentication_section_is_discarded_for_want_of_a_key() -> None:
    data = bytearray(EXAMPLE.encode() + bytes.fromhex("0109 01") + b"secret")
    data[1] |= 0x04
    data[3] = len(data)
    with pytest.raises(BfdPacketError, match="authenticated"):
        decode_control_packet(bytes(data))


def test_octets_after_the_packet_are_none_of_ours() -> None:
    assert decode_control_packet(EXAMPLE.encode() + b"more") == EXAMPLE


def test_packets_without_my_discriminator_are_discarded() -> None:
    with pytest.raises(BfdPacketError, match="discriminator is zero"):
        decode_control_packet(dataclasses.replace(EXAMPLE, my_discriminator=0).encode())


@pytest.mark.parametrize("state", BfdState)
def test_only_who_is_down_need_not_say_whom_a_packet_is_for(state: BfdState) -> None:
    anonymous = dataclasses.replace(EXAMPLE, state=state, your_discriminator=0)
    if state in {ADMIN_DOWN, DOWN}:
        assert decode_control_packet(anonymous.encode()) == anonymous
        return
    with pytest.raises(BfdPacketError, match="whom it is for"):
        decode_control_packet(anonymous.encode())


@given(st.binary(max_size=64))
def test_any_octets_are_a_packet_or_discarded(data: bytes) -> None:
    try:
        packet = decode_control_packet(data)
    except BfdPacketError:
        return
    assert decode_control_packet(packet.encode()) == packet


def test_a_session_that_is_ended_hears_nothing() -> None:
    session = session_in(ADMIN_DOWN)
    assert session.receive(EXAMPLE, 2.0) == []
    assert (session.state, session.deadline) == (ADMIN_DOWN, None)


# --- what is taken from it --------------------------------------------------------------------------------


def test_the_discriminator_of_the_remote_system_comes_back_to_it() -> None:
    [answer] = sent(confirmed().receive(dataclasses.replace(EXAMPLE, my_discriminator=77), 2.0))
    assert (answer.my_discriminator, answer.your_discriminator) == (MINE, 77)


def test_the_discriminator_is_forgotten_with_the_silence() -> None:
    session = confirmed()
    [packet] = sent(session.expire(1.0 + session.detection_time))
    assert (packet.state, packet.your_discriminator) == (DOWN, 0)
    assert packet.diagnostic == Diagnostic.DETECTION_TIME_EXPIRED


def test_final_ends_the_poll_sequence() -> None:
    session = session_in(UP)
    [packet] = sent(session.expire(1.5))
    assert packet.poll
    session.receive(dataclasses.replace(STEADY, final=True), 1.5)
    [packet] = sent(session.expire(1.9))
    assert not packet.poll


def test_the_intervals_and_the_multiplier_of_the_remote_system_set_both_times() -> None:
    session = confirmed()
    slow = dataclasses.replace(STEADY, multiplier=5, desired_min_tx=200_000, required_min_rx=700_000)
    session.receive(slow, 2.0)
    assert session.detection_time == pytest.approx(1.0)
    session.expire(2.5)
    assert session.expire(2.99) == []
    session.receive(slow, 3.0)
    assert len(session.expire(3.2)) == 1


def test_the_time_to_detect_follows_what_we_have_told_since() -> None:
    session = confirmed()
    session.change(interval=400_000, multiplier=3, now=1.0)
    session.receive(dataclasses.replace(STEADY, final=True), 1.0)
    session.expire(4.99)
    assert session.state is UP
    session.expire(5.01)
    assert session.state is DOWN


# --- what state follows -----------------------------------------------------------------------------------

MOVES = {
    (DOWN, DOWN): INIT,
    (DOWN, INIT): UP,
    (INIT, INIT): UP,
    (INIT, UP): UP,
    (UP, DOWN): DOWN,
    (INIT, ADMIN_DOWN): DOWN,
    (UP, ADMIN_DOWN): DOWN,
}
"""RFC 5880, section 6.2; all others stay as they are."""


@pytest.mark.parametrize("remote", BfdState)
@pytest.mark.parametrize("state", BfdState)
def test_every_state_meets_every_state(state: BfdState, remote: BfdState) -> None:
    session = session_in(state)
    packets = sent(session.receive(dataclasses.replace(STEADY, state=remote), 2.0))
    assert session.state is MOVES.get((state, remote), state)
    if (state, remote) in MOVES:
        assert [packet.state for packet in packets] == [session.state], "a new state is told at once"
    fallen = session.state is DOWN and state in {INIT, UP}
    assert (session.diagnostic is Diagnostic.NEIGHBOR_SIGNALED_DOWN) is fallen


# --- who sends, and when ----------------------------------------------------------------------------------


def test_a_remote_system_in_demand_mode_hears_nothing_unasked() -> None:
    session = confirmed()
    demand = dataclasses.replace(STEADY, demand=True)
    session.receive(demand, 2.0)
    assert session.deadline == pytest.approx(2.0 + session.detection_time), "only its silence is awaited"
    session.receive(demand, 2.1)
    assert session.expire(2.3) == []
    [answer] = sent(session.receive(dataclasses.replace(demand, poll=True), 2.3))
    assert (answer.final, answer.poll, answer.demand) == (True, False, False)
    session.receive(STEADY, 2.4)
    assert [packet.state for packet in sent(session.expire(2.75))] == [UP]


def test_a_poll_sequence_of_ours_is_sent_to_a_system_in_demand_mode() -> None:
    session = confirmed()
    demand = dataclasses.replace(STEADY, demand=True)
    session.receive(demand, 2.0)
    session.change(interval=200_000, multiplier=3, now=2.0)
    assert [packet.poll for packet in sent(session.expire(2.3))] == [True]
    session.receive(dataclasses.replace(demand, final=True), 2.3)
    assert session.deadline == pytest.approx(2.3 + session.detection_time)


def test_demand_mode_needs_both_ends_up() -> None:
    session = session_in(INIT)
    session.receive(dataclasses.replace(STEADY, state=DOWN, demand=True), 2.0)
    assert session.state is INIT
    assert len(session.expire(3.0)) == 1


def test_who_wants_no_packets_gets_none_but_answers() -> None:
    session = confirmed()
    deaf = dataclasses.replace(STEADY, required_min_rx=0)
    session.receive(deaf, 2.0)
    assert session.deadline == pytest.approx(2.0 + session.detection_time)
    [answer] = sent(session.receive(dataclasses.replace(deaf, poll=True), 2.1))
    assert answer.final
    [told] = sent(session.receive(dataclasses.replace(deaf, state=DOWN), 2.2))
    assert told.state is DOWN
    assert session.deadline == pytest.approx(2.2 + session.detection_time)


@pytest.mark.parametrize("state", [DOWN, INIT, UP])
def test_a_poll_is_answered_at_once_in_every_state(state: BfdState) -> None:
    poll = dataclasses.replace(EXAMPLE, state=state)
    answer = sent(session_in(state).receive(poll, 2.0))[0]
    assert (answer.final, answer.poll) == (True, False)
    assert answer.your_discriminator == THEIRS


def test_echo_packets_are_not_asked_for() -> None:
    assert session_in(UP).expire(1.5)[0][-4:] == bytes(4)
