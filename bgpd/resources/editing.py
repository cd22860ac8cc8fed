"""What apply, replace, patch and label make of a document (calico-reference.md section 12.2). Pure.

Documents go in and come out; `parse_resource` judges the result, so nothing invalid is ever stored.
"""

from collections.abc import Mapping
from typing import Any

from bgpd.resources.meta import Resource
from bgpd.resources.parsing import parse_resource
from bgpd.resources.problems import Problem, ResourceError

Document = dict[str, Any]

SERVER_SET = (
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "managedFields",
)
"""Metadata that the datastore fills in and that the input of `create` does not decide."""


def for_create(document: Mapping[str, Any], where: str = "") -> Resource:
    """Make the resource that `create` stores: server-set metadata is cleared. Raises ResourceError."""
    metadata = _mapping(document, "metadata")
    kept = {key: value for key, value in metadata.items() if key not in SERVER_SET}
    return parse_resource({**document, "metadata": kept}, where, strict=True)


def for_replace(stored: Resource, document: Mapping[str, Any], where: str = "") -> Resource:
    """Make the resource that `replace` and `apply` store in place of `stored`.

    Everything but metadata comes from the input; of metadata only labels and annotations do, so that omitted
    labels vanish. The input's resourceVersion, if any, is kept for the datastore to compare, else the stored
    one is. Raises ResourceError.
    """
    given = _mapping(document, "metadata")
    metadata = {**_metadata(stored), "labels": given.get("labels"), "annotations": given.get("annotations")}
    if given.get("resourceVersion"):
        metadata["resourceVersion"] = given["resourceVersion"]
    if "status" in stored.document() and "status" not in document:
        document = {**document, "status": stored.document()["status"]}
    return parse_resource({**document, "metadata": metadata}, where, strict=True)


def for_patch(stored: Resource, patch: Mapping[str, Any], where: str = "") -> Resource:
    """Make the resource that `patch` stores: a strategic merge. Raises ResourceError.

    Mappings are merged, lists are replaced (they have no merge keys), null deletes; hence labels and
    annotations are united. Kind and name cannot be patched.
    """
    merged = merge(stored.document(), patch)
    identity = {"kind": stored.kind, "apiVersion": stored.api_version}
    metadata = {**_mapping(merged, "metadata"), "name": stored.name, "namespace": stored.metadata.namespace}
    for field, value in (*identity.items(), ("metadata.name", stored.name)):
        given = _mapping(merged, "metadata").get("name") if field == "metadata.name" else merged.get(field)
        if given != value:
            raise ResourceError(
                [Problem(field, "cannot be patched", given, f"keep {value}")], where, str(stored)
            )
    return parse_resource({**merged, "metadata": metadata}, where, strict=True)


def for_label(
    stored: Resource, changes: Mapping[str, str | None], *, overwrite: bool = False, where: str = ""
) -> Resource:
    """Make the resource with labels set (value) or removed (None).

    Raises ResourceError when a label exists with another value and `overwrite` is not given, when a label to
    remove is not there, and for labels that break the rules.
    """
    problems = [
        problem
        for label, value in changes.items()
        if (problem := _label_problem(label, stored.metadata.labels.get(label), value, overwrite=overwrite))
    ]
    if problems:
        raise ResourceError(problems, where, str(stored))
    return parse_resource(
        merge(stored.document(), {"metadata": {"labels": dict(changes)}}), where, strict=True
    )


def merge(target: Mapping[str, Any], patch: Mapping[str, Any]) -> Document:
    """Merge a patch into a document: mappings deeply, null deletes, anything else replaces."""
    merged = dict(target)
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, Mapping):
            inner = merged.get(key)
            merged[key] = merge(inner if isinstance(inner, Mapping) else {}, value)
        else:
            merged[key] = value
    return merged


def exported(document: Mapping[str, Any]) -> Document:
    """Return a document without what belongs to one datastore (`get --export`)."""
    metadata = _mapping(document, "metadata")
    dropped = (*SERVER_SET, "namespace", "selfLink", "ownerReferences")
    kept = {key: value for key, value in metadata.items() if key not in dropped}
    return {**document, "metadata": kept}


def _label_problem(label: str, current: str | None, value: str | None, *, overwrite: bool) -> Problem | None:
    path = f"metadata.labels[{label}]"
    if value is None and current is None:
        return Problem(path, "there is no such label to remove")
    if value is not None and current not in {None, value} and not overwrite:
        return Problem(path, f"the label is '{current}' already", value, "use --overwrite to change it")
    return None


def _metadata(resource: Resource) -> Document:
    return dict(_mapping(resource.document(), "metadata"))


def _mapping(document: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = document.get(key)
    return value if isinstance(value, Mapping) else {}
