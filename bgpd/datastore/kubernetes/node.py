"""Kubernetes' Node to and from Calico's: annotations, labels, pod CIDRs (calico-reference.md 13.3). Pure.

A value that is no value of its field counts as unset, as in Calico, and is reported: one mistyped annotation
must not take the node out of the cluster.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from bgpd.datastore.kubernetes.documents import mapping
from bgpd.resources import Node, Problem
from bgpd.resources.addresses import IPv4, IPv4Interface, IPv6, IPv6Interface
from bgpd.resources.meta import API_VERSION
from bgpd.resources.values import MAC, ASNumber
from records import record

Document = dict[str, Any]

_PREFIX = "projectcalico.org/"
_LABELS, _ANNOTATIONS = f"{_PREFIX}labels", f"{_PREFIX}annotations"
_KUBE_LABELS = f"{_PREFIX}kube-labels"
_EXTENSIONS = "bgpd.io/"


@record
class _Field:
    """One annotation (without Calico's prefix), the field it stands for, and what it must be."""

    annotation: str
    path: tuple[str, ...]
    type: Any

    @property
    def key(self) -> str:
        return _PREFIX + self.annotation


_FIELDS = (
    _Field("IPv4Address", ("spec", "bgp", "ipv4Address"), IPv4Interface),
    _Field("IPv6Address", ("spec", "bgp", "ipv6Address"), IPv6Interface),
    _Field("ASNumber", ("spec", "bgp", "asNumber"), ASNumber),
    _Field("RouteReflectorClusterID", ("spec", "bgp", "routeReflectorClusterID"), IPv4),
    _Field("IPv4IPIPTunnelAddr", ("spec", "bgp", "ipv4IPIPTunnelAddr"), IPv4),
    _Field("IPv4VXLANTunnelAddr", ("spec", "ipv4VXLANTunnelAddr"), IPv4),
    _Field("VXLANTunnelMACAddr", ("spec", "vxlanTunnelMACAddr"), MAC),
    _Field("IPv6VXLANTunnelAddr", ("spec", "ipv6VXLANTunnelAddr"), IPv6),
    _Field("VXLANTunnelMACAddrV6", ("spec", "vxlanTunnelMACAddrV6"), MAC),
    _Field("IPv4WireguardInterfaceAddr", ("spec", "wireguard", "interfaceIPv4Address"), IPv4),
    _Field("IPv6WireguardInterfaceAddr", ("spec", "wireguard", "interfaceIPv6Address"), IPv6),
    _Field("WireguardPublicKey", ("status", "wireguardPublicKey"), str),
    _Field("WireguardPublicKeyV6", ("status", "wireguardPublicKeyV6"), str),
)


def calico_node(found: Mapping[str, Any]) -> tuple[Document, tuple[Problem, ...]]:
    """Return Calico's document of a Kubernetes Node, and what in its annotations counts as unset."""
    own = mapping(found.get("metadata"))
    annotations = mapping(own.get("annotations"))
    labels, label_problems = _json_strings(annotations, _LABELS)
    kept, kept_problems = _json_strings(annotations, _ANNOTATIONS)
    extensions = {key: value for key, value in annotations.items() if key.startswith(_EXTENSIONS)}
    metadata = {
        key: own[key] for key in ("name", "uid", "resourceVersion", "creationTimestamp") if key in own
    }
    metadata["labels"] = {**labels, **mapping(own.get("labels"))}
    if kept or extensions:
        metadata["annotations"] = {**kept, **extensions}
    document: Document = {"apiVersion": API_VERSION, "kind": "Node", "metadata": metadata, "spec": {}}
    problems = [*label_problems, *kept_problems, *_fill_in(document, annotations)]
    document["spec"]["orchRefs"] = [{"nodeName": own.get("name"), "orchestrator": "k8s"}]
    _add_addresses(document, found)
    pod_cidrs = mapping(found.get("spec")).get("podCIDRs")
    if pod_cidrs:
        document.setdefault("status", {})["podCIDRs"] = pod_cidrs
    return document, tuple(problems)


def foreign_labels(node: Node, found: Mapping[str, Any]) -> list[str]:
    """Return the labels that Kubernetes itself keeps with another value: these are not ours to change."""
    theirs = mapping(mapping(found.get("metadata")).get("labels"))
    return sorted(key for key, value in node.metadata.labels.items() if theirs.get(key, value) != value)


def node_annotations(node: Node, found: Mapping[str, Any]) -> Document:
    """Return the annotations that make a Kubernetes Node say what Calico's does; None removes one."""
    document = node.document()
    own = mapping(found.get("metadata"))
    kube_labels = mapping(own.get("labels"))
    labels = {key: value for key, value in node.metadata.labels.items() if key not in kube_labels}
    ours = {key: value for key, value in node.metadata.annotations.items() if key != _KUBE_LABELS}
    extensions = {key: value for key, value in ours.items() if key.startswith(_EXTENSIONS)}
    others = {key: value for key, value in ours.items() if not key.startswith(_EXTENSIONS)}
    gone = [key for key in mapping(own.get("annotations")) if key.startswith(_EXTENSIONS)]
    fields = {field.key: _text(_at(document, field.path)) for field in _FIELDS}
    json_maps = {
        key: json.dumps(value) if value else None
        for key, value in ((_LABELS, labels), (_ANNOTATIONS, others))
    }
    return {**fields, **json_maps, **dict.fromkeys(gone), **extensions}


def _fill_in(document: Document, annotations: Mapping[str, Any]) -> Iterator[Problem]:
    for field in _FIELDS:
        text = annotations.get(field.key)
        if text in {None, ""}:
            continue
        try:
            _adapter(field).validate_python(text)
        except ValidationError as error:
            reason = error.errors(include_url=False)[0].get("ctx", {}).get("rule", "no value of this field")
            yield _problem(field.key, str(reason), text)
        else:
            *parents, name = field.path
            place = document
            for parent in parents:
                place = place.setdefault(parent, {})
            place[name] = text
    interfaces = _interfaces(annotations.get(f"{_PREFIX}Interfaces"))
    if interfaces:
        document["spec"]["interfaces"] = interfaces


@cache
def _adapter(field: _Field) -> TypeAdapter[Any]:
    return TypeAdapter(field.type)


def _problem(key: str, rule: str, value: object) -> Problem:
    remedy = "it counts as unset; correct the annotation of the Kubernetes Node"
    return Problem(f"metadata.annotations[{key}]", rule, value, remedy, "warning")


def _add_addresses(document: Document, found: Mapping[str, Any]) -> None:
    """List all addresses, for information: those of BGP first, then those that the kubelet reports."""
    bgp = mapping(document["spec"].get("bgp"))
    ours = [(bgp[key], "CalicoNodeIP") for key in ("ipv4Address", "ipv6Address") if key in bgp]
    reported = mapping(found.get("status")).get("addresses") or ()
    theirs = [(each.get("address"), each.get("type")) for each in reported if isinstance(each, Mapping)]
    wanted = [*ours, *(pair for pair in theirs if pair[1] in {"InternalIP", "ExternalIP"})]
    if wanted:
        document["spec"]["addresses"] = [{"address": address, "type": kind} for address, kind in wanted]


def _interfaces(text: object) -> list[Document]:
    found = _json(text)
    if not isinstance(found, list):
        return []
    return [
        {"name": str(each["name"]), "addresses": [str(address) for address in each.get("addresses") or ()]}
        for each in found
        if isinstance(each, Mapping) and each.get("name")
    ]


def _json_strings(annotations: Mapping[str, Any], key: str) -> tuple[dict[str, str], list[Problem]]:
    """Read an annotation that is a JSON map of strings."""
    text = annotations.get(key)
    found = _json(text) if text else {}
    if isinstance(found, dict) and all(isinstance(value, str) for value in found.values()):
        return found, []
    return {}, [_problem(key, "no JSON map of strings", text)]


def _json(text: object) -> object:
    try:
        return json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        return None


def _at(document: Mapping[str, Any], path: tuple[str, ...]) -> object:
    value: object = document
    for step in path:
        value = mapping(value).get(step)
    return value


def _text(value: object) -> str | None:
    return None if value is None else str(value)
