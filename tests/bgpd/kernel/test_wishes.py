import pytest
from hypothesis import given
from hypothesis import strategies as st

from bgpd.kernel.wishes import Wish, Wishes
from tests.bgpd.kernel.netlink_world import P1, P2, P3, wish

NETS = [bytes((24, 11, n >> 8, n & 255)) for n in range(300)]


def test_the_newest_wish_of_a_prefix_stands_whatever_it_is() -> None:
    wishes = Wishes()
    wishes.add([P1, P2], wish(1))
    wishes.add([P1], None)
    wishes.add([P2], wish(2))
    assert (len(wishes), wishes[P1], wishes[P2], P3 in wishes) == (2, None, wish(2), False)
    wishes.remind([P1, P3], wish(3))
    assert (wishes[P1], wishes[P3]) == (None, wish(3))
    wishes.drop(P1)
    assert sorted(wishes) == [P2, P3]


def test_prefixes_that_share_a_wish_come_together_and_removals_last() -> None:
    wishes = Wishes()
    one, two = wish(1), wish(2)
    wishes.add([P1], None)
    wishes.add(NETS[:2], one)
    wishes.add(NETS[2:3], two)
    wishes.add(NETS[3:5], one)
    *routes, removal = [(wanted, sorted(prefixes)) for wanted, prefixes in wishes.take(100)]
    assert removal == (None, [P1])
    assert dict(routes) == {one: [*NETS[:2], *NETS[3:5]], two: NETS[2:3]}
    assert not wishes


def test_a_backlog_is_spread_and_what_comes_meanwhile_waits_for_the_next_round() -> None:
    wishes = Wishes()
    route = wish()
    wishes.add(NETS[:64], route)
    [(_, first)] = wishes.take(8)
    assert first == [NETS[place] for place in (0, 32, 16, 48, 8, 40, 24, 56)]
    wishes.add([P1], route)
    rest = [prefix for _ in range(4) for _, prefixes in wishes.take(14) for prefix in prefixes]
    assert sorted(rest) == sorted(set(NETS[:64]) - set(first))
    assert wishes.take(59) == [(route, [P1])]


def test_routes_go_in_the_reverse_of_the_order_in_which_they_came() -> None:
    coming, going = Wishes(), Wishes()
    coming.add(NETS, wish())
    going.add(NETS, None)
    [(_, came)], [(_, gone)] = coming.take(len(NETS)), going.take(len(NETS))
    assert gone == came[::-1]
    assert gone[-1] == NETS[0]


def test_many_removals_do_not_wait_for_what_may_follow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bgpd.kernel.wishes._MANY", 3)
    wishes = Wishes()
    wishes.add([P1, P2], None)
    assert wishes.take(100, unfinished=True) == []
    wishes.add([P3], None)
    assert [wanted for wanted, _ in wishes.take(1, unfinished=True)] == [None]


def test_removals_wait_for_their_next_round_too() -> None:
    wishes = Wishes()
    wishes.add(NETS, None)
    [(_, first)] = wishes.take(5)
    wishes.add([P1], None)
    rest = [prefix for _ in range(5) for _, prefixes in wishes.take(59) for prefix in prefixes]
    assert sorted(rest) == sorted(set(NETS) - set(first))
    assert wishes.take(59) == [(None, [P1])]


def test_routes_that_come_meanwhile_go_before_removals_that_wait() -> None:
    wishes = Wishes()
    wishes.add(NETS, None)
    wishes.take(100)
    route = wish()
    wishes.add([P1], route)
    assert wishes.take(2)[0] == (route, [P1])


changes = st.lists(st.tuples(st.sets(st.sampled_from(NETS[:8])), st.sampled_from([None, wish(1), wish(2)])))


@given(st.lists(st.tuples(changes, st.integers(0, 5))))
def test_what_is_taken_is_what_was_wished_last(
    turns: list[tuple[list[tuple[set[bytes], Wish]], int]],
) -> None:
    wishes = Wishes()
    expected: dict[bytes, Wish] = {}
    for added, limit in [*turns, ([], 100)]:
        for prefixes, wanted in added:
            wishes.add(sorted(prefixes), wanted)
            expected |= dict.fromkeys(prefixes, wanted)
        taken = {prefix: wanted for wanted, prefixes in wishes.take(limit) for prefix in prefixes}
        assert len(taken) == min(limit, len(expected))
        assert all(expected.pop(prefix) == wanted for prefix, wanted in taken.items())
    assert not expected
