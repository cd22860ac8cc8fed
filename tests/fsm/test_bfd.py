"""BFD in asynchronous mode: two sessions back to back on a clock that the test moves (RFC 5880)."""

import itertools
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fsm.bfd import BfdSession, BfdState, ControlPacket, Diagnostic
from fsm.bfd_packet import decode_control_packet

UP, DOWN, INIT, ADMIN_DOWN = BfdState.UP, BfdState.DOWN, BfdState.INIT, BfdState.ADMIN_DOWN


class Pair:
    """Two sessions and the wire between them, which can be cut in either direction."""

    def __init__(self, left: int = 100_000, right: int = 100_000, multiplier: int = 3) -> None:
        self.now = 1000.0
        self.ends = [
            BfdSession(
                discriminator=number,
                interval=interval,
                multiplier=multiplier,
                now=self.now,
                random=lambda: 0.5,
            )
            for number, interval in ((7, left), (9, right))
        ]
        self.cut = [False, False]
        self.sent: list[tuple[float, int, ControlPacket]] = []

    def run(self, seconds: float) -> None:
        until = self.now + seconds
        while (due := min(end.deadline or until for end in self.ends)) < until:
            self.now = max(self.now, due)
            for number, end in enumerate(self.ends):
                if end.deadline is not None and end.deadline <= self.now:
                    self.deliver(number, end.expire(self.now))
        self.now = until

    def deliver(self, sender: int, packets: list[bytes]) -> None:
        for packet in packets:
            self.sent.append((self.now, sender, decode_control_packet(packet)))
            if not self.cut[sender]:
                self.deliver(1 - sender, self.ends[1 - sender].receive(self.sent[-1][2], self.now))

    @property
    def states(self) -> tuple[BfdState, BfdState]:
        return self.ends[0].state, self.ends[1].state


def test_a_session_comes_up_and_stays() -> None:
    pair = Pair()
    pair.run(3)
    assert pair.states == (UP, UP)
    pair.sent.clear()
    pair.run(10)
    assert pair.states == (UP, UP)
    assert 0.075 <= min(gaps(pair, 0)) <= max(gaps(pair, 0)) <= 0.1
    assert not any(packet.poll for _, _, packet in pair.sent)


def times(pair: Pair, sender: int) -> list[float]:
    return [time for time, number, _ in pair.sent if number == sender]


def gaps(pair: Pair, sender: int) -> list[float]:
    sent = times(pair, sender)
    return [after - before for before, after in pairwise(sent)]


def test_it_is_slow_until_it_is_up() -> None:
    pair = Pair()
    pair.cut = [True, True]
    pair.run(5)
    assert pair.states == (DOWN, DOWN)
    assert len(times(pair, 0)) <= 7
    assert {packet.desired_min_tx for _, _, packet in pair.sent} == {1_000_000}


def test_silence_is_noticed_within_the_detection_time() -> None:
    pair = Pair()
    pair.run(3)
    pair.cut = [True, False]
    pair.run(0.31)
    assert pair.states == (DOWN, DOWN)
    assert pair.ends[1].diagnostic is Diagnostic.DETECTION_TIME_EXPIRED
    assert pair.ends[0].diagnostic is Diagnostic.NEIGHBOR_SIGNALED_DOWN
    pair.cut = [False, False]
    pair.run(3)
    assert pair.states == (UP, UP)


def test_the_slower_of_both_sets_the_pace() -> None:
    pair = Pair(left=100_000, right=500_000)
    pair.run(3)
    assert pair.states == (UP, UP)
    assert [end.detection_time for end in pair.ends] == [pytest.approx(1.5)] * 2
    pair.sent.clear()
    pair.run(5)
    assert len(times(pair, 0)) <= 14


def test_an_end_by_intent_is_told_and_is_no_failure() -> None:
    pair = Pair()
    pair.run(3)
    pair.deliver(0, [pair.ends[0].stop()])
    assert pair.states == (ADMIN_DOWN, DOWN)
    assert pair.ends[1].remote_state is ADMIN_DOWN
    pair.run(3)
    assert pair.states == (ADMIN_DOWN, DOWN)
    assert pair.ends[0].deadline is None


