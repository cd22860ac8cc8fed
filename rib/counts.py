"""How many routes each peer has sent and gets: counted by walking a table, once per version of it."""

from collections import Counter

from records import field, record
from rib.path import candidates
from rib.rows import PeerCounts
from rib.table import Table
from rib.update_group import UpdateGroup

__all__ = ["TableCounts"]


@record(frozen=False)
class _Advertised:
    """What a group's members are sent: all of it, less what came from the member itself."""

    total: int = 0
    by_source: dict[str, int] = field(default_factory=dict)


class TableCounts:
    """The counts of one table."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._version = -1
        self._received: dict[str, list[int]] = {}
        self._reasons: dict[str, Counter[str]] = {}
        self._advertised: dict[UpdateGroup, _Advertised] = {}

    def of(self, name: str, group: UpdateGroup | None) -> PeerCounts:
        """Return the counts of a peer that is a member of `group`; None: its session is down."""
        if self._version != self._table.version:
            self._count_received()
        received, accepted, rejected, stale = self._received.get(name, (0, 0, 0, 0))
        advertised = 0
        if group is not None:
            sent = self._advertised_of(group)
            advertised = sent.total - sent.by_source.get(name, 0)
        reasons = self._reasons.get(name, Counter())
        return PeerCounts(received, accepted, rejected, stale, advertised, reasons)

    def _count_received(self) -> None:
        self._version = self._table.version
        self._received = {}
        self._reasons = {}
        self._advertised = {}
        for entry in self._table.entries.values():
            for path in candidates(entry):
                tally = self._received.setdefault(path.source.name, [0, 0, 0, 0])
                tally[0] += 1
                tally[1] += path.rejected is None
                tally[3] += path.stale
                if path.rejected is not None:
                    tally[2] += 1
                    self._reasons.setdefault(path.source.name, Counter())[path.rejected] += 1

    def _advertised_of(self, group: UpdateGroup) -> _Advertised:
        known = self._advertised.get(group)
        if known is None:
            known = self._advertised[group] = self._count_advertised(group)
        return known

    def _count_advertised(self, group: UpdateGroup) -> _Advertised:
        tally = _Advertised()
        for prefix, entry in self._table.entries.items():
            for path in group.sent(entry):
                if group.sends(path, prefix):
                    tally.total += 1
                    tally.by_source[path.source.name] = tally.by_source.get(path.source.name, 0) + 1
        return tally
