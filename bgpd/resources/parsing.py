"""From a document (what YAML or JSON gave) to a resource, with every problem found on the way."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import TypeVar

from pydantic import ValidationError

from bgpd.resources.annotations import annotation_problems
from bgpd.resources.compact import compact
from bgpd.resources.meta import Model, Resource, models_in
from bgpd.resources.problems import Problem, ResourceError
from bgpd.resources.registry import KINDS, KindInfo
from bgpd.resources.rules import Rule
from bgpd.resources.translation import Location, join, problems_of, unknown_fields

# Kinds that `calicoctl get -o yaml` prints as well and that have no say in BGP.
UNREAD_KINDS = frozenset(
    {
        "ClusterInformation",
        "FelixConfiguration",
        "GlobalNetworkPolicy",
        "GlobalNetworkSet",
        "HostEndpoint",
        "IPAMConfig",
        "IPAMConfiguration",
        "IPAMHandle",
        "IPReservation",
        "KubeControllersConfiguration",
        "NetworkPolicy",
        "NetworkSet",
        "Profile",
        "StagedGlobalNetworkPolicy",
        "StagedKubernetesNetworkPolicy",
        "StagedNetworkPolicy",
        "Tier",
        "WorkloadEndpoint",
    }
)
R = TypeVar("R", bound=Resource)

_IGNORED = "it is left out: a newer version of bgpd may know it"
_UNSET: tuple[object, ...] = (None,)
_UNSET_IN_SPEC: tuple[object, ...] = (None, "")
_SCALARS = frozenset({str, int, bool, float})
"""What most values are: known without asking for an abstract class, which takes five times as long."""


def expand(document: object) -> list[object]:
    """Return the documents of a list (`kind: ...List` with items, or a bare sequence), else the document."""
    if isinstance(document, list):
        return document
    if isinstance(document, Mapping) and is_list(document):
        items = document.get("items")
        return list(items) if isinstance(items, list) else [document]
    return [] if document is None else [document]


def is_list(document: Mapping[str, object]) -> bool:
    """Tell whether a document is Kubernetes' or Calico's list of resources."""
    kind = document.get("kind")
    return isinstance(kind, str) and kind.endswith("List") and "items" in document


def subject_of(document: object) -> str:
    """Name a document as `Kind(name)`, as far as it tells."""
    if not isinstance(document, Mapping) or not isinstance(document.get("kind"), str):
        return ""
    metadata = document.get("metadata")
    name = metadata.get("name") if isinstance(metadata, Mapping) else None
    return f"{document['kind']}({name})" if isinstance(name, str) else str(document["kind"])


def is_unread(document: object) -> bool:
    """Tell whether a document is a Calico resource that has no say in BGP."""
    kind = document.get("kind") if isinstance(document, Mapping) else None
    return isinstance(kind, str) and kind in UNREAD_KINDS


def parse_resource(document: object, where: str = "", *, strict: bool = False) -> Resource:
    """Make a resource of a document. Raises ResourceError with all problems.

    `strict` is for what is to be written: it also refuses what a reader has to tolerate in stored resources.
    """
    return examine(document, where, strict=strict)[0]


def examine(
    document: object, where: str = "", *, strict: bool = False, newer: bool = False
) -> tuple[Resource, tuple[Problem, ...]]:
    """Make a resource of a document as parse_resource does, and give its `warnings` with it.

    `newer` is for what other programs stored, perhaps newer ones: fields that are not known are left out with
    a warning, unless they look like a slip. Where people write, an unknown field is an error.
    """
    if not isinstance(document, Mapping):
        rule, remedy = "the document is no resource", "write apiVersion, kind, metadata and spec"
        raise ResourceError([Problem("", rule, document, remedy)], where)
    info = _kind_of(document)
    if isinstance(info, Problem):
        raise ResourceError([info], where, subject_of(document))
    try:
        model, ignored = _validate(_normalised(document), info.model, newer=newer)
    except ValidationError as error:
        raise ResourceError(problems_of(error, info.model), where, subject_of(document)) from None
    resource = compact(model)
    found = (*ignored, *judge(resource, strict=strict))
    errors = [problem for problem in found if problem.severity == "error"]
    if errors:
        raise ResourceError(errors, where, str(resource))
    return resource, found


def _validate(document: dict[str, object], model: type[R], *, newer: bool) -> tuple[R, tuple[Problem, ...]]:
    """Make a resource of a normalised document, and tell which fields of a newer one were left out."""
    try:
        return model.model_validate(document), ()
    except ValidationError as error:
        unknown = unknown_fields(error, model) if newer else {}
        if not unknown:
            raise
        ignored = tuple(
            Problem(path, "unknown field", remedy=_IGNORED, severity="warning") for path in unknown.values()
        )
        return model.model_validate(_without(document, unknown)), ignored


def _without(value: object, places: Collection[Location], here: Location = ()) -> object:
    """Leave the fields at these places out."""
    if isinstance(value, Mapping):
        return {
            key: _without(inner, places, (*here, key))
            for key, inner in value.items()
            if (*here, key) not in places
        }
    if isinstance(value, list):
        return [_without(inner, places, (*here, index)) for index, inner in enumerate(value)]
    return value


def warnings(resource: Resource) -> tuple[Problem, ...]:
    """Return what is valid and yet probably not meant (severity "warning")."""
    return tuple(found for found in judge(resource) if found.severity == "warning")


def judge(resource: Resource, *, strict: bool = False) -> Iterator[Problem]:
    """Apply the rules between fields, and those of the annotations, to a resource whose fields are right."""
    for rule, problem in _breaches(resource, ""):
        tolerated = rule.tolerated and not strict
        yield replace(problem, severity="warning") if tolerated else problem
    yield from annotation_problems(resource)
    if resource.metadata.namespace and not KINDS[resource.kind].namespaced:
        message = f"a {resource.kind} belongs to no namespace"
        yield Problem("metadata.namespace", message, resource.metadata.namespace, "remove it")


def _breaches(model: Model, path: str) -> Iterator[tuple[Rule, Problem]]:
    for rule in type(model).rules:
        found = rule.broken(model)
        if found:
            message, remedy = (text.replace("{value}", str(found)) for text in (rule.message, rule.remedy))
            value = _value_of(model, rule.field)
            yield rule, Problem(join(path, rule.field), message, value, remedy, rule.severity)
    for name, alias in _judged_fields(type(model)):
        if name in model.model_fields_set:
            yield from _inner_breaches(getattr(model, name), join(path, alias))


@cache
def _judged_fields(model: type[Model]) -> tuple[tuple[str, str], ...]:
    """Return the fields (name, JSON name) that lead to rules: of kinds with many resources, nearly none."""
    return tuple(
        (name, field.alias or name)
        for name, field in sorted(model.model_fields.items())
        if any(inner.rules or _judged_fields(inner) for inner in models_in(field.annotation))
    )


def _value_of(model: Model, field: str) -> object:
    """Return what stands in a field, given by its JSON name; None where that is no field of the model."""
    names = (name for name, info in type(model).model_fields.items() if info.alias == field)
    return getattr(model, next(names, ""), None)


def _inner_breaches(value: object, path: str) -> Iterator[tuple[Rule, Problem]]:
    if isinstance(value, Model):
        yield from _breaches(value, path)
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _inner_breaches(item, f"{path}[{index}]")


def _kind_of(document: Mapping[str, object]) -> KindInfo | Problem:
    """Find the kind of a document, or what is wrong with its envelope."""
    kind, version = document.get("kind"), document.get("apiVersion")
    info = KINDS.get(kind) if isinstance(kind, str) else None
    if info is None:
        return Problem("kind", _unknown(kind, version), kind, _known_kinds(kind))
    if version != info.api_version:
        remedy = f"write apiVersion: {info.api_version}"
        if kind == "Node" and version == "v1":
            remedy += " (this is Kubernetes' own Node; bgpd wants Calico's)"
        return Problem("apiVersion", _unknown(kind, version), version, remedy)
    return info


def _unknown(kind: object, version: object) -> str:
    if kind is None:
        return "required field is missing"
    return f"unknown resource type ({kind}) and/or version ({version})"


def _known_kinds(kind: object) -> str:
    from difflib import get_close_matches

    close = get_close_matches(kind, KINDS, 1, 0.7) if isinstance(kind, str) else []
    return f"did you mean {close[0]}?" if close else f"write one of {', '.join(KINDS)}"


def _normalised(document: Mapping[str, object]) -> dict[str, object]:
    """Drop what Go reads as unset: null everywhere, and the empty string inside `spec`."""
    return {
        key: _pruned(value, _UNSET_IN_SPEC if key == "spec" else _UNSET)
        for key, value in document.items()
        if value is not None
    }


def _pruned(value: object, unset: tuple[object, ...]) -> object:
    if type(value) in _SCALARS:
        return value
    if isinstance(value, Mapping):
        return {key: _pruned(inner, unset) for key, inner in value.items() if inner not in unset}
    if isinstance(value, list):
        return [_pruned(item, unset) for item in value]
    return value
