"""BGPFilters: each condition, each operation, their order, and what an Accept skips."""

from typing import Any

import pytest

from bgpd.intent import policy_check

from .support import compiled, configuration, node, peer, pool, requests, resource, route

HERE = node("n1", "10.0.0.1/24")
NO_MESH = configuration(nodeToNodeMeshEnabled=False)
MAX = 2147483647


def ask(
    rules: list[dict[str, Any]], one: dict[str, Any], direction: str = "export", as_number: int = 64512
) -> dict[str, Any]:
    """What a peer's only filter makes of a route."""
    field = f"{direction}V4"
    rejecting = {"action": "Reject"}
    documents = (
        resource("BGPFilter", "f", {field: [*rules, rejecting]}),
        peer("p", node="n1", peerIP="192.0.2.1", asNumber=as_number, filters=["f"]),
    )
    intent = compiled("n1", HERE, NO_MESH, *documents)
    return policy_check(intent, requests("Node_192_0_2_1", direction, [one]))[0]


def matches(condition: dict[str, Any], one: dict[str, Any], **fields: Any) -> bool:
    return bool(ask([{"action": "Accept"} | condition], one, **fields)["accept"])


def inside(operator: str, **length: int) -> dict[str, Any]:
    return {"cidr": "10.1.0.0/16", "matchOperator": operator} | ({"prefixLength": length} if length else {})


@pytest.mark.parametrize(
    ("condition", "net", "expected"),
    [
        (inside("Equal"), "10.1.0.0/16", True),
        (inside("Equal"), "10.1.0.0/17", False),
        (inside("NotEqual"), "10.1.0.0/16", False),
        (inside("NotEqual"), "10.1.0.0/17", True),
        (inside("In"), "10.1.0.0/16", True),
        (inside("In"), "10.1.2.0/24", True),
        (inside("In"), "10.0.0.0/8", False),
        (inside("In"), "10.2.0.0/24", False),
        (inside("NotIn"), "10.2.0.0/24", True),
        (inside("NotIn"), "10.1.2.0/24", False),
        (inside("In", min=24), "10.1.0.0/16", False),
        (inside("In", min=24), "10.1.2.0/24", True),
        (inside("In", min=24), "10.1.2.4/32", True),
        (inside("In", max=24), "10.1.0.0/16", True),
        (inside("In", max=24), "10.1.2.0/25", False),
        (inside("In", min=8, max=16), "10.1.0.0/16", True),
        (inside("In", min=8, max=16), "10.0.0.0/8", False),
        (inside("NotIn", min=24), "10.1.0.0/16", True),
        (inside("NotIn", min=24), "10.1.2.0/24", False),
        (inside("Equal", min=16), "10.1.0.0/16", False),
        (inside("NotEqual", min=16), "10.1.0.0/16", True),
        (inside("In", min=25, max=24), "10.1.2.0/24", False),
        (inside("NotIn", min=25, max=24), "10.1.2.0/24", True),
        ({}, "10.9.0.0/16", True),
    ],
)
def test_prefix(condition: dict[str, Any], net: str, expected: bool) -> None:
    assert matches(condition, route(net)) is expected


@pytest.mark.parametrize(
    ("condition", "fields", "expected"),
    [
        ({"source": "RemotePeers"}, {"source": "bgp"}, True),
        ({"source": "RemotePeers"}, {"source": "inherit"}, False),
        ({"interface": "eth*"}, {"ifname": "eth0"}, True),
        ({"interface": "eth*"}, {"ifname": "cali0"}, False),
        ({"interface": "*"}, {}, False),
        ({"communities": {"values": ["65000:1"]}}, {"communities": [[65000, 1], [65000, 2]]}, True),
        ({"communities": {"values": ["65000:1"]}}, {"communities": [[65000, 2]]}, False),
        ({"communities": {"values": ["65000:1"]}}, {}, False),
        ({"communities": {"values": ["65000:1:2"]}}, {"large_communities": [[65000, 1, 2]]}, True),
        ({"asPathPrefix": [65000, 65001]}, {"source": "bgp", "as_path": [65000, 65001, 65002]}, True),
        ({"asPathPrefix": [65000, 65001]}, {"source": "bgp", "as_path": [65001, 65000]}, False),
        ({"asPathPrefix": [65000]}, {}, False),
        ({"priority": 512}, {"source": "inherit", "metric": 512}, True),
        ({"priority": 512}, {"source": "inherit", "metric": 1024}, False),
        ({"priority": 1024}, {}, True),
        ({"priority": 512}, {"source": "bgp", "local_pref": MAX - 512}, True),
        ({"priority": 1024, "interface": "eth0"}, {"ifname": "eth1"}, False),
    ],
)
def test_condition(condition: dict[str, Any], fields: dict[str, Any], expected: bool) -> None:
    assert matches(condition, {"net": "10.1.0.0/16", "source": "static"} | fields) is expected


