"""What only shows when resources are seen together, and the snapshot they are seen in."""

import pytest

from bgpd.resources import BGPPeer, Node, Resource, Snapshot, cross_faults, parse_resource
from bgpd.resources.snapshot import make_table

from .documents import Document, document, filter_rule, node, peer, pool


def snapshot_of(*documents: Document) -> Snapshot:
    tables: dict[str, dict[str, Resource]] = {}
    for resource in map(parse_resource, documents):
        tables.setdefault(resource.kind, {})[resource.key] = resource
    return Snapshot({kind: make_table(table) for kind, table in tables.items()})


def complaints(*documents: Document) -> list[str]:
    return [
        str(fault)
        for fault in cross_faults(snapshot_of(*documents), lambda resource: f"{resource.name}.yaml")
    ]


def test_two_nodes_with_one_address_name_each_other() -> None:
    found = complaints(node("a"), node("b", ipv4Address="10.0.0.1/16"), node("c", ipv4Address="10.0.0.2"))
    assert found == [
        "a.yaml: Node(a) spec.bgp.ipv4Address: 10.0.0.1 is also the address of Node(b); give each its own",
        "b.yaml: Node(b) spec.bgp.ipv4Address: 10.0.0.1 is also the address of Node(a); give each its own",
    ]


def test_two_nodes_with_one_ipv6_address() -> None:
    two = [
        node(name, ipv4Address=address, ipv6Address="fd00::1")
        for name, address in (("a", "1.1.1.1"), ("b", "1.1.1.2"))
    ]
    assert [line.split(":")[0] for line in complaints(*two)] == ["a.yaml", "b.yaml"]


def test_a_filter_that_does_not_exist_is_named() -> None:
    found = complaints(peer(filters=["f", "missing"]), filter_rule())
    rule = "BGPFilter(s) not found: missing; create them; until then they filter nothing"
    assert found == [f"rack-1.yaml: BGPPeer(rack-1) spec.filters: {rule}"]


@pytest.mark.parametrize(
    ("cidrs", "overlapping"),
    [
        (["10.0.0.0/8", "10.1.0.0/16", "10.2.0.0/16"], ["p1", "p2"]),
        (["10.1.0.0/16", "10.1.0.0/16"], ["p1"]),
        (["10.1.0.0/16", "10.2.0.0/16", "fd00::/64", "fd00:0:0:1::/64"], []),
    ],
)
def test_pools_that_overlap_are_named(cidrs: list[str], overlapping: list[str]) -> None:
    pools = [pool(f"p{index}", cidr=cidr) for index, cidr in enumerate(cidrs)]
    assert [line.split(".yaml")[0] for line in complaints(*pools)] == overlapping


def test_findings_between_resources_are_warnings() -> None:
    [fault] = cross_faults(snapshot_of(peer(filters=["x"])), lambda _: "f")
    assert (fault.severity, fault.resource, fault.field) == ("warning", "BGPPeer(rack-1)", "spec.filters")


def test_a_snapshot_sorts_and_finds() -> None:
    snapshot = snapshot_of(node("b"), node("a"), document("Service", "web", {}, namespace="default"))
    assert [found.name for found in snapshot.of(Node)] == ["a", "b"]
    assert snapshot.get(Node, "a") is snapshot.of(Node)[0]
    assert snapshot.get(Node, "c") is None
    assert snapshot.of(BGPPeer) == []


def test_a_snapshot_hides_its_secrets() -> None:
    snapshot = Snapshot(secrets={"bgp": {"password": "hunter2"}})
    assert snapshot.secret("bgp", "password") == "hunter2"
    assert snapshot.secret("bgp", "other") is None
    assert snapshot.secret("other", "password") is None
    assert "hunter2" not in repr(snapshot)
