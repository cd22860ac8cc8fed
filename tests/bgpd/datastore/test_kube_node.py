"""Kubernetes' Node to Calico's and back, annotation by annotation."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bgpd.datastore.kubernetes.node import calico_node, node_annotations
from bgpd.resources import Node, parse_resource

PREFIX = "projectcalico.org/"


def kube_node(annotations: dict[str, str] | None = None, **parts: Any) -> dict[str, Any]:
    metadata = {"name": "n1", "uid": "u", "resourceVersion": "7", **parts.pop("metadata", {})}
    return {"metadata": {**metadata, "annotations": annotations or {}}, "spec": {}, **parts}


def read(annotations: dict[str, str] | None = None, **parts: Any) -> Node:
    document, problems = calico_node(kube_node(annotations, **parts))
    assert problems == ()
    node = parse_resource(document)
    assert isinstance(node, Node)
    return node


@pytest.mark.parametrize(
    ("annotation", "text", "path", "value"),
    [
        ("IPv4Address", "10.0.0.1/24", "spec.bgp.ipv4_address", "10.0.0.1/24"),
        ("IPv4Address", "10.0.0.1", "spec.bgp.ipv4_address", "10.0.0.1"),
        ("IPv6Address", "FD00::1/64", "spec.bgp.ipv6_address", "fd00::1/64"),
        ("ASNumber", "64513", "spec.bgp.as_number", 64513),
        ("ASNumber", "1.10", "spec.bgp.as_number", 65546),
        ("RouteReflectorClusterID", "244.0.0.1", "spec.bgp.route_reflector_cluster_id", "244.0.0.1"),
        ("IPv4IPIPTunnelAddr", "10.1.0.0", "spec.bgp.ipv4_ipip_tunnel_addr", "10.1.0.0"),
        ("IPv4VXLANTunnelAddr", "10.1.0.1", "spec.ipv4_vxlan_tunnel_addr", "10.1.0.1"),
        ("VXLANTunnelMACAddr", "66:00:00:00:00:01", "spec.vxlan_tunnel_mac_addr", "66:00:00:00:00:01"),
        ("IPv6VXLANTunnelAddr", "fd00::2", "spec.ipv6_vxlan_tunnel_addr", "fd00::2"),
        ("IPv4WireguardInterfaceAddr", "10.1.0.2", "spec.wireguard.interface_ipv4_address", "10.1.0.2"),
        ("IPv6WireguardInterfaceAddr", "fd00::3", "spec.wireguard.interface_ipv6_address", "fd00::3"),
        ("WireguardPublicKey", "abc=", "status.wireguard_public_key", "abc="),
    ],
)
def test_an_annotation_is_a_field(annotation: str, text: str, path: str, value: object) -> None:
    found: Any = read({PREFIX + annotation: text})
    for step in path.split("."):
        found = getattr(found, step)
    assert found == value


@pytest.mark.parametrize(
    ("annotation", "text"),
    [
        ("IPv4Address", "fd00::1"),
        ("IPv6Address", "10.0.0.1"),
        ("ASNumber", "many"),
        ("RouteReflectorClusterID", "1"),
        ("VXLANTunnelMACAddr", "aa:bb"),
        ("labels", "{"),
        ("labels", '{"a": 1}'),
        ("annotations", "[]"),
    ],
)
def test_a_value_that_is_none_counts_as_unset_and_is_told(annotation: str, text: str) -> None:
    document, problems = calico_node(
        kube_node(
            {PREFIX + annotation: text, f"{PREFIX}IPv4Address": "10.0.0.1"}
            if annotation != "IPv4Address"
            else {PREFIX + annotation: text}
        )
    )
    (problem,) = problems
    assert (problem.path, problem.value) == (f"metadata.annotations[{PREFIX}{annotation}]", text)
    assert problem.severity == "warning"
    assert isinstance(parse_resource(document), Node)


def test_labels_are_united_and_kubernetes_wins() -> None:
    ours = json.dumps({"rack": "1", "zone": "ours"})
    node = read({f"{PREFIX}labels": ours}, metadata={"labels": {"zone": "theirs", "x": "y"}})
    assert node.metadata.labels == {"rack": "1", "zone": "theirs", "x": "y"}


def test_annotations_are_those_of_calico_and_our_extensions() -> None:
    node = read(
        {f"{PREFIX}annotations": '{"a": "b"}', "bgpd.io/graceful-shutdown": "true", "kubectl": "noise"}
    )
    assert node.metadata.annotations == {"a": "b", "bgpd.io/graceful-shutdown": "true"}


def test_addresses_and_pod_cidrs_come_along() -> None:
    status = {
        "addresses": [{"type": "InternalIP", "address": "10.0.0.1"}, {"type": "Hostname", "address": "h"}]
    }
    node = read({f"{PREFIX}IPv4Address": "10.0.0.1/24"}, spec={"podCIDRs": ["10.9.0.0/24"]}, status=status)
    assert [(each.address, each.type) for each in node.spec.addresses] == [
        ("10.0.0.1/24", "CalicoNodeIP"),
        ("10.0.0.1", "InternalIP"),
    ]
    assert node.status.pod_cidrs == ("10.9.0.0/24",)
    assert node.spec.orch_refs[0].node_name == "n1"


def test_a_node_without_annotations_takes_no_part_in_bgp() -> None:
    assert read().spec.bgp is None


def test_interfaces_are_read_as_far_as_they_make_sense() -> None:
    interfaces = json.dumps([{"name": "eth0", "addresses": ["10.0.0.1"]}, {"no": "name"}, 5])
    node = read({f"{PREFIX}Interfaces": interfaces})
    assert [(each.name, each.addresses) for each in node.spec.interfaces] == [("eth0", ("10.0.0.1",))]


_LABEL_KEYS = st.from_regex(r"[a-z]{1,8}", fullmatch=True)
_LABELS = st.dictionaries(_LABEL_KEYS, _LABEL_KEYS, max_size=4)
_BGP = st.fixed_dictionaries(
    {},
    optional={
        "ipv4Address": st.ip_addresses(v=4).map(lambda address: f"{address}/24"),
        "ipv6Address": st.ip_addresses(v=6).filter(lambda address: address.ipv4_mapped is None).map(str),
        "asNumber": st.integers(1, 2**32 - 1),
        "routeReflectorClusterID": st.ip_addresses(v=4).map(str),
    },
)


@settings(deadline=None)
@given(bgp=_BGP, labels=_LABELS, kube_labels=_LABELS)
def test_what_is_written_is_read_back(
    bgp: dict[str, Any], labels: dict[str, str], kube_labels: dict[str, str]
) -> None:
    """Kubernetes' own labels apart, an update and a reading after it give the same node."""
    head = {"apiVersion": "projectcalico.org/v3", "kind": "Node"}
    spec = {"bgp": bgp} if bgp else {}
    wanted = parse_resource({**head, "metadata": {"name": "n1", "labels": labels}, "spec": spec})
    assert isinstance(wanted, Node)
    found = kube_node(metadata={"labels": kube_labels})
    changes = node_annotations(wanted, found)
    found["metadata"]["annotations"] = {key: value for key, value in changes.items() if value is not None}
    document, problems = calico_node(found)
    node = parse_resource(document)
    assert problems == ()
    assert isinstance(node, Node)
    assert node.spec.bgp == wanted.spec.bgp
    assert node.metadata.labels == {**labels, **kube_labels}
