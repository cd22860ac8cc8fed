"""Rows and explanations: what the API can tell about the tables."""

from rib import (
    LocalRoute,
    PeerKind,
    Policy,
    PrefixMatch,
    PrefixOperator,
    Protocol,
    Rule,
    SetLocalPref,
    Verdict,
)
from tests.rib.support import IPV4, announce, attributes, drain, prefix, router, settings, withdraw
from wire import parse_address

NET = "10.1.0.0/26"
HOSTS_ONLY = Rule(
    name="BGPFilter/no-hosts importV4[0]",
    verdict=Verdict.REJECT,
    prefixes=(PrefixMatch(PrefixOperator.IN, prefix("0.0.0.0/0"), min_length=32),),
)
RAISE = Rule(name="raise", verdict=Verdict.ACCEPT, operations=(SetLocalPref(300),))
INWARD = Policy(name="in", family=IPV4, rules=(HOSTS_ONLY, RAISE))


def node():
    of = router()
    of.add_peer(settings("a", PeerKind.EBGP, "10.0.0.1", 65001, import_policy={IPV4: INWARD}))
    of.add_peer(settings("b", PeerKind.EBGP, "10.0.0.2", 65002))
    of.add_peer(settings("c", PeerKind.IBGP, "10.0.0.3"))
    of.receive("a", announce(attributes(65001), NET, "10.1.0.1/32"))
    of.receive("b", announce(attributes(65002, next_hop="10.0.0.2"), NET))
    of.set_local(Protocol.STATIC, IPV4, {prefix("10.9.0.0/26"): LocalRoute("blackhole")})
    drain(of)
    return of


def test_table_rows_tell_best_source_and_rejection():
    rows = [(row.prefix, row.source, row.best, row.installed, row.rejected) for row in node().routes(IPV4)]
    assert sorted(rows, key=str) == sorted(
        [
            (prefix(NET), "a", True, True, None),
            (prefix(NET), "b", False, False, None),
            (prefix("10.1.0.1/32"), "a", False, False, "BGPFilter/no-hosts importV4[0]"),
            (prefix("10.9.0.0/26"), "local", True, True, None),
        ],
        key=str,
    )


def test_rows_of_one_prefix():
    of = node()
    assert [row.source for row in of.routes(IPV4, prefix=prefix(NET))] == ["a", "b"]
    assert list(of.routes(IPV4, prefix=prefix("192.0.2.0/24"))) == []


def test_received_rows_are_from_before_the_policy():
    rows = {row.prefix: row.attributes.local_pref for row in node().routes(IPV4, received_from="a")}
    assert rows == {prefix(NET): None, prefix("10.1.0.1/32"): None}


def test_advertised_rows_are_what_is_sent():
    of = node()
    sent = {row.prefix: row.attributes.local_pref for row in of.routes(IPV4, advertised_to="c")}
    assert sent == {prefix(NET): 300, prefix("10.9.0.0/26"): 100}
    assert {row.prefix for row in of.routes(IPV4, advertised_to="a")} == {prefix("10.9.0.0/26")}
    assert list(of.routes(IPV4, advertised_to="nobody")) == []


def test_next_hops_of_rows_are_addresses():
    [first, *_] = node().routes(IPV4, prefix=prefix(NET))
    assert first.next_hop == (parse_address("10.0.0.1"),)
    [local] = node().routes(IPV4, prefix=prefix("10.9.0.0/26"))
    assert local.next_hop == ()


def test_other_import_policy_needs_no_refresh():
    of = node()
    of.update_peer(settings("a", PeerKind.EBGP, "10.0.0.1", 65001))
    drain(of)
    assert {row.prefix: row.rejected for row in of.routes(IPV4, received_from="a")} == {
        prefix(NET): None,
        prefix("10.1.0.1/32"): None,
    }
    assert [row.attributes.local_pref for row in of.routes(IPV4, prefix=prefix(NET))] == [None, None]


def test_explanation_names_step_clause_targets_and_kernel_route():
    explanation = node().explain(IPV4, prefix(NET))
    best, loser = explanation.candidates
    assert (best.row.source, best.reason) == ("a", None)
    assert (loser.row.source, loser.reason, loser.clause) == ("b", "local-pref", "RFC 4271, section 9.1.1")
    assert [(one.peer, one.sent) for one in explanation.advertisements] == [
        ("a", False),
        ("b", True),
        ("c", True),
    ]
    assert "came from this peer" in explanation.advertisements[0].reason
    assert explanation.fib.next_hops[0].gateway == parse_address("10.0.0.1")


def test_explanation_of_rejected_and_unknown_prefixes():
    of = node()
    [candidate] = of.explain(IPV4, prefix("10.1.0.1/32")).candidates
    assert candidate.reason == "rejected"
    assert "BGPFilter/no-hosts importV4[0]" in candidate.text
    nothing = of.explain(IPV4, prefix("192.0.2.0/24"))
    assert nothing.candidates == ()
    assert {one.reason for one in nothing.advertisements} == {"no eligible path"}
    assert (nothing.fib, nothing.fib_rule) == (None, "no path")


def test_counts():
    of = node()
    counts = of.counts("a")[IPV4]
    assert (counts.received, counts.accepted, counts.rejected, counts.advertised) == (2, 1, 1, 1)
    assert of.counts("c")[IPV4].advertised == 2
    assert of.size(IPV4) == 3


def test_counts_tell_the_rules_that_rejected():
    assert node().counts("a")[IPV4].reasons == {"BGPFilter/no-hosts importV4[0]": 1}
    assert node().counts("b")[IPV4].reasons == {}
    assert node().received("a") == {IPV4: 2}
    assert node().received("nobody") == {}


def test_candidates_are_those_of_the_moment():
    of = node()
    walk = of.candidates(IPV4)
    begun, paths = next(walk)
    assert (begun, [path.source.name for path in paths]) == (prefix(NET), ["a", "b"])
    of.receive("a", withdraw("10.1.0.1/32"))
    of.receive("b", announce(attributes(65002, next_hop="10.0.0.2"), "10.8.0.0/26", "10.9.0.0/26"))
    assert {found: len(paths) for found, paths in walk} == {prefix("10.9.0.0/26"): 2}


def test_sources_are_the_peers_with_those_that_may_come_back():
    of = node()
    of.remove_peer("a", retain=frozenset({IPV4}))
    of.remove_peer("c")
    assert sorted(source.name for source in of.sources()) == ["a", "b"]
