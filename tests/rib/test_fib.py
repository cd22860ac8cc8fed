"""Kernel routes: what is installed, how, and that nothing is written without a difference."""

from struct import pack
from typing import NamedTuple

import pytest

from rib import (
    FibNextHop,
    FibRoute,
    LocalRoute,
    NextHopRoute,
    PeerKind,
    Policy,
    PrefixMatch,
    PrefixOperator,
    Protocol,
    Rule,
    SetTunnel,
    Verdict,
)
from tests.rib.support import IPV4, announce, attributes, drain, prefix, router, settings, withdraw
from wire import Family, parse_address

NET = "10.1.0.0/26"
PEERS = [settings(f"p{n}", PeerKind.EBGP, f"10.0.0.{n}", 65001) for n in range(1, 21)]
CONNECTED = NextHopRoute(prefix("10.0.0.0/24"), "eth0")


def node(*peers, **fields):
    of = router(assume_reachable=False, **fields)
    of.set_next_hops([CONNECTED], IPV4)
    for peer in peers:
        of.add_peer(peer)
    drain(of)
    return of


class Wanted(NamedTuple):
    """The kernel's route for one prefix."""

    prefix: bytes
    route: FibRoute | None


def each(run):
    return [Wanted(prefix, change.route) for change in run.fib for prefix in change.prefixes]


def changes(of):
    return [wanted for run in drain(of) for wanted in each(run)]


def via(*hosts, metric=0):
    return FibRoute(tuple(FibNextHop(parse_address(host), "eth0") for host in hosts), metric=metric)


def learn(of, peer=PEERS[0], net=NET, next_hop=None, *ases, **fields):
    hop = next_hop or f"10.0.0.{peer.address[3]}"
    of.receive(peer.name, announce(attributes(*ases or (65001,), next_hop=hop, **fields), net))


def test_learned_route_comes_changes_and_goes():
    of = node(PEERS[0])
    learn(of)
    assert changes(of) == [Wanted(prefix(NET), via("10.0.0.1"))]
    learn(of, med=7)
    assert changes(of) == []  # the same way out
    learn(of, next_hop="10.0.0.7")
    assert changes(of) == [Wanted(prefix(NET), via("10.0.0.7"))]
    of.receive("p1", withdraw(NET))
    assert changes(of) == [Wanted(prefix(NET), None)]


def test_prefixes_of_one_route_are_one_change():
    of = node(PEERS[0])
    of.receive("p1", announce(attributes(65001), NET, "10.1.0.64/26"))
    of.receive("p1", announce(attributes(65001, med=7), "10.1.0.128/26"))
    (change,) = drain(of)[0].fib
    nets = [prefix(NET), prefix("10.1.0.64/26"), prefix("10.1.0.128/26")]
    assert (change.family, change.prefixes, change.route) == (IPV4, nets, via("10.0.0.1"))


def link_bandwidth(octets, kind=b"\x40\x04"):
    return kind + b"\xfd\xe8" + pack(">f", octets)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([1.25e9, 5e9], [1, 4]),
        ([1e9, 2e9, 3e9], [1, 2, 3]),
        ([1e9, 1.004e9], [1, 1]),
        ([1.0, 255.5], [1, 253]),
        ([1.0, 1e12], [1, 256]),
        ([7e8, 7e8], [1, 1]),
        ([1e9, None], [1, 1]),
        ([1e9, 0.0], [1, 1]),
        ([1e9, float("nan")], [1, 1]),
    ],
)
def test_equal_paths_share_the_traffic_by_link_bandwidth_where_all_tell_it(told, expected):
    of = node(*PEERS[: len(told)])
    other = b"\x00\x02\xfd\xe8\x00\x00\x00\x01"
    for peer, octets in zip(PEERS, told, strict=False):
        communities = other + (b"" if octets is None else link_bandwidth(octets))
        learn(of, peer, extended_communities=communities)
    drained = changes(of)[-1]
    assert [hop.weight for hop in drained.route.next_hops] == expected


