"""Every metric of bgpd: name, type, labels, meaning, and where its samples come from.

Label sets are bounded by the number of peers and error codes; a prefix is never a label. Names follow gobgp's
and Calico Enterprise's where those exist, and Prometheus' conventions for the rest.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from bgpd.api.documents import ESTABLISHED
from bgpd.api.values import FAMILIES, Counts, DaemonStatus, PeerStatus
from bgpd.histogram import Distribution
from records import record

STATES = ("Idle", "Connect", "Active", "OpenSent", "OpenConfirm", ESTABLISHED)
_VERSIONS = {"ipv4": "IPv4", "ipv6": "IPv6"}

Sample = tuple[tuple[str, ...], float]


@record
class Readings:
    """What one scrape looks at."""

    status: DaemonStatus
    peers: Sequence[PeerStatus]


@record
class Metric:
    """One row of the table; `samples` gives label values and a number each. Counters end in _total."""

    name: str
    text: str
    labels: tuple[str, ...]
    samples: Callable[[Readings], Iterable[Sample]]

    @property
    def kind(self) -> str:
        """The Prometheus type: "counter" or "gauge"."""
        return "counter" if self.name.endswith("_total") else "gauge"


@record
class DurationMetric:
    """One row of the table that is a histogram of durations; `read` gives None where there is none."""

    name: str
    text: str
    read: Callable[[Readings], Distribution | None]
    labels: tuple[str, ...] = ()
    kind: str = "histogram"


def _per_peer(read: Callable[[PeerStatus], float]) -> Callable[[Readings], Iterable[Sample]]:
    return lambda readings: (((peer.name,), read(peer)) for peer in readings.peers)


def _per_peer_family(read: Callable[[PeerStatus], Counts]) -> Callable[[Readings], Iterable[Sample]]:
    def samples(readings: Readings) -> Iterable[Sample]:
        for peer in readings.peers:
            # A session that was never up has no routes, and says so: a series that is missing alarms nobody.
            for family, count in (read(peer) or {peer.family: 0}).items():
                yield (peer.name, family), count

    return samples


def _messages(direction: str, message: str) -> Metric:
    def samples(readings: Readings) -> Iterable[Sample]:
        for peer in readings.peers:
            counts = peer.messages_sent if direction == "sent" else peer.messages_received
            yield (peer.name,), counts.get(message, 0)

    text = f"{message.capitalize()} messages {direction}."
    return Metric(f"bgp_{direction}_{message}_total", text, ("peer",), samples)


def _once(read: Callable[[DaemonStatus], float]) -> Callable[[Readings], Iterable[Sample]]:
    return lambda readings: (((), read(readings.status)),)


def _counts(read: Callable[[DaemonStatus], Counts | None]) -> Callable[[Readings], Iterable[Sample]]:
    return lambda readings: (((family,), count) for family, count in (read(readings.status) or {}).items())


def _peers_by_state(readings: Readings) -> Iterable[Sample]:
    counted = Counter((peer.state, peer.family) for peer in readings.peers)
    return (((s, _VERSIONS[f]), counted[s, f]) for s in STATES for f in FAMILIES)


def _imported(readings: Readings) -> Iterable[Sample]:
    for family in FAMILIES:
        yield (_VERSIONS[family],), sum(peer.accepted.get(family, 0) for peer in readings.peers)


def _updates_received(readings: Readings) -> Iterable[Sample]:
    for family in FAMILIES:
        peers = (peer for peer in readings.peers if peer.family == family)
        yield (_VERSIONS[family],), sum(peer.messages_received.get("update", 0) for peer in peers)


def _peer_up(readings: Readings) -> Iterable[Sample]:
    for peer in readings.peers:
        yield (peer.name, str(peer.peer_as), peer.type), peer.state == ESTABLISHED


def _peer_state(readings: Readings) -> Iterable[Sample]:
    return (((peer.name, state), peer.state == state) for peer in readings.peers for state in STATES)


def _peer_info(readings: Readings) -> Iterable[Sample]:
    for peer in readings.peers:
        yield (
            (
                peer.name,
                peer.peer_ip,
                str(peer.peer_as),
                peer.peer_identifier or "",
                peer.type,
                peer.resource,
            ),
            1,
        )


def _last_error(readings: Readings) -> Iterable[Sample]:
    for peer in readings.peers:
        if error := peer.last_error:
            yield (peer.name, error.direction, str(error.code), str(error.subcode)), 1


def _notifications(readings: Readings) -> Iterable[Sample]:
    for peer in readings.peers:
        for item in peer.notifications:
            yield (peer.name, item.direction, str(item.code), str(item.subcode)), item.count


def _malformed(readings: Readings) -> Iterable[Sample]:
    for peer in readings.peers:
        for item in peer.malformed:
            yield (peer.name, str(item.attribute), item.verdict), item.count


def _transitions(readings: Readings) -> Iterable[Sample]:
    for peer in readings.peers:
        for (before, after), count in peer.transitions.items():
            yield (peer.name, before, after), count


def _per_peer_key(read: Callable[[PeerStatus], Counts]) -> Callable[[Readings], Iterable[Sample]]:
    return lambda readings: (
        ((peer.name, key), count) for peer in readings.peers for key, count in read(peer).items()
    )


def _fib_operations(readings: Readings) -> Iterable[Sample]:
    kernel = readings.status.kernel
    return kernel.operations.items() if kernel else ()


def _fib_resyncs(readings: Readings) -> Iterable[Sample]:
    kernel = readings.status.kernel
    return (((), kernel.resyncs),) if kernel else ()


def _resources(readings: Readings) -> Iterable[Sample]:
    store = readings.status.datastore
    return (((kind,), count) for kind, count in store.resources.items()) if store else ()


def _datastore(read: Callable[[DaemonStatus], float]) -> Callable[[Readings], Iterable[Sample]]:
    return lambda readings: (((), read(readings.status)),) if readings.status.datastore else ()


def _bfd_up(readings: Readings) -> Iterable[Sample]:
    return (((peer.name,), peer.bfd == "Up") for peer in readings.peers if peer.bfd is not None)


_PEER = ("peer",)
_PEER_FAMILY = ("peer", "family")
_FAMILY = ("family",)

METRICS: tuple[Metric | DurationMetric, ...] = (
    Metric("bgp_peers", "Sessions by state.", ("status", "ip_version"), _peers_by_state),
    Metric("bgp_routes_imported", "Routes accepted from all peers.", ("ip_version",), _imported),
    Metric("bgp_route_updates_received", "UPDATE messages received.", ("ip_version",), _updates_received),
    Metric("bgp_peer_up", "Whether the session is Established.", ("peer", "peer_asn", "peer_type"), _peer_up),
    Metric("bgp_peer_state", "1 for the state the session is in.", ("peer", "session_state"), _peer_state),
    Metric(
        "bgp_peer_info",
        "What the session is; always 1.",
        ("peer", "peer_ip", "peer_asn", "router_id", "peer_type", "resource"),
        _peer_info,
    ),
    Metric("bgp_peer_uptime_seconds", "Time in Established.", _PEER, _per_peer(lambda p: p.uptime_seconds)),
    Metric(
        "bgp_peer_flaps_total", "Times the session left Established.", _PEER, _per_peer(lambda p: p.flaps)
    ),
    Metric(
        "bgp_session_transitions_total",
        "Transitions between states of the session.",
        ("peer", "from", "to"),
        _transitions,
    ),
    Metric(
        "bgp_peer_admin_down", "Whether an operator shut it down.", _PEER, _per_peer(lambda p: p.admin_down)
    ),
    Metric("bgp_peer_bfd_up", "Whether BFD, which watches the peer, is Up.", _PEER, _bfd_up),
    Metric(
        "bgp_peer_last_error_info",
        "The error that last ended the session; always 1.",
        ("peer", "direction", "code", "subcode"),
        _last_error,
    ),
    *(
        _messages(direction, message)
        for direction in ("sent", "received")
        for message in ("open", "update", "notification", "keepalive", "refresh")
    ),
    Metric(
        "bgp_notifications_total",
        "NOTIFICATION messages by direction, code and subcode.",
        ("peer", "direction", "code", "subcode"),
        _notifications,
    ),
    Metric(
        "bgp_malformed_attributes_total",
        "Malformed path attributes and what was done (RFC 7606).",
        ("peer", "attribute", "verdict"),
        _malformed,
    ),
    Metric(
        "bgp_routes_received", "Routes in Adj-RIB-In.", _PEER_FAMILY, _per_peer_family(lambda p: p.received)
    ),
    Metric(
        "bgp_routes_accepted",
        "Routes import policy let in.",
        _PEER_FAMILY,
        _per_peer_family(lambda p: p.accepted),
    ),
    Metric(
        "bgp_routes_rejected",
        "Routes import policy kept out.",
        _PEER_FAMILY,
        _per_peer_family(lambda p: p.rejected),
    ),
    Metric(
        "bgp_rejected_routes",
        "Routes kept out, by the rule's name or by as_path_loop, originator_id_loop, cluster_list_loop, "
        "own_next_hop, route_leak.",
        ("peer", "reason"),
        _per_peer_key(lambda p: p.reasons),
    ),
    Metric(
        "bgp_reflection_loops_total",
        "Routes received that this node had reflected, by the attribute that tells (RFC 4456).",
        ("peer", "kind"),
        _per_peer_key(lambda p: p.reflection_loops),
    ),
    Metric(
        "bgp_routes_stale",
        "Routes kept through a restart (RFC 4724).",
        _PEER_FAMILY,
        _per_peer_family(lambda p: p.stale),
    ),
    Metric(
        "bgp_routes_advertised",
        "Routes in Adj-RIB-Out.",
        _PEER_FAMILY,
        _per_peer_family(lambda p: p.advertised),
    ),
    Metric("bgp_loc_rib_routes", "Prefixes with a best path.", _FAMILY, _counts(lambda s: s.loc_rib)),
    DurationMetric(
        "bgp_convergence_seconds",
        "From a change, such as an UPDATE received, to the last message about it.",
        lambda readings: readings.status.convergence,
    ),
    Metric(
        "bgp_fib_desired_routes",
        "Routes the kernel should hold.",
        _FAMILY,
        _counts(lambda s: s.kernel.desired if s.kernel else None),
    ),
    Metric(
        "bgp_fib_installed_routes",
        "Routes the kernel holds for us.",
        _FAMILY,
        _counts(lambda s: s.kernel.installed if s.kernel else None),
    ),
    Metric(
        "bgp_fib_failed_routes",
        "Routes the kernel refused.",
        _FAMILY,
        _counts(lambda s: s.kernel.failed if s.kernel else None),
    ),
    Metric(
        "bgp_fib_operations_total",
        "Route changes sent to the kernel.",
        ("operation", "result"),
        _fib_operations,
    ),
    DurationMetric(
        "bgp_fib_sync_seconds",
        "From a change to the last write to the kernel that it asked for.",
        lambda readings: readings.status.kernel.sync_times if readings.status.kernel else None,
    ),
    Metric("bgp_fib_resyncs_total", "Times the kernel's table was read again in full.", (), _fib_resyncs),
    Metric(
        "bgp_datastore_up",
        "Whether the datastore answers; if not, its last good snapshot is in force.",
        (),
        _datastore(lambda s: bool(s.datastore and s.datastore.connected)),
    ),
    Metric(
        "bgp_datastore_snapshot_age_seconds",
        "How long ago the snapshot in force was known to be current; 0 while the datastore answers.",
        (),
        _datastore(lambda s: (s.datastore.age_seconds if s.datastore else None) or 0.0),
    ),
    Metric(
        "bgp_datastore_revision",
        "Number of the snapshot in force.",
        (),
        _datastore(lambda s: s.datastore.revision if s.datastore else 0),
    ),
    Metric(
        "bgp_datastore_faults",
        "Faults of the resources; the last good version of each is in force.",
        (),
        _datastore(lambda s: s.datastore.errors if s.datastore else 0),
    ),
    Metric("bgp_datastore_resources", "Valid resources.", ("kind",), _resources),
    Metric(
        "bgp_bmp_station_up",
        "Whether the BMP station is connected.",
        ("station",),
        lambda r: (((station,), up) for station, up in r.status.bmp.items()),
    ),
    Metric("bgp_problems", "Things an operator should repair.", (), _once(lambda s: len(s.problems))),
    Metric(
        "bgp_intent_compile_seconds",
        "Duration of the last computation.",
        (),
        _once(lambda s: s.intent_seconds),
    ),
    Metric(
        "bgp_loop_lag_seconds", "How late the event loop ran last.", (), _once(lambda s: s.loop_lag_seconds)
    ),
    Metric("bgp_draining", "Whether this node is drained.", (), _once(lambda s: s.draining)),
    Metric("bgp_start_time_seconds", "Start, in seconds since the epoch.", (), _once(lambda s: s.started_at)),
    Metric(
        "bgp_speaker_info",
        "What this speaker is; always 1.",
        ("node", "version", "asn", "router_id"),
        lambda r: (
            ((r.status.node, r.status.version, str(r.status.local_as or ""), r.status.router_id or ""), 1),
        ),
    ),
)
"""All of them, in the order of the exposition and of docs/metrics.md."""
