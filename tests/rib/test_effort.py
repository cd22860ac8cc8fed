"""What one call can take, counted in work and not in time: the event loop has its turn after each."""

from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rib import (
    AddCommunity,
    LocalRoute,
    NextHopRoute,
    PeerKind,
    Policy,
    Router,
    Rule,
    SetLocalPref,
    Verdict,
)
from rib.egress import Egress
from rib.fib import Fib
from rib.ingress import Ingress
from rib.path import Path, Terms
from rib.table import Table
from rib.target import target_of
from tests.rib.support import (
    IPV4,
    OUR_AS,
    OUR_ID,
    Receiver,
    attributes,
    communities,
    drain,
    prefix,
    router,
    settings,
    source,
)
from wire import Announcement, Update, Withdrawal, parse_address

SETS = 600
"""Attribute sets that all differ, a prefix each: more than any call may take."""
BUDGET = 2_500
MOST = 132
"""How often any of it is done in a call with that budget: 2,500 / 25, and a step with two paths for each."""

A = settings("a", PeerKind.EBGP, "10.0.0.1", 65001)
B = settings("b", PeerKind.EBGP, "10.0.0.2", 65002)
C = settings("c", PeerKind.EBGP, "10.0.0.3", 65003)
MARK = Policy(
    name="mark",
    family=IPV4,
    rules=(Rule(name="mark", verdict=Verdict.ACCEPT, operations=(AddCommunity(0xFDE80001),)),),
)
WAYS = [NextHopRoute(prefix("10.0.0.0/24"), "eth0")]
OTHER_WAYS = [NextHopRoute(prefix("10.0.0.0/24"), "eth1")]
BUSY = (
    (Egress, "export"),
    (Fib, "_made"),
    (Ingress, "reconsider"),
    (Table, "exchange"),
)
"""What is done for each path, and costs more than all else together."""


def unusual(number: int, peer_as: int) -> Update:
    value = attributes(peer_as, 65100, med=number, communities=communities(0x10000 + number))
    return Update(announced=[Announcement(IPV4, 0, value, [bytes((24, 10, number >> 8, number & 255))])])


def table_of(*feeds: str) -> Router:
    of = router(assume_reachable=False)
    of.set_next_hops(WAYS, IPV4)
    for peer in (A, B, C):
        of.add_peer(peer)
    for number in range(SETS):
        for name in feeds:
            of.receive(name, unusual(number, 65001 if name == "a" else 65002))
    return of


def with_policy(peer, **policies):
    return settings(peer.name, peer.kind, "10.0.0.1" if peer is A else "10.0.0.3", peer.peer_as, **policies)


EVENTS: dict[str, Callable[[Router], object]] = {
    "a session ends": lambda of: of.remove_peer("a"),
    "import policy": lambda of: of.update_peer(with_policy(A, import_policy={IPV4: MARK})),
    "export policy": lambda of: of.update_peer(with_policy(C, export_policy={IPV4: MARK})),
    "kernel policy": lambda of: of.set_kernel_policies({IPV4: MARK}),
    "next hops": lambda of: of.set_next_hops(OTHER_WAYS, IPV4),
    "route refresh": lambda of: of.refresh_requested("c", IPV4),
    "another peer": lambda of: of.add_peer(settings("d", PeerKind.IBGP, "10.0.0.4")),
}


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """Count what is done for each path; parts are small, as the table is."""
    done: Counter[str] = Counter()
    for module in ("dump", "fibs", "table", "walk"):
        monkeypatch.setattr(f"rib.{module}.STEP", 16)
    monkeypatch.setattr("rib.table._AT_ONCE", BUDGET)
    for owner, name in BUSY:
        monkeypatch.setattr(owner, name, counted(getattr(owner, name), done))
    return done


def counted(function, done):
    def call(*args, **kwargs):
        done[function.__qualname__] += 1
        return function(*args, **kwargs)

    return call


def runs_of(of: Router, work: Counter[str]) -> int:
    runs = 0
    while of.pending:
        work.clear()
        of.run(BUDGET)
        assert all(count <= MOST for count in work.values()), work
        runs += 1
    return runs


@pytest.mark.parametrize("feeds", ["a", "ab"])
def test_no_run_does_much_when_a_table_arrives(work, feeds):
    of = table_of(*feeds)
    assert runs_of(of, work) > SETS / MOST


@pytest.mark.parametrize("feeds", ["a", "ab"])
@pytest.mark.parametrize("event", EVENTS)
def test_no_call_does_much_when_something_happens(work, event, feeds):
    of = table_of(*feeds)
    runs_of(of, work)
    work.clear()
    EVENTS[event](of)
    assert all(count <= MOST for count in work.values()), work
    assert runs_of(of, work) > SETS / MOST


@pytest.mark.parametrize(
    "begin",
    [
        lambda of: of.sweep_stale("a", IPV4),
        lambda of: of.give_way("a", IPV4),
        lambda of: of.mark_long_lived("a", IPV4),
    ],
)
def test_no_call_does_much_with_stale_paths(work, begin):
    of = table_of("a", "b")
    runs_of(of, work)
    of.remove_peer("a", retain=frozenset({IPV4}))
    runs_of(of, work)
    work.clear()
    begin(of)
    assert all(count <= MOST for count in work.values()), work
    assert runs_of(of, work) > SETS / MOST


