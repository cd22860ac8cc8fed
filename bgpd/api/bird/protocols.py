"""`show protocols`: sessions as rows of BIRD's table, and one of them in detail."""

from collections.abc import Iterator, Sequence

from bgpd.api.bird.reply import Code, Line, since
from bgpd.api.documents import ESTABLISHED
from bgpd.api.values import LastError, PeerStatus

# Calico's parser compares the heading with these six words.
_ROW = "{:<8} {:<8} {:<8} {:<6} {:<11} {}"
HEADING: Line = (Code.PROTOCOL_HEADING, _ROW.format("name", "proto", "table", "state", "since", "info"))

OWN_PROTOCOLS = {"kernel1": "Kernel", "device1": "Device", "direct1": "Direct", "static1": "Static"}
"""Every BIRD has these beside its sessions; routes that are not BGP's name them as their source."""

_CAPABILITIES = {
    "route-refresh": "refresh",
    "enhanced-route-refresh": "enhanced-refresh",
    "graceful-restart": "restart-aware",
    "four-octet-as": "AS4",
    "add-paths": "add-path-rx add-path-tx",
}
"""BIRD's words for the capabilities it lists."""


def rows(peers: Sequence[PeerStatus], started_at: float, now: float) -> Iterator[Line]:
    """Yield the table of all protocols."""
    yield HEADING
    for name, proto in OWN_PROTOCOLS.items():
        yield Code.PROTOCOL, _ROW.format(name, proto, "master", "up", since(started_at, now), "")
    for peer in peers:
        yield row(peer, now)


def row(peer: PeerStatus, now: float) -> Line:
    """Show one session; its info begins with the BGP state."""
    info = f"{peer.state:<13} {_error(peer.last_error, peer.problem)}".rstrip()
    return Code.PROTOCOL, _ROW.format(peer.name, "BGP", "master", _status(peer), since(peer.since, now), info)


def details(peer: PeerStatus) -> Iterator[Line]:
    """Yield all about one session, in the words and places that BIRD 1.6 has for it."""
    family = peer.family
    accepted, rejected = peer.accepted.get(family, 0), peer.rejected.get(family, 0)
    advertised = peer.advertised.get(family, 0)
    facts = [
        "  Preference:     100",
        f"  Routes:         {accepted} imported, {rejected} filtered, {advertised} exported",
        f"  BGP state:          {peer.state}",
        f"    Neighbor address: {peer.peer_ip}",
        f"    Neighbor AS:      {peer.peer_as}",
        *_negotiated(peer),
    ]
    if peer.last_error is not None:
        facts.append(f"    Last error:       {_error(peer.last_error, None)}")
    yield from ((Code.PROTOCOL_DETAILS, fact) for fact in facts)
    yield Code.PROTOCOL_DETAILS, ""


def _negotiated(peer: PeerStatus) -> Iterator[str]:
    if peer.negotiated is None:
        return
    words = (_CAPABILITIES[name] for name in peer.negotiated.capabilities if name in _CAPABILITIES)
    kind = "internal" if peer.peer_as == peer.local_as else "external"
    yield f"    Neighbor ID:      {peer.peer_identifier}"
    yield f"    Neighbor caps:    {' '.join(words)}"
    yield f"    Session:          {kind} AS4"
    yield f"    Hold timer:       {peer.negotiated.hold_time}"
    yield f"    Keepalive timer:  {peer.negotiated.keepalive}"


def _status(peer: PeerStatus) -> str:
    if peer.state == ESTABLISHED:
        return "up"
    return "down" if peer.admin_down else "start"


def _error(error: LastError | None, problem: str | None) -> str:
    if problem or error is None:
        return problem or ""
    kind = "Received" if error.direction == "received" else "Socket" if not error.code else "Error"
    return f"{kind}: {error.text}"
