"""Which prefixes would be lost with some peers: what make-before-break waits for."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from rib.path import candidates
from rib.table import Table
from wire import Prefix

__all__ = ["uncovered"]


def uncovered(table: Table, leaving: AbstractSet[str]) -> Iterator[Prefix]:
    """Yield the prefixes that have an eligible path of a source named in `leaving`, and of no other."""
    last, lost = None, False
    for prefix, entry in table.entries.items():
        if entry is not last:  # prefixes announced together mostly share it
            last = entry
            names = {path.source.name for path in candidates(entry) if path.eligible}
            lost = bool(names) and names <= leaving
        if lost:
            yield prefix
