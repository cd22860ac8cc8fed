"""The snapshot that a change would make, without writing it."""

from collections.abc import Mapping
from dataclasses import replace

from bgpd.resources import Resource, Secret, Snapshot

Identity = tuple[str, str]
"""Kind and key of a resource (`Resource.key`)."""


def changed_snapshot(snapshot: Snapshot, changes: Mapping[Identity, Resource | None]) -> Snapshot:
    """Return the snapshot with resources put in place of those of the same identity; None removes one."""
    tables = {kind: dict(table) for kind, table in snapshot.resources.items()}
    secrets = dict(snapshot.secrets)
    for (kind, key), resource in changes.items():
        table = tables.setdefault(kind, {})
        table.pop(key, None)
        if resource is not None:
            table[key] = resource
        if kind == Secret.__name__:
            secrets[key.rpartition("/")[2]] = resource.values() if isinstance(resource, Secret) else {}
    ordered = {kind: dict(sorted(table.items())) for kind, table in tables.items()}
    return replace(snapshot, resources=ordered, secrets=secrets)
