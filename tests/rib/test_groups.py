"""Update groups: shared buffers, own routes cut out, dumps in chunks, members that lag."""

from dataclasses import replace

import pytest

from rib import LocalRoute, PeerKind, Policy, Protocol, Transmission, Verdict
from rib.policy import PrefixMatch, PrefixOperator, Rule
from tests.rib.support import (
    IPV4,
    IPV6,
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

CLIENTS = [settings(f"c{n}", PeerKind.IBGP_CLIENT, f"10.0.0.{n}") for n in range(1, 5)]
NETS = [f"10.1.{n}.0/24" for n in range(10)]


def reflector(*peers):
    of = router()
    receivers = [Receiver(peer) for peer in peers]
    for peer in peers:
        of.add_peer(peer)
    drain(of, *receivers)
    return of, receivers


def test_for_member_leaves_out_own_spans_and_puts_extra_last():
    transmission = Transmission(
        ["a", "b", "c"], b"AABBCC", {"a": [(0, 2), (4, 6)], "b": [(0, 6)]}, {"a": b"XX"}
    )
    assert [bytes(piece) for piece in transmission.for_member("a")] == [b"BB", b"XX"]
    assert transmission.for_member("b") == []
    assert transmission.for_member("c") == [b"AABBCC"]


def test_a_change_is_encoded_once_for_all_and_not_for_its_source():
    of, receivers = reflector(*CLIENTS)
    for peer, net in zip(CLIENTS, NETS, strict=False):
        of.receive(peer.name, announce(attributes(next_hop=f"10.0.0.{peer.address[3]}"), net))
    [run] = drain(of, *receivers)
    [transmission] = run.transmissions
    assert transmission.members == [peer.name for peer in CLIENTS]
    for number, receiver in enumerate(receivers):
        own = prefix(NETS[number])
        assert receiver.table().keys() == {prefix(net) for net in NETS[:4]} - {own}


def test_peers_that_differ_are_in_different_groups():
    other = settings("o", PeerKind.IBGP_CLIENT, "10.0.0.9", message_limit=65535)
    of, receivers = reflector(*CLIENTS[:2], other)
    of.receive("c1", announce(attributes(), NETS[0]))
    [run] = drain(of, *receivers)
    assert [one.members for one in run.transmissions] == [["c1", "c2"], ["o"]]


def test_equal_policies_under_other_names_share_a_group():
    peers = [
        settings(
            f"e{n}",
            PeerKind.EBGP,
            f"10.0.0.{n}",
            65000 + n,
            export_policy={IPV4: Policy(name=f"{n}", family=IPV4)},
        )
        for n in (1, 2)
    ]
    of, receivers = reflector(*peers)
    of.receive("e1", announce(attributes(65001), NETS[0]))
    [run] = drain(of, *receivers)
    assert len(run.transmissions) == 1


def test_best_path_that_moves_to_a_member_is_withdrawn_from_it():
    of, receivers = reflector(*CLIENTS[:3])
    of.receive("c2", announce(attributes(next_hop="10.0.0.2"), NETS[0]))
    drain(of, *receivers)
    of.receive("c1", announce(attributes(next_hop="10.0.0.1"), NETS[0]))  # lower router id
    [run] = drain(of, *receivers)
    assert run.transmissions[0].extra.keys() == {"c1"}
    assert [len(receiver.table()) for receiver in receivers] == [0, 1, 1]
    of.receive("c1", withdraw(NETS[0]))
    drain(of, *receivers)
    assert [len(receiver.table()) for receiver in receivers] == [1, 0, 1]
    assert not any(receiver.withdrawn_unknown for receiver in receivers)


def test_what_comes_and_goes_in_one_turn_is_not_sent():
    of, receivers = reflector(*CLIENTS[:2])
    of.receive("c1", announce(attributes(), *NETS))
    of.receive("c1", withdraw(*NETS))
    assert [run.transmissions for run in drain(of, *receivers)] == [[]]


def test_new_path_that_is_sent_the_same_is_not_sent_again():
    of = router()
    feeds = [settings(f"f{n}", PeerKind.EBGP, f"10.0.0.{n}", 65001) for n in (1, 2)]
    to = Receiver(settings("to", PeerKind.EBGP, "10.0.0.9", 65002))
    for peer in (*feeds, to.settings):
        of.add_peer(peer)
    drain(of, to)
    of.receive("f2", announce(attributes(65001), NETS[0]))
    drain(of, to)
    of.receive("f1", announce(attributes(65001), NETS[0]))
    [run] = drain(of, to)
    assert [row.source for row in of.routes(IPV4) if row.best] == ["f1"]
    assert [one.members for one in run.transmissions] == [["f1", "f2", "to"]]
    # All three are in one group; alone, the target is not told what it knows.
    of.remove_peer("f1")
    of.remove_peer("f2", retain=frozenset({IPV4}))
    assert [run.transmissions for run in drain(of, to)] == [[]]


def test_initial_table_comes_in_chunks_with_end_of_rib_last():
    of, _ = reflector(CLIENTS[0])
    of.receive("c1", announce(attributes(), *NETS))
    drain(of)
    of.add_peer(CLIENTS[1])
    of.add_peer(CLIENTS[2])
    receivers = [Receiver(peer) for peer in CLIENTS[1:3]]
    runs = drain(of, *receivers, budget=4)
    assert [len(run.transmissions) for run in runs] == [1, 1, 2]  # shared by those who join together
    assert [run.end_of_rib_sent for run in runs] == [[], [], [("c2", IPV4), ("c3", IPV4)]]
    for receiver in receivers:
        assert receiver.end_of_ribs == [IPV4]
        assert len(receiver.table()) == len(NETS)


def test_change_during_the_initial_table_is_not_overtaken():
    of, _ = reflector(CLIENTS[0])
    of.receive("c1", announce(attributes(), *NETS))
    drain(of)
    of.add_peer(CLIENTS[1])
    receiver = Receiver(CLIENTS[1])
    receiver.take(of.run(4))
    of.receive("c1", withdraw(NETS[0], NETS[9]))
    of.receive("c1", announce(attributes(med=7), NETS[1], NETS[8]))
    drain(of, receiver, budget=4)
    assert receiver.table().keys() == {prefix(net) for net in NETS[1:9]}
    assert {net for net in NETS if (value := receiver.table().get(prefix(net))) and value.med == 7} == {
        NETS[1],
        NETS[8],
    }


def test_both_families_get_their_end_of_rib():
    peer = settings("c1", PeerKind.IBGP_CLIENT, "10.0.0.1", families=frozenset({IPV4, IPV6}))
    _, [receiver] = reflector(peer)
    assert receiver.end_of_ribs == [IPV4, IPV6]


@pytest.mark.parametrize("enhanced", [False, True])
def test_route_refresh_repeats_the_table(enhanced):
    peer = settings("c2", PeerKind.IBGP_CLIENT, "10.0.0.2", enhanced_route_refresh=enhanced)
    of, [_, receiver] = reflector(CLIENTS[0], peer)
    of.receive("c1", announce(attributes(), *NETS))
    drain(of, receiver)
    receiver.routes.clear()
    of.refresh_requested("c2", IPV4)
    drain(of, receiver, budget=3)
    assert len(receiver.table()) == len(NETS)
    assert receiver.refreshes == ([b"\0\1\1\1", b"\0\1\2\1"] if enhanced else [])


def test_lagging_member_gets_the_present_state_once_not_the_history():
    of, receivers = reflector(*CLIENTS[:3])
    of.receive("c1", announce(attributes(), NETS[0], NETS[1]))
    drain(of, *receivers)
    of.set_lagging("c2", True)
    for med in range(50):
        of.receive("c1", announce(attributes(med=med), NETS[0], NETS[2]))
        for run in drain(of, *receivers):
            assert all("c2" not in one.members for one in run.transmissions)
    of.receive("c1", withdraw(NETS[1], NETS[2]))
    drain(of, *receivers)
    of.set_lagging("c2", False)
    [run] = drain(of, *receivers)
    assert sum(len(one.buffer) for one in run.transmissions) < 200
    assert (
        receivers[1].table()
        == receivers[2].table()
        == {prefix(NETS[0]): receivers[2].table()[prefix(NETS[0])]}
    )
    assert receivers[1].withdrawn_unknown == 0


def test_member_that_lags_during_its_initial_table_gets_the_rest_and_end_of_rib():
    of, _ = reflector(CLIENTS[0])
    of.receive("c1", announce(attributes(), *NETS))
    drain(of)
    of.add_peer(CLIENTS[1])
    receiver = Receiver(CLIENTS[1])
    receiver.take(of.run(4))
    of.set_lagging("c2", True)
    drain(of, receiver)
    assert len(receiver.table()) == 4
    of.set_lagging("c2", False)
    drain(of, receiver, budget=3)
    assert len(receiver.table()) == len(NETS)
    assert receiver.end_of_ribs == [IPV4]


def test_other_export_policy_on_a_live_session():
    of, receivers = reflector(*CLIENTS[:2])
    of.receive("c1", announce(attributes(), *NETS))
    drain(of, *receivers)
    nothing = Policy(name="no", family=IPV4, default=Verdict.REJECT)
    of.update_peer(settings("c2", PeerKind.IBGP_CLIENT, "10.0.0.2", export_policy={IPV4: nothing}))
    drain(of, *receivers, budget=3)
    assert receivers[1].table() == {}
    of.update_peer(CLIENTS[1])
    drain(of, *receivers, budget=3)
    assert len(receivers[1].table()) == len(NETS)


def test_update_that_changes_nothing_sends_nothing():
    of, receivers = reflector(*CLIENTS[:2])
    of.receive("c1", announce(attributes(), *NETS))
    drain(of, *receivers)
    of.update_peer(CLIENTS[1])
    assert not of.pending


def test_client_that_becomes_a_non_client():
    ibgp = settings("n", PeerKind.IBGP, "10.0.0.9")
    of, receivers = reflector(CLIENTS[0], ibgp)
    of.receive("c1", announce(attributes(), *NETS))
    drain(of, *receivers)
    assert len(receivers[1].table()) == len(NETS)
    of.update_peer(settings("c1", PeerKind.IBGP, "10.0.0.1"))
    drain(of, *receivers)
    assert receivers[1].table() == {}
    assert of.counts("c1")[IPV4].received == len(NETS)


def test_add_path_sends_every_path_under_its_own_identifier():
    all_paths = settings("all", PeerKind.IBGP_CLIENT, "10.0.0.9", add_path_send=frozenset({IPV4}))
    of, [*_, receiver] = reflector(*CLIENTS[:2], all_paths)
    of.receive("c1", announce(attributes(next_hop="10.0.0.1"), NETS[0]))
    of.receive("c2", announce(attributes(next_hop="10.0.0.2"), NETS[0]))
    of.receive("all", announce(attributes(next_hop="10.0.0.9"), NETS[0], path_id=3))
    drain(of, receiver)
    assert len({path_id for _, path_id, _ in receiver.routes}) == len(receiver.routes) == 2
    assert len(list(of.routes(IPV4, advertised_to="all"))) == of.counts("all")[IPV4].advertised == 2
    of.receive("c1", withdraw(NETS[0]))
    drain(of, receiver)
    assert [value.next_hop[3] for value in receiver.routes.values()] == [2]


def test_add_path_receive_keeps_paths_apart():
    of, [_, receiver] = reflector(*CLIENTS[:2])
    of.receive("c1", announce(attributes(next_hop="10.0.0.1"), NETS[0], path_id=1))
    of.receive(
        "c1", announce(attributes(next_hop="10.0.0.2", communities=communities(1)), NETS[0], path_id=2)
    )
    assert len(list(of.routes(IPV4, received_from="c1"))) == 2
    drain(of, receiver)
    assert receiver.table()[prefix(NETS[0])].next_hop[3] == 1
    of.receive("c1", withdraw(NETS[0], path_id=1))
    drain(of, receiver)
    assert receiver.table()[prefix(NETS[0])].next_hop[3] == 2


def test_removed_peer_takes_its_routes_with_it():
    of, receivers = reflector(*CLIENTS[:3])
    of.receive("c1", announce(attributes(), *NETS))
    drain(of, *receivers)
    of.remove_peer("c1")
    drain(of, *receivers[1:], budget=3)
    assert receivers[1].table() == receivers[2].table() == {}
    assert of.size(IPV4) == 0


def test_member_that_became_the_source_while_it_lagged_loses_what_it_was_sent():
    of, receivers = reflector(*CLIENTS[:2])
    of.receive("c2", announce(attributes(next_hop="10.0.0.2"), NETS[0]))
    drain(of, *receivers)
    of.set_lagging("c1", True)
    of.receive("c1", announce(attributes(next_hop="10.0.0.1"), NETS[0]))
    drain(of, *receivers)
    assert len(receivers[0].table()) == 1
    of.set_lagging("c1", False)
    drain(of, *receivers)
    assert receivers[0].table() == {}


def test_what_overtook_the_initial_table_is_withdrawn_after_the_lag():
    of, _ = reflector(CLIENTS[0])
    of.receive("c1", announce(attributes(), *NETS))
    drain(of)
    of.add_peer(CLIENTS[1])
    receiver = Receiver(CLIENTS[1])
    receiver.take(of.run(4))
    of.receive("c1", announce(attributes(med=7), NETS[9]))
    receiver.take(of.run(1))
    assert prefix(NETS[9]) in receiver.table()
    of.set_lagging("c2", True)
    of.receive("c1", withdraw(NETS[9]))
    drain(of, receiver)
    of.set_lagging("c2", False)
    drain(of, receiver)
    assert receiver.table().keys() == {prefix(net) for net in NETS[:9]}


def test_withdrawal_that_waits_while_the_export_policy_changes_is_not_lost():
    of, receivers = reflector(*CLIENTS[:2])
    of.receive("c1", announce(attributes(), *NETS))
    drain(of, *receivers)
    of.receive("c1", withdraw(NETS[0]))
    nothing = Policy(name="no", family=IPV4, default=Verdict.REJECT)
    of.update_peer(settings("c2", PeerKind.IBGP_CLIENT, "10.0.0.2", export_policy={IPV4: nothing}))
    drain(of, *receivers)
    assert receivers[1].table() == {}


@pytest.mark.parametrize("add_path", [False, True])
@pytest.mark.parametrize("by_policy", [False, True])
def test_what_comes_is_announced_before_what_goes_is_withdrawn(by_policy, add_path):
    """A block goes and its workloads' addresses come, in the table alone or by another export policy."""
    block, workloads = "10.1.0.0/26", ["10.1.0.1/32", "10.1.0.2/32"]
    inside = PrefixMatch(PrefixOperator.IN, prefix(block), min_length=32)
    block_alone = Policy(
        name="b", family=IPV4, rules=(Rule(name="w", verdict=Verdict.REJECT, prefixes=(inside,)),)
    )
    options = {"add_path_send": frozenset({IPV4})} if add_path else {}
    to = settings("to", PeerKind.IBGP_CLIENT, "10.0.0.9", **options)
    of, [receiver] = reflector(replace(to, export_policy={IPV4: block_alone}) if by_policy else to)
    of.set_local(Protocol.STATIC, IPV4, {prefix(block): LocalRoute()})
    learned = {prefix(one): LocalRoute() for one in workloads}
    of.set_local(Protocol.KERNEL, IPV4, learned if by_policy else {})
    drain(of, receiver)
    of.set_local(Protocol.STATIC, IPV4, {})
    of.set_local(Protocol.KERNEL, IPV4, learned)
    of.update_peer(to)
    drain(of, receiver)
    assert "".join(receiver.log) == "+" + "++-"
    assert receiver.withdrawn_unknown == 0


def test_own_routes_stay_cut_out_when_another_path_is_sent_the_same():
    peers = [settings(f"e{n}", PeerKind.EBGP, f"10.0.0.{n}", 65001) for n in (1, 2, 3)]
    of, receivers = reflector(*peers)
    of.receive("e2", announce(attributes(65001), NETS[0]))
    drain(of, *receivers)
    of.receive("e1", announce(attributes(65001), NETS[0]))
    drain(of, *receivers)
    assert [len(receiver.table()) for receiver in receivers] == [0, 1, 1]
