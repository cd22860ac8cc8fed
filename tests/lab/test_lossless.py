"""Packets counted while things happen: the shorter cases of `make lossless`, at a rate for every machine."""

import pytest

from lab.lossless.run import keeps, run_scenario
from lab.lossless.scenarios import SCENARIOS
from lab.lossless.stream import runs
from lab.lossless.traffic import losses
from tests.support.needs import need_namespaces

RATE = 100
CASES = {scenario.name: scenario for scenario in SCENARIOS}


@pytest.mark.netns
@pytest.mark.parametrize("name", ["one-step", "kill", "garbage", "blocks"])
def test_no_packet_is_lost_that_need_not_be(name: str) -> None:
    need_namespaces()
    outcome = run_scenario(CASES[name], rate=RATE)
    directions = outcome.traffic.directions
    lost = [direction for direction in directions if direction.lost]
    assert keeps(CASES[name], outcome), (lost, outcome.route_events)
    assert min(direction.sent for direction in directions) > RATE
    if name == "blocks":
        assert outcome.route_events, "what the other cases do not see is there to be seen"


def test_the_proof_notices_when_packets_are_lost() -> None:
    assert losses(0, []) == (0, 0)
    assert losses(5, []) == (5, 5)
    assert losses(5, [(0, 4)]) == (0, 0)
    assert losses(10, [(1, 2), (6, 7)]) == (6, 3)


@pytest.mark.parametrize(
    ("numbers", "expected"), [([], []), ([4], [(4, 4)]), ([0, 1, 2, 5, 6, 9], [(0, 2), (5, 6), (9, 9)])]
)
def test_numbers_are_joined_to_runs(numbers: list[int], expected: list[tuple[int, int]]) -> None:
    assert list(runs(numbers)) == expected
