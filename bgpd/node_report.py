"""What a CalicoNodeStatus tells: pure functions from the daemon's view to the resource's status.

The words are those of Calico's own reporter (calico-reference, section 11.4), so that whoever reads these
resources today goes on reading them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime

import rib
import wire
from bgpd import api
from bgpd.bird_time import bird_time
from bgpd.resources.calico_node_status import (
    AgentStatus,
    BGPStatus,
    CalicoNodeStatus,
    DaemonStatus,
    NodeReport,
    PeerStatus,
    RouteSource,
    RoutesStatus,
    RouteStatus,
)
from wire import Family

_ESTABLISHED = "Established"
_NO_GATEWAY = "N/A"
_REPORTED_TYPES = frozenset({"NodeMesh", "NodePeer", "GlobalPeer"})
"""Session types that Calico's API has words for; workload sessions are left out, as it has none for them."""
_LOCAL_SOURCES = {"static": "Static", "direct": "Direct", "kernel": "Kernel"}


def node_report(
    resource: CalicoNodeStatus,
    status: api.DaemonStatus,
    peers: Sequence[api.PeerStatus],
    routes: Callable[[Family], Iterable[rib.RouteRow]],
    now: float,
) -> NodeReport:
    """Fill in the classes that the resource asks for; `routes` gives the rows of a family when they are."""
    classes = resource.spec.classes
    return NodeReport(
        last_updated=timestamp(now),
        agent=_agent(status) if "Agent" in classes else None,
        bgp=_bgp(peers, now) if "BGP" in classes else None,
        routes=_routes(peers, routes) if "Routes" in classes else None,
    )


def timestamp(seconds: float) -> str:
    """Seconds since the epoch as RFC 3339 in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def same_but_for_time(old: NodeReport | None, new: NodeReport) -> bool:
    """Tell whether two reports say the same; then the old one need not be replaced."""
    return old is not None and old.model_copy(update={"last_updated": new.last_updated}) == new


def _agent(status: api.DaemonStatus) -> AgentStatus:
    speaker = DaemonStatus(
        state="Ready" if status.router_id else "NotReady",
        version=f"bgpd {status.version}",
        router_id=status.router_id,
        last_boot_time=_full_time(status.started_at),
        last_reconfiguration_time=_full_time(status.applied_at) if status.applied_at else None,
    )
    return AgentStatus(bird_v4=speaker, bird_v6=speaker)


def _full_time(seconds: float) -> str:
    """Give date and time of day as BIRD prints them, in UTC."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}"


def _bgp(peers: Sequence[api.PeerStatus], now: float) -> BGPStatus:
    reported = [peer for peer in peers if peer.type in _REPORTED_TYPES]
    four = [peer for peer in reported if peer.family == Family.IPV4_UNICAST.short]
    six = [peer for peer in reported if peer.family == Family.IPV6_UNICAST.short]
    return BGPStatus(
        number_established_v4=_established(four),
        number_not_established_v4=len(four) - _established(four),
        number_established_v6=_established(six),
        number_not_established_v6=len(six) - _established(six),
        peers_v4=tuple(_peer(peer, now) for peer in four),
        peers_v6=tuple(_peer(peer, now) for peer in six),
    )


def _established(peers: Iterable[api.PeerStatus]) -> int:
    return sum(peer.state == _ESTABLISHED for peer in peers)


def _peer(peer: api.PeerStatus, now: float) -> PeerStatus:
    values = {"type": peer.type, "state": peer.state, "since": _since(peer.since, now)}
    return PeerStatus.model_validate(values | {"peer_ip": peer.peer_ip})


def _since(seconds: float, now: float) -> str:
    """Give the time of day while it is recent and the date after that, as BIRD prints it."""
    moment, present = datetime.fromtimestamp(seconds, UTC), datetime.fromtimestamp(now, UTC)
    return bird_time(moment, present)


def _routes(
    peers: Sequence[api.PeerStatus], routes: Callable[[Family], Iterable[rib.RouteRow]]
) -> RoutesStatus:
    types = {peer.name: peer for peer in peers}
    return RoutesStatus(
        routes_v4=tuple(_rows(routes(Family.IPV4_UNICAST), types)),
        routes_v6=tuple(_rows(routes(Family.IPV6_UNICAST), types)),
    )


def _rows(rows: Iterable[rib.RouteRow], peers: dict[str, api.PeerStatus]) -> Iterator[RouteStatus]:
    for row in rows:
        source = _source(row, peers)
        if source is not None:
            yield RouteStatus(
                type="FIB" if row.best else "RIB",
                destination=wire.format_prefix(row.family, row.prefix),
                gateway=wire.format_address(row.next_hop[0]) if row.next_hop else _NO_GATEWAY,
                interface=row.interface if row.kind == "unicast" else row.kind,
                learned_from=source,
            )


def _source(row: rib.RouteRow, peers: dict[str, api.PeerStatus]) -> RouteSource | None:
    """Say where a route was learned; None for a session that Calico's API has no word for."""
    local = _LOCAL_SOURCES.get(row.protocol)
    if local is not None:
        return RouteSource.model_validate({"source_type": local})
    peer = peers.get(row.source)
    if peer is None or peer.type not in _REPORTED_TYPES:
        return None
    kind = "NodeMesh" if peer.type == "NodeMesh" else "BGPPeer"
    return RouteSource.model_validate({"source_type": kind, "peer_ip": peer.peer_ip})
