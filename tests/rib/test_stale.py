"""Graceful restart, enhanced refresh and the long-lived phase; limits on numbers of prefixes."""

import pytest

from rib import (
    LimitEvent,
    LocalRoute,
    MaxPrefixes,
    NextHopRoute,
    PeerKind,
    Policy,
    Protocol,
    Rule,
    SetLocalPref,
    Verdict,
)
from rib.limits import PrefixLimit
from tests.rib.support import (
    IPV4,
    Receiver,
    announce,
    attributes,
    communities,
    drain,
    prefix,
    router,
    settings,
    withdraw,
)

PEER = settings("p", PeerKind.EBGP, "10.0.0.1", 65001)
NETS = ["10.1.0.0/26", "10.1.0.64/26", "10.1.0.128/26"]
KEEP = frozenset({IPV4})


@pytest.fixture
def of():
    of = router()
    of.add_peer(PEER)
    of.receive("p", announce(attributes(65001), *NETS))
    drain(of)
    return of


def stale(of):
    return {row.prefix for row in of.routes(IPV4) if row.stale}


def test_what_is_under_way_with_the_paths_of_a_peer_is_done_before_they_are_retained(monkeypatch):
    monkeypatch.setattr("rib.table._AT_ONCE", 0)
    of = router(assume_reachable=False)
    of.add_peer(PEER)
    of.receive("p", announce(attributes(65001, next_hop="10.0.0.1"), *NETS))
    of.set_next_hops([NextHopRoute(prefix("10.0.0.0/24"), "eth0")], IPV4)
    of.remove_peer("p", retain=KEEP)
    drain(of)
    assert all(row.best and row.stale for row in of.routes(IPV4))


def test_retained_paths_stay_best_and_nothing_moves(of):
    of.remove_peer("p", retain=KEEP)
    assert stale(of) == {prefix(net) for net in NETS}
    assert not of.pending
    assert all(row.best for row in of.routes(IPV4))
    assert of.counts("p")[IPV4].stale == 3


def test_what_the_peer_repeats_is_fresh_and_the_rest_is_swept(of):
    of.remove_peer("p", retain=KEEP)
    of.add_peer(PEER)
    of.receive("p", announce(attributes(65001), NETS[0]))
    [run] = drain(of)
    assert run.fib == []  # the same route again
    assert stale(of) == {prefix(NETS[1]), prefix(NETS[2])}
    of.sweep_stale("p", IPV4)
    [change] = [change for run in drain(of) for change in run.fib]
    assert (set(change.prefixes), change.route) == ({prefix(net) for net in NETS[1:]}, None)
    assert of.counts("p")[IPV4].received == 1


def test_peer_that_never_comes_back_is_swept(of):
    of.remove_peer("p", retain=KEEP)
    of.sweep_stale("p", IPV4)
    drain(of)
    assert of.size(IPV4) == 0
    of.sweep_stale("p", IPV4)  # nothing is left, and that is fine


def test_second_restart_before_the_sweep_keeps_what_is_there(of):
    of.remove_peer("p", retain=KEEP)
    of.add_peer(PEER)
    of.receive("p", announce(attributes(65001), NETS[0]))
    of.remove_peer("p", retain=KEEP)
    assert stale(of) == {prefix(net) for net in NETS}


def test_another_speaker_at_the_address_inherits_nothing(of):
    of.remove_peer("p", retain=KEEP)
    of.add_peer(settings("p", PeerKind.EBGP, "10.0.0.1", 65001, bgp_identifier=b"\1\2\3\4"))
    drain(of)
    assert of.size(IPV4) == 0


@pytest.mark.parametrize(
    "back",
    [
        settings("p", PeerKind.EBGP, "10.0.0.1", 65009),
        settings("p", PeerKind.EBGP, "10.0.0.1", 65001, local_as=65010),
        settings("p", PeerKind.IBGP_CLIENT, "10.0.0.1"),
    ],
    ids=["its AS", "our AS", "its role"],
)
def test_a_peer_that_is_back_in_another_as_or_role_has_its_stale_paths_still(of, back):
    of.remove_peer("p", retain=KEEP)
    of.add_peer(back)
    assert [change for run in drain(of) for change in run.fib] == []
    assert stale(of) == {prefix(net) for net in NETS}
    of.receive("p", announce(attributes(65001), NETS[0]))
    of.sweep_stale("p", IPV4)
    [change] = [change for run in drain(of) for change in run.fib]
    assert (set(change.prefixes), change.route) == ({prefix(net) for net in NETS[1:]}, None)
    assert of.counts("p")[IPV4].received == 1


def test_stale_paths_do_not_become_loops_when_we_are_in_another_as(of):
    of.remove_peer("p", retain=KEEP)
    of.add_peer(settings("p", PeerKind.EBGP, "10.0.0.1", 65009, local_as=65001))
    assert [change for run in drain(of) for change in run.fib] == []
    assert all(row.best for row in of.routes(IPV4))


def test_refresh_marks_and_sweeps_what_is_not_repeated(of):
    of.mark_stale("p", IPV4)
    of.receive("p", announce(attributes(65001), *NETS[:2]))
    of.sweep_stale("p", IPV4)
    drain(of)
    assert {row.prefix for row in of.routes(IPV4)} == {prefix(net) for net in NETS[:2]}