def test_a_remote_system_that_began_anew_is_noticed_at_once() -> None:
    pair = Pair()
    pair.run(3)
    pair.ends[0] = BfdSession(
        discriminator=8, interval=100_000, multiplier=3, now=pair.now, random=lambda: 0.5
    )
    pair.sent.clear()
    pair.run(0.01)
    assert next(packet.state for _, sender, packet in pair.sent if sender == 1) is DOWN
    pair.run(3)
    assert pair.states == (UP, UP)


@given(
    multiplier=st.integers(1, 5),
    draws=st.lists(st.floats(0, 1), min_size=1, max_size=50),
)
@settings(deadline=None, max_examples=20)
def test_jitter_takes_up_to_a_quarter_and_at_least_a_tenth_of_the_only_packet(
    multiplier: int, draws: list[float]
) -> None:
    pair = Pair(multiplier=multiplier)
    pair.run(3)
    pair.sent.clear()
    pair.ends[0]._random = itertools.cycle(draws).__next__
    pair.run(2)
    latest = 0.09 if multiplier == 1 else 0.1
    assert all(0.0749 < gap < latest + 0.0001 for gap in gaps(pair, 0)[1:])


@pytest.mark.parametrize("multiplier", [1, 3])
def test_packets_come_early_enough_whatever_the_jitter(multiplier: int) -> None:
    pair = Pair(multiplier=multiplier)
    pair.run(60)
    assert pair.states == (UP, UP)


@pytest.mark.parametrize("interval", [20_000, 100_000, 700_000])
@pytest.mark.parametrize("multiplier", [2, 5])
def test_another_timing_is_agreed_on_by_a_poll_and_the_session_stays(interval: int, multiplier: int) -> None:
    pair = Pair()
    pair.run(3)
    pair.sent.clear()
    pair.ends[0].change(interval=interval, multiplier=multiplier, now=pair.now)
    pair.run(0.2)
    assert any(packet.poll for _, sender, packet in pair.sent if sender == 0)
    assert any(packet.final for _, sender, packet in pair.sent if sender == 1)
    slower = max(interval, 100_000)
    assert pair.ends[0].detection_time == pytest.approx(3 * slower / 1e6)
    assert pair.ends[1].detection_time == pytest.approx(multiplier * slower / 1e6)
    pair.run(5)
    pair.sent.clear()
    pair.run(5)
    assert {packet.state for _, _, packet in pair.sent} == {UP}
    assert not any(packet.poll for _, _, packet in pair.sent)
    assert max(gaps(pair, 0)) <= slower / 1e6


def test_a_slower_pace_waits_until_the_other_has_confirmed_it() -> None:
    pair = Pair()
    pair.run(3)
    pair.cut = [False, True]
    pair.sent.clear()
    pair.ends[0].change(interval=900_000, multiplier=3, now=pair.now)
    pair.run(0.25)
    assert len(times(pair, 0)) >= 3
    assert max(gaps(pair, 0)) <= 0.1
    assert pair.ends[0].detection_time == pytest.approx(2.7)


def test_a_faster_pace_is_not_expected_before_the_other_has_confirmed_it() -> None:
    pair = Pair()
    pair.run(3)
    pair.ends[0].change(interval=10_000, multiplier=3, now=pair.now)
    assert pair.ends[0].detection_time == pytest.approx(0.3)


@given(
    changes=st.lists(
        st.tuples(
            st.sampled_from([0, 1]),
            st.sampled_from([50_000, 100_000, 2_000_000]),
            st.sampled_from([2, 3, 7]),
            st.sampled_from([0.0, 0.004, 0.1, 1.0]),
        ),
        max_size=8,
    )
)
@settings(deadline=None, max_examples=50)
def test_no_order_of_changes_brings_a_session_down(changes: list[tuple[int, int, int, float]]) -> None:
    pair = Pair()
    pair.run(3)
    pair.sent.clear()
    for end, interval, multiplier, seconds in changes:
        pair.ends[end].change(interval=interval, multiplier=multiplier, now=pair.now)
        pair.run(seconds)
    pair.run(7)
    assert {packet.state for _, _, packet in pair.sent} <= {UP}
    assert pair.states == (UP, UP)


def test_a_session_that_is_not_up_takes_another_timing_as_it_is() -> None:
    pair = Pair()
    for end in pair.ends:
        end.change(interval=50_000, multiplier=4, now=pair.now)
    pair.run(3)
    assert pair.states == (UP, UP)
    assert [end.detection_time for end in pair.ends] == [pytest.approx(0.2)] * 2
