"""From an intended session to what each room wants to know of it: state machine, sockets, tables."""

import fsm
import rib
import wire
from bgpd.intent import Intent, SessionIntent
from bgpd.intent.model import DEFAULT_PORT
from bgpd.monitoring import Transition, WatchedSession
from bgpd.resources import ROLES
from bgpd.speaker.socket_options import TransportOptions
from wire import Family, Prefix

_DEFAULT_HOLD_TIME = 240
"""Seconds; what BIRD offers in a Calico cluster (calico-reference, section 5.1)."""

_AWARE = 0
"""Long-lived stale time in seconds: we keep no routes of others so long, but know what LLGR_STALE means (RFC
9494), as BIRD does in a Calico cluster."""
_CONNECT_RETRY_TIME = 2.0
"""Seconds; between nodes only one side connects, and a peer that restarts should not be kept waiting."""


def session_key(session: SessionIntent) -> str:
    """Name what stays the same when a session moves from one resource to another: the peer's endpoint.

    A change from mesh to an explicit peering keeps the key, and so the TCP session and its routes.
    """
    if session.peer_port == DEFAULT_PORT:
        return session.peer_ip
    return f"{session.peer_ip} port {session.peer_port}"


def session_parameters(
    session: SessionIntent, intent: Intent, forwarding: frozenset[Family], *, restarting: bool
) -> fsm.SessionParameters:
    """Give what the state machine wants to know.

    In the families of `forwarding` packets flowed on while bgpd was not there (RFC 4724, the F bits).
    Raises ValueError for what no OPEN can carry.
    """
    return fsm.SessionParameters(
        local_as=session.local_as,
        peer_as=session.peer_as,
        bgp_identifier=intent.router_id,
        families=session.families,
        passive=session.passive,
        connect_retry_time=_CONNECT_RETRY_TIME,
        hold_time=_DEFAULT_HOLD_TIME if session.hold_time is None else session.hold_time,
        keepalive_time=session.keepalive_time,
        graceful_restart_time=session.graceful_restart_time or None,
        restarting=restarting,
        forwarding_preserved=forwarding & session.families,
        add_path_receive=session.families if "receive" in session.add_paths else frozenset(),
        add_path_send=session.families if "send" in session.add_paths else frozenset(),
        extended_next_hop=session.families & {Family.IPV4_UNICAST},
        long_lived_stale_time=_AWARE,
        role=_role(session),
        role_strict=session.role is not None and session.role.strict,
        host_name=intent.node,
    )


def transport_options(session: SessionIntent) -> TransportOptions:
    """Give what the sockets of a session need."""
    return TransportOptions(
        peer_address=session.peer_ip,
        peer_port=session.peer_port,
        source_address=session.source_address,
        ttl_security=session.ttl_security,
        password=session.password,
    )


def peer_settings(
    key: str, session: SessionIntent, negotiated: fsm.Negotiated, local_address: str, intent: Intent | None
) -> rib.PeerSettings:
    """Give what the tables need to know of an Established session."""
    return rib.PeerSettings(
        name=key,
        kind=_kind(session, negotiated),
        address=wire.parse_address(session.peer_ip),
        local_address=wire.parse_address(local_address),
        local_addresses=_local_addresses(session, intent),
        local_as=session.local_as,
        peer_as=negotiated.peer_as,
        bgp_identifier=negotiated.peer_identifier,
        families=negotiated.families,
        four_octet_as=negotiated.four_octet_as,
        message_limit=65535 if negotiated.extended_message else 4096,
        add_path_send=negotiated.add_path_send,
        extended_next_hop=negotiated.extended_next_hop,
        enhanced_route_refresh=negotiated.enhanced_route_refresh,
        long_lived_stale=_understands_long_lived_stale(negotiated),
        role=negotiated.role,
        graceful_shutdown=session.graceful_shutdown or (intent is not None and intent.graceful_shutdown),
        next_hop=session.next_hop.value,
        cluster_id=session.cluster_id or (intent.cluster_id if intent else None),
        allow_local_as=session.allow_local_as,
        import_policy=session.import_policy,
        export_policy=session.export_policy,
        max_prefixes=_limits(session),
    )


def watched_session(
    settings: rib.PeerSettings, negotiated: fsm.Negotiated, ports: tuple[int, int], since: int
) -> WatchedSession:
    """Give what observers are told of an Established session; `since` is in microseconds since the epoch."""
    return WatchedSession(
        key=settings.name,
        local_as=settings.local_as,
        address=settings.address,
        local_address=settings.local_address,
        ports=ports,
        negotiated=negotiated,
        since=since,
    )


def transition(
    parameters: fsm.SessionParameters, transport: TransportOptions, old: fsm.State, new: fsm.State
) -> Transition:
    """Give what observers are told of a transition; without a source address ours is unspecified."""
    address, source = wire.parse_address(transport.peer_address), transport.source_address
    return Transition(
        peer_as=parameters.peer_as,
        local_as=parameters.local_as,
        address=address,
        local_address=bytes(len(address)) if source is None else wire.parse_address(source),
        old=old,
        new=new,
    )


def local_routes(intent: Intent, family: Family) -> dict[Prefix, rib.LocalRoute]:
    """Give the static routes of the node: what it originates, and the ways to peers behind a gateway."""
    routes = {
        prefix: rib.LocalRoute(kind="blackhole", install=originated.kernel_type is not None)
        for prefix, originated in intent.originated.get(family, {}).items()
    }
    for static in intent.static_routes:
        if static.family is family:
            routes[static.prefix] = rib.LocalRoute(gateway=wire.parse_address(static.gateway))
    return routes


def _local_addresses(session: SessionIntent, intent: Intent | None) -> dict[Family, bytes]:
    """Give the node's address in families that the session's own addresses are not of."""
    addresses = intent.addresses if intent else {}
    return {
        family: wire.parse_address(address)
        for family, address in addresses.items()
        if family is not session.family and family in session.families
    }


def _role(session: SessionIntent) -> int | None:
    return None if session.role is None else ROLES.index(session.role.name)


def _understands_long_lived_stale(negotiated: fsm.Negotiated) -> bool:
    capabilities = negotiated.peer_open.capabilities
    return any(isinstance(capability, wire.LongLivedGracefulRestart) for capability in capabilities)


def _kind(session: SessionIntent, negotiated: fsm.Negotiated) -> rib.PeerKind:
    if negotiated.peer_as != session.local_as:
        return rib.PeerKind.EBGP
    return rib.PeerKind.IBGP_CLIENT if session.rr_client else rib.PeerKind.IBGP


def _limits(session: SessionIntent) -> dict[Family, rib.MaxPrefixes]:
    limit = session.max_prefixes
    if limit is None:
        return {}
    return dict.fromkeys(session.families, rib.MaxPrefixes(limit.limit, warning_only=limit.warn_only))
