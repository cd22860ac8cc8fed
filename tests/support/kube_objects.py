"""What an API server keeps: objects with versions, a history that is forgotten, and who is watching."""

import asyncio
import copy
import json
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Any

Object = dict[str, Any]
Key = tuple[str, str, str]
"""Resource (`group/plural`), namespace ("" for none) and name."""


class ApiError(Exception):
    """An answer that is no success, as the API server words it."""

    def __init__(self, code: int, reason: str, message: str) -> None:
        self.code = code
        self.body = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": message,
            "reason": reason,
            "code": code,
        }
        super().__init__(message)


@dataclass(frozen=True)
class Event:
    """One change: the object as it was after it (deleted: before), with the version of the change."""

    version: int
    type: str
    key: Key
    found: Object


@dataclass
class Objects:
    """All objects, and the events since `oldest`."""

    version: int = 100
    oldest: int = 100
    stored: dict[Key, Object] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    lists: dict[int, dict[Key, Object]] = field(default_factory=dict)
    sorted_keys: dict[tuple[int, str], list[Key]] = field(default_factory=dict)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    def begin_list(self) -> int:
        """Keep the objects as they are for the chunks of a list; returns its version."""
        if self.version not in self.lists:
            self.lists[self.version] = dict(self.stored)
        return self.version

    def listed(self, version: int) -> dict[Key, Object]:
        """Return the objects of a list that was begun. Raises ApiError 410 when they are forgotten."""
        if version not in self.lists:
            raise ApiError(410, "Expired", "The provided continue parameter is too old")
        return self.lists[version]

    def keys_after(self, version: int, resource: str, after: Key) -> list[Key]:
        """Return the keys of one resource in a list that was begun, from behind `after` on."""
        objects = self.listed(version)
        if (version, resource) not in self.sorted_keys:
            self.sorted_keys[version, resource] = sorted(key for key in objects if key[0] == resource)
        keys = self.sorted_keys[version, resource]
        return keys[bisect_right(keys, after) :]

    def events_after(self, version: int) -> list[Event]:
        """Return what happened after a version."""
        return self.events[bisect_right(self.events, version, key=lambda event: event.version) :]

    def create(self, key: Key, found: Object) -> Object:
        """Store a new object. Raises ApiError 409."""
        if key in self.stored:
            raise ApiError(409, "AlreadyExists", f'{key[0]} "{key[2]}" already exists')
        metadata = {"uid": f"uid-{self.version + 1}", "creationTimestamp": "2026-01-01T00:00:00Z"}
        found = {**found, "metadata": {**found["metadata"], **metadata}}
        return self._write("ADDED", key, found)

    def replace(self, key: Key, found: Object, *, status: bool = False) -> Object:
        """Store a new version: of the status alone, or of all else. Raises ApiError 404, 409, 422."""
        old = self.get(key)
        given = found["metadata"].get("resourceVersion")
        if not given:
            text = "metadata.resourceVersion: Invalid value: must be specified for an update"
            raise ApiError(422, "Invalid", text)
        self._compare(key, old, given)
        kept = {name: old["metadata"][name] for name in ("uid", "creationTimestamp")}
        new = {**found, "metadata": {**found["metadata"], **kept}}
        if status:
            new = {**old, "status": found.get("status")}
        elif "status" in old and key[0] in WITH_STATUS:
            new["status"] = old["status"]
        return self._write("MODIFIED", key, new)

    def merge(self, key: Key, patch: Object) -> Object:
        """Merge a patch (RFC 7386); a resourceVersion in it must be the stored one."""
        old = self.get(key)
        given = patch.get("metadata", {}).get("resourceVersion")
        if given:
            self._compare(key, old, given)
        return self._write("MODIFIED", key, _merged(old, patch))

    def delete(self, key: Key, version: str | None) -> Object:
        """Remove an object. Raises 404, 409."""
        old = self.get(key)
        if version:
            self._compare(key, old, version)
        return self._write("DELETED", key, old)

    def get(self, key: Key) -> Object:
        """Return an object. Raises ApiError 404."""
        if key not in self.stored:
            raise ApiError(404, "NotFound", f'{key[0]} "{key[2]}" not found')
        return self.stored[key]

    def forget(self) -> None:
        """Forget all history, as compaction does."""
        self.version += 1
        self.oldest = self.version
        self.events.clear()
        self.lists.clear()
        self.sorted_keys.clear()

    def _compare(self, key: Key, old: Object, given: str) -> None:
        if given != old["metadata"]["resourceVersion"]:
            text = f'Operation cannot be fulfilled on {key[0]} "{key[2]}": the object has been modified'
            raise ApiError(409, "Conflict", text)

    def _write(self, kind: str, key: Key, found: Object) -> Object:
        same = {**found, "metadata": {**found["metadata"]}}
        if kind == "MODIFIED":
            same["metadata"]["resourceVersion"] = self.stored[key]["metadata"]["resourceVersion"]
            if same == self.stored[key]:
                return self.stored[key]  # a write without a difference makes no event
        self.version += 1
        found = copy.deepcopy(found)
        found["metadata"]["resourceVersion"] = str(self.version)
        if kind == "DELETED":
            del self.stored[key]
        else:
            self.stored[key] = found
        self.events.append(Event(self.version, kind, key, found))
        return found


WITH_STATUS = {
    "crd.projectcalico.org/v1/caliconodestatuses",
    "projectcalico.org/v3/caliconodestatuses",
    "v1/nodes",
}
"""Resources with a status subresource."""


def _merged(old: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    result = dict(old) if isinstance(old, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = _merged(result.get(key), value)
    return result


def dump(value: object) -> bytes:
    """Write JSON in one line."""
    return json.dumps(value).encode()
