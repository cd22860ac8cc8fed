"""The snapshot that a change would make, without writing it."""

from collections.abc import Mapping
from dataclasses import replace

from bgpd.resources import Resource, Secret, Snapshot
from bgpd.resources.snapshot import make_table

Identity = tuple[str, str]
"""Kind and key of a resource (`Resource.key`)."""


def changed_snapshot(snapshot: Snapshot, changes: Mapping[Identity, Resource | None]) -> Snapshot:
    """Return the snapshot with resources put in place of those of the same identity; None removes one."""
    # What nobody changes stays the same object, by which one sees that nothing that follows from it changes.
    changed = {kind: dict(snapshot.resources.get(kind, {})) for kind, _ in changes}
    secrets = dict(snapshot.secrets)
    for (kind, key), resource in changes.items():
        table = changed[kind]
        table.pop(key, None)
        if resource is not None:
            table[key] = resource
        if kind == Secret.__name__:
            secrets[key.rpartition("/")[2]] = resource.values() if isinstance(resource, Secret) else {}
    ordered = {kind: make_table(table) for kind, table in changed.items()}
    return replace(snapshot, resources={**snapshot.resources, **ordered}, secrets=secrets)
