"""Which object of the API server stands for which kind, and how one becomes the other. A table."""

from collections.abc import Callable, Mapping
from typing import Any

from bgpd.datastore.kubernetes import documents
from bgpd.datastore.kubernetes.node import calico_node
from bgpd.datastore.kubernetes.options import GROUPS
from bgpd.resources import KINDS, IPAMBlock, KindInfo, Problem
from records import record

Document = dict[str, Any]
_NO_PASSWORDS = "type!=helm.sh/release.v1,type!=kubernetes.io/service-account-token"
"""Secrets that are many or large, and never hold the password of a session."""

Decoded = tuple[Document, tuple[Problem, ...]]


@record
class ObjectKind:
    """One kind of object: `group` is apiVersion, `scope` the one namespace that is read (None: all)."""

    info: KindInfo | None
    """None for the ClusterInformation, of which only datastoreReady is read."""
    group: str
    kind: str
    plural: str
    decode: Callable[[Mapping[str, Any]], Decoded]
    encode: Callable[[Mapping[str, Any]], Document]
    scope: str | None = None
    selector: str = ""
    """Which objects are read at all, as a field selector."""

    @property
    def namespaced(self) -> bool:
        """Whether its objects live in namespaces."""
        return self.info is not None and self.info.namespaced


def object_kinds(group: str, secrets_namespace: str) -> dict[str, ObjectKind]:
    """Return every kind by its name, for one of Calico's API groups."""
    kinds = [_kind(info, group, secrets_namespace) for info in KINDS.values()]
    kinds.append(_calico("ClusterInformation", "clusterinformations", None, group))
    return {kind.kind: kind for kind in kinds}


def followed(kinds: Mapping[str, ObjectKind]) -> list[ObjectKind]:
    """Return what to follow for BGP. Blocks are not: BGP has no use for single addresses."""
    return [kind for kind in kinds.values() if kind.info is None or kind.info.model is not IPAMBlock]


def _kind(info: KindInfo, group: str, secrets_namespace: str) -> ObjectKind:
    if info.kind == "Node":
        return ObjectKind(info, "v1", "Node", "nodes", calico_node, dict)
    if info.namespaced:
        return ObjectKind(
            info,
            info.api_version,
            info.kind,
            info.plural,
            lambda found: (documents.from_native(info, found), ()),
            lambda document: documents.to_native(info, document, info.api_version),
            scope=secrets_namespace if info.kind == "Secret" else None,
            selector=_NO_PASSWORDS if info.kind == "Secret" else "",
        )
    return _calico(info.kind, info.plural, info, group)


def _calico(kind: str, plural: str, info: KindInfo | None, group: str) -> ObjectKind:
    if info is None:
        return ObjectKind(None, group, kind, plural, lambda found: (dict(found), ()), dict)
    read = documents.from_classic if group == GROUPS[0] else documents.from_native
    write = documents.to_classic if group == GROUPS[0] else documents.to_native
    return ObjectKind(
        info,
        group,
        kind,
        plural,
        lambda found: (read(info, found), ()),
        lambda document: write(info, document, group),
    )
