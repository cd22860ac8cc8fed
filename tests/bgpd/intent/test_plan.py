"""What a change does to a cluster, computed for every node and by representatives."""

import random
from typing import Any

import pytest

from bgpd.intent import classes
from bgpd.intent.plan import Outcome, Plan, make_plan
from bgpd.intent.plan_document import plan_document, plan_text
from bgpd.intent.plan_steps import NodePlan
from bgpd.intent.what_if import changed_snapshot
from bgpd.resources import Resource, Snapshot, parse_resource
from tests.bgpd.intent.support import (
    Document,
    block,
    configuration,
    node,
    peer,
    pool,
    resource,
    secret,
    snapshot,
)

MESH_OFF = configuration(nodeToNodeMeshEnabled=False)
REFLECTORS = peer("reflectors", nodeSelector="all()", peerSelector="has(rr)")


def cluster(count: int) -> list[Document]:
    nodes = [node(f"n{i}", f"10.0.0.{i}/24", labels={"rack": str(i % 2)}) for i in range(1, count + 1)]
    return [*nodes, *(block(f"n{i}", f"10.244.{i}.0/26") for i in range(1, count + 1))]


def reflector(name: str = "r1") -> Document:
    return node(name, "10.0.1.1/24", labels={"rr": "true"}, routeReflectorClusterID="1.1.1.1")


def plan(before: list[Document], *changes: Document, removed: tuple[tuple[str, str], ...] = ()) -> Plan:
    old = snapshot(*before)
    resources: dict[tuple[str, str], Resource | None] = dict.fromkeys(removed)
    for document in changes:
        resource = parse_resource(document)
        resources[resource.kind, resource.key] = resource
    return make_plan(old, changed_snapshot(old, resources), {})


def of(found: Plan, name: str) -> NodePlan:
    return next(one for one in found.nodes if name in one.nodes)


def texts(found: Plan, severity: str) -> list[str]:
    return [finding.text for finding in found.findings if finding.severity == severity]


def test_nothing_changes() -> None:
    found = plan(cluster(3))
    assert found.outcome is Outcome.NOTHING
    assert found.nodes == ()
    assert list(plan_text(found)) == ["Nothing changes."]


def test_the_mesh_goes_and_nothing_takes_its_place() -> None:
    found = plan(cluster(3), MESH_OFF)
    assert found.outcome is Outcome.BREAKS
    assert found.totals == {"add": 0, "remove": 6, "reset": 0, "change": 0}
    assert of(found, "n1").loses == ("10.244.2.0/26", "10.244.3.0/26")
    assert texts(found, "break") == ["disabling the mesh leaves n1, n2 and n3 without routes to one another"]


def test_the_mesh_goes_and_reflectors_carry_on() -> None:
    found = plan([*cluster(3), reflector(), REFLECTORS], MESH_OFF)
    assert found.outcome is Outcome.CHANGES
    assert not any(one.loses for one in found.nodes)
    assert found.totals["remove"] == 6


def test_one_node_is_left_out() -> None:
    some = peer("reflectors", nodeSelector="rack == '1'", peerSelector="has(rr)")
    found = plan([*cluster(3), reflector(), some], MESH_OFF)
    assert set(texts(found, "break")) == {
        "disabling the mesh leaves n2 without routes to n1 and n3",
        "disabling the mesh leaves n1 and n3 without routes to n2",
    }


def test_steps_say_what_happens_to_each_session() -> None:
    found = plan(cluster(2), configuration(asNumber=65000), peer("tor", peerIP="10.9.0.1", asNumber=65010))
    steps = {step.session.name: step for step in of(found, "n1").steps}
    assert steps["Mesh_10_0_0_2"].action == "reset"
    assert set(steps["Mesh_10_0_0_2"].changed) >= {"peer_as", "local_as"}
    assert steps["Global_10_9_0_1"].action == "add"
    assert any("2 session ends between nodes are reset" in text for text in texts(found, "note"))


