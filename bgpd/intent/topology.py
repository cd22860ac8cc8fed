"""The JSON of `bgpctl topology --node NAME`; its keys are a contract with other programs."""

from typing import Any

from bgpd.intent.model import Intent, Problem, SessionIntent
from wire import Family, format_address, format_prefix


def topology_document(intent: Intent) -> dict[str, Any]:
    """Return what `topology` prints of one node. A node that is not ready has no sessions, and `reason`."""
    return {
        "node": intent.node,
        "as": intent.local_as if intent.ready else None,
        "router_id": _address(intent.router_id),
        "cluster_id": _address(intent.cluster_id),
        "mesh": intent.mesh,
        "listen": {"port": intent.listen.port, "addresses": list(intent.listen.addresses)},
        "sessions": [_session(session) for session in intent.sessions],
        "originates": _originates(intent),
        "ready": intent.ready,
        "reason": intent.reason,
        "static_routes": [
            {"prefix": format_prefix(route.family, route.prefix), "gateway": route.gateway}
            for route in intent.static_routes
        ],
        "service_ranges": [
            format_prefix(family, prefix)
            for family, prefixes in intent.service_ranges.items()
            for prefix in prefixes
        ],
        "direct_exclude": list(intent.direct_exclude),
        "problems": [problem_document(problem) for problem in intent.problems],
    }


def problem_document(problem: Problem) -> dict[str, Any]:
    """Return a problem as status and topology show it."""
    return {
        "severity": problem.severity,
        "resource": problem.resource,
        "session": problem.session,
        "message": problem.message,
        "remedy": problem.remedy,
    }


def _address(octets: bytes | None) -> str | None:
    return format_address(octets) if octets else None


def _session(session: SessionIntent) -> dict[str, Any]:
    return {
        "name": session.name,
        "type": session.type.value,
        "family": session.family.short,
        "peer_ip": session.peer_ip,
        "peer_port": session.peer_port,
        "peer_as": session.peer_as,
        "peer_node": session.peer_node,
        "local_as": session.local_as,
        "source_address": session.source_address,
        "passive": session.passive,
        "rr_client": session.rr_client,
        "cluster_id": _address(session.cluster_id),
        "next_hop": session.next_hop.value,
        "multihop": session.multihop,
        "ttl_security": session.ttl_security,
        "password": session.password is not None,
        "graceful_restart_time": session.graceful_restart_time,
        "keepalive_time": session.keepalive_time,
        "allow_local_as": session.allow_local_as,
        "reachable_by": session.reachable_by,
        "filters": list(session.filters),
        "resource": session.resource,
        "families": [str(family) for family in Family if family in session.families],
        "hold_time": session.hold_time,
        "enabled": session.enabled,
        "problem": session.password_problem,
        "shadowed_by": session.shadowed_by,
    }


def _originates(intent: Intent) -> list[dict[str, Any]]:
    return [
        {
            "prefix": format_prefix(family, prefix),
            "kind": originated.kind.value,
            "communities": list(originated.communities),
        }
        for family, prefixes in intent.originated.items()
        for prefix, originated in prefixes.items()
    ]
