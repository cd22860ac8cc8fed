import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import wire_strategies as some
from wire import PathAttributes
from wire.attributes import as_path as paths

SET, SEQUENCE, CONFED_SEQUENCE, CONFED_SET = 1, 2, 3, 4

AS4_CASES: list[tuple[str, list[paths.Segment], list[paths.Segment], list[paths.Segment]]] = [
    (
        "the leading ASes that only AS_PATH has go before AS4_PATH",
        [(SEQUENCE, [64496, 23456, 23456])],
        [(SEQUENCE, [4200000001, 4200000002])],
        [(SEQUENCE, [64496, 4200000001, 4200000002])],
    ),
    (
        "nothing is added when the lengths agree",
        [(SEQUENCE, [23456, 64497])],
        [(SEQUENCE, [4200000001, 64497])],
        [(SEQUENCE, [4200000001, 64497])],
    ),
    (
        "a longer AS4_PATH is ignored",
        [(SEQUENCE, [23456])],
        [(SEQUENCE, [4200000001, 4200000002])],
        [(SEQUENCE, [23456])],
    ),
    (
        "a set counts as one AS",
        [(SEQUENCE, [64496, 64497]), (SET, [23456, 64499])],
        [(SET, [4200000001, 64499])],
        [(SEQUENCE, [64496, 64497]), (SET, [4200000001, 64499])],
    ),
    (
        "leading confederation segments are kept",
        [(CONFED_SEQUENCE, [65001]), (SEQUENCE, [64496, 23456])],
        [(SEQUENCE, [4200000001])],
        [(CONFED_SEQUENCE, [65001]), (SEQUENCE, [64496, 4200000001])],
    ),
    (
        "confederation segments in AS4_PATH are dropped",
        [(SEQUENCE, [23456])],
        [(CONFED_SET, [65001]), (SEQUENCE, [4200000001])],
        [(SEQUENCE, [4200000001])],
    ),
]


@pytest.mark.parametrize(
    ("as_path", "as4_path", "merged"), [case[1:] for case in AS4_CASES], ids=[c[0] for c in AS4_CASES]
)
def test_as4_path_is_merged(
    as_path: list[paths.Segment], as4_path: list[paths.Segment], merged: list[paths.Segment]
) -> None:
    # RFC 6793, section 4.2.3.
    assert (
        paths.segments(paths.merge_as4_path(paths.join_segments(as_path), paths.join_segments(as4_path)))
        == merged
    )


@given(some.as_paths)
def test_what_is_narrowed_comes_back_with_as4_path(parts: list[paths.Segment]) -> None:
    value = paths.join_segments(parts)
    widened = paths.widen(paths.narrow(value))
    assert paths.path_length(widened) == paths.path_length(value)
    merged = paths.merge_as4_path(widened, paths.as4_path(value)) if paths.needs_as4_path(value) else widened
    assert _flat(merged) == _flat(value)


def _flat(value: bytes) -> list[tuple[int, int]]:
    return [(kind, number) for kind, numbers in paths.segments(value) for number in numbers]


@pytest.mark.parametrize(
    ("parts", "length"),
    [
        ([], 0),
        ([(SEQUENCE, [1, 2, 3])], 3),
        ([(SEQUENCE, [1, 2]), (SET, [3, 4, 5])], 3),
        ([(CONFED_SEQUENCE, [65001, 65002]), (CONFED_SET, [65003]), (SEQUENCE, [1])], 1),
        ([(SEQUENCE, [7] * 300)], 300),
    ],
)
def test_length_as_the_decision_process_counts(parts: list[paths.Segment], length: int) -> None:
    # RFC 4271, section 9.1.2.2 a; RFC 5065, section 5.3.
    assert PathAttributes(as_path=paths.join_segments(parts)).as_path_length == length


@given(some.as_paths, st.lists(some.as_numbers, max_size=4))
def test_prepending_puts_ases_first(parts: list[paths.Segment], added: list[int]) -> None:
    value = paths.join_segments(parts)
    assert _flat(paths.prepend(value, added)) == [(SEQUENCE, number) for number in added] + _flat(value)


def test_prepending_to_a_full_segment_opens_another() -> None:
    value = paths.join_segments([(SEQUENCE, [7] * 254)])
    assert paths.segments(paths.prepend(value, [1, 2, 3])) == [
        (SEQUENCE, [1, 2]),
        (SEQUENCE, [3] + [7] * 254),
    ]


@given(some.as_paths, some.as_numbers)
def test_accessors_agree_with_the_segments(parts: list[paths.Segment], stranger: int) -> None:
    attributes = PathAttributes(as_path=paths.join_segments(parts))
    assert attributes.as_path_segments == parts
    for number in {stranger, *(number for _, numbers in parts for number in numbers)}:
        expected = sum(numbers.count(number) for _, numbers in parts)
        assert attributes.as_path_count(number) == expected
        assert attributes.as_path_contains(number) == (expected > 0)
    leads = bool(parts) and parts[0][0] == SEQUENCE
    assert attributes.neighbour_as == (parts[0][1][0] if leads else None)
    assert attributes.origin_as == (parts[-1][1][-1] if parts and parts[-1][0] == SEQUENCE else None)


def test_an_as_is_not_seen_across_the_border_of_two() -> None:
    attributes = PathAttributes(as_path=paths.join_segments([(SEQUENCE, [0x00010002, 0x00030004])]))
    assert attributes.as_path_count(0x00020003) == 0


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ("", None),
        ("0201 0000fbf0", None),
        ("0201 0000fbf0 0102 00000001 00000002", None),
        ("0202 00010000 00000100", None),  # four zero octets that are no AS
        ("0200", "a segment is empty"),
        ("0201 0000fbf0 0200", "a segment is empty"),
        ("0501 0000fbf0", "segment type 5"),
        ("0001 0000fbf0", "segment type 0"),
        ("0301 0000fbf0", "segment type 3"),
        ("0202 0000fbf0", "overruns"),
        ("0201 0000fbf0 02", "a single octet"),
        ("0201 00000000", "AS 0"),
        ("0201 0000fbf0 0101 00000000", "AS 0"),
    ],
)
def test_faults_of_a_path_from_an_external_peer(value: str, fault: str | None) -> None:
    # RFC 7606, section 7.2; RFC 7607; RFC 5065, section 5.
    found = paths.find_fault(bytes.fromhex(value), 4, confederation=False)
    assert found is None if fault is None else fault in (found or "")


def test_confederation_segments_are_fine_inside() -> None:
    assert paths.find_fault(bytes.fromhex("0301 0000fbf0 0401 0000fbf1"), 4, confederation=True) is None


@given(st.binary(max_size=40), st.sampled_from([2, 4]), st.booleans())
def test_any_octets_have_a_fault_or_segments(value: bytes, width: int, confederation: bool) -> None:
    if paths.find_fault(value, width, confederation=confederation) is None:
        assert paths.join_segments(paths.segments(value, width), width) == value
