"""One file over time: what of it is in force, whatever happens to the file.

- A file that cannot be read, and one with an invalid document, take nothing away: what its good documents say
  is applied, what is missing in it stays in force. Nobody can tell what the invalid one was meant to be.
- A resource that is no longer in its file stays in force for a grace period: editors and tools replace files
  by way of an empty, a half-written or a missing one.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from bgpd.datastore.file_reader import FileContent, Identity, Stored
from bgpd.resources import Fault

_SECOND = 10**9


@dataclass(slots=True)
class Entry:
    """The state of one file. `leaving` holds the times (monotonic) at which absent resources are dropped."""

    name: str
    signature: tuple[int, ...] = ()
    digest: bytes = b""
    read_at: int = 0
    content: FileContent = field(default_factory=FileContent)
    in_force: dict[Identity, Stored] = field(default_factory=dict)
    leaving: dict[Identity, float] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()

    def is_current(self, signature: tuple[int, ...]) -> bool:
        """Tell whether the file surely is as it was read.

        A file written less than a second before it was read may have been written again since within the same
        tick of the file system's clock, so its signature proves nothing.
        """
        return signature == self.signature and self.read_at - signature[0] > _SECOND

    def take(self, content: FileContent, leave_at: float) -> None:
        """Take what was read just now; what is missing in it leaves at `leave_at`."""
        present: dict[Identity, Stored] = {}
        duplicates: list[Fault] = []
        for stored in content.stored:
            if stored.identity in present:
                duplicates.append(_twice(self.name, stored, present[stored.identity]))
            else:
                present[stored.identity] = _shared(stored, self.in_force.get(stored.identity))
        absent = {known: old for known, old in self.in_force.items() if known not in present}
        gone = absent if content.complete else ()
        self.leaving = {known: self.leaving.get(known, leave_at) for known in gone}
        self.in_force = absent | present
        self.content = replace(content, stored=tuple(present.values()))
        kept = () if content.complete else _kept(self.name, absent.values(), content.faults)
        self.faults = (*content.faults, *duplicates, *kept)

    def refuse(self, fault: Fault) -> None:
        """Note that the file is there and cannot be read; everything stays in force."""
        self.faults = (fault,)
        self.digest = b""
        self.leaving = {}

    def vanish(self, leave_at: float) -> None:
        """Note that the file is not there."""
        self.signature, self.digest = (), b""
        self.take(FileContent(), leave_at)

    def expire(self, now: float) -> bool:
        """Drop what has been absent for the whole grace period; tell whether anything was."""
        due = [known for known, leave_at in self.leaving.items() if leave_at <= now]
        for known in due:
            del self.in_force[known], self.leaving[known]
        return bool(due)

    @property
    def is_gone(self) -> bool:
        """Whether there is neither a file nor anything left of it in force."""
        return not self.signature and not self.in_force


def merge(entries: Mapping[str, Entry]) -> tuple[dict[Identity, tuple[Entry, Stored]], list[Fault]]:
    """Unite all files, in the order of their names: the first to hold a resource wins, the others are faults.

    What is only kept for its file's sake (leaving, or last good) yields to a file that really holds it.
    """
    winners: dict[Identity, tuple[Entry, Stored]] = {}
    faults: list[Fault] = []
    ordered = [entries[name] for name in sorted(entries)]
    for entry in ordered:
        for stored in entry.content.stored:
            winner = winners.setdefault(stored.identity, (entry, stored))
            if winner[0] is not entry:
                faults.append(_elsewhere(entry.name, stored, winner[0].name))
    for entry, stored in _retained(ordered):
        winners.setdefault(stored.identity, (entry, stored))
    return winners, faults


def _retained(entries: list[Entry]) -> Iterator[tuple[Entry, Stored]]:
    for entry in entries:
        for stored in entry.in_force.values():
            yield entry, stored


def _shared(new: Stored, old: Stored | None) -> Stored:
    """Keep the old object when the content is the same, so that what did not change is the same object."""
    return replace(new, resource=old.resource) if old and old.version == new.version else new


def _kept(name: str, absent: Iterable[Stored], faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Say what stays in force although no fault names it."""
    named = {fault.resource for fault in faults}
    others = sorted({str(stored.resource) for stored in absent} - named)
    if not others:
        return ()
    remedy = "repair the file; only one without errors removes what it held"
    return (Fault(name, f"this stays in force: {', '.join(others)}", remedy=remedy, severity="warning"),)


def _twice(name: str, stored: Stored, first: Stored) -> Fault:
    message = f"stands twice in this file, first at line {first.line}, which is used"
    return Fault(name, message, str(stored.resource), "metadata.name", "remove one", stored.line)


def _elsewhere(name: str, stored: Stored, winner: str) -> Fault:
    message = f"is also in {winner}, which is used"
    return Fault(name, message, str(stored.resource), "metadata.name", "remove one", stored.line)