def test_transitive_link_bandwidth_counts_too_and_one_way_has_no_weight():
    of = node(*PEERS[:2])
    learn(of, PEERS[0], extended_communities=link_bandwidth(1e9, b"\x00\x04"))
    assert changes(of) == [Wanted(prefix(NET), via("10.0.0.1"))]
    learn(of, PEERS[1], extended_communities=link_bandwidth(3e9, b"\x00\x04"))
    (wanted,) = changes(of)
    assert [hop.weight for hop in wanted.route.next_hops] == [1, 3]


def test_equal_paths_share_the_traffic_up_to_the_limit():
    of = node(*PEERS)
    for peer in PEERS:
        learn(of, peer)
    hosts = [f"10.0.0.{n}" for n in range(1, 17)]
    assert changes(of)[-1].route == via(*hosts)
    narrow = node(*PEERS[:3], multipath=1)
    for peer in PEERS[:3]:
        learn(narrow, peer)
    assert changes(narrow)[-1].route == via("10.0.0.1")


def test_paths_with_one_next_hop_are_one_way():
    of = node(*PEERS[:2])
    learn(of, PEERS[0], NET, "10.0.0.7")
    learn(of, PEERS[1], NET, "10.0.0.7")
    assert changes(of)[-1].route == via("10.0.0.7")


def test_unresolved_path_is_not_installed_until_its_next_hop_is_there():
    of = node(PEERS[0])
    learn(of, next_hop="10.9.0.1")
    assert changes(of) == []
    of.set_next_hops(
        [CONNECTED, NextHopRoute(prefix("10.9.0.0/24"), "eth1", parse_address("10.0.0.254"))], IPV4
    )
    way = FibRoute((FibNextHop(parse_address("10.0.0.254"), "eth1"),))
    assert changes(of) == [Wanted(prefix(NET), way)]
    of.set_next_hops([CONNECTED], IPV4)
    assert changes(of) == [Wanted(prefix(NET), None)]


def test_static_route_to_a_peer_resolves_its_next_hop():
    of = node(PEERS[0])
    learn(of, next_hop="10.9.0.1")
    gateway = parse_address("10.0.0.254")
    of.set_local(Protocol.STATIC, IPV4, {prefix("10.9.0.1/32"): LocalRoute(gateway=gateway)})
    routes = {change.prefix: change.route for change in changes(of)}
    assert routes[prefix(NET)] == FibRoute((FibNextHop(gateway),))
    of.set_local(Protocol.STATIC, IPV4, {})
    assert {change.prefix: change.route for change in changes(of)} == {
        prefix("10.9.0.1/32"): None,
        prefix(NET): None,
    }


@pytest.mark.parametrize("kind", ["blackhole", "unreachable", "prohibit"])
def test_own_routes_are_installed_as_their_kind(kind):
    of = node()
    of.set_local(Protocol.STATIC, IPV4, {prefix(NET): LocalRoute(kind, metric=5)})
    assert changes(of) == [Wanted(prefix(NET), FibRoute(kind=kind, metric=5))]
    of.set_local(Protocol.STATIC, IPV4, {prefix(NET): LocalRoute(kind, metric=5)})
    assert changes(of) == []


@pytest.mark.parametrize("protocol", [Protocol.DIRECT, Protocol.KERNEL])
def test_what_the_kernel_has_is_never_written_back(protocol):
    of = node()
    of.set_local(protocol, IPV4, {prefix(NET): LocalRoute(interface="eth0")})
    assert changes(of) == []


def test_connected_network_beats_a_learned_one_and_takes_it_out():
    of = node(PEERS[0])
    learn(of)
    drain(of)
    of.change_local(Protocol.DIRECT, IPV4, {prefix(NET): LocalRoute(interface="eth0")})
    assert changes(of) == [Wanted(prefix(NET), None)]
    of.change_local(Protocol.DIRECT, IPV4, {prefix(NET): None})
    assert changes(of) == [Wanted(prefix(NET), via("10.0.0.1"))]


def rule(verdict, net, **fields):
    return Rule(name="r", verdict=verdict, prefixes=(PrefixMatch(PrefixOperator.IN, prefix(net)),), **fields)


