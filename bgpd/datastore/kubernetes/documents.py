"""Objects of the API server to and from documents of projectcalico.org/v3 (calico-reference.md 13.2). Pure.

In the group crd.projectcalico.org/v1 what users write into metadata sits in one annotation, as JSON.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from bgpd.resources import BlockAffinity, KindInfo
from bgpd.resources.meta import API_VERSION

Document = dict[str, Any]

METADATA = "projectcalico.org/metadata"
_SHARED = ("projectcalico.org/", "operator.tigera.io/")
"""Labels and annotations with these in their keys are kept on the object itself as well."""
_OF_THE_OBJECT = ("name", "namespace", "resourceVersion", "finalizers", "ownerReferences")
_OF_THE_USER = ("labels", "annotations", "creationTimestamp")


def from_classic(info: KindInfo, found: Mapping[str, Any]) -> Document:
    """Make the document of an object of crd.projectcalico.org/v1."""
    own = dict(found.get("metadata") or {})
    given = _json_mapping((own.get("annotations") or {}).get(METADATA))
    merged = {**own}
    for field in ("labels", "annotations"):
        united = {**mapping(own.get(field)), **mapping(given.get(field))}
        merged[field] = {key: value for key, value in united.items() if key != METADATA}
    merged = {field: value for field, value in merged.items() if value}
    if given.get("creationTimestamp"):
        merged["creationTimestamp"] = given["creationTimestamp"]
    return {**found, "apiVersion": API_VERSION, "kind": info.kind, "metadata": merged}


def to_classic(info: KindInfo, document: Mapping[str, Any], group: str) -> Document:
    """Make the object of crd.projectcalico.org/v1 that a document is stored as."""
    metadata = mapping(document.get("metadata"))
    given = {field: metadata[field] for field in _OF_THE_USER if metadata.get(field)}
    own = {field: metadata[field] for field in _OF_THE_OBJECT if metadata.get(field)}
    annotations = _shared(mapping(metadata.get("annotations")))
    if given:
        annotations[METADATA] = json.dumps(given)
    own |= {"labels": _shared(mapping(metadata.get("labels"))), "annotations": annotations}
    spec = dict(mapping(document.get("spec")))
    if info.model is BlockAffinity:
        spec["deleted"] = str(spec.get("deleted", False)).lower()  # a string in this group
    return {**document, "apiVersion": group, "kind": info.kind, "metadata": own, "spec": spec}


def from_native(info: KindInfo, found: Mapping[str, Any]) -> Document:
    """Make the document of an object that Kubernetes keeps as it is (lists leave kind and apiVersion out)."""
    return {**found, "apiVersion": info.api_version, "kind": info.kind}


def to_native(info: KindInfo, document: Mapping[str, Any], group: str) -> Document:
    """Make the object that a document is stored as."""
    metadata = {
        key: value
        for key, value in mapping(document.get("metadata")).items()
        if key in _OF_THE_OBJECT or key in {"labels", "annotations"}
    }
    return {**document, "apiVersion": group, "kind": info.kind, "metadata": metadata}


def for_bgp(kind: str, found: Mapping[str, Any]) -> Mapping[str, Any]:
    """Leave out of numerous objects what BGP has no use for: they take less room then, and change less."""
    trim = _TRIMMED.get(kind)
    return trim(found) if trim else found


def _without_labels(found: Mapping[str, Any]) -> Document:
    return {"metadata": {"name": found["metadata"]["name"]}, "spec": found.get("spec")}


def _by_node(found: Mapping[str, Any]) -> Document:
    """Keep of an EndpointSlice whether each node has endpoints that are ready, in place of them all."""
    metadata = found["metadata"]
    endpoints = {_backend(mapping(endpoint)) for endpoint in found.get("endpoints") or ()}
    trimmed = [
        {"conditions": {"ready": ready}, **({"nodeName": node} if node else {})}
        for node, ready in sorted(endpoints)
    ]
    return {
        "metadata": {key: metadata[key] for key in ("name", "namespace", "labels") if key in metadata},
        "addressType": found.get("addressType"),
        "endpoints": trimmed,
    }


_TRIMMED: Mapping[str, Callable[[Mapping[str, Any]], Document]] = {
    "BlockAffinity": _without_labels,
    "EndpointSlice": _by_node,
}


def _backend(endpoint: Mapping[str, Any]) -> tuple[str, bool]:
    """Return where an endpoint is, and whether it is ready; absent counts as ready."""
    ready = mapping(endpoint.get("conditions")).get("ready")
    return str(endpoint.get("nodeName") or ""), ready is not False


def _shared(values: Mapping[str, Any]) -> Document:
    return {key: value for key, value in values.items() if any(part in key for part in _SHARED)}


def mapping(value: object) -> Mapping[str, Any]:
    """Return a mapping as it is, and an empty one in place of anything else."""
    return value if isinstance(value, Mapping) else {}


def _json_mapping(text: object) -> Mapping[str, Any]:
    try:
        return mapping(json.loads(text)) if isinstance(text, str) else {}
    except (ValueError, RecursionError):
        return {}
