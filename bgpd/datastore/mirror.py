"""What a remote datastore holds, as far as it is known here: key by key in, snapshots out. No I/O.

- An object that becomes invalid leaves its last good version in force, also the one of an earlier run.
- An object that is written anew without a difference that matters changes nothing: the same Python object
  stays in the snapshot. Versions, owners and reports (a node's heartbeat, the status that another node
  writes) do not matter.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import NamedTuple

from bgpd.datastore.assembly import same_or, settle
from bgpd.resources import (
    KINDS,
    CalicoNodeStatus,
    EndpointStatus,
    Fault,
    Problem,
    Resource,
    ResourceError,
    Secret,
    Snapshot,
    examine,
    subject_of,
)

_BOOKKEEPING = (
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "managedFields",
    "ownerReferences",
    "selfLink",
)


class _Entry(NamedTuple):
    """One object: its version in the datastore, and what is in force of it (None: nothing yet)."""

    version: str
    resource: Resource | None


class Mirror:
    """The objects of a remote datastore by the keys it keeps them under."""

    def __init__(self, on_caught_up: Callable[[], None] = lambda: None) -> None:
        self.current = Snapshot()
        """The last snapshot made."""
        self.changed = asyncio.Event()
        """Set whenever a snapshot may differ from the one before."""
        self.caught_up = False
        """Whether everything was listed and changes are being followed."""
        self.complete = False
        """Whether everything was listed at least once."""
        self.hold: str = ""
        """Why the content is not to be used now although it can be read."""
        self.endpoints: Mapping[str, EndpointStatus] = {}
        self.local_faults: tuple[Fault, ...] = ()
        self._on_caught_up = on_caught_up
        self._entries: dict[str, _Entry] = {}
        self._faults: dict[str, tuple[Fault, ...]] = {}
        self._live: dict[str, dict[str, Resource]] = defaultdict(dict)
        self._tables: dict[str, Mapping[str, Resource]] = {}
        self._secrets: Mapping[str, Mapping[str, str]] = {}
        self._dirty: set[str] = set()

    # --- in -----------------------------------------------------------------------------------------------

    def knows(self, where: str, version: str) -> bool:
        """Tell whether this very version of an object was taken already."""
        entry = self._entries.get(where)
        return entry is not None and entry.version == version

    def put(
        self, where: str, version: str, document: Mapping[str, object], problems: Iterable[Problem] = ()
    ) -> None:
        """Take an object as it is now; `where` is its key, and names it in faults.

        `problems` are what was found, and left out, on the way to the document.
        """
        try:
            resource, advice = examine(essential(document), where, newer=True)
        except ResourceError as error:
            self._refuse(where, version, subject_of(document), error.faults())
            return
        faults = tuple(Fault.of(where, str(resource), problem) for problem in (*problems, *advice))
        self._take(where, _Entry(version, resource), faults)

    def put_unreadable(self, where: str, version: str, problem: Problem) -> None:
        """Take note of an object that is not even a document; its last good version stays in force."""
        self._refuse(where, version, "", (Fault.of(where, "", problem),))

    def remove(self, where: str) -> None:
        """Take note that an object is gone."""
        entry = self._entries.pop(where, None)
        if entry is None:
            return
        self._faults.pop(where, None)
        self._touch(entry.resource)
        if entry.resource is not None:
            self._live[entry.resource.kind].pop(entry.resource.key, None)

    def retain(self, start: str, end: str, present: Collection[str]) -> None:
        """End a listing of the keys from `start` to before `end`: whatever was not in it is gone."""
        for where in [key for key in self._entries if start <= key < end and key not in present]:
            self.remove(where)

    def set_hold(self, reason: str) -> None:
        """Take note that the content is not to be used for now, or ("") is to be used again."""
        self.hold = reason
        self.changed.set()

    def catch_up(self) -> None:
        """Take note that everything was listed and changes will come from now on."""
        self.caught_up = self.complete = True
        self.changed.set()
        self._on_caught_up()

    def restore(self, snapshot: Snapshot) -> None:
        """Take the snapshot of an earlier run; it is the current one until the first listing is complete."""
        self.current = snapshot

    def lose(self) -> None:
        """Take note that changes no longer come."""
        self.caught_up = False

    # --- out ----------------------------------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """Return the content, the same object as before when nothing that matters changed."""
        for kind in self._dirty:
            table = dict(sorted(self._live[kind].items()))
            self._tables[kind] = same_or(table, self.current.resources.get(kind))
        if Secret.__name__ in self._dirty:
            self._secrets = _values(self._tables[Secret.__name__].values())
        self._dirty.clear()
        faults = [fault for where in sorted(self._faults) for fault in self._faults[where]]
        tables = {kind: self._tables[kind] for kind in KINDS if self._tables.get(kind)}
        candidate = Snapshot(tables, (*faults, *self.local_faults), self._secrets, self.endpoints)
        self.current = settle(candidate, self.current, place_of)
        return self.current

    # --- between ------------------------------------------------------------------------------------------

    def _take(self, where: str, entry: _Entry, faults: tuple[Fault, ...]) -> None:
        if self._faults.get(where, ()) != faults:
            self.changed.set()
        self._faults[where] = faults
        if not faults:
            del self._faults[where]
        old = self._entries.get(where)
        if old and _are_alike(old.resource, entry.resource):
            self._entries[where] = _Entry(entry.version, old.resource)
            return
        resource = self._shared(entry.resource)
        self._entries[where] = _Entry(entry.version, resource)
        if resource is not None:
            self._live[resource.kind][resource.key] = resource
        self._touch(resource)

    def _refuse(self, where: str, version: str, subject: str, faults: tuple[Fault, ...]) -> None:
        old = self._entries.get(where)
        last_good = old.resource if old else self._restored(subject)
        self._take(where, _Entry(version, last_good), faults)

    def _shared(self, resource: Resource | None) -> Resource | None:
        """Return the object that is in force already, where it is the same (after a restart, say)."""
        if resource is None:
            return None
        known = self.current.resources.get(resource.kind, {}).get(resource.key)
        return known if _are_alike(known, resource) else resource

    def _restored(self, subject: str) -> Resource | None:
        """Find what an earlier run knew of an object that is invalid since before this one."""
        kind, _, name = subject.removesuffix(")").partition("(")
        return None if self.complete else self.current.resources.get(kind, {}).get(name)

    def _touch(self, resource: Resource | None) -> None:
        if resource is not None:
            self._dirty.add(resource.kind)
        self.changed.set()


def _are_alike(one: Resource | None, other: Resource | None) -> bool:
    return one is other if one is None or other is None else one.is_like(other)


def _values(resources: Iterable[Resource]) -> dict[str, dict[str, str]]:
    """Gather the values of all Secrets; of two with one name, in different namespaces, the last wins."""
    values: dict[str, dict[str, str]] = defaultdict(dict)
    for resource in resources:
        if isinstance(resource, Secret):
            values[resource.name] |= resource.values()
    return dict(values)


def essential(document: Mapping[str, object]) -> Mapping[str, object]:
    """Leave out of a document what changes without meaning anything for BGP."""
    metadata = document.get("metadata")
    if isinstance(metadata, Mapping):
        kept = {key: value for key, value in metadata.items() if key not in _BOOKKEEPING}
        document = {**document, "metadata": kept}
    if document.get("kind") == CalicoNodeStatus.__name__:
        document = {key: value for key, value in document.items() if key != "status"}
    return document


def place_of(resource: Resource) -> str:
    """Name the place of a resource in faults that concern several: `bgppeers/rack-1`."""
    return f"{KINDS[resource.kind].plural}/{resource.key}"
