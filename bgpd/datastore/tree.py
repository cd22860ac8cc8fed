"""The directory over time: a scan reads what changed, a snapshot unites all files. Blocking, no threads."""

import time
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from bgpd.datastore import directory
from bgpd.datastore.assembly import assemble
from bgpd.datastore.endpoint_status import EndpointStatusDirectory
from bgpd.datastore.entry import Entry, merge
from bgpd.datastore.file_reader import Identity, Stored, read_file, read_secret_key
from bgpd.resources import Fault, Snapshot

GRACE = 0.3
"""Seconds for which a resource that is gone from its file stays in force."""

_MISSING = "the directory does not exist"
_WAITS = "bgpd waits for it and goes on with what it knows"


class Tree:
    """Everything known of a directory of resources, and of Felix' endpoint status files beside it."""

    def __init__(self, root: Path, endpoint_status: Path | None = None, *, grace: float = GRACE) -> None:
        self.root = root
        self._grace = grace
        self._entries: dict[str, Entry] = {}
        self._root_fault: Fault | None = None
        self._unsettled: dict[str, float] = {}
        self._endpoints = EndpointStatusDirectory(endpoint_status)
        self._winners: dict[Identity, Stored] = {}
        self.current = Snapshot()

    def scan(self) -> Snapshot:
        """Look at every file, read those that changed, and return the content, unchanged if nothing did."""
        now = time.monotonic()
        touched = self._scan_files(now)
        for entry in self._entries.values():
            touched |= entry.expire(now)
        touched |= self._endpoints.scan()
        if touched or not self.current.revision:
            self._entries = {name: entry for name, entry in self._entries.items() if not entry.is_gone}
            self._unite()
        return self.current

    @property
    def root_fault(self) -> Fault | None:
        """Why the directory could not be read at the last scan, None when it could."""
        return self._root_fault

    @property
    def is_barred(self) -> bool:
        """Whether the directory is there and could not be read at the last scan."""
        return self._root_fault is not None and self._root_fault.message != _MISSING

    def next_expiry(self) -> float | None:
        """Return in how many seconds to scan again although nothing changes, None when there is no need."""
        times = [*chain.from_iterable(entry.leaving.values() for entry in self._entries.values())]
        times += self._unsettled.values()
        return max(0.0, min(times) - time.monotonic()) if times else None

    def locate(self, identity: Identity) -> tuple[Path, Stored] | None:
        """Return the file that really holds a resource now, and its place there."""
        stored = self._winners.get(identity)
        if stored is None or identity in self._entries[stored.file].kept:
            return None
        return self.root / stored.file, stored

    def stored(self, kind: str) -> Iterator[Stored]:
        """Yield what the files really hold of one kind now, sorted by key."""
        for identity in sorted(self._winners):
            located = self.locate(identity) if identity[0] == kind else None
            if located:
                yield located[1]

    def _scan_files(self, now: float) -> bool:
        present: set[str] = set()
        touched = False
        try:
            for file in directory.walk(str(self.root)):
                present.add(file.name)
                touched |= self._look_at(file, now)
        except OSError as error:
            return self._note_root(_unreachable(self.root, error))
        touched |= self._note_root(None)
        for name in self._entries.keys() - present:
            self._unsettled.pop(name, None)
            if self._entries[name].signature:
                self._entries[name].vanish(now + self._grace)
                touched = True
        return touched

    def _note_root(self, fault: Fault | None) -> bool:
        changed = fault != self._root_fault
        self._root_fault = fault
        return changed

    def _look_at(self, file: directory.Found, now: float) -> bool:
        entry = self._entries.setdefault(file.name, Entry(file.name))
        if entry.is_current(file.signature):
            return False
        read_at = time.time_ns()
        try:
            text = directory.read_text(file.path)
        except FileNotFoundError:
            return False  # the next scan sees that it is gone
        except (OSError, ValueError) as error:
            return self._refuse(entry, file, error)
        if not text.strip() and entry.is_in_force:
            # A full disk and a crash leave empty files; nobody removes resources that way.
            return self._refuse(entry, file, ValueError("it is empty"))
        digest = directory.digest(text)
        same = digest == entry.digest
        if not same and self._is_being_written(entry, text, file, now):
            return False
        entry.signature, entry.digest, entry.read_at = file.signature, digest, read_at
        if not same:
            secret = file.secret
            content = read_secret_key(text, file.name, *secret) if secret else read_file(text, file.name)
            entry.take(content, now + self._grace)
        return not same

    def _is_being_written(self, entry: Entry, text: str, file: directory.Found, now: float) -> bool:
        """Tell whether a text looks cut off and may yet grow: then what the file held before stays in force.

        Only YAML needs this guess, JSON says where it ends; and only where something is in force already.
        """
        age = (time.time_ns() - file.signature[0]) / 1e9
        cut_off = not text.endswith(("\n", "}", "]")) and bool(text)
        waiting = cut_off and entry.is_in_force and 0 <= age < self._grace
        self._unsettled.pop(file.name, None)
        if waiting:
            self._unsettled[file.name] = now + self._grace - age
        return waiting

    def _refuse(self, entry: Entry, file: directory.Found, error: Exception) -> bool:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        fault = Fault(file.name, f"cannot be read: {reason}", remedy="its last good content stays in force")
        known = entry.faults == (fault,)
        entry.signature = file.signature
        entry.refuse(fault)
        return not known

    def _unite(self) -> None:
        self._winners, duplicates = merge(self._entries)
        of_files = chain.from_iterable(self._entries[name].faults for name in sorted(self._entries))
        root = (self._root_fault,) if self._root_fault else ()
        faults = (*root, *of_files, *duplicates, *self._endpoints.faults)
        self.current = assemble(self._winners, faults, self._endpoints.statuses, self.current)


def _unreachable(root: Path, error: OSError) -> Fault:
    if isinstance(error, FileNotFoundError):
        return Fault(str(root), _MISSING, remedy=f"create it; {_WAITS}")
    return Fault(str(root), f"cannot be read: {error.strerror}", remedy=f"let this user read it; {_WAITS}")