@pytest.mark.parametrize(
    ("peer_type", "as_number", "expected"),
    [("iBGP", 64512, True), ("iBGP", 65001, False), ("eBGP", 64512, False), ("eBGP", 65001, True)],
)
def test_peer_type(peer_type: str, as_number: int, expected: bool) -> None:
    assert matches({"peerType": peer_type}, route("10.1.0.0/16"), as_number=as_number) is expected


def test_as_path_towards_another_as_starts_with_ours() -> None:
    learned = route("10.1.0.0/16", "bgp", as_path=[65000])
    assert matches({"asPathPrefix": [64512, 65000]}, learned, as_number=65001)
    assert not matches({"asPathPrefix": [65000]}, learned, as_number=65001)


def test_operations_in_order_on_export() -> None:
    operations = [
        {"addCommunity": {"value": "65000:1"}},
        {"addCommunity": {"value": "65000:1:2"}},
        {"prependASPath": {"prefix": [65010, 65011]}},
        {"prependASPath": {"prefix": [65012]}},
        {"setPriority": {"value": 100}},
    ]
    answer = ask([{"action": "Accept", "operations": operations}], route("10.1.0.0/16"), as_number=65001)
    assert answer["rule"] == "BGPFilter/f exportV4[0]"
    assert answer["changes"]["communities"] == [[65000, 1]]
    assert answer["changes"]["large_communities"] == [[65000, 1, 2]]
    assert answer["changes"]["as_path"] == [65012, 65010, 65011, 64512]
    assert answer["changes"]["local_pref"] == MAX - 100


def test_operations_on_import() -> None:
    operations = [{"setPriority": {"value": 100}}, {"addCommunity": {"value": "65000:1"}}]
    answer = ask([{"action": "Accept", "operations": operations}], route("10.1.0.0/16", "bgp"), "import")
    # An Accept skips the built-in step that would raise the preference of this priority.
    assert answer["changes"] == {"local_pref": MAX - 100, "communities": [[65000, 1]]}


def test_the_first_match_decides() -> None:
    rules = [{"action": "Accept"} | inside("Equal"), {"action": "Reject"} | inside("In")]
    assert ask(rules, route("10.1.0.0/16"))["rule"] == "BGPFilter/f exportV4[0]"
    assert ask(rules, route("10.1.2.0/24"))["rule"] == "BGPFilter/f exportV4[1]"


def test_several_filters_run_in_the_order_of_the_peer() -> None:
    documents = (
        resource("BGPFilter", "a", {"exportV4": [{"action": "Reject"} | inside("In")]}),
        resource("BGPFilter", "b", {"exportV4": [{"action": "Accept"} | inside("In")]}),
        peer("p", node="n1", peerIP="192.0.2.1", asNumber=1, filters=["b", "a"]),
        peer("q", node="n1", peerIP="192.0.2.2", asNumber=1, filters=["gone", "a", "b"]),
    )
    intent = compiled("n1", HERE, NO_MESH, *documents)
    asked = [
        requests(name, "export", [route("10.1.0.0/16")])[0] for name in ("Node_192_0_2_1", "Node_192_0_2_2")
    ]
    assert [answer["rule"] for answer in policy_check(intent, asked)] == [
        "BGPFilter/b exportV4[0]",
        "BGPFilter/a exportV4[0]",
    ]


def test_an_accept_skips_the_built_in_rules_and_no_match_does_not() -> None:
    documents = (
        pool("closed", "10.1.0.0/16", disableBGPExport=True),
        pool("open", "10.2.0.0/16"),
        resource("BGPFilter", "f", {"exportV4": [{"action": "Accept"} | inside("Equal")]}),
        peer("p", node="n1", peerIP="192.0.2.1", asNumber=1, filters=["f"]),
    )
    intent = compiled("n1", HERE, NO_MESH, *documents)
    nets = ("10.1.0.0/16", "10.1.2.0/24", "10.2.0.0/16")
    answers = policy_check(intent, requests("Node_192_0_2_1", "export", [route(net) for net in nets]))
    assert [answer["rule"] for answer in answers] == [
        "BGPFilter/f exportV4[0]",
        "IPPool/closed disableBGPExport",
        "IPPool/open",
    ]


def test_sessions_without_filters_of_one_kind_share_a_policy() -> None:
    others = [node(f"n{number}", f"10.0.0.{number}") for number in (2, 3, 4)]
    sessions = compiled("n1", HERE, *others).sessions
    policies = {id(policy) for session in sessions for policy in session.export_policy.values()}
    assert len(policies) == 1
