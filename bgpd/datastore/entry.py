"""One file over time: what of it is in force, whatever happens to the file.

- A file that cannot be read, and one with an invalid document, take nothing away: what its good documents say
  is applied, what is missing in it stays in force. Nobody can tell what the invalid one was meant to be.
- A resource that is no longer in its file stays in force for a grace period: editors and tools replace files
  by way of an empty, a half-written or a missing one.
"""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from bgpd.datastore.file_reader import FileContent, Identity, Stored
from bgpd.resources import Fault
from records import field, record

_SECOND = 10**9
_NOTHING: Final[Mapping[Identity, Any]] = MappingProxyType({})


def _nothing() -> Mapping[Identity, Any]:
    """Return the same empty mapping for all: a large cluster has tens of thousands of files."""
    return _NOTHING


@record(frozen=False)
class Entry:
    """The state of one file.

    `stored` is what the file holds, `kept` what is in force although the file does not hold it, `leaving` the
    times (monotonic) at which that is dropped.
    """

    name: str
    signature: tuple[int, ...] = ()
    digest: bytes = b""
    read_at: int = 0
    stored: tuple[Stored, ...] = ()
    kept: Mapping[Identity, Stored] = field(default_factory=_nothing)
    leaving: Mapping[Identity, float] = field(default_factory=_nothing)
    faults: tuple[Fault, ...] = ()

    def is_current(self, signature: tuple[int, ...]) -> bool:
        """Tell whether the file surely is as it was read.

        A file written less than a second before it was read may have been written again since within the same
        tick of the file system's clock, so its signature proves nothing.
        """
        return signature == self.signature and self.read_at - signature[0] > _SECOND

    def take(self, content: FileContent, leave_at: float) -> None:
        """Take what was read just now; what is missing in it leaves at `leave_at`."""
        known = {stored.identity: stored for stored in self.stored} | dict(self.kept)
        present: dict[Identity, Stored] = {}
        duplicates: list[Fault] = []
        for stored in content.stored:
            if stored.identity in present:
                duplicates.append(_twice(stored, present[stored.identity]))
            else:
                present[stored.identity] = _shared(stored, known.get(stored.identity))
        self.stored = tuple(present.values())
        self.kept = {identity: old for identity, old in known.items() if identity not in present} or _NOTHING
        gone = self.kept if content.complete else ()
        self.leaving = {identity: self.leaving.get(identity, leave_at) for identity in gone} or _NOTHING
        kept = () if content.complete else _kept(self.name, self.kept.values(), content.faults)
        self.faults = (*content.faults, *duplicates, *kept)

    def refuse(self, fault: Fault) -> None:
        """Note that the file is there and cannot be read; everything stays in force."""
        self.faults = (fault,)
        self.digest = b""
        self.leaving = _NOTHING

    def vanish(self, leave_at: float) -> None:
        """Note that the file is not there."""
        self.signature, self.digest = (), b""
        self.take(FileContent(), leave_at)

    def expire(self, now: float) -> bool:
        """Drop what has been absent for the whole grace period; tell whether anything was."""
        due = {identity for identity, leave_at in self.leaving.items() if leave_at <= now}
        if due:
            self.kept = {identity: old for identity, old in self.kept.items() if identity not in due}
            self.leaving = {identity: at for identity, at in self.leaving.items() if identity not in due}
        return bool(due)

    @property
    def is_in_force(self) -> bool:
        """Whether anything is in force because of this file."""
        return bool(self.stored or self.kept)

    @property
    def is_gone(self) -> bool:
        """Whether there is neither a file nor anything left of it in force."""
        return not self.signature and not self.is_in_force


def merge(entries: Mapping[str, Entry]) -> tuple[dict[Identity, Stored], list[Fault]]:
    """Unite all files, in the order of their names: the first to hold a resource wins, the others are faults.

    What is only kept for its file's sake (leaving, or last good) yields to a file that really holds it.
    """
    winners: dict[Identity, Stored] = {}
    faults: list[Fault] = []
    ordered = [entries[name] for name in sorted(entries)]
    for entry in ordered:
        for stored in entry.stored:
            winner = winners.setdefault(stored.identity, stored)
            if winner is not stored:
                faults.append(_elsewhere(stored, winner))
    for stored in _retained(ordered):
        winners.setdefault(stored.identity, stored)
    return winners, faults


def _retained(entries: Iterable[Entry]) -> Iterator[Stored]:
    for entry in entries:
        yield from entry.kept.values()


def _shared(new: Stored, old: Stored | None) -> Stored:
    """Keep the old object when the content is the same, so that what did not change is the same object."""
    return new._replace(resource=old.resource) if old and old.resource.is_like(new.resource) else new


def _kept(name: str, absent: Iterable[Stored], faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Say what stays in force although no fault names it."""
    named = {fault.resource for fault in faults}
    others = sorted({str(stored.resource) for stored in absent} - named)
    if not others:
        return ()
    remedy = "repair the file; only one without errors removes what it held"
    return (Fault(name, f"this stays in force: {', '.join(others)}", remedy=remedy, severity="warning"),)


def _twice(stored: Stored, first: Stored) -> Fault:
    return _superfluous(stored, f"stands twice in this file, first at line {first.line}, which is used")


def _elsewhere(stored: Stored, winner: Stored) -> Fault:
    return _superfluous(stored, f"is also in {winner.file}, which is used")


def _superfluous(stored: Stored, message: str) -> Fault:
    return Fault(stored.file, message, str(stored.resource), "metadata.name", "remove one", stored.line)
