import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import wire_strategies as some
from wire import Family, parse_prefix
from wire.nlri import MalformedNlriError, split_paths, split_prefixes


def octets(*texts: str) -> list[bytes]:
    return [parse_prefix(text)[1] for text in texts]


@given(some.families.flatmap(lambda family: st.tuples(st.just(family), some.prefix_lists(family))))
def test_a_field_splits_into_what_it_was_joined_from(case: tuple[Family, list[bytes]]) -> None:
    family, prefixes = case
    ignored: list[bytes] = []
    assert split_prefixes(family, b"".join(prefixes), ignored) == prefixes
    assert ignored == []


def test_trailing_bits_mean_nothing() -> None:
    # RFC 4271, section 4.3: 10.0.0.0/9 written with all trailing bits set.
    assert split_prefixes(Family.IPV4_UNICAST, bytes.fromhex("18c00002090a7f080a"), []) == octets(
        "192.0.2.0/24", "10.0.0.0/9", "10.0.0.0/8"
    )


def test_multicast_is_ignored_and_named() -> None:
    # RFC 4271, section 6.3; class E is not multicast.
    prefixes = octets("0.0.0.0/0", "239.0.0.0/8", "240.0.0.0/4", "224.0.0.0/4", "10.0.0.0/8")
    ignored: list[bytes] = []
    kept = split_prefixes(Family.IPV4_UNICAST, b"".join(prefixes), ignored)
    assert kept == octets("0.0.0.0/0", "240.0.0.0/4", "10.0.0.0/8")
    assert ignored == octets("239.0.0.0/8", "224.0.0.0/4")
    assert split_prefixes(Family.IPV4_UNICAST, bytes.fromhex("03ff"), []) == []  # 224.0.0.0/3, as it counts
    assert split_prefixes(Family.IPV6_UNICAST, bytes.fromhex("08ff08fe"), ignored) == octets("fe00::/8")


@given(
    some.families.flatmap(lambda family: st.tuples(st.just(family), some.prefix_lists(family, max_size=5)))
)
def test_cut_anywhere_but_between_prefixes_is_malformed(case: tuple[Family, list[bytes]]) -> None:
    family, prefixes = case
    field = b"".join(prefixes)
    borders = {sum(map(len, prefixes[:count])) for count in range(len(prefixes))}
    for stop in set(range(1, len(field))) - borders:
        with pytest.raises(MalformedNlriError):
            split_prefixes(family, field[:stop], [])


@pytest.mark.parametrize(
    ("family", "field"), [(Family.IPV4_UNICAST, "2100000000"), (Family.IPV6_UNICAST, "81")]
)
def test_a_length_beyond_the_family_is_malformed(family: Family, field: str) -> None:
    with pytest.raises(MalformedNlriError):
        split_prefixes(family, bytes.fromhex(field).ljust(20, b"\0"), [])


@given(
    some.families.flatmap(
        lambda family: st.tuples(
            st.just(family), st.lists(st.tuples(st.integers(0, 3), some.prefixes(family)), max_size=20)
        )
    )
)
def test_paths_are_grouped_by_identifier(case: tuple[Family, list[tuple[int, bytes]]]) -> None:
    family, paths = case
    field = b"".join(path_id.to_bytes(4, "big") + prefix for path_id, prefix in paths)
    expected: dict[int, list[bytes]] = {}
    for path_id, prefix in paths:
        expected.setdefault(path_id, []).append(prefix)
    assert split_paths(family, field, []) == expected


def test_a_path_cut_anywhere_is_malformed() -> None:
    field = bytes.fromhex("0000000118c00002")
    for stop in range(1, len(field)):
        with pytest.raises(MalformedNlriError):
            split_paths(Family.IPV4_UNICAST, field[:stop], [])


def test_trailing_bits_of_a_path_are_cleared_and_multicast_ignored() -> None:
    ignored: list[bytes] = []
    field = bytes.fromhex("00000007090a7f0000000704e0")
    assert split_paths(Family.IPV4_UNICAST, field, ignored) == {7: octets("10.0.0.0/9")}
    assert ignored == octets("224.0.0.0/4")