def test_a_change_of_policy_resets_nothing() -> None:
    rules = {"exportV4": [{"action": "Reject", "matchOperator": "In", "cidr": "10.0.0.0/8"}]}
    filtered = {
        "apiVersion": "projectcalico.org/v3",
        "kind": "BGPFilter",
        "metadata": {"name": "f"},
        "spec": rules,
    }
    before = [*cluster(2), filtered, peer("tor", peerIP="10.9.0.1", asNumber=65010)]
    found = plan(before, peer("tor", peerIP="10.9.0.1", asNumber=65010, filters=["f"]))
    assert found.totals == {"add": 0, "remove": 0, "reset": 0, "change": 2}
    assert "export_policy" in of(found, "n1").steps[0].changed


def test_blocks_and_nodes_come_and_go() -> None:
    found = plan(cluster(2), block("n1", "10.244.9.0/26"), removed=(("BlockAffinity", "n2-10-244-2-0-26"),))
    assert of(found, "n1").originates == ("10.244.9.0/26",)
    assert of(found, "n2").withdraws == ("10.244.2.0/26",)
    assert of(found, "n2").gains == ("10.244.9.0/26",)
    assert of(found, "n1").loses == ("10.244.2.0/26",)
    assert found.outcome is Outcome.CHANGES, "who asks for a block to go wants its routes gone"
    gone = plan(cluster(3), removed=(("Node", "n3"), ("BlockAffinity", "n3-10-244-3-0-26")))
    assert gone.outcome is Outcome.CHANGES
    assert of(gone, "n3").sessions("remove") == 2


def test_a_new_node_without_a_session_is_told_of() -> None:
    before = [
        *cluster(2),
        reflector(),
        peer("some", nodeSelector="has(rack)", peerSelector="has(rr)"),
        MESH_OFF,
    ]
    found = plan(before, node("n9", "10.0.0.9/24"), block("n9", "10.244.9.0/26"))
    assert "n9 will have no routes to n1 and n2" in texts(found, "warning")
    assert found.outcome is Outcome.CHANGES


def test_what_looks_wrong_is_told_once_and_only_if_it_is_new() -> None:
    idle = peer("idle", nodeSelector="rack == 'nowhere'", peerSelector="has(rr)")
    assert sum("matches no node" in text for text in texts(plan(cluster(3), idle), "warning")) == 2
    assert texts(plan([*cluster(3), idle], peer("tor", peerIP="10.9.0.1", asNumber=1)), "warning") == []


def test_half_configured_pairs_are_told() -> None:
    one_way = peer("one", node="n1", peerSelector="rack == '0'", reversePeering="Manual")
    found = plan([*cluster(2), MESH_OFF], one_way)
    assert any(text.startswith("half-configured: n1 peers with n2") for text in texts(found, "warning"))


def test_a_live_node_becomes_a_reflector() -> None:
    found = plan(
        cluster(2),
        node("n1", "10.0.0.1/24", labels={"rr": "true"}, routeReflectorClusterID="1.1.1.1"),
        REFLECTORS,
    )
    assert found.outcome is Outcome.CHANGES
    assert any("becomes a route reflector with workloads" in text for text in texts(found, "note"))


def test_a_secret_counts_as_it_will_be() -> None:
    tor = peer(
        "tor", peerIP="10.9.0.1", asNumber=1, password={"secretKeyRef": {"name": "keys", "key": "tor"}}
    )
    found = plan([*cluster(1), tor, secret("keys", tor="old")], secret("keys", tor="new"))
    assert of(found, "n1").steps[0].changed == ("password",)


def test_the_document_has_all_and_the_text_is_short() -> None:
    found = plan(cluster(20), MESH_OFF)
    document = plan_document(found)
    assert document["outcome"] == "breaks"
    assert len(document["nodes"]) == 20
    assert len(document["nodes"][0]["steps"]) == 19
    lines = list(plan_text(found))
    assert "  … and 7 sessions more (-o json has all)" in lines
    assert lines[-1] == "This breaks reachability."


def pool_of_all(**spec: Any) -> Document:
    return pool("pods", "10.244.0.0/16", **spec)


