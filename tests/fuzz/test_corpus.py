"""The fuzzing targets on their seeds, damaged in every place, and on what Hypothesis thinks of."""

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from fuzz.targets import TARGETS


def seeds():
    return [(name, seed) for name, target in TARGETS.items() for seed in target.seeds]


@pytest.mark.parametrize(("name", "seed"), seeds(), ids=lambda value: value if isinstance(value, str) else "")
def test_seed_is_taken_whole_cut_anywhere_and_with_any_octet_changed(name: str, seed: bytes) -> None:
    consume = TARGETS[name].consume
    consume(seed)
    for position in range(len(seed)):
        consume(seed[:position])
        consume(seed[:position] + bytes([seed[position] ^ 0xFF]) + seed[position + 1 :])


@given(st.sampled_from(sorted(TARGETS)), st.binary(max_size=200))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_garbage_is_taken(name: str, data: bytes) -> None:
    TARGETS[name].consume(data)
