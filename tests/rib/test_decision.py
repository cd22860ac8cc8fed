"""One test per step: two paths that differ in it alone, and what comes before it decides first."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rib import PeerKind
from rib.decision import BEHIND, BEST, best_of, joined, losses, multipath, order, parted
from rib.path import candidates
from rib.steps import STEPS, BestPathReason
from tests.rib.support import attributes, communities, path, source
from wire import parse_address

EBGP = source("a", PeerKind.EBGP, "10.0.0.1")
OTHER = source("b", PeerKind.EBGP, "10.0.0.2")
BASE = attributes(65001)


def ebgp(address="10.0.0.9", value=BASE, path_id=0, *, name=None, identifier="10.0.0.9", **fields):
    of = source(name or address, PeerKind.EBGP, address, bgp_identifier=parse_address(identifier))
    return path(of, value, path_id, **fields)


def ibgp(address="10.0.0.9", value=BASE, **fields):
    of = source(address, PeerKind.IBGP, address, bgp_identifier=parse_address("10.0.0.9"))
    return path(of, value, **fields)


CASES = {
    BestPathReason.REJECTED: (ebgp(), ebgp("10.0.0.8", rejected="rule x")),
    BestPathReason.NEXT_HOP_UNREACHABLE: (ebgp(), ebgp("10.0.0.8", resolution=None)),
    BestPathReason.PREFERENCE: (ebgp(preference=200), ebgp("10.0.0.8")),
    BestPathReason.LLGR_STALE: (ebgp(), ebgp("10.0.0.8", BASE.replace(communities=communities(0xFFFF0006)))),
    BestPathReason.LOCAL_PREF: (ebgp(value=BASE.replace(local_pref=101)), ebgp("10.0.0.8")),
    BestPathReason.AS_PATH_LENGTH: (ebgp(), ebgp("10.0.0.8", attributes(65001, 65002))),
    BestPathReason.ORIGIN: (ebgp(), ebgp("10.0.0.8", BASE.replace(origin=2))),
    BestPathReason.MED: (ebgp(), ebgp("10.0.0.8", BASE.replace(med=1))),
    BestPathReason.EBGP_OVER_IBGP: (ebgp(), ibgp("10.0.0.8")),
    BestPathReason.IGP_METRIC: (ebgp(metric=5), ebgp("10.0.0.8", metric=6)),
    BestPathReason.ROUTER_ID: (ebgp(), ebgp("10.0.0.8", identifier="10.0.0.10")),
    BestPathReason.CLUSTER_LIST_LENGTH: (ebgp(), ebgp("10.0.0.8", BASE.replace(cluster_list=b"1234"))),
    BestPathReason.PEER_ADDRESS: (ebgp("10.0.0.8"), ebgp("10.0.0.9")),
    BestPathReason.PATH_ID: (ebgp(path_id=1), ebgp(path_id=2)),
    BestPathReason.SOURCE_NAME: (ebgp(name="x"), ebgp(name="y")),
}


def test_every_step_has_a_case_and_a_clause():
    assert [step.reason for step in STEPS] == list(CASES) == list(BestPathReason)
    assert all(step.clause and step.text for step in STEPS)


@pytest.mark.parametrize("reason", CASES, ids=lambda reason: reason.value)
def test_step_decides_and_is_named(reason):
    winner, loser = CASES[reason]
    for entry in (order([winner, loser]), order([loser, winner])):
        assert best_of(entry) is winner
        assert [(one, step and step.reason) for one, step in losses(entry)] == [
            (winner, None),
            (loser, reason),
        ]


def test_med_is_not_compared_between_neighbouring_ases():
    low = ebgp("10.0.0.2", attributes(65002, med=0))
    high = ebgp("10.0.0.1", attributes(65001, med=9))
    assert best_of(order([low, high])) is high  # by peer address


def test_med_removes_before_later_steps_whatever_the_order_of_arrival():
    # c beats a by address, b beats c by MED, a beats b by address: only elimination has one answer.
    a = ebgp("10.0.0.2", attributes(65001, med=0))
    b = ebgp("10.0.0.3", attributes(65002, med=0))
    c = ebgp("10.0.0.1", attributes(65002, med=5))
    for arrival in itertools.permutations([a, b, c]):
        assert best_of(order(arrival)) is a


def test_originator_id_stands_for_the_router_id():
    reflected = ebgp("10.0.0.8", BASE.replace(originator_id=parse_address("10.0.0.1")), identifier="10.9.9.9")
    assert best_of(order([ebgp("10.0.0.7"), reflected])) is reflected


def test_nothing_is_best_when_nothing_is_eligible():
    one, two = ebgp(rejected="x"), ebgp("10.0.0.8", resolution=None)
    assert best_of(one) is None
    assert best_of(order([one, two])) is None
    assert [step.reason for _, step in losses(order([one, two]))] == [
        BestPathReason.NEXT_HOP_UNREACHABLE,
        BestPathReason.REJECTED,
    ]
    assert losses(None) == []
    assert multipath(order([one, two]), 16) == ()


def test_multipath_takes_ties_up_to_the_igp_metric_best_first():
    paths = [ebgp(f"10.0.0.{number}") for number in (5, 3, 4)]
    others = [ebgp("10.0.0.6", metric=1), ibgp("10.0.0.1"), ebgp("10.0.0.7", attributes(65001, 65001))]
    entry = order([*others, *paths])
    assert multipath(entry, 16) == (paths[1], paths[2], paths[0])
    assert multipath(entry, 2) == (paths[1], paths[2])
    assert multipath(entry, 1) == (best_of(entry),)


def test_long_lived_stale_path_never_shares_with_a_fresh_one():
    fresh, stale = CASES[BestPathReason.LLGR_STALE]
    assert multipath(order([fresh, stale]), 16) == (fresh,)


values = st.builds(
    lambda ases, med, pref: attributes(*ases, med=med, local_pref=pref),
    st.sampled_from([(65001,), (65002,), (65001, 65002)]),
    st.sampled_from([None, 1, 2]),
    st.sampled_from([None, 100, 200]),
)


@given(st.lists(st.tuples(values, st.booleans(), st.integers(0, 1)), min_size=1, max_size=6), st.randoms())
def test_order_of_arrival_makes_no_difference(rows, random):
    paths = [
        (ebgp if external else ibgp)(f"10.0.1.{number}", value, metric=metric)
        for number, (value, external, metric) in enumerate(rows)
    ]
    best = best_of(order(paths))
    random.shuffle(paths)
    entry = order(paths)
    assert best_of(entry) is best
    explained = losses(entry)
    assert explained[0] == (best, None)
    assert all(step is not None for _, step in explained[1:])
    assert multipath(entry, 16)[0] is best


@given(st.lists(st.tuples(values, st.booleans()), min_size=1, max_size=6), st.data())
def test_one_path_more_or_less_gives_what_all_together_give(rows, data):
    """MED makes a path that is not the best one decide between two others."""
    entry, paths = None, []
    for number, (value, external) in enumerate(rows):
        made = (ebgp if external else ibgp)(f"10.0.0.{9 - number}", value)
        before, (entry, place) = entry, joined(candidates(entry), made) if paths else (made, BEST)
        if place != BEST:
            assert best_of(entry) is best_of(before)
        if place == BEHIND:
            assert multipath(entry, 16) == multipath(before, 16)
        paths.append(made)
        assert candidates(entry)[0] is candidates(order(paths))[0]
        assert set(candidates(entry)) == set(paths)
    while len(paths) > 1:
        gone = data.draw(st.sampled_from(paths))
        paths.remove(gone)
        entry = parted(entry, gone)
        assert candidates(entry)[0] is candidates(order(paths))[0]
        assert set(candidates(entry)) == set(paths)
    assert parted(entry, paths[0]) is None
