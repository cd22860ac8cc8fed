"""Rules, conditions, operations and normalisation; batches must say what the single evaluator says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rib import (
    AddCommunity,
    AddLargeCommunity,
    Policy,
    PolicyRoute,
    PrefixMatch,
    PrefixOperator,
    PrependAsPath,
    Protocol,
    Rule,
    SetLocalPref,
    SetMetric,
    SetPreference,
    SetTunnel,
    Verdict,
    evaluate,
)
from rib.policy_batch import BatchPolicy
from tests.rib.support import IPV4, as_path, attributes, communities, prefix
from wire import parse_address

IN, NOT_IN, EQUAL, NOT_EQUAL = (
    PrefixOperator.IN,
    PrefixOperator.NOT_IN,
    PrefixOperator.EQUAL,
    PrefixOperator.NOT_EQUAL,
)


def route(text="10.1.0.0/26", protocol=Protocol.BGP, value=None, **fields):
    value = attributes(65001, 65002) if value is None else value
    return PolicyRoute(prefix=prefix(text), attributes=value, protocol=protocol, **fields)


def policy(*rules, **fields):
    return Policy(**{"name": "p", "family": IPV4, "rules": rules, "default": Verdict.REJECT} | fields)


def matches(of, **conditions):
    return evaluate(policy(Rule(name="r", verdict=Verdict.ACCEPT, **conditions)), of).accept


@pytest.mark.parametrize(
    ("operator", "network", "lengths", "matching", "other"),
    [
        (EQUAL, "10.1.0.0/16", {}, ["10.1.0.0/16"], ["10.1.0.0/17", "10.0.0.0/15", "10.2.0.0/16"]),
        (NOT_EQUAL, "10.1.0.0/16", {}, ["10.1.0.0/17"], ["10.1.0.0/16"]),
        (IN, "10.1.0.0/16", {}, ["10.1.0.0/16", "10.1.255.255/32"], ["10.0.0.0/8", "10.2.0.0/24"]),
        (NOT_IN, "10.1.0.0/16", {}, ["10.0.0.0/8", "10.2.0.0/24"], ["10.1.0.0/16", "10.1.2.0/24"]),
        (IN, "10.1.0.0/20", {}, ["10.1.15.0/24"], ["10.1.16.0/24"]),
        (IN, "0.0.0.0/0", {}, ["0.0.0.0/0", "192.0.2.1/32"], []),
        (IN, "10.1.0.0/16", {"min_length": 24}, ["10.1.0.0/24", "10.1.0.1/32"], ["10.1.0.0/23"]),
        (IN, "10.1.0.0/16", {"max_length": 24}, ["10.1.0.0/16", "10.1.0.0/24"], ["10.1.0.0/25"]),
        (NOT_IN, "10.1.0.0/16", {"min_length": 24, "max_length": 26}, ["10.1.0.0/27"], ["10.1.0.0/26"]),
        (EQUAL, "10.1.0.0/16", {"min_length": 16}, [], ["10.1.0.0/16"]),
        (NOT_EQUAL, "10.1.0.0/16", {"min_length": 16}, ["10.1.0.0/16"], []),
    ],
)
def test_prefix_match(operator, network, lengths, matching, other):
    match = PrefixMatch(operator, prefix(network), **lengths)
    assert [text for text in matching + other if match.matches(prefix(text))] == matching


CONDITIONS = [
    ({"protocols": frozenset({Protocol.BGP})}, route(), route(protocol=Protocol.STATIC)),
    ({"learned": True}, route(), route(protocol=Protocol.KERNEL)),
    ({"learned": False}, route(protocol=Protocol.DIRECT), route()),
    (
        {"interfaces": ("eth*", "vxlan.calico")},
        route(interface="vxlan.calico"),
        route(interface="vxlanxcalico"),
    ),
    ({"interfaces": ("eth?",)}, route(interface="eth0"), route(interface="eth10")),
    ({"interfaces": ("*",)}, route(interface="lo"), route()),
    ({"local_pref": 100}, route(), route(value=attributes(local_pref=99))),
    ({"local_pref_above": 99}, route(), route(value=attributes(local_pref=99))),
    ({"metric_below": 1024}, route(metric=512), route(metric=1024)),
    ({"metric_below": 1024}, route(metric=0), route()),
    (
        {"next_hops": frozenset({parse_address("10.0.0.1")})},
        route(),
        route(value=attributes(next_hop="10.0.0.2")),
    ),
    (
        {"next_hop_in": (PrefixMatch(IN, prefix("10.0.0.0/30")),)},
        route(),
        route(value=attributes(next_hop="10.0.0.4")),
    ),
    (
        {"communities": (1, 2)},
        route(value=attributes(communities=communities(2, 7, 1))),
        route(value=attributes(communities=communities(2, 7))),
    ),
    (
        {"large_communities": ((1, 2, 3),)},
        route(value=attributes(large_communities=communities(1, 2, 3))),
        route(value=attributes(large_communities=communities(2, 3, 1))),
    ),
    ({"as_path_prefix": (65001,)}, route(), route(value=attributes(65002, 65001))),
    ({"as_path_prefix": (65001, 65002)}, route(), route(value=attributes(65001))),
    ({"as_path_prefix": (65001,)}, route(), route(value=attributes())),
    ({"prefixes": (PrefixMatch(EQUAL, prefix("10.1.0.0/26")),)}, route(), route("10.1.0.64/26")),
]


@pytest.mark.parametrize(("conditions", "yes", "no"), CONDITIONS)
def test_condition(conditions, yes, no):
    assert matches(yes, **conditions)
    assert not matches(no, **conditions)


def test_conditions_of_a_rule_are_anded():
    assert matches(route(interface="eth0"), interfaces=("eth0",), learned=True)
    assert not matches(route(interface="eth0"), interfaces=("eth0",), learned=False)


@pytest.mark.parametrize(
    ("operation", "field", "value"),
    [
        (AddCommunity(5), "communities", communities(7, 5)),
        (AddCommunity(7), "communities", communities(7)),
        (AddLargeCommunity((1, 2, 3)), "large_communities", communities(1, 2, 3)),
        (PrependAsPath((1, 2)), "as_path", as_path(1, 2, 65001)),
        (SetLocalPref(9), "local_pref", 9),
    ],
)
def test_operation_on_attributes(operation, field, value):
    rule = Rule(name="r", verdict=Verdict.ACCEPT, operations=(operation,))
    before = route(value=attributes(65001, communities=communities(7)))
    assert getattr(evaluate(policy(rule), before).route.attributes, field) == value


def test_large_community_is_added_once():
    rule = Rule(name="r", verdict=Verdict.ACCEPT, operations=(AddLargeCommunity((1, 2, 3)),) * 2)
    assert evaluate(policy(rule), route()).route.attributes.large_communities == communities(1, 2, 3)


def test_prepending_opens_a_segment_for_what_the_first_has_no_room_for():
    rule = Rule(name="r", verdict=Verdict.ACCEPT, operations=(PrependAsPath((1, 2)),))
    after = evaluate(policy(rule), route(value=attributes(*[9] * 254))).route.attributes
    assert after.as_path_segments == [(2, [1]), (2, [2] + [9] * 254)]


def test_operation_on_the_route():
    operations = (SetMetric(5), SetPreference(200), SetTunnel("tunl0"))
    rule = Rule(name="r", verdict=Verdict.ACCEPT, operations=operations)
    after = evaluate(policy(rule), route()).route
    assert (after.metric, after.preference, after.tunnel) == (5, 200, SetTunnel("tunl0", onlink=True))


def test_continue_keeps_what_it_did_and_first_final_verdict_counts():
    rules = (
        Rule(name="tag", verdict=Verdict.CONTINUE, operations=(AddCommunity(1),)),
        Rule(name="no", verdict=Verdict.REJECT, communities=(2,)),
        Rule(name="yes", verdict=Verdict.ACCEPT, communities=(1,)),
        Rule(name="never", verdict=Verdict.REJECT),
    )
    outcome = evaluate(policy(*rules), route())
    assert (outcome.accept, outcome.rule) == (True, "yes")
    assert evaluate(policy(*rules), route(value=attributes(communities=communities(2)))).rule == "no"


@pytest.mark.parametrize("default", [Verdict.ACCEPT, Verdict.REJECT])
def test_default_verdict(default):
    outcome = evaluate(policy(default=default), route())
    assert (outcome.accept, outcome.rule) == (default is Verdict.ACCEPT, "default")


@pytest.mark.parametrize(
    ("of", "metric", "local_pref"),
    [
        (route(protocol=Protocol.STATIC), 1024, 2147482623),
        (route(protocol=Protocol.KERNEL, metric=512), 512, 2147483135),
        (route(protocol=Protocol.KERNEL, metric=0), 0, 2147483647),
        (route(protocol=Protocol.KERNEL, metric=4294967295), 4294967295, 0),
        (route(value=attributes(local_pref=2147482623)), 1024, 2147482623),
        (route(), 2147483547, None),
    ],
)
def test_normalisation_on_export(of, metric, local_pref):
    after = evaluate(policy(normalize="export", default=Verdict.ACCEPT), of).route
    assert (after.metric, after.attributes.local_pref) == (metric, local_pref)


@pytest.mark.parametrize(
    ("of", "metric", "preference"),
    [
        (route(), 2147483547, 100),
        (route(value=attributes(local_pref=2147482623)), 1024, 100),
        (route(value=attributes(local_pref=2147483135)), 512, 200),
        (route(value=attributes(local_pref=2147483135), metric=7), 7, 100),
        (route(protocol=Protocol.STATIC), None, 100),
    ],
)
def test_normalisation_for_the_kernel(of, metric, preference):
    after = evaluate(policy(normalize="kernel", default=Verdict.ACCEPT), of).route
    assert (after.metric, after.preference) == (metric, preference)


def test_policies_that_do_the_same_are_equal_whatever_their_name():
    one, two = policy(name="Mesh_10_0_0_1"), policy(name="Mesh_10_0_0_2")
    assert one == two
    assert hash(one) == hash(two)
    assert one != policy(default=Verdict.ACCEPT)


prefixes = st.sampled_from(
    [f"10.{a}.{b}.0/{n}" for a in (0, 1) for b in (0, 64) for n in (8, 16, 18, 24, 26, 32)]
    + ["0.0.0.0/0", "8.0.0.0/6", "8.0.0.0/8", "9.1.0.0/16", "192.0.2.0/24"]
)
prefix_matches = st.builds(
    PrefixMatch,
    st.sampled_from(PrefixOperator),
    prefixes.map(prefix),
    st.sampled_from([None, None, 16, 24]),
    st.sampled_from([None, None, 24, 32]),
)
rules = st.builds(
    Rule,
    name=st.sampled_from("abc"),
    verdict=st.sampled_from(Verdict),
    prefixes=st.lists(prefix_matches, max_size=3).map(tuple),
    learned=st.sampled_from([None, None, True]),
    local_pref_above=st.sampled_from([None, None, 99, 150]),
    communities=st.sampled_from([(), (), (1,)]),
    operations=st.sampled_from([(), (AddCommunity(1),), (SetLocalPref(7),)]),
)


@given(
    st.lists(rules, max_size=6),
    st.lists(prefixes, min_size=1, max_size=12),
    st.sampled_from(["export", None]),
)
def test_batches_say_what_the_single_evaluator_says(some, texts, normalize):
    of = policy(*some, normalize=normalize)
    batch = BatchPolicy(of)
    for prefix_class, part in batch.classes([prefix(text) for text in texts]):
        for one in part:
            single = PolicyRoute(prefix=one, attributes=attributes(65001), protocol=Protocol.BGP)
            assert batch.run(single, prefix_class) == evaluate(of, single)


@given(
    st.lists(rules, max_size=4),
    st.lists(prefixes, min_size=1, max_size=6),
    st.sampled_from(["export", "kernel", None]),
    st.sampled_from([Protocol.BGP, Protocol.STATIC]),
    st.sampled_from(
        [
            attributes(65001),
            attributes(65001, local_pref=200),
            attributes(65001, communities=communities(1)),
        ]
    ),
)
def test_what_is_settled_for_a_class_holds_for_each_of_its_routes(some, texts, normalize, protocol, value):
    of = policy(*some, normalize=normalize)
    batch = BatchPolicy(of)
    for prefix_class, part in batch.classes([prefix(text) for text in texts]):
        settled = batch.settled(protocol, None, prefix_class, value.local_pref)
        for one in part if settled is not None else ():
            outcome = evaluate(of, PolicyRoute(prefix=one, attributes=value, protocol=protocol))
            assert (outcome.accept, outcome.rule) == settled
            assert outcome.route.attributes is value


def test_a_policy_that_asks_for_no_attribute_is_settled():
    """Calico's usual export policy: a pool's routes go out, whatever their attributes."""
    pool = Rule(name="pool", verdict=Verdict.ACCEPT, prefixes=(PrefixMatch(IN, prefix("10.0.0.0/8")),))
    batch = BatchPolicy(policy(pool, default=Verdict.REJECT, normalize="export"))
    classes = [batch.class_of(prefix(text)) for text in ("10.1.0.0/16", "11.0.0.0/8")]
    settled = [batch.settled(Protocol.BGP, None, prefix_class, None) for prefix_class in classes]
    assert settled == [(True, "pool"), (False, "default")]


def test_a_policy_that_asks_for_local_pref_alone_is_settled_for_each():
    """Calico's usual import policy: what it does to one LOCAL_PREF it does to all routes that have it."""
    elevated = Rule(
        name="elevated",
        verdict=Verdict.ACCEPT,
        local_pref_above=500,
        operations=(SetPreference(200),),
    )
    batch = BatchPolicy(policy(elevated, default=Verdict.ACCEPT))
    assert batch.settled(Protocol.BGP, None, 1, None) == (True, "default")
    assert batch.settled(Protocol.BGP, None, 1, 500) == (True, "default")
    assert batch.settled(Protocol.BGP, None, 1, 501) is None  # the routes do not stay as they are


def test_classes_keep_every_prefix_and_its_order():
    of = BatchPolicy(
        policy(Rule(name="r", verdict=Verdict.ACCEPT, prefixes=(PrefixMatch(IN, prefix("10.1.0.0/16")),)))
    )
    texts = ["10.1.0.0/26", "10.2.0.0/26", "10.1.1.0/26", "10.2.1.0/26"]
    parts = [[*part] for _, part in of.classes([prefix(text) for text in texts])]
    assert parts == [[prefix(texts[0]), prefix(texts[2])], [prefix(texts[1]), prefix(texts[3])]]
