"""Good and bad documents of every kind: what is said about which field."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bgpd.resources import (
    KINDS,
    Resource,
    ResourceError,
    examine,
    expand,
    is_unread,
    parse_resource,
    warnings,
)

from .documents import (
    affinity,
    configuration,
    document,
    filter_rule,
    filter_rule_v6,
    node,
    node_status,
    peer,
    pool,
    selector_peer,
)

SECRET_REF = {"secretKeyRef": {"name": "bgp", "key": "password"}}

GOOD = [
    peer(),
    peer(peerIP="[fd00::1]:1790"),
    peer(peerIP="fd00::1", reachableBy="fd00::fe"),
    peer(password=SECRET_REF, keepaliveTime="20s", maxRestartTime="1m30s", ttlSecurity=1),
    peer(nextHopMode="Keep", keepOriginalNextHop=False, filters=["a", "b"]),
    selector_peer(nodeSelector="all()", peerSelector="route-reflector == 'true'"),
    selector_peer(localWorkloadSelector="app == 'vm'", asNumber=65001),
    selector_peer(peerSelector="all()", asNumber=0),
    selector_peer(node="", peerIP="10.0.0.1", asNumber="1.10", peerSelector=None),
    configuration(),
    configuration(asNumber="64513", nodeToNodeMeshEnabled=False, logSeverityScreen="debug", listenPort=1790),
    configuration(nodeMeshPassword=SECRET_REF, nodeMeshMaxRestartTime="10s", bindMode="NodeIP"),
    configuration(serviceClusterIPs=[{"cidr": "10.96.0.0/12"}, {"cidr": ""}, {"cidr": "10.0.0.1"}]),
    configuration(
        communities=[{"name": "blue", "value": "64512:10"}],
        prefixAdvertisements=[{"cidr": "10.1.0.0/16", "communities": ["blue", "64512:1:2"]}],
    ),
    configuration("node.n1", listenPort=180, logSeverityScreen="Info"),
    filter_rule(cidr="10.0.0.0/8", matchOperator="In", prefixLength={"min": 16, "max": 24}),
    filter_rule(
        operations=[
            {"addCommunity": {"value": "65000:1"}},
            {"prependASPath": {"prefix": [65000, "65001", "1.2"]}},
            {"setPriority": {"value": 100}},
        ]
    ),
    filter_rule_v6(cidr="5000::0/64", matchOperator="NotIn", source="RemotePeers", interface="*.calico"),
    filter_rule(communities={"values": ["1:2:3"]}, asPathPrefix=[1], priority=1, peerType="eBGP"),
    node(),
    document("Node", "n1"),
    node(asNumber="65001", ipv6Address="fd00::1/64", routeReflectorClusterID="244.0.0.1"),
    pool(),
    pool(cidr="fd00::/48", vxlanMode="Always", blockSize=122),
    pool(allowedUses=["LoadBalancer"]),
    pool(namespaceSelector="all()", allowedUses=["Workload"]),
    affinity(),
    affinity(state="pendingDeletion", type="virtual", deleted="false"),
    affinity(state=""),
    node_status(),
    document("IPAMBlock", "b", {"cidr": "10.1.0.0/26", "allocations": [None, 0], "anything": {"goes": 1}}),
    {**document("Secret", "bgp"), "data": {"password": "c2VjcmV0"}, "stringData": {"other": ""}},
    document("Service", "web", {"clusterIP": "10.96.0.1", "ports": [{"port": 80}]}, namespace="default"),
    {**document("EndpointSlice", "web-1"), "addressType": "IPv4", "endpoints": [{"addresses": ["10.1.0.1"]}]},
]


@pytest.mark.parametrize("good", GOOD, ids=lambda value: value["kind"])
def test_good_documents_survive_a_round_trip(good: dict[str, Any]) -> None:
    resource = parse_resource(good)
    again = parse_resource(resource.document())
    assert again == resource


# Document, field, words of the rule (the API's own where it has them), words of the remedy.
BAD = [
    (
        {"kind": "BGPPeer"},
        "apiVersion",
        "unknown resource type (BGPPeer) and/or version (None)",
        "projectcalico.org/v3",
    ),
    ({"apiVersion": "projectcalico.org/v3"}, "kind", "required field is missing", "BGPPeer"),
    (document("BGPPeers"), "kind", "unknown resource type (BGPPeers)", "did you mean BGPPeer?"),
    ({**node(), "apiVersion": "v1"}, "apiVersion", "(Node) and/or version (v1)", "Calico's"),
    (document("BGPPeer"), "spec", "required field is missing", ""),
    (document("BGPPeer", spec=[]), "spec", "must be a mapping", ""),
    (peer("Rack"), "metadata.name", "invalid name", "lower-case"),
    (peer("a" * 254), "metadata.name", "invalid name", "253"),
    (peer(metadata={"labels": {"rack": 1}}), "metadata.labels.rack", "must be a string", '"1"'),
    (peer(metadata={"labels": {"rack": True}}), "metadata.labels.rack", "must be a string", '"true"'),
    (peer(metadata={"labels": {"a b": "x"}}), "metadata.labels[a b]", "invalid qualified name", ""),
    (peer(metadata={"labels": {"-/x": "x"}}), "metadata.labels[-/x]", "invalid prefix", "DNS"),
    (peer(metadata={"labels": {"a": "x" * 64}}), "metadata.labels.a", "invalid label value", "63"),
    (
        peer(metadata={"annotations": {"a": "x" * 262144}}),
        "metadata.annotations",
        "more than 262144 bytes",
        "",
    ),
    (peer(metadata={"lables": {}}), "metadata.lables", "unknown field", "did you mean labels?"),
    (peer(peerIp="1.1.1.1"), "spec.peerIp", "unknown field", "did you mean peerIP?"),
    (peer(colour="red"), "spec.colour", "unknown field", "known here: node, nodeSelector"),
    (document("Node", spec={"asNumber": 1}), "spec.asNumber", "unknown field", "it belongs to spec.bgp"),
    (peer(asNumber=1.1), "spec.asNumber", "invalid AS Number format", "quotes"),
    (peer(asNumber="1.65536"), "spec.asNumber", "invalid AS Number format", ""),
    (peer(asNumber=2**32), "spec.asNumber", "invalid AS Number format", "4294967295"),
    (peer(asNumber=True), "spec.asNumber", "invalid AS Number format", ""),
    (peer(asNumber="AS1"), "spec.asNumber", "invalid AS Number format", ""),
    (peer(peerIP="10.0.0.256"), "spec.peerIP", "not an IP address", ""),
    (peer(peerIP="fe80::1%eth0"), "spec.peerIP", "not an IP address", ""),
    (peer(peerIP="10.0.0.1:0"), "spec.peerIP", "invalid port", "1 to 65535"),
    (peer(peerIP="10.0.0.1:99999999999"), "spec.peerIP", "invalid port", ""),
    (peer(peerIP="[fd00::1]"), "spec.peerIP", "not an IP address with port", "[fd00::1]:1790"),
    (peer(nodeSelector="a = 'b'"), "spec.nodeSelector", "expected == at position 3", ""),
    (peer(nodeSelector="x" * 1025), "spec.nodeSelector", "is too long", "1024"),
    (peer(nextHopMode="self"), "spec.nextHopMode", "unsupported value", "write Self"),
    (peer(nextHopMode="Other"), "spec.nextHopMode", "unsupported value", "Auto, Self, Keep"),
    (peer(keepOriginalNextHop="true"), "spec.keepOriginalNextHop", "must be a boolean", "without quotes"),
    (peer(maxRestartTime="10"), "spec.maxRestartTime", "invalid duration", '"120s"'),
    (peer(maxRestartTime=10), "spec.maxRestartTime", "invalid duration", '"120s"'),
    (peer(maxRestartTime="9" * 400 + "s"), "spec.maxRestartTime", "invalid duration", "292 years"),
    (peer(ttlSecurity=256), "spec.ttlSecurity", "is too large", "255"),
    (peer(numAllowedLocalASNumbers=2**31), "spec.numAllowedLocalASNumbers", "is too large", ""),
    (peer(filters="f"), "spec.filters", "must be a list", "'-'"),
    (peer(filters=["F"]), "spec.filters[0]", "invalid name", ""),
    (peer(password={"secretKeyRef": {"name": "a"}}), "spec.password.secretKeyRef.key", "required field", ""),
    (
        peer(node="a", nodeSelector="all()"),
        "spec.nodeSelector",
        "node and nodeSelector cannot both be set",
        "",
    ),
    (
        selector_peer(peerIP="10.0.0.1", peerSelector="all()"),
        "spec.peerSelector",
        "peerIP and peerSelector cannot both be set",
        "",
    ),
    (
        selector_peer(peerSelector="all()", asNumber=1),
        "spec.asNumber",
        "asNumber must be empty when peerSelector is set",
        "",
    ),
    (
        peer(localWorkloadSelector="all()"),
        "spec.peerIP",
        "peerIP must be empty when localWorkloadSelector is set",
        "",
    ),
    (
        selector_peer(localWorkloadSelector="all()", peerSelector="all()", asNumber=1),
        "spec.peerSelector",
        "peerSelector must be empty when localWorkloadSelector is set",
        "",
    ),
    (
        selector_peer(localWorkloadSelector="all()"),
        "spec.asNumber",
        "asNumber is required when localWorkloadSelector is set",
        "",
    ),
    (
        selector_peer(peerSelector="all()", reachableBy="10.0.0.1"),
        "spec.reachableBy",
        "reachableBy must be empty when peerIP is empty",
        "",
    ),
    (
        peer(keepOriginalNextHop=True, nextHopMode="Auto"),
        "spec.keepOriginalNextHop",
        "keepOriginalNextHop and nextHopMode cannot both be set",
        "",
    ),
    (peer(reachableBy="fd00::1"), "spec.reachableBy", "ReachableBy and PeerIP address family mismatched", ""),
    (
        peer(metadata={"annotations": {"bgpd.io/listen-range": "10.9.0.0/16"}}),
        "metadata.annotations[bgpd.io/listen-range]",
        "in place of peerIP",
        "",
    ),
    (configuration(logSeverityScreen="Loud"), "spec.logSeverityScreen", "unsupported value", "Trace"),
    (configuration(nodeMeshMaxRestartTime=5), "spec.nodeMeshMaxRestartTime", "invalid duration", '"120s"'),
    (configuration(listenPort=65536), "spec.listenPort", "is too large", ""),
    (
        configuration(serviceClusterIPs=[{"cidr": "10.96.0.1/12"}]),
        "spec.serviceClusterIPs[0].cidr",
        "not strictly masked",
        "did you mean 10.96.0.0/12?",
    ),
    (
        configuration(serviceExternalIPs=[{"cidr": "10.0.0.0/33"}]),
        "spec.serviceExternalIPs[0].cidr",
        "invalid prefix length",
        "0 to 32",
    ),
    (
        configuration(
            communities=[{"name": "a", "value": "64512:65536"}], prefixAdvertisements=[{"cidr": "::/0"}]
        ),
        "spec.communities[0].value",
        "invalid community value, expected 16 bit value",
        "",
    ),
    (
        configuration(communities=[{"name": "a", "value": "1:2:4294967296"}]),
        "spec.communities[0].value",
        "expected 32 bit value",
        "",
    ),
    (
        configuration(communities=[{"name": "a", "value": 24030}]),
        "spec.communities[0].value",
        "must be a string",
        "quotes",
    ),
    (configuration(communities=[{"name": "a", "value": "1:2"}]), "spec.communities", "is empty", ""),
    (
        configuration(prefixAdvertisements=[{"cidr": "10.0.0.0/8", "communities": ["blue"]}]),
        "spec.prefixAdvertisements",
        "community used is invalid or not defined.",
        "(blue)",
    ),
    (
        configuration(prefixAdvertisements=[{"cidr": "10.0.0.0/8", "communities": ["1:1"] * 51}]),
        "spec.prefixAdvertisements[0].communities",
        "has too many entries",
        "50",
    ),
    (
        configuration(nodeToNodeMeshEnabled=False, nodeMeshPassword=SECRET_REF),
        "spec.nodeMeshPassword",
        "cannot be set when nodeToNodeMeshEnabled is false",
        "",
    ),
    (
        configuration(nodeToNodeMeshEnabled=False, nodeMeshMaxRestartTime="1s"),
        "spec.nodeMeshMaxRestartTime",
        "cannot be set when nodeToNodeMeshEnabled is false",
        "",
    ),
    (configuration(ignoredInterfaces=["*"]), "spec.ignoredInterfaces", "every interface", "docker*"),
    (configuration(ignoredInterfaces=["a b"]), "spec.ignoredInterfaces[0]", "invalid interface name", ""),
    (
        configuration(localWorkloadPeeringIPV4="fd00::1"),
        "spec.localWorkloadPeeringIPV4",
        "not an IPv4 address",
        "",
    ),
    (configuration(ipv4NormalRoutePriority=0), "spec.ipv4NormalRoutePriority", "is too small", "1 or more"),
    (
        configuration("node.n1", asNumber=1),
        "spec.asNumber",
        "Cannot set asNumber on a non default BGP Configuration.",
        "default",
    ),
    (
        configuration("node.n1", nodeToNodeMeshEnabled=True),
        "spec.nodeToNodeMeshEnabled",
        "Cannot set nodeToNodeMeshEnabled on a non default BGP Configuration.",
        "",
    ),
    (
        filter_rule(cidr="10.0.0.0/8"),
        "spec.exportV4[0].matchOperator",
        "cidr and matchOperator must both be set or both be empty",
        "",
    ),
    (
        filter_rule(matchOperator="In", prefixLength={"min": 1}),
        "spec.exportV4[0].prefixLength",
        "cidr is required when prefixLength is set",
        "",
    ),
    (
        filter_rule(action="Reject", operations=[{"setPriority": {"value": 1}}]),
        "spec.exportV4[0].operations",
        "operations may only be used with action Accept",
        "",
    ),
    (filter_rule(operations=[{}]), "spec.exportV4[0].operations[0]", "exactly one of", ""),
    (
        filter_rule(operations=[{"prependASPath": {"prefix": []}}]),
        "spec.exportV4[0].operations[0].prependASPath.prefix",
        "has too few entries",
        "1",
    ),
    (
        filter_rule(operations=[{"setPriority": {"value": 1}}] * 11),
        "spec.exportV4[0].operations",
        "too many",
        "10",
    ),
    (filter_rule(cidr="fd00::/8", matchOperator="In"), "spec.exportV4[0].cidr", "other address family", ""),
    (
        filter_rule_v6(cidr="10.0.0.0/8", matchOperator="In"),
        "spec.importV6[0].cidr",
        "other address family",
        "",
    ),
    (filter_rule(prefixLength={"max": 33}), "spec.exportV4[0].prefixLength.max", "is too large", "32"),
    (
        filter_rule(communities={"values": ["01:2"]}),
        "spec.exportV4[0].communities.values[0]",
        "invalid",
        "zeros",
    ),
    (filter_rule(communities={"values": []}), "spec.exportV4[0].communities.values", "too few", "1"),
    (
        filter_rule(communities={"values": ["65536:1"]}),
        "spec.exportV4[0].communities.values[0]",
        "expected 16 bit value",
        "65535",
    ),
    (
        filter_rule(operations=[{"addCommunity": {"value": "blue"}}]),
        "spec.exportV4[0].operations[0].addCommunity.value",
        "invalid community value",
        "64512:10",
    ),
    (affinity(deleted="perhaps"), "spec.deleted", "must be a boolean", "true or false"),
    (filter_rule(interface="x" * 16), "spec.exportV4[0].interface", "invalid interface name", ""),
    (filter_rule(priority=2147483647), "spec.exportV4[0].priority", "is too large", ""),
    (filter_rule(action=None), "spec.exportV4[0].action", "required field is missing", ""),
    (document("Node", spec={"bgp": {}}), "spec.bgp", "Spec.BGP should not be empty", ""),
    (node(ipv4Address="10.0.0.1/33"), "spec.bgp.ipv4Address", "invalid prefix length", ""),
    (node(ipv6Address="10.0.0.1"), "spec.bgp.ipv6Address", "not an IPv6 address", ""),
    (node(ipv6Address="::ffff:10.0.0.1"), "spec.bgp.ipv6Address", "not an IPv6 address", ""),
    (node(routeReflectorClusterID="rr"), "spec.bgp.routeReflectorClusterID", "not an IP address", ""),
    (document("Node", spec={"vxlanTunnelMACAddr": "x"}), "spec.vxlanTunnelMACAddr", "not a MAC address", ""),
    (pool(cidr="10.1.0.1/16"), "spec.cidr", "not strictly masked", "10.1.0.0/16"),
    (pool(cidr="169.254.1.0/24"), "spec.cidr", "link local", ""),
    (pool(blockSize=19), "spec.blockSize", "out of bounds", "20 to 32"),
    (pool(cidr="10.1.0.0/28"), "spec.blockSize", "larger than the pool", ""),
    (pool(ipipMode="Always", vxlanMode="Always"), "spec.vxlanMode", "cannot both be enabled", ""),
    (pool(cidr="fd00::/48", ipipMode="Always"), "spec.ipipMode", "not available for IPv6", ""),
    (pool(nodeSelector="global()"), "spec.nodeSelector", "global() cannot be used", ""),
    (pool(namespaceSelector="all()"), "spec.namespaceSelector", "allowedUses Tunnel", ""),
    (pool(allowedUses=["LoadBalancer", "Workload"]), "spec.allowedUses", "cannot be combined", ""),
    (pool(allowedUses=["LoadBalancer"], disableBGPExport=True), "spec.allowedUses", "no encapsulation", ""),
    (affinity(state="lost"), "spec.state", "unsupported value", "confirmed"),
    (node_status(classes=["BGP", "BGP"]), "spec.classes", "twice", ""),
    (node_status(classes=[]), "spec.classes", "too few", ""),
    (node_status(updatePeriodSeconds=86401), "spec.updatePeriodSeconds", "is too large", "86400"),
    ({**document("Secret"), "data": {"a": "?"}}, "data.a", "not base64", "stringData"),
]


@pytest.mark.parametrize(
    ("bad", "field", "rule", "remedy"), BAD, ids=lambda v: v if isinstance(v, str) else ""
)
def test_bad_documents_name_field_rule_and_remedy(
    bad: dict[str, Any], field: str, rule: str, remedy: str
) -> None:
    with pytest.raises(ResourceError) as caught:
        parse_resource(bad, "f.yaml", strict=True)
    problems = [p for p in caught.value.problems if p.path == field]
    assert problems, f"{field} is not among {caught.value}"
    assert any(rule in p.rule and remedy in p.remedy for p in problems), str(caught.value)
    assert str(caught.value).startswith("f.yaml: ")


# Refused when written; where it is stored already, the daemon reads around it and warns.
TOLERATED = [
    configuration(prefixAdvertisements=[{"cidr": "10.0.0.0/8", "communities": ["blue"]}]),
    configuration("node.n1", asNumber=1, listenPort=1790),
    configuration(programClusterRoutes="EnabledSomeday"),
]


@pytest.mark.parametrize("stored", TOLERATED, ids=["undefined community", "default only", "newer value"])
def test_what_calico_reads_around_is_refused_when_written_and_a_warning_when_stored(
    stored: dict[str, Any],
) -> None:
    with pytest.raises(ResourceError) as caught:
        parse_resource(stored, strict=True)
    (refused,) = caught.value.problems
    told = [(problem.path, problem.rule) for problem in warnings(parse_resource(stored))]
    assert (refused.path, refused.rule) in told


@pytest.mark.parametrize(
    ("bad", "text"),
    [
        (configuration(listenPort=70000), "spec.listenPort = 70000: is too large"),
        (peer(asNumber="x"), 'spec.asNumber = "x": invalid AS Number format'),
        (selector_peer(peerSelector="all()", asNumber=1), "spec.asNumber = 1: asNumber must be empty"),
        (peer(nextHopMode="s" * 99), f'spec.nextHopMode = "{"s" * 59}…: unsupported value'),
        (peer(peerIp="10.0.0.1"), "spec.peerIp: unknown field"),
        (filter_rule(communities={"values": []}), "communities.values: has too few entries"),
    ],
)
def test_messages_show_the_value_where_it_is_a_single_one(bad: dict[str, Any], text: str) -> None:
    with pytest.raises(ResourceError) as caught:
        parse_resource(bad, strict=True)
    assert text in str(caught.value)


# Valid, but probably not meant.
ADVICE = [
    (document("BGPPeer", spec={}), "spec", "peers with nobody"),
    (document("BGPPeer", spec={"peerIP": "10.0.0.1"}), "spec.asNumber", "no session can be opened"),
    (peer(peerIP="fe80::1"), "spec.peerIP", "link-local"),
    (peer(peerIP="0.0.0.0"), "spec.peerIP", "no peer can have this address"),
    (peer(peerIP="[ff02::5]:1179"), "spec.peerIP", "no peer can have this address"),
    (peer(keepOriginalNextHop=True), "spec.keepOriginalNextHop", "deprecated"),
    (peer(maxRestartTime="4096s"), "spec.maxRestartTime", "1 s to 4095 s"),
    (peer(localASNumber=0), "spec.localASNumber", "counts as not set"),
    (configuration(asNumber=0), "spec.asNumber", "counts as not set"),
    (node(asNumber=0), "spec.bgp.asNumber", "counts as not set"),
    (peer(keepaliveTime="-5s"), "spec.keepaliveTime", "less than a second"),
    (peer(keepaliveTime="499ms"), "spec.keepaliveTime", "less than a second"),
    (peer(numAllowedLocalASNumbers=-1), "spec.numAllowedLocalASNumbers", "counts as 0"),
    (
        selector_peer(peerSelector="all()", localASNumber=1, numAllowedLocalASNumbers=1),
        "spec.peerSelector",
        "not used with peerSelector: localASNumber, numAllowedLocalASNumbers",
    ),
    (
        selector_peer(localWorkloadSelector="all()", asNumber=1, password=SECRET_REF, ttlSecurity=1),
        "spec.localWorkloadSelector",
        "not used with localWorkloadSelector: password, ttlSecurity",
    ),
    (configuration("other"), "metadata.name", "'default' and 'node.<node name>'"),
    (configuration("node.n1", bindMode="NodeIP"), "spec", "bindMode"),
    (
        configuration("node.n1", prefixAdvertisements=[{"cidr": "10.0.0.0/8", "communities": ["1:1"]}]),
        "spec.prefixAdvertisements",
        "replaces the cluster's whole list",
    ),
    (
        filter_rule(cidr="10.0.0.0/8", matchOperator="Equal", prefixLength={"min": 16}),
        "spec.exportV4[0].prefixLength",
        "no effect with Equal",
    ),
    (
        filter_rule(cidr="10.0.0.0/8", matchOperator="In", prefixLength={"min": 24, "max": 16}),
        "spec.exportV4[0].prefixLength",
        "24 to 16",
    ),
    (
        filter_rule(cidr="10.0.0.0/24", matchOperator="In", prefixLength={"max": 16}),
        "spec.exportV4[0].prefixLength",
        "24 to 16",
    ),
]


@pytest.mark.parametrize(("doubtful", "field", "rule"), ADVICE, ids=lambda v: v if isinstance(v, str) else "")
def test_doubtful_documents_are_accepted_with_a_warning(
    doubtful: dict[str, Any], field: str, rule: str
) -> None:
    found = warnings(parse_resource(doubtful))
    assert [w for w in found if w.path == field and rule in w.rule and w.remedy], found


def test_good_peer_has_no_warnings() -> None:
    assert warnings(parse_resource(peer())) == ()


@pytest.mark.parametrize(
    "stored",
    [
        configuration("node.n1", listenPort=1790, serviceLoadBalancerAggregation="Enabled"),
        selector_peer(localWorkloadSelector="all()", asNumber=1, localASNumber=2, reversePeering="Auto"),
    ],
    ids=["BGPConfiguration", "BGPPeer"],
)
def test_defaults_that_calico_stores_are_nothing_to_warn_of(stored: dict[str, Any]) -> None:
    assert warnings(parse_resource(stored)) == ()


def test_all_problems_are_reported_together() -> None:
    with pytest.raises(ResourceError) as caught:
        parse_resource(peer(peerIp="x", asNumber="y", nextHopMode="z"), "bgppeers.yaml")
    assert [p.path for p in caught.value.problems] == ["spec.asNumber", "spec.nextHopMode", "spec.peerIp"]
    assert "bgppeers.yaml: BGPPeer(rack-1) spec.peerIp: unknown field; did you mean peerIP?" in str(
        caught.value
    )


def test_a_secret_never_shows_its_values() -> None:
    bad = {**document("Secret"), "stringData": {"password": ["hunter2"]}, "data": {"k": "hunter2!"}}
    with pytest.raises(ResourceError) as caught:
        parse_resource(bad)
    assert "hunter2" not in str(caught.value)
    assert "hunter2" not in repr(caught.value.problems)
    good = parse_resource({**document("Secret"), "stringData": {"password": "hunter2"}})
    assert "hunter2" not in repr(good)
    assert "hunter2" not in str(good)


def test_values_are_kept_in_canonical_form() -> None:
    resource = parse_resource(filter_rule_v6(cidr="5000:0::0/64", matchOperator="In")).document()
    assert resource["spec"]["importV6"][0]["cidr"] == "5000::/64"
    assert parse_resource(peer(asNumber="1.10")).document()["spec"]["asNumber"] == 65546


def test_lists_are_expanded() -> None:
    one, two = peer("a"), peer("b")
    assert expand({"kind": "BGPPeerList", "items": [one, two]}) == [one, two]
    assert expand([one, two]) == [one, two]
    assert expand(one) == [one]
    assert expand(None) == []


def test_calico_kinds_without_a_say_in_bgp_are_known_as_such() -> None:
    assert is_unread(document("FelixConfiguration"))
    assert not is_unread(peer())
    assert not is_unread({"kind": ["FelixConfiguration"]})


def judged(wild: dict[str, Any]) -> Resource | ResourceError:
    try:
        return parse_resource(wild)
    except ResourceError as error:
        return error


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
SPEC_FIELDS = sorted(
    {
        field.alias
        for info in KINDS.values()
        if "spec" in info.model.model_fields
        for field in info.model.model_fields["spec"].annotation.model_fields.values()
    }
)


@given(
    kind=st.sampled_from(sorted(KINDS)) | st.text(max_size=8),
    spec=st.dictionaries(st.sampled_from(SPEC_FIELDS), json_values, max_size=5) | json_values,
    metadata=st.fixed_dictionaries({"name": st.text(max_size=8)}, optional={"labels": json_values})
    | json_values,
)
def test_no_document_raises_anything_else(kind: str, spec: object, metadata: object) -> None:
    wild = {"apiVersion": "projectcalico.org/v3", "kind": kind, "metadata": metadata, "spec": spec}
    if kind in KINDS:
        wild["apiVersion"] = KINDS[kind].api_version
    outcome = judged(wild)
    if isinstance(outcome, ResourceError):
        assert outcome.problems
        assert all(problem.rule for problem in outcome.problems)
    else:
        assert parse_resource(outcome.document()) == outcome


def test_a_wrong_entry_is_one_problem_and_not_a_list_too_short_as_well() -> None:
    with pytest.raises(ResourceError) as raised:
        parse_resource(filter_rule(communities={"values": ["01:1"]}))
    (problem,) = raised.value.problems
    assert problem.path == "spec.exportV4[0].communities.values[0]"


def test_fields_of_a_newer_version_are_left_out_with_a_warning() -> None:
    stored = peer(newField={"deep": 1}, nextHopMode="Keep")
    resource, found = examine(stored, newer=True)
    assert resource == parse_resource(peer(nextHopMode="Keep"))
    assert [(problem.path, problem.severity) for problem in found] == [("spec.newField", "warning")]


def test_what_else_is_wrong_with_a_newer_resource_is_an_error_still() -> None:
    with pytest.raises(ResourceError) as raised:
        examine(peer(newField=1, peerIP="nonsense"), newer=True)
    assert [problem.path for problem in raised.value.problems] == ["spec.peerIP"]


def test_new_fields_of_entries_are_left_out_of_each() -> None:
    rules = [{"action": "Accept", "new": 1}, {"action": "Reject"}]
    resource, found = examine(document("BGPFilter", "f", {"exportV4": rules}), newer=True)
    assert resource == parse_resource(
        document("BGPFilter", "f", {"exportV4": [{"action": "Accept"}, {"action": "Reject"}]})
    )
    assert [problem.path for problem in found] == ["spec.exportV4[0].new"]
