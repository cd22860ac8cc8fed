"""How many routes each peer has sent and gets: counted by walking a table, once per version of it.

That takes a second for a million prefixes, so it is done in parts.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import Final

from records import field, record
from rib.path import Entry, candidates
from rib.rows import PeerCounts
from rib.table import Table
from rib.transition import in_runs
from rib.update_group import UpdateGroup
from wire import Prefix

__all__ = ["TableCounts"]

_PART: Final = 1024
"""Prefixes counted between two turns of the event loop."""


@record(frozen=False)
class _Advertised:
    """What a group's members are sent: all of it, less what came from the member itself."""

    total: int = 0
    by_source: dict[str, int] = field(default_factory=dict)


class _Tallies:
    """One count of a table."""

    def __init__(self) -> None:
        self.received: dict[str, list[int]] = {}
        """By source: received, accepted, rejected and stale ones."""
        self.reasons: dict[str, Counter[str]] = {}
        self.advertised: dict[UpdateGroup, _Advertised] = {}
        self.complete = False
        """Whether what was received is counted."""

    def receive(self, entry: Entry, count: int) -> None:
        """Count the candidates that so many prefixes share."""
        for path in candidates(entry):
            name, rejected = path.source.name, path.rejected
            tally = self.received.setdefault(name, [0, 0, 0, 0])
            tally[0] += count
            tally[1 if rejected is None else 2] += count
            tally[3] += count if path.stale else 0
            if rejected is not None:
                self.reasons.setdefault(name, Counter())[rejected] += count

    def advertise(self, group: UpdateGroup, entry: Entry, prefixes: Sequence[Prefix]) -> None:
        """Count what the members of a group are sent of an entry."""
        tally = self.advertised[group]
        for path, count in group.sendings(entry, prefixes):
            name = path.source.name
            tally.total += count
            tally.by_source[name] = tally.by_source.get(name, 0) + count


class TableCounts:
    """The counts of one table."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._version = -1
        self._tallies = _Tallies()

    def renew(self, groups: Collection[UpdateGroup]) -> Iterator[None]:
        """Count part by part what changed since it was counted; `groups`: whose members are sent something.

        What changes meanwhile is counted as it was or as it is.
        """
        tallies = self._tallies if self._version == self._table.version else _Tallies()
        missing = [group for group in groups if group not in tallies.advertised]
        if tallies.complete and not missing:
            return
        yield from self._count(tallies, missing)
        self._tallies, self._version = tallies, self._table.version

    def _count(self, tallies: _Tallies, groups: Sequence[UpdateGroup]) -> Iterator[None]:
        receive, tallies.complete = not tallies.complete, True
        tallies.advertised |= {group: _Advertised() for group in groups}
        waiting, get = iter(list(self._table.entries)), self._table.entries.get
        while step := list(islice(waiting, _PART)):
            for _, entry, prefixes in in_runs([(None, get(prefix), prefix) for prefix in step]):
                if entry is None:
                    continue  # it has gone since
                if receive:
                    tallies.receive(entry, len(prefixes))
                for group in groups:
                    tallies.advertise(group, entry, prefixes)
            yield

    def of(self, name: str, group: UpdateGroup | None) -> PeerCounts:
        """Return the counts of a peer that is a member of `group`; None: its session is down."""
        for _ in self.renew(() if group is None else (group,)):
            pass
        tallies = self._tallies
        received, accepted, rejected, stale = tallies.received.get(name, (0, 0, 0, 0))
        advertised = 0
        if group is not None:
            sent = tallies.advertised[group]
            advertised = sent.total - sent.by_source.get(name, 0)
        reasons = tallies.reasons.get(name, Counter())
        return PeerCounts(received, accepted, rejected, stale, advertised, reasons)
