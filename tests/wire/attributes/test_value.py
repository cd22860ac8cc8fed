import pytest

from wire import PathAttributes, join_as_path, parse_address

EXAMPLE = PathAttributes(
    origin=0,
    as_path=join_as_path([(2, [64496, 4200000000]), (1, [64498, 64499])]),
    next_hop=parse_address("2001:db8::1") + parse_address("fe80::1"),
    med=10,
    local_pref=100,
    atomic_aggregate=True,
    aggregator=bytes.fromhex("0000fbf00a000001"),
    communities=bytes.fromhex("fde80001ffffff01"),
    originator_id=bytes([10, 0, 0, 1]),
    cluster_list=bytes([10, 0, 0, 2, 10, 0, 0, 3]),
    extended_communities=bytes.fromhex("0002fde800000064"),
    large_communities=bytes.fromhex("0000fbf00000000100000002"),
    only_to_customer=64496,
)


def test_described_in_words() -> None:
    assert EXAMPLE.describe() == {
        "next_hop": ["2001:db8::1", "fe80::1"],
        "as_path": [64496, 4200000000, [64498, 64499]],
        "origin": "igp",
        "local_pref": 100,
        "med": 10,
        "communities": ["65000:1", "65535:65281"],
        "large_communities": ["64496:1:2"],
        "extended_communities": ["0002fde800000064"],
        "originator_id": "10.0.0.1",
        "cluster_list": ["10.0.0.2", "10.0.0.3"],
        "atomic_aggregate": True,
        "aggregator": "64496 10.0.0.1",
        "only_to_customer": 64496,
    }


def test_nothing_described() -> None:
    described = PathAttributes().describe()
    assert (described["next_hop"], described["as_path"], described["origin"]) == ([], [], "incomplete")
    assert described["aggregator"] is None
    assert described["originator_id"] is None


def test_lists_as_numbers() -> None:
    assert EXAMPLE.community_list == [0xFDE80001, 0xFFFFFF01]
    assert EXAMPLE.large_community_list == [(64496, 1, 2)]


def test_equality_is_by_value_and_copies_are_new() -> None:
    same = EXAMPLE.replace(med=10)
    assert same == EXAMPLE
    assert hash(same) == hash(EXAMPLE)
    changed = EXAMPLE.replace(med=None, next_hop=bytes(4))
    assert (changed.med, changed.next_hop, EXAMPLE.med) == (None, bytes(4), 10)
    with pytest.raises(AttributeError):
        EXAMPLE.med = 11  # type: ignore[misc]
