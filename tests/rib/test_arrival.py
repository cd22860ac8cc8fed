"""What BGP itself says about routes that arrive, before any policy."""

import pytest

from rib import PeerKind, Policy, Rule, SetLocalPref, Verdict
from tests.rib.support import (
    IPV4,
    OUR_AS,
    OUR_ID,
    Receiver,
    announce,
    attributes,
    communities,
    drain,
    prefix,
    router,
    settings,
)
from wire import WellKnownCommunity, parse_address

PREFIX = "203.0.113.0/24"
SHUTDOWN = communities(WellKnownCommunity.GRACEFUL_SHUTDOWN)
CLUSTER = parse_address("10.9.9.9")


def received(value, kind=PeerKind.EBGP, **fields):
    """The row of a route that one peer announced, and the router it is in."""
    of = router()
    of.add_peer(settings("them", kind, "10.0.0.1", 65001 if kind is PeerKind.EBGP else OUR_AS, **fields))
    of.receive("them", announce(value, PREFIX))
    drain(of)
    (row,) = of.routes(IPV4, prefix=prefix(PREFIX))
    return row


@pytest.mark.parametrize(
    ("value", "fields", "why"),
    [
        (attributes(65001, OUR_AS), {}, "RFC 4271, section 9.1.2"),
        (attributes(65001, OUR_AS, OUR_AS), {"allow_local_as": 1}, "RFC 4271, section 9.1.2"),
        (attributes(originator_id=OUR_ID), {"kind": PeerKind.IBGP}, "RFC 4456, section 8"),
        (
            attributes(cluster_list=OUR_ID + CLUSTER),
            {"kind": PeerKind.IBGP, "cluster_id": CLUSTER},
            "RFC 4456, section 8",
        ),
        (attributes(65001, next_hop="10.0.0.99"), {}, "RFC 4271, section 6.3"),
    ],
)
def test_what_must_not_be_used_is_kept_with_the_reason(value, fields, why):
    row = received(value, **fields)
    assert why in row.rejected
    assert not row.best


@pytest.mark.parametrize(
    ("value", "fields"),
    [
        (attributes(65001, OUR_AS), {"allow_local_as": 1}),
        (attributes(65001, 64999), {"local_as": 64998}),
        (attributes(cluster_list=CLUSTER), {"kind": PeerKind.IBGP}),
    ],
)
def test_what_only_looks_like_a_loop_is_used(value, fields):
    assert received(value, **fields).best


def test_external_route_of_a_peer_that_shuts_down_is_the_last_resort():
    """RFC 8326, section 4."""
    of = router()
    for number in (1, 2):
        of.add_peer(settings(f"peer{number}", PeerKind.EBGP, f"10.0.0.{number}", 65000 + number))
    inside = Receiver(settings("inside", PeerKind.IBGP, "10.0.0.3"))
    of.add_peer(inside.settings)
    of.receive("peer1", announce(attributes(65001), PREFIX))
    of.receive("peer2", announce(attributes(65002, 65009, next_hop="10.0.0.2"), PREFIX))
    drain(of, inside)
    assert inside.table()[prefix(PREFIX)].neighbour_as == 65001

    of.receive("peer1", announce(attributes(65001, communities=SHUTDOWN), PREFIX))
    drain(of, inside)
    assert inside.table()[prefix(PREFIX)].neighbour_as == 65002


def test_last_resort_is_told_inside_with_local_pref_0():
    row = received(attributes(65001, communities=SHUTDOWN))
    assert row.attributes.local_pref == 0
    assert row.attributes.communities == SHUTDOWN


def test_internal_route_keeps_its_local_pref_whatever_its_communities():
    row = received(attributes(local_pref=100, communities=SHUTDOWN), kind=PeerKind.IBGP)
    assert row.attributes.local_pref == 100


def test_import_policy_comes_after_the_rules_of_bgp():
    rule = Rule(name="all", verdict=Verdict.ACCEPT, operations=(SetLocalPref(50),))
    policy = Policy(name="import", family=IPV4, rules=(rule,))
    row = received(attributes(65001, communities=SHUTDOWN), import_policy={IPV4: policy})
    assert row.attributes.local_pref == 50


def test_adj_rib_in_shows_the_route_as_it_came():
    of = router()
    of.add_peer(settings("them", PeerKind.EBGP, "10.0.0.1", 65001, role=3))
    value = attributes(65001, communities=SHUTDOWN)
    of.receive("them", announce(value, PREFIX))
    (row,) = of.routes(IPV4, received_from="them")
    assert row.attributes == value