def test_kernel_policy_rejects_sets_metric_and_tunnel():
    rules = (
        rule(Verdict.REJECT, "10.2.0.0/16"),
        rule(Verdict.ACCEPT, "10.3.0.0/16", operations=(SetTunnel("tunl0"),)),
    )
    policy = Policy(name="kernel", family=IPV4, normalize="kernel", rules=rules)
    of = node(PEERS[0], kernel_policies={IPV4: policy})
    of.receive(
        "p1", announce(attributes(65001, local_pref=2147482623), "10.1.0.0/26", "10.2.0.0/26", "10.3.0.0/26")
    )
    tunnel = FibRoute((FibNextHop(parse_address("10.0.0.1"), "tunl0", onlink=True),), metric=1024)
    assert {change.prefix: change.route for change in changes(of)} == {
        prefix("10.1.0.0/26"): via("10.0.0.1", metric=1024),
        prefix("10.3.0.0/26"): tunnel,
    }


def test_other_kernel_policy_stages_every_route_anew():
    of = node(PEERS[0])
    of.receive("p1", announce(attributes(65001), "10.1.0.0/26", "10.2.0.0/26", "10.3.0.0/26"))
    drain(of)
    of.receive("p1", withdraw("10.2.0.0/26", "10.3.0.0/26"))
    no = Policy(name="kernel", family=IPV4, default=Verdict.REJECT)
    of.set_kernel_policies({IPV4: no})
    # What went while the policies changed is told as well: the new one alone would not know it was installed.
    told = [wanted for run in drain(of, budget=1) for wanted in each(run)]
    assert sorted(told, key=lambda change: change.prefix) == [
        Wanted(prefix(f"10.{n}.0.0/26"), None) for n in (1, 2, 3)
    ]
    of.set_kernel_policies({})
    assert changes(of) == [Wanted(prefix("10.1.0.0/26"), via("10.0.0.1"))]


def kernel_policies(*networks):
    """Rules made anew with each call, for both families; `networks` have none in IPv4."""
    accept = {family: Policy(name="kernel", family=family, normalize="kernel") for family in Family}
    rules = tuple(rule(Verdict.REJECT, text) for text in networks)
    return accept | {IPV4: Policy(name="kernel", family=IPV4, normalize="kernel", rules=rules)}


def test_kernel_policies_that_say_the_same_stage_nothing():
    of = node(PEERS[0], kernel_policies=kernel_policies("10.2.0.0/16"))
    of.receive("p1", announce(attributes(65001), "10.1.0.0/26", "10.2.0.0/26"))
    drain(of)
    of.set_kernel_policies(kernel_policies("10.2.0.0/16"))
    assert not of.pending
    assert changes(of) == []
    of.set_kernel_policies(kernel_policies("10.2.0.0/17"))
    assert len(changes(of)) == 2


def test_kernel_policy_of_one_family_does_not_stage_the_other():
    of = node(PEERS[0], kernel_policies=kernel_policies())
    of.set_local(Protocol.STATIC, Family.IPV6_UNICAST, {prefix("fd00::/64"): LocalRoute("blackhole")})
    drain(of)
    of.set_kernel_policies(kernel_policies("10.9.0.0/16"))
    assert changes(of) == []


def test_no_kernel_no_changes():
    of = node(PEERS[0], fib=False)
    learn(of)
    of.set_kernel_policies({})
    assert changes(of) == []


def test_known_attributes_are_resolved_anew_when_next_hops_change():
    of = node(PEERS[0])
    value = attributes(65001, next_hop="10.9.0.1")
    of.receive("p1", announce(value, "10.1.0.0/26"))
    of.set_next_hops([NextHopRoute(prefix("10.9.0.0/24"), "eth0")], IPV4)
    of.receive("p1", announce(value, "10.2.0.0/26"))
    assert {change.prefix: change.route for change in changes(of)} == {
        prefix("10.1.0.0/26"): via("10.9.0.1"),
        prefix("10.2.0.0/26"): via("10.9.0.1"),
    }
