"""Small documents to vary in tests."""

from typing import Any

API = "projectcalico.org/v3"
Document = dict[str, Any]


def document(kind: str, name: str = "x", spec: object = None, **metadata: object) -> Document:
    versions = {"Secret": "v1", "Service": "v1", "EndpointSlice": "discovery.k8s.io/v1"}
    head = {"apiVersion": versions.get(kind, API), "kind": kind, "metadata": {"name": name, **metadata}}
    return head if spec is None else {**head, "spec": spec}


def peer(name: str = "rack-1", metadata: Document | None = None, **spec: object) -> Document:
    return document("BGPPeer", name, {"peerIP": "10.0.0.1", "asNumber": 64567} | spec, **(metadata or {}))


def selector_peer(**spec: object) -> Document:
    return document("BGPPeer", "rack-1", spec)


def configuration(name: str = "default", **spec: object) -> Document:
    return document("BGPConfiguration", name, spec)


def filter_rule(**rule: object) -> Document:
    return document("BGPFilter", "f", {"exportV4": [{"action": "Accept"} | rule]})


def filter_rule_v6(**rule: object) -> Document:
    return document("BGPFilter", "f", {"importV6": [{"action": "Accept"} | rule]})


def node(name: str = "n1", labels: dict[str, str] | None = None, **bgp: object) -> Document:
    return document("Node", name, {"bgp": {"ipv4Address": "10.0.0.1/24"} | bgp}, labels=labels or {})


def pool(name: str = "p", **spec: object) -> Document:
    return document("IPPool", name, {"cidr": "10.1.0.0/16"} | spec)


def affinity(**spec: object) -> Document:
    return document("BlockAffinity", "n1-10-1-0-0-26", {"node": "n1", "cidr": "10.1.0.0/26"} | spec)


def node_status(**spec: object) -> Document:
    return document(
        "CalicoNodeStatus", "s", {"node": "n1", "classes": ["BGP"], "updatePeriodSeconds": 10} | spec
    )
