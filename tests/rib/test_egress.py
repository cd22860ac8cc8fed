"""What peers of each kind are sent, attribute by attribute."""

import pytest

from rib import LocalRoute, PeerKind, Policy, Protocol, Rule, Verdict
from tests.rib.support import (
    IPV4,
    IPV6,
    OUR_AS,
    OUR_ID,
    Receiver,
    announce,
    as_path,
    attributes,
    communities,
    drain,
    prefix,
    router,
    settings,
)
from wire import PathAttributes, parse_address

FROM = settings("from", PeerKind.EBGP, "10.0.0.1", 65001)
NET = "10.1.0.0/26"


def sent(kind, value, *, origin=FROM, family=IPV4, net=NET, **fields):
    """What a peer gets of a route that another peer announced."""
    target = settings("to", kind, "10.0.0.2", 65002 if kind is PeerKind.EBGP else OUR_AS, **fields)
    of = router()
    of.add_peer(origin)
    of.add_peer(target)
    of.receive("from", announce(value, net, family=family))
    receiver = Receiver(target)
    drain(of, receiver)
    assert [row.attributes for row in of.routes(family, advertised_to="to")] == list(
        receiver.table(family).values()
    )
    return receiver.table(family).get(prefix(net))


def originated(kind, route, **fields):
    """What a peer gets of a route of the node."""
    target = settings("to", kind, "10.0.0.2", 65002, **fields)
    of = router()
    of.add_peer(target)
    of.set_local(Protocol.STATIC, IPV4, {prefix(NET): route})
    receiver = Receiver(target)
    drain(of, receiver)
    return receiver.table().get(prefix(NET))


@pytest.mark.parametrize(
    ("kind", "mode", "next_hop"),
    [
        (PeerKind.EBGP, "auto", "10.0.0.99"),
        (PeerKind.EBGP, "self", "10.0.0.99"),
        (PeerKind.EBGP, "keep", "10.0.0.1"),
        (PeerKind.IBGP, "auto", "10.0.0.1"),
        (PeerKind.IBGP, "self", "10.0.0.99"),
        (PeerKind.IBGP, "keep", "10.0.0.1"),
        (PeerKind.IBGP_CLIENT, "auto", "10.0.0.1"),
    ],
)
def test_next_hop_of_learned_routes(kind, mode, next_hop):
    assert sent(kind, attributes(65001), next_hop=mode).next_hop == parse_address(next_hop)


@pytest.mark.parametrize(
    ("kind", "mode", "gateway", "next_hop"),
    [
        (PeerKind.IBGP, "auto", None, "10.0.0.99"),
        (PeerKind.IBGP, "keep", None, "10.0.0.99"),
        (PeerKind.IBGP, "auto", "10.0.0.7", "10.0.0.7"),
        (PeerKind.IBGP, "self", "10.0.0.7", "10.0.0.99"),
        (PeerKind.IBGP, "auto", "169.254.1.1", "10.0.0.99"),
        (PeerKind.EBGP, "auto", "10.0.0.7", "10.0.0.99"),
        (PeerKind.EBGP, "keep", "10.0.0.7", "10.0.0.7"),
    ],
)
def test_next_hop_of_own_routes(kind, mode, gateway, next_hop):
    route = LocalRoute(gateway=None if gateway is None else parse_address(gateway))
    assert originated(kind, route, next_hop=mode).next_hop == parse_address(next_hop)


def test_own_routes_begin_an_empty_as_path_with_origin_igp():
    internal = originated(
        PeerKind.IBGP, LocalRoute("blackhole", communities=(5,), large_communities=((1, 2, 3),))
    )
    assert internal == PathAttributes(
        origin=0,
        next_hop=OUR_ID,
        local_pref=100,
        communities=communities(5),
        large_communities=communities(1, 2, 3),
    )
    external = originated(PeerKind.EBGP, LocalRoute("blackhole"))
    assert (external.as_path, external.local_pref) == (as_path(OUR_AS), None)