@pytest.mark.parametrize(
    "rules", [(), (Rule(name="r", verdict=Verdict.ACCEPT, operations=(SetLocalPref(7),)),)]
)
def test_stale_marks_survive_a_change_of_next_hops(rules):
    of = router(assume_reachable=False)
    inward = Policy(name="in", family=IPV4, rules=rules)
    of.add_peer(settings("p", PeerKind.EBGP, "10.0.0.1", 65001, import_policy={IPV4: inward}))
    value = attributes(65001)
    of.receive("p", announce(value, *NETS))
    of.mark_stale("p", IPV4)
    of.receive("p", announce(value, NETS[0]))
    of.set_local(*static_to("10.0.0.1"))
    assert stale(of) == {prefix(NETS[1]), prefix(NETS[2])}
    of.receive("p", announce(value, NETS[1]))
    assert stale(of) == {prefix(NETS[2])}


def static_to(host):
    return Protocol.STATIC, IPV4, {prefix(f"{host}/32"): LocalRoute(gateway=b"\x0a\0\0\xfe")}


def test_long_lived_phase_makes_stale_paths_the_last_resort(of):
    other = settings("q", PeerKind.EBGP, "10.0.0.2", 65002)
    plain = Receiver(settings("r", PeerKind.IBGP, "10.0.0.3"))
    knowing = Receiver(settings("s", PeerKind.IBGP, "10.0.0.4", long_lived_stale=True))
    for peer in (other, plain.settings, knowing.settings):
        of.add_peer(peer)
    of.receive("q", announce(attributes(65002, 65003, 65004), NETS[0]))
    of.receive("p", announce(attributes(65001, communities=communities(0xFFFF0007)), NETS[2]))
    of.remove_peer("p", retain=KEEP)
    of.mark_long_lived("p", IPV4)
    drain(of, plain, knowing)
    bests = {row.prefix: row.source for row in of.routes(IPV4) if row.best}
    assert bests == {prefix(NETS[0]): "q", prefix(NETS[1]): "p"}  # NO_LLGR went
    assert knowing.table()[prefix(NETS[1])].community_list == [0xFFFF0006]
    assert plain.table().keys() == {prefix(NETS[0])}
    of.mark_long_lived("p", IPV4)
    assert not of.pending
    of.sweep_stale("p", IPV4)
    drain(of, plain, knowing)
    assert knowing.table().keys() == {prefix(NETS[0])}


def test_limit_warns_and_is_exceeded_once_each():
    limits = {IPV4: MaxPrefixes(2, warn_percent=50)}
    of = router()
    of.add_peer(settings("p", PeerKind.EBGP, "10.0.0.1", 65001, max_prefixes=limits))
    events = []
    for net in NETS:
        of.receive("p", announce(attributes(65001), net))
        events += [event for run in drain(of) for event in run.limit_events]
    assert events == [LimitEvent("p", IPV4, "warning", 1, 2), LimitEvent("p", IPV4, "exceeded", 3, 2)]


def test_repeated_prefixes_count_once():
    limits = {IPV4: MaxPrefixes(2, warn_percent=100)}
    of = router()
    of.add_peer(settings("p", PeerKind.EBGP, "10.0.0.1", 65001, max_prefixes=limits))
    for med in range(5):
        of.receive("p", announce(attributes(65001, med=med), NETS[0]))
        of.receive("p", withdraw(NETS[1]))
    assert of.run().limit_events == []
    assert of.counts("p")[IPV4].received == 1


def test_threshold_is_told_again_after_the_count_was_below_it():
    limit = PrefixLimit(MaxPrefixes(4, warn_percent=50, warning_only=True))
    assert [limit.check(count) for count in (1, 2, 3, 9, 1, 2)] == [
        None,
        "warning",
        None,
        None,
        None,
        "warning",
    ]
    strict = PrefixLimit(MaxPrefixes(4, warn_percent=50))
    assert [strict.check(count) for count in (5, 4, 5, 6)] == ["exceeded", None, "exceeded", None]


def test_a_peer_that_is_away_gives_way_to_one_that_is_present(of):
    of.add_peer(settings("q", PeerKind.EBGP, "10.0.0.2", 65001))
    longer = attributes(65001, 65001, 65001, next_hop="10.0.0.2")
    of.receive("q", announce(longer, NETS[0]))
    drain(of)
    of.remove_peer("p", retain=KEEP)
    of.give_way("p", IPV4)
    drain(of)
    assert {row.prefix: row.source for row in of.routes(IPV4) if row.best} == {
        prefix(NETS[0]): "q",
        prefix(NETS[1]): "p",
        prefix(NETS[2]): "p",
    }
    assert of.counts("p")[IPV4].received == 2


@pytest.mark.parametrize(("kind", "number"), [(PeerKind.IBGP, 64512), (PeerKind.IBGP_CLIENT, 64512)])
def test_a_peer_that_is_away_does_not_give_way_to_an_internal_one(of, kind, number):
    of.add_peer(settings("q", kind, "10.0.0.2", number))
    of.receive("q", announce(attributes(65001, next_hop="10.0.0.2", local_pref=100), *NETS))
    drain(of)
    of.remove_peer("p", retain=KEEP)
    of.give_way("p", IPV4)
    assert stale(of) == {prefix(net) for net in NETS}


def test_internal_peers_give_way_to_nobody():
    of = router()
    for name, address in (("p", "10.0.0.1"), ("q", "10.0.0.2")):
        of.add_peer(settings(name, PeerKind.IBGP_CLIENT, address))
        of.receive(name, announce(attributes(next_hop="10.0.0.9", local_pref=100), *NETS))
    of.remove_peer("p", retain=KEEP)
    of.give_way("p", IPV4)
    assert stale(of) == {prefix(net) for net in NETS}
