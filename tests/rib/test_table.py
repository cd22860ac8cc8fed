"""The table: candidates per prefix, and what `take` tells of changes."""

from rib import PeerKind
from rib.decision import BEHIND, BEST, EQUAL
from rib.path import candidates
from rib.staging import of_best
from rib.table import Table
from tests.rib.support import IPV4, attributes, path, prefix, source

A = source("a", PeerKind.EBGP, "10.0.0.1")
B = source("b", PeerKind.EBGP, "10.0.0.2")
ONE, TWO = prefix("10.1.0.0/26"), prefix("10.1.0.64/26")
PATH, OTHER, RIVAL = path(A, attributes(65001)), path(A, attributes(65001, med=1)), path(B, attributes(65001))


WORSE = path(B, attributes(65001, 65002))


def table(*announced, **fields):
    of = Table(IPV4, **fields)
    for one, prefixes in announced:
        of.announce(one, prefixes)
    of.take(100)
    return of


def test_first_announcement_is_a_change_from_nothing():
    of = Table(IPV4)
    assert of.announce(PATH, [ONE, TWO]) == 2
    assert of.take(100) == [(None, PATH, [ONE, TWO])]
    assert not of.pending


def test_batches_of_one_path_go_out_together():
    of = Table(IPV4)
    of.announce(PATH, [ONE])
    of.announce(PATH, [TWO])
    assert of_best(of.take(100)) == [(None, PATH, [ONE, TWO])]


def test_prefixes_with_the_same_best_path_go_out_together_whoever_else_is_there():
    of = table((OTHER, [ONE]), (OTHER, [TWO]), (WORSE, [TWO]))
    of.announce(PATH, [TWO, ONE])
    assert of_best(of.take(100)) == [(OTHER, PATH, [TWO, ONE])]


def test_a_rival_that_loses_changes_nothing_for_the_best():
    of = table((PATH, [ONE]))
    of.announce(RIVAL, [ONE])
    assert of_best(of.take(100)) == []


def test_a_rival_that_may_share_the_traffic_is_a_change_where_that_matters():
    for heeded, taken in ((BEST, []), (EQUAL, [(PATH, (PATH, RIVAL), [ONE])])):
        of = table((PATH, [ONE]), heeded=heeded)
        of.announce(RIVAL, [ONE])
        assert of.take(100) == taken
        assert of.entries == {ONE: (PATH, RIVAL)}


def test_a_rival_that_loses_before_med_is_a_change_for_add_path_alone():
    for heeded, taken in ((EQUAL, []), (BEHIND, [(PATH, (PATH, WORSE), [ONE])])):
        of = table((PATH, [ONE]), heeded=heeded)
        of.announce(WORSE, [ONE])
        assert of.take(100) == taken
        assert of.entries == {ONE: (PATH, WORSE)}


def test_a_new_batch_stays_whole_beside_rivals_that_lose():
    of = Table(IPV4)
    of.announce(PATH, [ONE, TWO])
    of.announce(WORSE, [TWO])
    assert of.take(100) == [(None, PATH, [ONE, TWO])]


def test_new_and_displaced_is_one_change_from_nothing():
    of = Table(IPV4)
    of.announce(WORSE, [ONE, TWO])
    of.announce(PATH, [TWO])
    assert of.take(100) == [(None, (PATH, WORSE), [TWO]), (None, WORSE, [ONE])]
    assert not of.pending


def test_a_batch_that_is_not_taken_yet_comes_before_what_changed_in_it():
    of = table((PATH, [ONE]))
    three = [prefix(f"10.3.{number}.0/24") for number in range(3)]
    of.announce(WORSE, three[:1])
    of.announce(WORSE, three[1:])
    of.announce(PATH, three[2:])
    assert of.take(1) == [(None, WORSE, three[:1])]
    assert of.take(100) == [(None, (PATH, WORSE), three[2:]), (None, WORSE, three[1:2])]


def test_new_batches_are_taken_as_far_as_the_budget_goes():
    of = Table(IPV4)
    three = [prefix(f"10.3.{number}.0/24") for number in range(3)]
    of.announce(PATH, [ONE, TWO])
    of.announce(OTHER, three)
    assert of.take(1) == [(None, PATH, [ONE, TWO])]
    assert of.pending
    assert of.take(5) == [(None, OTHER, three)]
    assert not of.pending


def test_same_path_again_is_no_change():
    of = table((PATH, [ONE]))
    assert of.announce(PATH, [ONE]) == 0
    assert of.take(100) == []


def test_implicit_withdraw_replaces_and_other_source_joins():
    of = table((PATH, [ONE]))
    assert of.announce(OTHER, [ONE]) == 0
    assert of.announce(RIVAL, [ONE]) == 1
    assert of.take(100) == [(PATH, (RIVAL, OTHER), [ONE])]


def test_back_and_forth_is_no_change():
    of = table((PATH, [ONE]))
    of.announce(OTHER, [ONE])
    of.announce(PATH, [ONE])
    assert of.take(100) == []


def test_what_only_a_departed_source_had_goes_in_batches_and_the_rest_changes():
    of = table((PATH, [ONE, TWO]), (RIVAL, [TWO]))
    of.depart(A)
    assert of.take(100) == [(PATH, None, [ONE]), ((PATH, RIVAL), RIVAL, [TWO])]
    assert (of.entries, of.pending) == ({TWO: RIVAL}, False)


def test_departure_takes_back_what_was_not_taken_yet():
    of = table((PATH, [ONE]))
    of.announce(OTHER, [ONE])
    of.announce(OTHER, [TWO])
    of.depart(A)
    assert of.take(100) == [(PATH, None, [ONE])]


def test_departed_and_back_is_one_change():
    of = table((PATH, [ONE, TWO]))
    of.depart(A)
    of.announce(RIVAL, [ONE])
    assert of.take(100) == [(PATH, None, [TWO]), (PATH, RIVAL, [ONE])]


def test_gone_and_back_is_one_change():
    of = table((PATH, [ONE]))
    assert of.withdraw(A, 0, [ONE, TWO]) == 1
    of.announce(OTHER, [ONE])
    assert of.take(100) == [(PATH, OTHER, [ONE])]


def test_new_and_gone_is_no_change():
    of = Table(IPV4)
    of.announce(PATH, [ONE])
    of.withdraw(A, 0, [ONE])
    assert of.take(100) == []


def test_only_the_paths_of_the_source_are_withdrawn():
    of = table((PATH, [ONE]), (RIVAL, [ONE]))
    assert of.withdraw(A, 1, [ONE]) == 0
    assert of.withdraw(B, 0, [ONE]) == 1
    assert candidates(of.entries[ONE]) == (PATH,)


def test_budget_leaves_the_rest_for_later():
    of = table((PATH, [ONE, TWO]))
    of.withdraw(A, 0, [ONE, TWO])
    assert of.take(1) == [(PATH, None, [ONE])]
    assert of.pending
    assert of.take(1) == [(PATH, None, [TWO])]


def test_last_taken_is_nothing_where_new_ones_were_displaced():
    of = Table(IPV4)
    of.announce(WORSE, [ONE, TWO])
    of.announce(PATH, [TWO])
    assert of.last_taken() == {ONE: None, TWO: None}


def test_last_taken_is_what_was_before_the_changes():
    of = table((PATH, [ONE]))
    of.withdraw(A, 0, [ONE])
    of.announce(PATH, [TWO])
    assert of.last_taken() == {ONE: PATH, TWO: None}
    assert of.take(100) == [(PATH, None, [ONE]), (None, PATH, [TWO])]
