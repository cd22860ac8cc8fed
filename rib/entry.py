"""An entry, the candidates of one prefix, and what becomes of it as one of them comes, changes or goes."""

from rib.decision import BEST, Place, joined, order
from rib.path import Entry, Path, candidates
from rib.source import Source

__all__ = ["exchanged", "held", "with_path"]


def with_path(entry: Entry | None, path: Path) -> tuple[Entry, int, Place]:
    """Return the entry with a path beside the others or in place of its predecessor.

    And 1 if it had no predecessor, and its place: BEST also for what is to be looked at in any case.
    """
    if entry is None:
        return path, 1, BEST
    present = entry if isinstance(entry, tuple) else (entry,)
    source, path_id = path.terms.source, path.terms.path_id
    for rival in present:
        terms = rival.terms
        if terms.source is source and terms.path_id == path_id:
            return (entry if rival is path else exchanged(entry, rival, path)), 0, BEST
    new, place = joined(present, path)
    return new, 1, place


def held(entry: Entry | None, source: Source, path_id: int) -> Path | None:
    """Return the candidate of a source and path identifier."""
    if entry is None:
        return None
    for path in entry if isinstance(entry, tuple) else (entry,):
        if path.source is source and path.path_id == path_id:
            return path
    return None


def exchanged(entry: Entry, old: Path, new: Path) -> Entry:
    """Return the entry with one candidate in the place of another."""
    return order([*[path for path in candidates(entry) if path is not old], new])