def test_a_pool_that_is_closed_keeps_its_blocks_from_everybody() -> None:
    found = plan([*cluster(3), pool_of_all()], pool_of_all(disableBGPExport=True))
    assert found.outcome is Outcome.BREAKS
    assert of(found, "n1").loses == ("10.244.2.0/26", "10.244.3.0/26")
    (text,) = texts(found, "break")
    assert text.startswith(
        "IPPool/pods disableBGPExport keeps n1, n2 and n3 from telling anybody of 10.244.1.0/26,"
    )
    assert plan([*cluster(3), pool_of_all(disableBGPExport=True)], pool_of_all()).outcome is Outcome.CHANGES


def test_what_one_peer_is_not_told_others_may_be() -> None:
    rules = {"exportV4": [{"action": "Reject", "matchOperator": "In", "cidr": "10.0.0.0/8"}]}
    filtered = resource("BGPFilter", "f", rules)
    tor = peer("tor", peerIP="10.9.0.1", asNumber=65010, filters=["f"])
    assert plan([*cluster(2), filtered], tor).outcome is Outcome.CHANGES
    alone = [*cluster(1), filtered, peer("tor", peerIP="10.9.0.1", asNumber=65010)]
    assert texts(plan(alone, tor), "break") == [
        "BGPFilter/f exportV4[0] keeps n1 from telling anybody of 10.244.1.0/26"
    ]


CHANGES: dict[str, tuple[list[Document], tuple[tuple[str, str], ...]]] = {
    "mesh off": ([MESH_OFF], ()),
    "another AS": ([configuration(asNumber=65000)], ()),
    "no more reflectors": ([], (("BGPPeer", "reflectors"),)),
    "mesh off and no reflectors": ([MESH_OFF], (("BGPPeer", "reflectors"),)),
    "a block more": ([block("n3", "10.244.200.0/26")], ()),
    "a node less": ([], (("Node", "n4"),)),
    "an address changes": ([node("n5", "10.0.0.77/24", labels={"rack": "1"})], ()),
    "a closed pool": ([pool_of_all(disableBGPExport=True)], ()),
    "a rack's peer": ([peer("tor", nodeSelector="rack == '1'", peerIP="10.9.0.1", asNumber=64512)], ()),
}


@pytest.mark.parametrize("reflected", [False, True])
@pytest.mark.parametrize("change", CHANGES)
def test_representatives_tell_the_same_as_all_nodes(
    change: str, reflected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same plan with every node computed, and with two of each class."""
    before = cluster(12) + (
        [reflector(), REFLECTORS] if reflected else [peer("reflectors", peerIP="10.9.0.9", asNumber=64512)]
    )
    changes, removed = CHANGES[change]
    exact = plan(before, *changes, removed=removed)
    monkeypatch.setattr(classes, "SMALL", 0)
    reduced = plan(before, *changes, removed=removed)
    assert reduced.outcome is exact.outcome
    assert reduced.totals == exact.totals
    assert {name for one in reduced.nodes for name in one.nodes} == {
        name for one in exact.nodes for name in one.nodes
    }
    for one in exact.nodes:
        alike = of(reduced, one.nodes[0])
        assert len(alike.loses) == len(one.loses), one.nodes
        assert len(alike.gains) == len(one.gains), one.nodes
    assert len(texts(reduced, "break")) == len(texts(exact, "break"))


def large(count: int) -> Snapshot:
    documents = [node(f"n{i:04}", f"10.{i // 250}.{i % 250}.1/32") for i in range(count)]
    random.Random(1).shuffle(documents)
    return snapshot(
        *documents, *(block(f"n{i:04}", f"10.{128 + i // 250}.{i % 250}.0/26") for i in range(count))
    )


@pytest.mark.timeout(20)
def test_a_mesh_of_a_thousand_nodes_is_planned_in_no_time() -> None:
    before = large(1000)
    found = make_plan(
        before, changed_snapshot(before, {("BGPConfiguration", "default"): parse_resource(MESH_OFF)}), {}
    )
    assert found.totals["remove"] == 999_000
    (all_of_them,) = found.nodes
    assert len(all_of_them.nodes) == 1000
    assert len(all_of_them.loses) == 999
    assert texts(found, "break") == [
        "disabling the mesh leaves n0000, n0001, n0002 and 997 more without routes to one another"
    ]
