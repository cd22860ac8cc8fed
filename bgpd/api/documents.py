"""The API's values as JSON objects, with exactly the keys that other programs rely on."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import lru_cache

from bgpd.api.values import (
    FAMILIES,
    Counts,
    DaemonStatus,
    Document,
    ExplainDocument,
    KernelStatus,
    PeerStatus,
    SessionState,
)
from bgpd.api.view import EventRecord
from rib import Advertisement, Candidate, FibNextHop, RouteRow
from wire import PathAttributes, format_address, format_prefix

ESTABLISHED = "Established"


def timestamp(seconds: float) -> str:
    """Seconds since the epoch as RFC 3339 in UTC, to the millisecond."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def peer_document(peer: PeerStatus) -> Document:
    """Describe one session; the contract's keys first, then what else is worth knowing."""
    return {
        "name": peer.name,
        "peer_ip": peer.peer_ip,
        "peer_as": peer.peer_as,
        "local_as": peer.local_as,
        "type": peer.type,
        "state": peer.state,
        "since": timestamp(peer.since),
        "uptime_seconds": int(peer.uptime_seconds),
        "last_error": asdict(peer.last_error) if peer.last_error else None,
        "received": per_family(peer.received),
        "accepted": per_family(peer.accepted),
        "advertised": per_family(peer.advertised),
        "flaps": peer.flaps,
        "negotiated": asdict(peer.negotiated) if peer.negotiated else None,
        "family": peer.family,
        "peer_port": peer.peer_port,
        "peer_identifier": peer.peer_identifier,
        "rejected": per_family(peer.rejected),
        "stale": per_family(peer.stale),
        "admin_down": peer.admin_down,
        "bfd": peer.bfd,
        "resource": peer.resource,
        "problem": peer.problem,
        "messages": {"sent": dict(peer.messages_sent), "received": dict(peer.messages_received)},
    }


def status_document(status: DaemonStatus, sessions: Sequence[SessionState]) -> Document:
    """Describe the daemon as a whole, with its sessions counted."""
    return {
        "node": status.node,
        "version": status.version,
        "started_at": timestamp(status.started_at),
        "uptime_seconds": int(status.uptime_seconds),
        "as": status.local_as,
        "router_id": status.router_id,
        "cluster_id": status.cluster_id,
        "mesh": status.mesh,
        "draining": status.draining,
        "listen": list(status.listen),
        "sessions": {
            "configured": len(sessions),
            "established": sum(session.state == ESTABLISHED for session in sessions),
        },
        "loc_rib": per_family(status.loc_rib),
        "datastore": asdict(status.datastore) if status.datastore else None,
        "kernel": _kernel_document(status.kernel) if status.kernel else None,
        "problems": [asdict(problem) for problem in status.problems],
    }


def route_document(row: RouteRow, *, installed: bool) -> Document:
    """Describe one route; the contract's keys first. `installed`: the kernel has it because of this path."""
    return {
        "prefix": format_prefix(row.family, row.prefix),
        "best": row.best,
        **_attributes(row.attributes),
        "next_hop": [format_address(address) for address in row.next_hop],
        "from": row.source,
        "installed": installed,
        "stale": row.stale,
        "multipath": row.multipath,
        "path_id": row.path_id,
        "protocol": row.protocol,
        "preference": row.preference,
        "interface": row.interface,
        "kind": row.kind,
        "rejected": row.rejected,
    }


@lru_cache(maxsize=256)
def _attributes(attributes: PathAttributes) -> Document:
    # Routes come in runs that share one attribute set: described once, and never changed by callers.
    return attributes.describe()


def explain_document(explained: ExplainDocument) -> Document:
    """Tell the story of one prefix."""
    story, installed = explained.story, bool(explained.installed)
    return {
        "prefix": format_prefix(story.family, story.prefix),
        "family": story.family.short,
        "candidates": [_candidate_document(candidate, installed=installed) for candidate in story.candidates],
        "advertised": [_advertisement_document(advertisement) for advertisement in story.advertisements],
        "kernel": {
            "wanted": story.fib is not None,
            "installed": explained.installed,
            "rule": story.fib_rule,
            "error": explained.kernel_error,
            "kind": story.fib.kind if story.fib else None,
            "metric": story.fib.metric if story.fib else None,
            "next_hops": [_next_hop_document(hop) for hop in story.fib.next_hops] if story.fib else [],
        },
    }


def event_document(event: EventRecord) -> Document:
    """Describe one event; what only some events have stands under `fields`."""
    return {
        "sequence": event.sequence,
        "time": timestamp(event.time),
        "kind": event.kind,
        "peer": event.peer,
        "message": event.message,
        "fields": dict(event.fields),
    }


def per_family(counts: Counts) -> dict[str, int]:
    """Both families, always; one that is not counted is 0."""
    return {family: counts.get(family, 0) for family in FAMILIES}


def _candidate_document(candidate: Candidate, *, installed: bool) -> Document:
    row = candidate.row
    route = route_document(row, installed=installed and (row.best or row.multipath))
    return {**route, "step": candidate.reason, "reason": candidate.text, "rfc": candidate.clause}


def _advertisement_document(advertisement: Advertisement) -> Document:
    attributes = advertisement.attributes
    return {
        "peer": advertisement.peer,
        "advertised": advertisement.sent,
        "reason": advertisement.reason,
        "attributes": _attributes(attributes) if attributes is not None else None,
    }


def _next_hop_document(hop: FibNextHop) -> Document:
    return {
        "gateway": format_address(hop.gateway) if hop.gateway is not None else None,
        "interface": hop.interface,
        "weight": hop.weight,
    }


def _kernel_document(kernel: KernelStatus) -> Document:
    return {
        "desired": per_family(kernel.desired),
        "installed": per_family(kernel.installed),
        "failed": per_family(kernel.failed),
        "failures": [{"prefix": prefix, "reason": reason} for prefix, reason in kernel.failures],
        "operations": _nested(kernel.operations),
        "resyncs": kernel.resyncs,
    }


def _nested(counts: Mapping[tuple[str, str], int]) -> dict[str, dict[str, int]]:
    """{(operation, result): n} as {operation: {result: n}}: JSON keys are strings."""
    nested: dict[str, dict[str, int]] = {}
    for (operation, result), count in counts.items():
        nested.setdefault(operation, {})[result] = count
    return nested