def test_a_session_that_ends_during_a_walk_is_left_to_its_own():
    of = table_of("a")
    drain(of)
    of.update_peer(with_policy(A, import_policy={IPV4: MARK}))
    of.remove_peer("a")
    receiver = Receiver(C)
    drain(of, receiver)
    assert of.size(IPV4) == 0
    assert not receiver.routes
    assert receiver.log.count("-") == SETS


def test_a_reader_that_lags_in_its_first_table_is_owed_a_list_and_no_notes():
    of = table_of("a")
    drain(of)
    late = settings("d", PeerKind.EBGP, "10.0.0.4", 65004)
    receiver = Receiver(late)
    of.add_peer(late)
    receiver.take(of.run(1_000))
    assert 0 < len(receiver.routes) < SETS
    of.set_lagging("d", True)
    [member] = [group.members["d"] for group in of._groups.of("d")]
    assert not member.missed
    drain(of)
    of.set_lagging("d", False)
    drain(of, receiver)
    assert len(receiver.routes) == SETS
    assert receiver.end_of_ribs == [IPV4]


def test_routes_are_counted_in_parts(monkeypatch):
    monkeypatch.setattr("rib.counts._PART", 100)
    of = table_of("a", "b")
    drain(of)
    parts = sum(1 for _ in of.counting())
    assert parts == SETS / 100
    assert list(of.counting()) == []
    assert of.counts("a")[IPV4].received == SETS
    assert of.counts("c")[IPV4].advertised == SETS
    of.receive("a", unusual(SETS, 65001))
    assert len(list(of.counting("c"))) == SETS / 100 + 1
    assert of.counts("c")[IPV4].advertised == SETS + 1


def test_prefixes_that_go_while_they_are_counted_are_not_counted(monkeypatch):
    monkeypatch.setattr("rib.counts._PART", 100)
    of = table_of("a")
    drain(of)
    counting = of.counting()
    next(counting)
    of.receive("a", Update(withdrawn=[Withdrawal(IPV4, 0, list(of._tables[IPV4].entries))]))
    list(counting)
    assert of.counts("c")[IPV4].advertised == 100
    drain(of)
    assert of.size(IPV4) == 0


def test_rows_come_in_pieces_whether_there_are_any(monkeypatch):
    monkeypatch.setattr("rib.views._LOOKED_AT", 100)
    monkeypatch.setattr("rib.views._PIECE", 40)
    of = table_of("a")
    drain(of)
    assert {len(piece) for piece in of.route_pieces(IPV4)} == {40, 20, 0}
    assert [*map(len, of.route_pieces(IPV4, received_from="b"))] == [0] * 7
    assert len(list(of.routes(IPV4))) == SETS


VALUES = st.builds(
    lambda as_path, local_pref, community: attributes(
        *as_path, local_pref=local_pref, communities=communities(community) if community else b""
    ),
    st.sampled_from([(), (65001,), (65001, OUR_AS)]),
    st.sampled_from([None, 100, 200]),
    st.sampled_from([0, 1, 0xFFFFFF01, 0xFFFFFF02, 0xFFFF0006]),
)
POLICIES = (
    None,
    MARK,
    Policy(name="none", family=IPV4, default=Verdict.REJECT),
    Policy(name="some", family=IPV4, rules=(Rule(name="low", verdict=Verdict.REJECT, local_pref=100),)),
    Policy(
        name="marked",
        family=IPV4,
        rules=(Rule(name="marked", verdict=Verdict.REJECT, communities=(1,), operations=(SetLocalPref(7),)),),
    ),
    Policy(name="normal", family=IPV4, normalize="export", default=Verdict.ACCEPT),
)


@given(
    value=VALUES,
    policy=st.sampled_from(POLICIES),
    kind=st.sampled_from([PeerKind.EBGP, PeerKind.IBGP, PeerKind.IBGP_CLIENT]),
    of=st.sampled_from(list(PeerKind)),
    local_address=st.sampled_from(["10.0.0.99", "fd00::99"]),
)
def test_whether_it_is_sent_is_told_as_by_sending_it(value, policy, kind, of, local_address):
    peer = settings(
        "to",
        kind,
        "10.0.0.2",
        local_address=parse_address(local_address),
        export_policy={} if policy is None else {IPV4: policy},
    )
    egress = Egress(target_of(peer, IPV4, OUR_ID))
    local = LocalRoute(kind="blackhole") if of is PeerKind.LOCAL else None
    next_hop = b"" if local else value.next_hop
    path = Path(Terms(source("from", of), next_hop, local=local), value.replace(next_hop=next_hop))
    one = prefix("10.1.0.0/26")
    prefix_class = egress.class_of(one)
    sent = egress.export(path, prefix_class, one).attributes is not None
    assert egress.sends(path, prefix_class, one) == sent
