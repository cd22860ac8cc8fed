"""The sessions of a cluster as a graph, walked by routes: which pairs of ends really make a session.

A session needs both ends: each must be configured with the other's address, expect the other's AS, have the
same password, and one of them must connect to where the other listens.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bgpd.intent.model import Intent, SessionIntent, SessionType
from records import field, record
from rib.prefix_match import contains
from wire import Family, Prefix, parse_prefix

OUTSIDE = ""
"""Stands for all routers that are no nodes of the cluster; what they do with routes cannot be known."""


@record(kw_only=True)
class Link:
    """One direction of a session: what the sender may tell the receiver."""

    receiver: str
    internal: bool
    """The receiver is in the sender's AS (iBGP)."""
    sender_as: int
    receiver_as: int
    families: frozenset[Family]
    to_client: bool = False
    """The sender reflects to the receiver (RFC 4456)."""
    from_client: bool = False
    """The receiver takes the sender for its client."""
    allow_local_as: int = 0
    """How often the receiver's AS may be in the path."""


@record
class PairFault:
    """Why two nodes that are meant to have a session have none."""

    kind: str
    """One of: half-configured, AS mismatch, password mismatch, nobody connects."""
    node: str
    peer: str
    text: str
    remedy: str


@record(frozen=False, eq=False, slots=False)
class SessionGraph:
    """Links by sender, and what is wrong with the pairs that give none."""

    cluster_ids: dict[str, bytes | None] = field(default_factory=dict)
    links: dict[str, list[Link]] = field(default_factory=lambda: defaultdict(list))
    faults: dict[PairFault, None] = field(default_factory=dict)
    told: dict[Family, dict[Any, Any]] = field(default_factory=lambda: {family: {} for family in Family})
    """What `bgpd.intent.reachability` has worked out: whom a node tells of a route as it has it."""


def session_graph(intents: Iterable[Intent]) -> SessionGraph:
    """Join the ends of all sessions."""
    nodes = {intent.node: intent for intent in intents if intent.ready}
    ends = {name: _by_peer(intent) for name, intent in nodes.items()}
    graph = SessionGraph({name: intent.cluster_id for name, intent in nodes.items()})
    for intent in nodes.values():
        for session in ends[intent.node].values():
            other = nodes.get(session.peer_node or "")
            if session.type is SessionType.WORKLOAD or session.listen_range is not None:
                continue
            if other is None:
                _join_outside(graph, intent, session)
            else:
                _join(graph, intent, session, other, ends)
    return graph


_Ends = Mapping[str, Mapping[str, SessionIntent]]


def _by_peer(intent: Intent) -> dict[str, SessionIntent]:
    """Return the sessions that run, by the peer's address: that is how a connection finds its session."""
    return {session.peer_ip: session for session in intent.sessions if session.enabled}


def _join_outside(graph: SessionGraph, intent: Intent, session: SessionIntent) -> None:
    """Add the links to and from a peer that is no node: it is taken to pass on all that it may."""
    out = Link(
        receiver=OUTSIDE,
        internal=session.is_ibgp,
        sender_as=session.local_as,
        receiver_as=session.peer_as,
        families=session.families,
    )
    back = Link(
        receiver=intent.node,
        internal=session.is_ibgp,
        sender_as=session.peer_as,
        receiver_as=session.local_as,
        families=session.families,
        to_client=True,
        from_client=session.rr_client,
        allow_local_as=session.allow_local_as,
    )
    graph.links[intent.node].append(out)
    graph.links[OUTSIDE].append(back)


def _join(graph: SessionGraph, intent: Intent, session: SessionIntent, other: Intent, ends: _Ends) -> None:
    """Add the link from `intent` to `other`, or say why there is none."""
    back = _answering(ends[other.node], intent, session)
    fault = _fault(intent, session, other, back)
    if fault is not None:
        graph.faults[fault] = None
        return
    assert back is not None  # noqa: S101 - a missing end is the first fault
    graph.links[intent.node].append(
        Link(
            receiver=other.node,
            internal=session.is_ibgp,
            sender_as=session.local_as,
            receiver_as=back.local_as,
            families=session.families & back.families,
            to_client=session.rr_client,
            from_client=back.rr_client,
            allow_local_as=back.allow_local_as,
        )
    )


def _answering(
    theirs: Mapping[str, SessionIntent], intent: Intent, session: SessionIntent
) -> SessionIntent | None:
    """Return the peer's end: by our address, else a range that our address lies in."""
    own = session.source_address or intent.addresses.get(session.family)
    if own is None or own in theirs:
        return theirs.get(own or "")
    family, host = parse_prefix(own)
    return next((end for end in theirs.values() if _covers(end, family, host)), None)


def _covers(end: SessionIntent, family: Family, host: Prefix) -> bool:
    return end.listen_range is not None and end.family is family and contains(end.listen_range, host)


def _fault(
    intent: Intent, session: SessionIntent, other: Intent, back: SessionIntent | None
) -> PairFault | None:
    if back is None:
        return PairFault(
            "half-configured",
            intent.node,
            other.node,
            f"{intent.node} peers with {other.node} ({session.resource}), which has no session back",
            "let the resource select both ends, or set reversePeering to Auto",
        )
    return next(_disagreements(intent, session, other, back), None)


def _disagreements(
    intent: Intent, session: SessionIntent, other: Intent, back: SessionIntent
) -> Iterator[PairFault]:
    # The pair in the order of names, so that both directions tell of one fault.
    one, two = sorted((intent.node, other.node))
    expected = (session.peer_as, back.peer_as or session.local_as)
    if expected != (back.local_as, session.local_as):
        ends = {intent.node: (session.local_as, session.peer_as), other.node: (back.local_as, back.peer_as)}
        told = "; ".join(f"{name} is AS {ends[name][0]} and expects {ends[name][1]}" for name in (one, two))
        yield PairFault("AS mismatch", one, two, told, "make both ends agree on the AS numbers")
    if session.password != back.password:
        text = f"{one} and {two} have different passwords for their session"
        yield PairFault("password mismatch", one, two, text, "give both ends the same password")
    if not (_connects(session, other) or _connects(back, intent)):
        text = f"neither {one} nor {two} connects: passive, or to a port where the other does not listen"
        yield PairFault("nobody connects", one, two, text, "correct the port, or make one end active")


def _connects(session: SessionIntent, other: Intent) -> bool:
    return not session.passive and session.peer_port == other.listen.port
