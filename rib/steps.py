"""The steps of the decision process (RFC 4271, section 9.1.2.2; RFC 4456, section 9), one row each.

Each step gives a path a value, and the lowest value wins. All steps but one are a total order, so the values
of the steps before MED stand together, those after it too, and comparing tuples is comparing step by step.
"""

import functools
from collections.abc import Callable
from enum import Enum
from typing import Final, NamedTuple

from rib.path import DEFAULT_LOCAL_PREF, Key, Path, Terms, Values, carries
from rib.source import PeerKind
from wire import WellKnownCommunity, rank_usual

__all__ = [
    "EQUAL_COST",
    "LATE",
    "MED",
    "RANK",
    "STEPS",
    "BestPathReason",
    "Step",
    "key",
    "late",
    "med",
    "rank",
]


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


class Step(NamedTuple):
    """One criterion: the lower value wins."""

    reason: BestPathReason
    clause: str
    text: str
    """Why the other path lost here."""
    value: Callable[[Path], int | bytes | str]


_LLGR_STALE: Final = WellKnownCommunity.LLGR_STALE.to_bytes(4, "big")
_MEMO: Final = 8192
"""Keys remembered. Most usual lists share theirs with thousands of others."""
_INTERNAL: Final = frozenset({PeerKind.IBGP, PeerKind.IBGP_CLIENT})


def _local_pref(path: Path) -> int:
    value = path.attributes.local_pref
    return -(DEFAULT_LOCAL_PREF if value is None else value)


def _med(path: Path) -> int:
    return path.attributes.med or 0


RANK: Final = (
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

MED: Final = Step(
    BestPathReason.MED,
    "RFC 4271, section 9.1.2.2 c",
    "higher MULTI_EXIT_DISC than a path of the same neighbouring AS",
    _med,
)

LATE: Final = (
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

EQUAL_COST: Final = 2
"""Paths that tie in this many values of the late key may share the traffic."""

STEPS: Final[tuple[Step, ...]] = (*RANK, MED, *LATE)
"""All steps in the order in which they are taken."""


def rank(path: Path) -> Values:
    """Return the values of the steps before MED."""
    return key(path)[0]


def med(path: Path) -> int:
    """Return MULTI_EXIT_DISC, 0 where there is none."""
    return key(path)[1]


def late(path: Path) -> Values:
    """Return the values of the steps after MED."""
    return key(path)[2]


def key(path: Path) -> Key:
    """Return the values of all steps."""
    if path.key is None:
        held = path.held
        if isinstance(held, bytes) and held.find(_LLGR_STALE) < 0:
            path.key = _usual_key(path.terms, rank_usual(held))
        else:
            path.key = _values(RANK, path), _med(path), _values(LATE, path)
    return path.key


def _values(steps: tuple[Step, ...], path: Path) -> Values:
    return tuple([step.value(path) for step in steps])


@functools.lru_cache(maxsize=_MEMO)
def _usual_key(terms: Terms, asked: tuple[int, int, int]) -> Key:
    """Return the same for a usual attribute list, of which the steps ask for no more than `rank_usual`."""
    length, origin, med = asked
    source = terms.source
    before = (terms.rejected is not None, not terms.eligible, -terms.preference)
    metric = 0 if terms.resolution is None else terms.resolution.metric
    identity = (source.bgp_identifier, 0, source.address, terms.path_id, source.name)
    return (
        (*before, False, -DEFAULT_LOCAL_PREF, length, origin),
        med,
        (source.kind in _INTERNAL, metric, *identity),
    )
