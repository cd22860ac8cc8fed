"""How far a route gets in a graph of sessions, by the rules of BGP and of route reflection.

What a node learned from another AS, or originates, it tells everyone; what it learned inside its AS it tells
other ASes, and as a reflector its clients, or everyone if a client told it (RFC 4271, section 9.2; RFC 4456,
section 6). A route ends where its AS path (RFC 4271, section 9.1.2) or its CLUSTER_LIST (RFC 4456, section 8)
would loop. Policies are not looked at (see `bgpd.intent.kept_back`).
"""

from collections import deque
from collections.abc import Iterator
from enum import Enum, IntEnum
from typing import NamedTuple

from bgpd.intent.session_graph import OUTSIDE, Link, SessionGraph
from wire import Family


class Carried(Enum):
    """How a node gets the routes of another."""

    INSIDE = "inside"
    """By sessions between nodes of the cluster."""
    OUTSIDE = "outside"
    """Only if routers outside of the cluster pass them on."""


class _Source(IntEnum):
    """Where a node has a route from; the greater number is told to more peers."""

    NON_CLIENT = 1
    CLIENT = 2
    EXTERNAL = 3
    """From another AS, or originated here."""


class _Copy(NamedTuple):
    """A route as a node has it."""

    node: str
    source: _Source
    as_path: tuple[int, ...] = ()
    cluster_list: tuple[bytes, ...] = ()


def reach(graph: SessionGraph, origin: str, family: Family) -> dict[str, Carried]:
    """Return the nodes that get what `origin` originates, and how; `origin` itself is not among them."""
    everybody = len(graph.cluster_ids)
    inside = _spread(graph, origin, family, outside=False, enough=everybody)
    found = dict.fromkeys(sorted(inside - {origin}), Carried.INSIDE)
    if len(inside) < everybody and OUTSIDE in graph.links:
        beyond = _spread(graph, origin, family, outside=True, enough=everybody)
        found |= dict.fromkeys(sorted(beyond - inside), Carried.OUTSIDE)
    return found


def _spread(graph: SessionGraph, origin: str, family: Family, *, outside: bool, enough: int) -> set[str]:
    """Walk breadth first: as the decision process does, a node prefers the copy that came the shorter way."""
    best: dict[str, _Source] = {origin: _Source.EXTERNAL}
    queue = deque([_Copy(origin, _Source.EXTERNAL)])
    told = graph.told[family]
    while queue and len(best) - (OUTSIDE in best) < enough:
        had = queue.popleft()
        if had not in told:
            told[had] = tuple(_told(graph, had, family))
        for copy in told[had]:
            if (copy.node == OUTSIDE and not outside) or best.get(copy.node, 0) >= copy.source:
                continue
            best[copy.node] = copy.source
            queue.append(copy)
    return {node for node in best if node != OUTSIDE}


def _told(graph: SessionGraph, copy: _Copy, family: Family) -> Iterator[_Copy]:
    for link in graph.links.get(copy.node, ()):
        if family not in link.families:
            continue
        told = _inside_the_as(graph, copy, link) if link.internal else _to_another_as(copy, link)
        if told is not None and told.as_path.count(link.receiver_as) <= link.allow_local_as:
            yield told


def _to_another_as(copy: _Copy, link: Link) -> _Copy:
    return _Copy(link.receiver, _Source.EXTERNAL, (link.sender_as, *copy.as_path))


def _inside_the_as(graph: SessionGraph, copy: _Copy, link: Link) -> _Copy | None:
    source = _Source.CLIENT if link.from_client else _Source.NON_CLIENT
    if copy.source is _Source.EXTERNAL:
        return _Copy(link.receiver, source, copy.as_path, copy.cluster_list)
    own = graph.cluster_ids.get(copy.node)
    if not link.to_client and (copy.source is _Source.NON_CLIENT or own is None):
        return None
    cluster_list = copy.cluster_list if own is None else (own, *copy.cluster_list)
    if graph.cluster_ids.get(link.receiver) in cluster_list:
        return None
    return _Copy(link.receiver, source, copy.as_path, cluster_list)
