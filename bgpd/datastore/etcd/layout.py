"""Where Calico keeps what in etcd, and in which form (calico-reference.md section 13.1). Pure.

Most kinds are JSON objects below one root. Block affinities and blocks have keys of their own, of which name,
node and CIDR are read. Calico keeps no Secrets, Services and EndpointSlices in etcd (they come from
Kubernetes); bgpd keeps those it is given below a root of its own, where calicoctl does not look.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from bgpd.resources import KINDS, BlockAffinity, IPAMBlock, KindInfo, Resource
from records import record

_RESOURCES = "/calico/resources/v3/projectcalico.org/"
_OWN = "/bgpd/resources/"
_HOSTS = "/calico/ipam/v2/host/"
_BLOCKS = "/calico/ipam/v2/assignment/"
CLUSTER_INFORMATION = f"{_RESOURCES}clusterinformations/default"
"""Its spec.datastoreReady is false while the cluster's data are being moved."""
_MAX_NAME = 253
_BY_PLURAL = {info.plural: info for info in KINDS.values()}

Document = dict[str, Any]


class LayoutError(ValueError):
    """A key or value that Calico would not have written."""


@record
class Span:
    """The keys from `start` to before `end`."""

    start: str
    end: str

    @classmethod
    def under(cls, prefix: str) -> "Span":
        """Make the span of all keys that begin with a prefix, which ends in "/"."""
        return cls(prefix, prefix[:-1] + chr(ord("/") + 1))


def spans(node: str | None) -> tuple[Span, ...]:
    """Return what to follow for BGP, with the block affinities of one node alone if it is given.

    Each span needs a stream, so neighbours are taken together; workload endpoints and policies, which change
    all the time, lie between the spans. Blocks are not followed: BGP has no use for single addresses.
    """
    configuration = Span(f"{_RESOURCES}bgp", f"{CLUSTER_INFORMATION}\0")
    prefixes = (f"{_RESOURCES}ippools/", f"{_RESOURCES}nodes/", f"{_HOSTS}{node}/" if node else _HOSTS, _OWN)
    return (configuration, *(Span.under(prefix) for prefix in prefixes))


def span_of(info: KindInfo) -> Span:
    """Return the span of one kind."""
    return Span.under(_prefix_of(info))


def kind_at(key: str) -> KindInfo | None:
    """Return the kind that a key's resource is of; None for what bgpd does not read."""
    if key.startswith(_HOSTS):
        return KINDS[BlockAffinity.__name__]
    root = _OWN if key.startswith(_OWN) else _RESOURCES
    return _BY_PLURAL.get(key.removeprefix(root).partition("/")[0]) if key.startswith(root) else None


def _prefix_of(info: KindInfo) -> str:
    special = {BlockAffinity: _HOSTS, IPAMBlock: _BLOCKS}
    return special.get(info.model) or f"{_OWN if info.namespaced else _RESOURCES}{info.plural}/"


def key_of(info: KindInfo, name: str, namespace: str | None = None) -> str:
    """Return the key of a resource that is stored under its name."""
    return _prefix_of(info) + (f"{namespace}/{name}" if namespace else name)


def has_own_key(info: KindInfo) -> bool:
    """Tell whether the key of a kind's resources is made of their content and not of their name."""
    return info.model in {BlockAffinity, IPAMBlock}


def key_for(resource: Resource) -> str:
    """Return the key a resource is stored under."""
    if isinstance(resource, BlockAffinity):
        return f"{_HOSTS}{resource.spec.node}/{_block(resource.spec.cidr)}"
    if isinstance(resource, IPAMBlock):
        return f"{_BLOCKS}{_block(resource.spec.cidr)}"
    return key_of(KINDS[resource.kind], resource.name, resource.metadata.namespace)


def encode(resource: Resource) -> str:
    """Return the value a resource is stored as; the version is etcd's and never part of it."""
    document = resource.document()
    if isinstance(resource, BlockAffinity):
        return json.dumps({"state": resource.spec.state, "deleted": resource.spec.deleted})
    if isinstance(resource, IPAMBlock):
        return json.dumps(document["spec"])
    document["metadata"].pop("resourceVersion", None)
    return json.dumps(document)


def decode(info: KindInfo, key: str, value: str) -> Document:
    """Return the document that a key and its value stand for. Raises LayoutError."""
    if info.model is BlockAffinity:
        return _affinity(key, value)
    if info.model is IPAMBlock:
        spec = _json(value)
        return _document(info, _dashed(str(spec.get("cidr", ""))), spec)
    document = _json(value)
    _, _, path = key.removeprefix(_prefix_of(info)).rpartition("/")
    metadata = document.get("metadata")
    if not isinstance(metadata, dict) or metadata.get("name") != path:
        raise LayoutError("the name inside is not that of the key")
    return document


def _affinity(key: str, value: str) -> Document:
    node, _, block = key.removeprefix(_HOSTS).partition("/")
    family, _, rest = block.partition("/block/")
    address, dash, length = rest.rpartition("-")
    if family not in {"ipv4", "ipv6"} or not dash:
        raise LayoutError("not the key of a block affinity")
    state = _json(value) if value.strip() else {}  # releases before 3.0 wrote none for "confirmed"
    cidr = f"{address}/{length}"
    spec = {**state, "node": node, "cidr": cidr}
    return _document(KINDS[BlockAffinity.__name__], _name(f"{node}-{_dashed(cidr)}"), spec)


def _document(info: KindInfo, name: str, spec: Mapping[str, Any]) -> Document:
    head = {"apiVersion": info.api_version, "kind": info.kind}
    return {**head, "metadata": {"name": name}, "spec": {**spec}}


def _json(value: str) -> Document:
    try:
        document = json.loads(value)
    except (ValueError, RecursionError) as error:
        raise LayoutError(f"no JSON: {error}") from None
    if not isinstance(document, dict):
        raise LayoutError("no JSON object")
    return document


def _block(cidr: str) -> str:
    family = "ipv6" if ":" in cidr else "ipv4"
    return f"{family}/block/{cidr.replace('/', '-')}"


def _dashed(cidr: str) -> str:
    return cidr.translate(str.maketrans(".:/", "---"))


def _name(text: str) -> str:
    """Shorten a name that would be too long, as Calico does: the tail becomes a part of its hash."""
    if len(text) <= _MAX_NAME:
        return text
    tail = hashlib.sha256(text.encode()).hexdigest()[:11]
    return f"{text[: _MAX_NAME - len(tail) - 1]}-{tail}"