def test_external_peers_get_our_as_in_front_and_neither_med_nor_local_pref():
    value = sent(PeerKind.EBGP, attributes(65001, med=5, local_pref=200))
    assert value == attributes(OUR_AS, 65001, next_hop="10.0.0.99")


def test_internal_peers_get_med_and_always_local_pref():
    assert sent(PeerKind.IBGP, attributes(65001, med=5)) == attributes(65001, med=5, local_pref=100)
    assert sent(PeerKind.IBGP, attributes(65001, local_pref=7)).local_pref == 7


@pytest.mark.parametrize(
    ("community", "to"),
    [
        (0xFFFFFF02, set()),
        (0xFFFFFF01, {PeerKind.IBGP, PeerKind.IBGP_CLIENT}),
        (0xFFFFFF03, {PeerKind.IBGP, PeerKind.IBGP_CLIENT}),
        (0xFFFF0006, set()),
        (0xFFFF029A, {PeerKind.EBGP, PeerKind.IBGP, PeerKind.IBGP_CLIENT}),
    ],
)
def test_well_known_communities_hold_routes_back(community, to):
    value = attributes(65001, communities=communities(7, community))
    kinds = [PeerKind.EBGP, PeerKind.IBGP, PeerKind.IBGP_CLIENT]
    assert {kind for kind in kinds if sent(kind, value) is not None} == to


def test_long_lived_stale_goes_to_those_who_know_it():
    value = attributes(65001, communities=communities(0xFFFF0006))
    assert sent(PeerKind.IBGP, value, long_lived_stale=True) is not None


def test_community_split_over_two_others_is_none():
    value = attributes(65001, communities=bytes.fromhex("00ffffff02000000"))
    assert sent(PeerKind.IBGP, value) is not None


def test_ipv6_family_needs_an_ipv6_next_hop():
    both = {"families": frozenset({IPV4, IPV6})}
    origin = settings("from", PeerKind.EBGP, "10.0.0.1", 65001, **both)
    value = attributes(65001, next_hop="2001:db8::1")
    take = {"origin": origin, "family": IPV6, "net": "2001:db8:1::/64", **both}
    assert sent(PeerKind.EBGP, value, **take) is None
    ours = parse_address("2001:db8::99")
    assert sent(PeerKind.EBGP, value, local_addresses={IPV6: ours}, **take).next_hop == ours


def test_ipv4_with_an_ipv6_next_hop_needs_rfc_8950():
    six = parse_address("2001:db8::99")
    assert sent(PeerKind.EBGP, attributes(65001), local_address=six) is None
    value = sent(PeerKind.EBGP, attributes(65001), local_address=six, extended_next_hop=frozenset({IPV4}))
    assert value.next_hop == six


def test_export_policy_sees_the_path_with_our_as_and_its_rule_is_told():
    ours_first = Rule(name="via us", verdict=Verdict.ACCEPT, as_path_prefix=(OUR_AS, 65001))
    policy = Policy(name="p", family=IPV4, rules=(ours_first,), default=Verdict.REJECT, normalize="export")
    assert sent(PeerKind.EBGP, attributes(65001), export_policy={IPV4: policy}).local_pref is None
    assert sent(PeerKind.IBGP, attributes(65001), export_policy={IPV4: policy}) is None


def test_two_octet_peer_gets_as_trans_and_the_whole_path_back():
    value = sent(PeerKind.EBGP, attributes(4200000001), four_octet_as=False)
    assert value.as_path == as_path(OUR_AS, 4200000001)


def test_route_with_too_many_attributes_for_a_message_is_not_sent():
    value = attributes(65001, communities=communities(*range(1, 1000)))
    assert sent(PeerKind.EBGP, value) is not None
    of = router()
    target = settings("to", PeerKind.EBGP, "10.0.0.2", 65002)
    receiver = Receiver(target)
    of.add_peer(FROM)
    of.add_peer(target)
    of.receive("from", announce(value.replace(communities=communities(*range(1, 1030))), NET))
    drain(of, receiver)
    assert receiver.table() == {}
