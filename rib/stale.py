"""Stale paths: kept while their peer is away (RFC 4724) or repeats itself (RFC 7313), then swept."""

from collections.abc import Callable

from rib.path import Entry, Path, candidates, carries
from rib.peer import Peer
from rib.source import PeerKind
from rib.table import Table
from rib.walk import Batches
from wire import WellKnownCommunity

__all__ = ["Do", "give_way", "mark", "mark_long_lived", "sweep"]

Dropped = Callable[[int], None]
"""Takes how many paths have been dropped, as often as some were."""

Do = Callable[[Table, Peer, Dropped], None]
"""What can become of the stale paths of a peer, part by part (`Table.walk`)."""


def mark(table: Table, peer: Peer) -> None:
    """Mark all paths of a peer stale; what comes from now on is not.

    Paths that still are stale from an earlier restart stay so, although RFC 4724, section 4.2, has them
    deleted: the timer that began with that restart bounds their life, and a node that restarts twice keeps
    its routes.
    """
    table.finish()  # what became of stale paths is not for those that become it now
    peer.ingress.forget()
    table.version += 1
    source, last = peer.source, None
    for entry in table.entries.values():
        if entry is not last:  # prefixes announced together mostly share it
            last = entry
            for path in candidates(entry):
                if path.terms.source is source:
                    path.stale = True


def give_way(table: Table, peer: Peer, dropped: Dropped) -> None:
    """Drop the stale paths of an external peer where another one is there with a path.

    RFC 4724, section 4.2, treats a stale path as any other. But nobody knows whether a peer that is away
    forwards still, and of two routers on top of a rack the one that is there does. Not among internal peers:
    two reflectors that give way to each other's copy of a route would lose it.
    """
    if peer.settings.kind is not PeerKind.EBGP:
        return

    def act(found: Batches) -> None:
        for path, prefixes in found.items():
            replaced = [prefix for prefix in prefixes if _has_present_external(table.entries[prefix])]
            table.exchange(path, None, replaced)
            dropped(len(replaced))

    table.walk(_stale_of(peer), act)


def _stale_of(peer: Peer) -> Callable[[Path], bool]:
    source = peer.source
    return lambda path: path.stale and path.terms.source is source


def _has_present_external(entry: Entry) -> bool:
    return any(
        path.eligible and not path.stale and path.source.kind is PeerKind.EBGP for path in candidates(entry)
    )


def sweep(table: Table, peer: Peer, dropped: Dropped) -> None:
    """Drop the paths of a peer that are still stale."""

    def act(found: Batches) -> None:
        for path, prefixes in found.items():
            table.exchange(path, None, prefixes)
            dropped(len(prefixes))

    table.walk(_stale_of(peer), act)


def mark_long_lived(table: Table, peer: Peer, dropped: Dropped) -> None:
    """Attach LLGR_STALE to the stale paths of a peer; drop those with NO_LLGR (RFC 9494)."""

    def act(found: Batches) -> None:
        for path, prefixes in found.items():
            communities = path.received.attributes.communities
            if carries(communities, WellKnownCommunity.NO_LLGR):
                table.exchange(path, None, prefixes)
                dropped(len(prefixes))
            elif not carries(communities, WellKnownCommunity.LLGR_STALE):
                communities += WellKnownCommunity.LLGR_STALE.to_bytes(4, "big")
                marked = path.received.attributes.replace(communities=communities)
                peer.readmit(table, path, prefixes, marked)

    table.walk(_stale_of(peer), act)
