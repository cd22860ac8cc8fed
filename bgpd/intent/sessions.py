"""From peerings to sessions: one row, seen from this node's side (calico-reference.md, section 4.4)."""

import re
from collections.abc import Iterable

from bgpd.intent.addresses import family_of, is_link_local
from bgpd.intent.context import Context
from bgpd.intent.facts import NodeFacts
from bgpd.intent.filters import effective_filters
from bgpd.intent.model import (
    DEFAULT_GRACEFUL_RESTART_TIME,
    DEFAULT_PORT,
    NextHopMode,
    SessionIntent,
    SessionType,
)
from bgpd.intent.passwords import read_password
from bgpd.intent.peering import Key, Peering
from bgpd.intent.policies import PolicyBook
from wire import Family, parse_address

MAX_RESTART_TIME = 4095
"""Seconds: 12 bits in the capability (RFC 4724, section 3)."""

_PREFIX = {
    SessionType.MESH: "Mesh",
    SessionType.GLOBAL: "Global",
    SessionType.NODE: "Node",
    SessionType.WORKLOAD: "Local_Workload",
}
_UNSPECIFIED = {"0.0.0.0", "::"}  # noqa: S104 - looked for, not bound to
_SEPARATORS = re.compile(r"[.:/]")


def session_name(peering: Peering) -> str:
    """Return Calico's name. A port is part of it unless it is 179, explicit or not (section 17, Q6).

    Mesh names never have one.
    """
    name = f"{_PREFIX[peering.type]}_{_SEPARATORS.sub('_', peering.address)}"
    if peering.type is SessionType.MESH or peering.port in {None, DEFAULT_PORT}:
        return name
    return f"{name}_port_{peering.port}"


def build_sessions(
    context: Context, peerings: Iterable[Peering], policies: PolicyBook
) -> tuple[SessionIntent, ...]:
    """Return the sessions of this node by name; a peering that cannot work is reported and left out."""
    sessions: dict[str, SessionIntent] = {}
    winners: dict[Key, str] = {}
    for peering in peerings:
        if _is_meant(context, peering) and _can_work(context, peering):
            name = session_name(peering)
            if name not in sessions:
                winner = winners.setdefault(peering.key, name)
                shadowed_by = _shadow(context, peering, winner) if winner != name else None
                sessions[name] = _session(context, peering, name, policies, shadowed_by)
    return tuple(sessions[name] for name in sorted(sessions))


def _is_meant(context: Context, peering: Peering) -> bool:
    """Tell whether the row is one of ours: its family is on (section 4.0) and it is not our own address."""
    family = family_of(peering.address)
    own = context.node.addresses.get(family)
    return own is not None and peering.address != own and not _is_merged(context, peering, family)


def _is_merged(context: Context, peering: Peering, family: Family) -> bool:
    """With bgpd.io/families two nodes share one session: over IPv4 where both have it."""
    if family is Family.IPV4_UNICAST or peering.node is None or len(peering.extensions.families) < 2:
        return False
    other = context.cluster.nodes[peering.node]
    return Family.IPV4_UNICAST in context.node.addresses and Family.IPV4_UNICAST in other.addresses


def _can_work(context: Context, peering: Peering) -> bool:
    """Section 17, Q14: one peer that cannot work is reported and must not touch the others."""
    problem = _problem(peering)
    if problem:
        context.report(peering.resource, *problem, session_name(peering))
    return problem is None


def _problem(peering: Peering) -> tuple[str, str] | None:
    if peering.listen_range is not None:
        return None
    if not peering.peer_as:
        return f"no AS number for the peer {peering.address}", "set asNumber"
    if is_link_local(peering.address):
        return (
            f"{peering.address} is link-local and names no interface",
            "use a global or unique local address",
        )
    if peering.address in _UNSPECIFIED:
        return f"{peering.address} is nobody's address", "give the peer's own address"
    return None


