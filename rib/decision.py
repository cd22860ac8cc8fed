"""The decision process (RFC 4271, section 9.1.2.2; RFC 4456, section 9): the best of the paths for a prefix.

MED is compared only among paths of one neighbouring AS, which is no total order: of all paths that are equal
before it (`rib.steps`) it removes those that a path of the same AS beats, so the result does not depend on
the order of arrival.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from rib.path import Entry, Path, Values, candidates
from rib.steps import EQUAL_COST, LATE, MED, RANK, STEPS, Step, key, late, med, rank

__all__ = [
    "BEHIND",
    "BEST",
    "EQUAL",
    "Place",
    "best_of",
    "joined",
    "losses",
    "multipath",
    "order",
    "parted",
]

Place = int
"""Where a path comes in among the candidates of a prefix. A plain number: it is asked for often."""

BEST: Final = 0
"""It is the best path, or another one is since it is there."""
EQUAL: Final = 1
"""It is not, but may share the traffic with the best path."""
BEHIND: Final = 2
"""It lost at a step before MED, and cannot do that either."""


def best_of(entry: Entry | None) -> Path | None:
    """Return the best path of a table's entry, None when none is eligible."""
    if entry is None:
        return None
    first = entry[0] if isinstance(entry, tuple) else entry
    return first if first.terms.eligible else None


def order(paths: Sequence[Path]) -> Entry:
    """Return the entry for these paths, of which there is at least one: the best one first."""
    if len(paths) == 1:
        return paths[0]
    if len(paths) == 2:
        first, second = paths
        return (first, second) if _beats(first, second) else (second, first)
    best = min(_undominated(_top_rank(paths)), key=late)
    return (best, *[path for path in paths if path is not best])


def joined(present: tuple[Path, ...], path: Path) -> tuple[Entry, Place]:
    """Return the entry with one more candidate, and its place: most find it by a look at the best one."""
    first = present[0]
    mine, best = path.key or key(path), first.key or key(first)
    if mine[0] > best[0]:
        return (*present, path), BEHIND
    if (mine[1] or best[1]) and mine[0] == best[0]:
        entry = order((*present, path))
        return entry, EQUAL if best_of(entry) is first else BEST
    # Without MED the two cannot remove each other, and what they remove by theirs was not the best.
    return ((path, *present), BEST) if mine < best else ((*present, path), EQUAL)


def parted(entry: Entry, path: Path) -> Entry | None:
    """Return the entry without one of its candidates, None when it was the only one."""
    if not isinstance(entry, tuple):
        return None
    rest = tuple([rival for rival in entry if rival is not path])
    if len(rest) == 1:
        return rest[0]
    # What had no part in the comparison of MEDs leaves no gap.
    return rest if rank(path) > rank(rest[0]) and path is not entry[0] else order(rest)


def _beats(first: Path, second: Path) -> bool:
    ranks = rank(first), rank(second)
    if ranks[0] != ranks[1]:
        return ranks[0] < ranks[1]
    if med(first) != med(second) and _neighbour(first) == _neighbour(second):
        return med(first) < med(second)
    return late(first) < late(second)


def _neighbour(path: Path) -> int | None:
    """Return the neighbouring AS that MED is compared within; None: the route began in our own AS."""
    return path.attributes.neighbour_as


def _top_rank(paths: Iterable[Path]) -> list[Path]:
    top = min(map(rank, paths))
    return [path for path in paths if rank(path) == top]


def _undominated(paths: list[Path]) -> list[Path]:
    """Return the paths that no path of the same neighbouring AS beats by MED."""
    if not any(map(med, paths)):
        return paths
    lowest: dict[int | None, int] = {}
    for path in paths:
        neighbour = _neighbour(path)
        lowest[neighbour] = min(med(path), lowest.get(neighbour, med(path)))
    return [path for path in paths if med(path) == lowest[_neighbour(path)]]


def multipath(entry: Entry | None, limit: int) -> tuple[Path, ...]:
    """Return the best path and, up to `limit` in all, those equal to it up to the IGP metric; best first."""
    best = best_of(entry)
    if best is None:
        return ()
    if entry is best:
        return (best,)
    cost = late(best)[:EQUAL_COST]
    equal = [path for path in _undominated(_top_rank(candidates(entry))) if late(path)[:EQUAL_COST] == cost]
    return tuple(sorted(equal, key=late)[:limit])


def losses(entry: Entry | None) -> list[tuple[Path, Step | None]]:
    """Return every path of an entry with the step it lost at: first the best (None), then who came furthest.

    Computed from the same keys and by the same elimination as the decision itself.
    """
    paths = candidates(entry)
    if not paths:
        return []
    survivors = _top_rank(paths)
    finalists = _undominated(survivors)
    winner = min(finalists, key=late)
    verdicts = [(path, _step_lost(path, winner, survivors, finalists)) for path in paths]
    return sorted(
        verdicts, key=lambda verdict: -len(STEPS) if verdict[1] is None else -STEPS.index(verdict[1])
    )


def _step_lost(path: Path, winner: Path, survivors: list[Path], finalists: list[Path]) -> Step | None:
    if path not in survivors:
        return _first_difference(RANK, rank(path), rank(winner))
    if path not in finalists:
        return MED
    if path is not winner:
        return _first_difference(LATE, late(path), late(winner))
    return None if path.eligible else RANK[path.rejected is None]


def _first_difference(steps: tuple[Step, ...], values: Values, other: Values) -> Step:
    return next(step for step, mine, theirs in zip(steps, values, other, strict=True) if mine != theirs)
