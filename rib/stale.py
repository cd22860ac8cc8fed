"""Stale paths: kept while their peer is away (RFC 4724) or repeats itself (RFC 7313), then swept."""

from rib.path import Entry, candidates, carries
from rib.peer import Peer
from rib.source import PeerKind
from rib.table import Table
from wire import WellKnownCommunity

__all__ = ["give_way", "mark", "mark_long_lived", "sweep"]


def mark(table: Table, peer: Peer) -> None:
    """Mark all paths of a peer stale; what comes from now on is not.

    Paths that still are stale from an earlier restart stay so, although RFC 4724, section 4.2, has them
    deleted: the timer that began with that restart bounds their life, and a node that restarts twice keeps
    its routes.
    """
    peer.ingress.forget()
    table.version += 1
    for path in table.batches(lambda path: path.source is peer.source):
        path.stale = True


def give_way(table: Table, peer: Peer) -> int:
    """Drop the stale paths of an external peer where another one is there with a path; return how many.

    RFC 4724, section 4.2, treats a stale path as any other. But nobody knows whether a peer that is away
    forwards still, and of two routers on top of a rack the one that is there does. Not among internal peers:
    two reflectors that give way to each other's copy of a route would lose it.
    """
    if peer.settings.kind is not PeerKind.EBGP:
        return 0
    dropped = 0
    for path, prefixes in table.batches(lambda path: path.source is peer.source and path.stale).items():
        replaced = [prefix for prefix in prefixes if _has_present_external(table.entries[prefix])]
        table.exchange(path, None, replaced)
        dropped += len(replaced)
    return dropped


def _has_present_external(entry: Entry) -> bool:
    return any(
        path.eligible and not path.stale and path.source.kind is PeerKind.EBGP for path in candidates(entry)
    )


def sweep(table: Table, peer: Peer) -> int:
    """Drop the paths of a peer that are still stale; return how many."""
    swept = 0
    for path, prefixes in table.batches(lambda path: path.source is peer.source and path.stale).items():
        table.exchange(path, None, prefixes)
        swept += len(prefixes)
    return swept


def mark_long_lived(table: Table, peer: Peer) -> int:
    """Attach LLGR_STALE to the stale paths of a peer; drop those with NO_LLGR, return how many (RFC 9494)."""
    dropped = 0
    for path, prefixes in table.batches(lambda path: path.source is peer.source and path.stale).items():
        attributes = path.received.attributes
        if carries(attributes.communities, WellKnownCommunity.NO_LLGR):
            table.exchange(path, None, prefixes)
            dropped += len(prefixes)
        elif not carries(attributes.communities, WellKnownCommunity.LLGR_STALE):
            communities = attributes.communities + WellKnownCommunity.LLGR_STALE.to_bytes(4, "big")
            marked = attributes.replace(communities=communities)
            for new, part in peer.ingress.reconsider(table.family, path, prefixes, marked):
                table.exchange(path, new, part)
    return dropped