def _shadow(context: Context, peering: Peering, winner: str) -> str:
    """Report that another session has the peer already, and return its name."""
    name = session_name(peering)
    context.warn(
        peering.resource,
        f"{name} has the address and port of {winner}, which runs in its place",
        "nothing to do while one replaces the other; otherwise remove one of the two",
        name,
    )
    return winner


def _session(
    context: Context, peering: Peering, name: str, policies: PolicyBook, shadowed_by: str | None
) -> SessionIntent:
    family = family_of(peering.address)
    local_as = peering.local_as or context.node.as_number
    same_as = peering.peer_as == local_as
    families = peering.extensions.families or frozenset({family})
    filters = effective_filters(context, families, peering.filters)
    password, password_problem = read_password(context, peering, name)
    cluster_id = _cluster_id_towards(context, peering) if same_as else None
    owner = _owner(context, peering.address)
    return SessionIntent(
        name=name,
        type=peering.type,
        family=family,
        families=families,
        peer_ip=peering.address,
        peer_port=peering.port or DEFAULT_PORT,
        peer_as=peering.peer_as,
        peer_node=peering.node or (owner.name if owner else None),
        peer_is_reflector=bool(owner and owner.cluster_id),
        local_as=local_as,
        source_address=context.node.addresses[family] if peering.use_node_address else None,
        passive=_is_passive(peering, context.node.addresses[family]),
        rr_client=cluster_id is not None,
        cluster_id=cluster_id,
        next_hop=_next_hop(peering, same_as=same_as),
        ttl_security=peering.ttl_security,
        password=password,
        password_problem=password_problem,
        graceful_restart_time=_restart_time(context, peering, name),
        keepalive_time=_positive(peering.keepalive_seconds),
        hold_time=peering.extensions.hold_time,
        allow_local_as=peering.allow_local_as,
        reachable_by=peering.reachable_by,
        filters=filters,
        resource=peering.resource,
        import_policy={f: policies.imports(f, same_as=same_as, filters=filters) for f in families},
        export_policy={f: policies.exports(f, same_as=same_as, filters=filters) for f in families},
        max_prefixes=peering.extensions.max_prefixes,
        add_paths=peering.extensions.add_paths,
        listen_range=peering.listen_range,
        graceful_shutdown=peering.extensions.graceful_shutdown,
        role=peering.extensions.role,
        bfd=peering.extensions.bfd,
        shadowed_by=shadowed_by,
    )


def _owner(context: Context, address: str) -> NodeFacts | None:
    owners = context.cluster.owners.get(address)
    return owners[0] if owners else None


def _is_passive(peering: Peering, own: str) -> bool:
    """Tell whether we leave it to the peer to connect: between nodes, if its address is the greater text.

    Compared as text and not as numbers because BIRD nodes do so, and both ends must agree (section 17, Q2).
    """
    if peering.passive:
        return True
    one_side = peering.type in {SessionType.MESH, SessionType.GLOBAL} and peering.is_calico_node
    return one_side and peering.address > own


def _cluster_id_towards(context: Context, peering: Peering) -> bytes | None:
    """Return our cluster id if an internal peer is our client: same cluster id means a fellow reflector."""
    own = context.node.cluster_id
    return parse_address(own) if own and peering.cluster_id != own else None


def _next_hop(peering: Peering, *, same_as: bool) -> NextHopMode:
    if peering.next_hop_mode is not None:
        return peering.next_hop_mode
    return NextHopMode.KEEP if peering.keep_original_next_hop and not same_as else NextHopMode.AUTO


def _restart_time(context: Context, peering: Peering, name: str) -> int:
    seconds = peering.restart_seconds
    if seconds is None:
        return DEFAULT_GRACEFUL_RESTART_TIME
    if 0 <= seconds <= MAX_RESTART_TIME:
        return seconds
    context.warn(
        peering.resource,
        f"a graceful restart time of {seconds} s cannot be told to a peer",
        f"give 0 to {MAX_RESTART_TIME} s (RFC 4724)",
        name,
    )
    return min(max(seconds, 0), MAX_RESTART_TIME)


def _positive(seconds: int | None) -> int | None:
    return seconds if seconds and seconds > 0 else None
