"""The decision process (RFC 4271, section 9.1.2.2; RFC 4456, section 9) as an ordered table of steps.

Each step gives a path a value, and the lowest value wins. All steps but one are a total order, so the values
of the steps before MED form one key (`rank`), those after it another (`late`), and comparing tuples is
comparing step by step. MED is compared only among paths of one neighbouring AS, which is no total order: of
all paths that are equal so far it removes those that a path of the same AS beats, so the result does not
depend on the order of arrival.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from rib.path import DEFAULT_LOCAL_PREF, Entry, Key, Path, candidates, carries
from rib.source import PeerKind
from wire import WellKnownCommunity, rank_usual

__all__ = ["STEPS", "BestPathReason", "Step", "best_of", "joined", "losses", "multipath", "order", "parted"]


class BestPathReason(Enum):
    """The step of the decision process at which a path lost."""

    REJECTED = "rejected"
    NEXT_HOP_UNREACHABLE = "next-hop-unreachable"
    PREFERENCE = "preference"
    LLGR_STALE = "llgr-stale"
    LOCAL_PREF = "local-pref"
    AS_PATH_LENGTH = "as-path-length"
    ORIGIN = "origin"
    MED = "med"
    EBGP_OVER_IBGP = "ebgp-over-ibgp"
    IGP_METRIC = "igp-metric"
    ROUTER_ID = "router-id"
    CLUSTER_LIST_LENGTH = "cluster-list-length"
    PEER_ADDRESS = "peer-address"
    PATH_ID = "path-id"
    SOURCE_NAME = "source-name"


@dataclass(frozen=True, slots=True)
class Step:
    """One criterion: the lower value wins."""

    reason: BestPathReason
    clause: str
    text: str
    """Why the other path lost here."""
    value: Callable[[Path], int | bytes | str]


_LLGR_STALE: Final = WellKnownCommunity.LLGR_STALE.to_bytes(4, "big")
_INTERNAL: Final = frozenset({PeerKind.IBGP, PeerKind.IBGP_CLIENT})


def _local_pref(path: Path) -> int:
    value = path.attributes.local_pref
    return -(DEFAULT_LOCAL_PREF if value is None else value)


def _med(path: Path) -> int:
    held = path.held
    return rank_usual(held)[2] if isinstance(held, bytes) else held.med or 0


_RANK: Final = (
    Step(
        BestPathReason.REJECTED,
        "RFC 4271, section 9.1.1",
        "rejected by a check or by the import policy",
        lambda path: path.rejected is not None,
    ),
    Step(
        BestPathReason.NEXT_HOP_UNREACHABLE,
        "RFC 4271, section 9.1.2",
        "its next hop cannot be resolved",
        lambda path: not path.eligible,
    ),
    Step(
        BestPathReason.PREFERENCE,
        "administrative preference, before RFC 4271, section 9.1",
        "lower preference of its protocol or by import policy",
        lambda path: -path.preference,
    ),
    Step(
        BestPathReason.LLGR_STALE,
        "RFC 9494, section 4.4",
        "long-lived stale",
        lambda path: carries(path.attributes.communities, WellKnownCommunity.LLGR_STALE),
    ),
    Step(BestPathReason.LOCAL_PREF, "RFC 4271, section 9.1.1", "lower LOCAL_PREF", _local_pref),
    Step(
        BestPathReason.AS_PATH_LENGTH,
        "RFC 4271, section 9.1.2.2 a",
        "longer AS_PATH",
        lambda path: path.attributes.as_path_length,
    ),
    Step(
        BestPathReason.ORIGIN,
        "RFC 4271, section 9.1.2.2 b",
        "higher ORIGIN",
        lambda path: path.attributes.origin,
    ),
)

_MED: Final = Step(
    BestPathReason.MED,
    "RFC 4271, section 9.1.2.2 c",
    "higher MULTI_EXIT_DISC than a path of the same neighbouring AS",
    _med,
)

_LATE: Final = (
    Step(
        BestPathReason.EBGP_OVER_IBGP,
        "RFC 4271, section 9.1.2.2 d",
        "internal, while another is external",
        lambda path: path.source.kind in _INTERNAL,
    ),
    Step(
        BestPathReason.IGP_METRIC,
        "RFC 4271, section 9.1.2.2 e",
        "higher metric to its next hop",
        lambda path: 0 if path.resolution is None else path.resolution.metric,
    ),
    Step(
        BestPathReason.ROUTER_ID,
        "RFC 4271, section 9.1.2.2 f; RFC 4456, section 9",
        "higher BGP Identifier of its originator",
        lambda path: path.attributes.originator_id or path.source.bgp_identifier,
    ),
    Step(
        BestPathReason.CLUSTER_LIST_LENGTH,
        "RFC 4456, section 9",
        "longer CLUSTER_LIST",
        lambda path: len(path.attributes.cluster_list),
    ),
    Step(
        BestPathReason.PEER_ADDRESS,
        "RFC 4271, section 9.1.2.2 g",
        "higher address of its peer",
        lambda path: path.source.address,
    ),
    Step(BestPathReason.PATH_ID, "RFC 7911, section 3", "higher path identifier", lambda path: path.path_id),
    Step(
        BestPathReason.SOURCE_NAME,
        "local tie-break",
        "later name of its source",
        lambda path: path.source.name,
    ),
)

_EQUAL_COST: Final = 2
"""Paths that tie in this many values of the late key may share the traffic."""

STEPS: Final[tuple[Step, ...]] = (*_RANK, _MED, *_LATE)
"""All steps in the order in which they are taken."""


def _rank(path: Path) -> Key:
    if path.rank_key is None:
        path.rank_key = _usual_rank(path) or tuple([step.value(path) for step in _RANK])
    return path.rank_key


def _usual_rank(path: Path) -> Key | None:
    """Return the values of the same steps for a usual attribute list as it came; None for another one."""
    held, terms = path.held, path.terms
    if not isinstance(held, bytes) or held.find(_LLGR_STALE) >= 0:
        return None
    length, origin, _ = rank_usual(held)
    before = (terms.rejected is not None, not terms.eligible, -terms.preference)
    return (*before, False, -DEFAULT_LOCAL_PREF, length, origin)


def _late(path: Path) -> Key:
    if path.late_key is None:
        path.late_key = _usual_late(path) or tuple([step.value(path) for step in _LATE])
    return path.late_key


def _usual_late(path: Path) -> Key | None:
    """Return the same for a usual attribute list, which has nothing that these steps ask for."""
    if not isinstance(path.held, bytes):
        return None
    terms, source = path.terms, path.source
    if terms.late_key is None:
        metric = 0 if terms.resolution is None else terms.resolution.metric
        originator = source.bgp_identifier
        internal = source.kind in _INTERNAL
        terms.late_key = internal, metric, originator, 0, source.address, terms.path_id, source.name
    return terms.late_key


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
    best = min(_undominated(_top_rank(paths)), key=_late)
    return (best, *[path for path in paths if path is not best])


def joined(entry: Entry | None, path: Path) -> Entry:
    """Return the entry with one more candidate: most find their place by a look at the best one."""
    if entry is None:
        return path
    present = entry if isinstance(entry, tuple) else (entry,)
    rank, best = path.rank_key or _rank(path), present[0].rank_key or _rank(present[0])
    if rank > best:
        return (*present, path)
    return (path, *present) if rank < best else order((*present, path))


def parted(entry: Entry, path: Path) -> Entry | None:
    """Return the entry without one of its candidates, None when it was the only one."""
    if not isinstance(entry, tuple):
        return None
    rest = tuple([rival for rival in entry if rival is not path])
    if len(rest) == 1:
        return rest[0]
    # What had no part in the comparison of MEDs leaves no gap.
    return rest if _rank(path) > _rank(rest[0]) and path is not entry[0] else order(rest)


def _beats(first: Path, second: Path) -> bool:
    ranks = _rank(first), _rank(second)
    if ranks[0] != ranks[1]:
        return ranks[0] < ranks[1]
    if _med(first) != _med(second) and _neighbour(first) == _neighbour(second):
        return _med(first) < _med(second)
    return _late(first) < _late(second)


def _neighbour(path: Path) -> int | None:
    """Return the neighbouring AS that MED is compared within; None: the route began in our own AS."""
    return path.attributes.neighbour_as


def _top_rank(paths: Iterable[Path]) -> list[Path]:
    top = min(map(_rank, paths))
    return [path for path in paths if path.rank_key == top]


def _undominated(paths: list[Path]) -> list[Path]:
    """Return the paths that no path of the same neighbouring AS beats by MED."""
    if not any(map(_med, paths)):
        return paths
    lowest: dict[int | None, int] = {}
    for path in paths:
        neighbour = _neighbour(path)
        lowest[neighbour] = min(_med(path), lowest.get(neighbour, _med(path)))
    return [path for path in paths if _med(path) == lowest[_neighbour(path)]]


def multipath(entry: Entry | None, limit: int) -> tuple[Path, ...]:
    """Return the best path and, up to `limit` in all, those equal to it up to the IGP metric; best first."""
    best = best_of(entry)
    if best is None:
        return ()
    if entry is best:
        return (best,)
    cost = _late(best)[:_EQUAL_COST]
    equal = [path for path in _undominated(_top_rank(candidates(entry))) if _late(path)[:_EQUAL_COST] == cost]
    return tuple(sorted(equal, key=_late)[:limit])


def losses(entry: Entry | None) -> list[tuple[Path, Step | None]]:
    """Return every path of an entry with the step it lost at: first the best (None), then who came furthest.

    Computed from the same keys and by the same elimination as the decision itself.
    """
    paths = candidates(entry)
    if not paths:
        return []
    survivors = _top_rank(paths)
    finalists = _undominated(survivors)
    winner = min(finalists, key=_late)
    verdicts = [(path, _step_lost(path, winner, survivors, finalists)) for path in paths]
    return sorted(
        verdicts, key=lambda verdict: -len(STEPS) if verdict[1] is None else -STEPS.index(verdict[1])
    )


def _step_lost(path: Path, winner: Path, survivors: list[Path], finalists: list[Path]) -> Step | None:
    if path not in survivors:
        return _first_difference(_RANK, _rank(path), _rank(winner))
    if path not in finalists:
        return _MED
    if path is not winner:
        return _first_difference(_LATE, _late(path), _late(winner))
    return None if path.eligible else _RANK[path.rejected is None]


def _first_difference(steps: tuple[Step, ...], key: Key, other: Key) -> Step:
    return next(step for step, mine, theirs in zip(steps, key, other, strict=True) if mine != theirs)
