"""From what a datastore holds to one Snapshot that shares with the one before whatever did not change."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from bgpd.datastore.file_reader import KEY_FILE, Identity, Stored
from bgpd.resources import EndpointStatus, Fault, Resource, Secret, Snapshot, cross_faults

Winners = Mapping[Identity, Stored]
Secrets = dict[str, dict[str, str]]


def assemble(
    winners: Winners, faults: Sequence[Fault], endpoints: Mapping[str, EndpointStatus], previous: Snapshot
) -> Snapshot:
    """Make the next snapshot, or return the previous one when nothing differs."""
    candidate = Snapshot(_tables(winners, previous), tuple(faults), _secrets(winners), endpoints)
    return settle(candidate, previous, lambda resource: _origin(winners, resource))


def settle(candidate: Snapshot, previous: Snapshot, origin: Callable[[Resource], str]) -> Snapshot:
    """Add what is wrong between resources, and number the result; the previous one when nothing differs."""
    faults = (*candidate.faults, *cross_faults(candidate, origin))
    candidate = replace(candidate, faults=faults, revision=previous.revision)
    if _says_the_same(candidate, previous) and previous.revision:
        return previous
    return replace(candidate, revision=previous.revision + 1)


def _says_the_same(candidate: Snapshot, previous: Snapshot) -> bool:
    """Compare two snapshots of which the newer has the older's tables where they are alike."""
    kinds = candidate.resources.keys()
    return (
        kinds == previous.resources.keys()
        and all(candidate.resources[kind] is previous.resources[kind] for kind in kinds)
        and replace(candidate, resources={}) == replace(previous, resources={})
    )


def _origin(winners: Winners, resource: Resource) -> str:
    return winners[resource.kind, resource.key].file


def _tables(winners: Winners, previous: Snapshot) -> dict[str, Mapping[str, Resource]]:
    by_kind: dict[str, dict[str, Resource]] = defaultdict(dict)
    for kind, key in sorted(winners):
        if kind != KEY_FILE:
            by_kind[kind][key] = winners[kind, key].resource
    return {kind: same_or(table, previous.resources.get(kind)) for kind, table in by_kind.items()}


def same_or(table: dict[str, Resource], old: Mapping[str, Resource] | None) -> Mapping[str, Resource]:
    """Prefer the old table when it is alike: mostly the same objects, so this is quick."""
    if old is None or table.keys() != old.keys():
        return table
    alike = (old[key] is resource or old[key].is_like(resource) for key, resource in table.items())
    return old if all(alike) else table


def _secrets(winners: Winners) -> Secrets:
    """Unite Secret documents and `secrets/<name>/<key>` files; a file wins over a document.

    A secretKeyRef names no namespace. Where Secrets of two namespaces have one name, the last in the order of
    namespaces is used for a key that both have.
    """
    secrets: Secrets = defaultdict(dict)
    for kind in (Secret.__name__, KEY_FILE):
        for identity in sorted(identity for identity in winners if identity[0] == kind):
            resource = winners[identity].resource
            if isinstance(resource, Secret):
                secrets[resource.name] |= resource.values()
    return dict(secrets)
