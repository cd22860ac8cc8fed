"""What an API server says of itself: its kinds for `kubectl get`, their parameters for `kubectl apply`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Object = dict[str, Any]

_VERBS = ["create", "delete", "get", "list", "patch", "update", "watch"]


@dataclass(frozen=True)
class ApiResource:
    """One kind of object as it is served."""

    group: str
    """apiVersion."""
    plural: str
    kind: str
    namespaced: bool = False

    @property
    def path(self) -> str:
        """Where it is served: below `api/` for the core group, else below `apis/`."""
        return f"apis/{self.group}" if "/" in self.group else f"api/{self.group}"

    @property
    def document(self) -> Object:
        """The entry in the list of its group."""
        names = {"name": self.plural, "singularName": self.kind.lower(), "kind": self.kind}
        return {**names, "namespaced": self.namespaced, "verbs": _VERBS}

    @property
    def parameters(self) -> tuple[str, Object]:
        """The OpenAPI path of one object, and that it may be patched with a check of its fields."""
        group, _, version = self.group.rpartition("/")
        patch = {
            "parameters": [{"name": "fieldValidation", "in": "query", "schema": {"type": "string"}}],
            "responses": {},
            "x-kubernetes-group-version-kind": {"group": group, "version": version, "kind": self.kind},
        }
        return f"/{self.path}/{self.plural}/{{name}}", {"patch": patch}


def documents(resources: list[ApiResource]) -> Mapping[str, Object]:
    """Return every document of discovery by its path."""
    groups = list(dict.fromkeys(each.group for each in resources))
    paths = {each.path: [one for one in resources if one.group == each.group] for each in resources}
    listed = {
        path: {
            "kind": "APIResourceList",
            "apiVersion": "v1",
            "groupVersion": members[0].group,
            "resources": [each.document for each in members],
        }
        for path, members in paths.items()
    }
    described = {
        f"openapi/v3/{path}": {
            "openapi": "3.0.0",
            "info": {"title": "stand-in", "version": "v1"},
            "paths": dict(each.parameters for each in members),
            "components": {"schemas": {}},
        }
        for path, members in paths.items()
    }
    return {
        "version": {"major": "1", "minor": "32", "gitVersion": "v1.32.0"},
        "api": {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []},
        "apis": {
            "kind": "APIGroupList",
            "apiVersion": "v1",
            "groups": [_group(each) for each in groups if "/" in each],
        },
        "openapi/v3": {"paths": {path: {"serverRelativeURL": f"/openapi/v3/{path}"} for path in paths}},
        **listed,
        **described,
    }


def _group(api_version: str) -> Object:
    name, _, version = api_version.partition("/")
    found = {"groupVersion": api_version, "version": version}
    return {"name": name, "versions": [found], "preferredVersion": found}
