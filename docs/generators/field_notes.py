"""What no model can say of a field: its effect, which part of the intent it becomes, the test that shows it.

`docs.generators.resources_page` makes docs/reference/resources.md of this table, the models and the effects.
"""

from dataclasses import dataclass
from typing import Final

NOTHING: Final = ()
"""Has no say in BGP."""
SESSIONS: Final = ("sessions",)
"""Decides which sessions there are."""


@dataclass(frozen=True, slots=True)
class Note:
    """One field, or one part of a resource with all its fields.

    `becomes` names fields of SessionIntent or Intent; `test` is a path below tests/bgpd and a function;
    `default` is what counts when nothing is set and the model does not say.
    """

    effect: str
    becomes: tuple[str, ...]
    test: str
    default: str = ""


_LIVE: Final = "speaker/test_live_fields.py::"
_MOVED: Final = "speaker/test_live_endpoints.py::"
_UNRELATED: Final = f"{_LIVE}test_an_unrelated_edit_sends_nothing_and_touches_no_session"
_BAD: Final = "resources/test_parsing.py::test_bad_documents_name_field_rule_and_remedy"
_ROUND_TRIP: Final = "resources/test_parsing.py::test_good_documents_survive_a_round_trip"
_FILTERS: Final = ("import_policy", "export_policy")
_RANGES: Final = ("originated", "service_ranges", "export_policy", "kernel_policies")
_SERVED: Final = (
    f"{_LIVE}test_a_service_is_announced_where_it_is_served_and_withdrawn_where_it_is_not",
    "intent/test_services.py::TestServiceAddresses",
)


def _configuration(field: str) -> str:
    return f"{_LIVE}test_configuration[{field}]"


def _peer(field: str) -> str:
    return f"{_LIVE}test_peer[{field}]"


def _reset(field: str) -> str:
    return f"{_LIVE}test_what_only_a_new_session_can_have_resets_this_one[{field}]"


def _pools(field: str) -> str:
    return f"{_LIVE}test_pools_and_blocks[{field}]"


_BGP_CONFIGURATION: Final = {
    "logSeverityScreen": Note(
        "least severity logged, unless `--log-level` says one; Trace is debug. `node.<name>` overrides",
        ("log_level",),
        "test_daemon.py::test_log_severity_screen_sets_the_level_of_the_log_live",
    ),
    "nodeToNodeMeshEnabled": Note(
        "a session between any two nodes that are no route reflectors",
        SESSIONS,
        "speaker/test_make_before_break.py::test_mesh_to_a_reflector_in_one_step_and_back",
        "true",
    ),
    "asNumber": Note(
        "AS of every node without its own",
        ("local_as", "peer_as"),
        "speaker/test_speaker.py::test_another_as_resets_the_sessions_concerned_and_they_come_back",
        "64512",
    ),
    "serviceClusterIPs": Note(
        "ranges that every node advertises; with them the cluster IPs of services with "
        "`externalTrafficPolicy: Local`. CALICO_ADVERTISE_CLUSTER_IPS wins",
        _RANGES,
        _configuration("serviceClusterIPs"),
    ),
    "serviceExternalIPs": Note(
        "ranges that every node advertises, and the external IPs that services may have advertised",
        _RANGES,
        _configuration("serviceExternalIPs"),
    ),
    "serviceLoadBalancerIPs": Note(
        "the same for the addresses of load balancers", _RANGES, _configuration("serviceLoadBalancerIPs")
    ),
    "serviceLoadBalancerAggregation": Note(
        "Disabled: no range of load balancers is advertised, only single addresses of services",
        _RANGES,
        _configuration("serviceLoadBalancerAggregation"),
    ),
    "communities": Note(
        "names for community values, to be used in `prefixAdvertisements` of the same resource",
        ("export_policy", "originated"),
        _configuration("communities"),
    ),
    "prefixAdvertisements": Note(
        "communities (values or names) added on export to routes inside a CIDR. The list of `node.<name>` "
        "replaces the cluster's, for both address families",
        ("export_policy", "originated"),
        _configuration("prefixAdvertisements of a node"),
    ),
    "listenPort": Note(
        "TCP port to listen on, and at which other nodes connect. `node.<name>` overrides",
        ("listen", "peer_port"),
        f"{_MOVED}test_listen_port_of_a_node_moves_its_sessions_alone",
        "179",
    ),
    "nodeMeshPassword": Note(
        "TCP-MD5 key of all mesh sessions",
        ("password",),
        f"{_LIVE}test_password_of_the_mesh_leaves_explicit_peers_alone",
    ),
    "nodeMeshMaxRestartTime": Note(
        "graceful restart time of mesh sessions",
        ("graceful_restart_time",),
        f"{_LIVE}test_restart_time_of_the_mesh_is_told_in_the_next_open",
        "120s",
    ),
    "bindMode": Note(
        "NodeIP: listen on the node's BGP addresses alone",
        ("listen",),
        f"{_MOVED}test_bind_mode_changes_where_is_listened_and_no_session",
    ),
    "ignoredInterfaces": Note(
        "interfaces (globs) whose connected networks are not read, besides cali* and kube-ipvs*",
        ("direct_exclude",),
        _configuration("ignoredInterfaces"),
    ),
    "localWorkloadPeeringIPV4": Note("read by Felix alone", NOTHING, _UNRELATED),
    "localWorkloadPeeringIPV6": Note("read by Felix alone", NOTHING, _UNRELATED),
    "programClusterRoutes": Note(
        "whose routes bgpd writes to the kernel: those of pools without encapsulation, of IPIP pools, of "
        "both or of neither; Felix has the rest",
        ("kernel_policies", "export_policy"),
        _configuration("programClusterRoutes"),
    ),
    "ipv4NormalRoutePriority": Note(
        "metric of a normal IPv4 route; it leaves with LOCAL_PREF 2147483647 minus that",
        ("export_policy", "import_policy", "kernel_policies"),
        _configuration("ipv4NormalRoutePriority"),
    ),
    "ipv6NormalRoutePriority": Note(
        "the same for IPv6",
        ("export_policy", "import_policy", "kernel_policies"),
        "intent/test_policies.py::TestExport",
    ),
}

_BGP_PEER: Final = {
    "node": Note(
        "this node has the peering", SESSIONS, f"{_LIVE}test_a_new_peer_is_opened_where_it_is_meant"
    ),
    "nodeSelector": Note(
        "nodes with matching labels have it; without `node` and `nodeSelector` every node has it",
        SESSIONS,
        f"{_LIVE}test_labels_of_a_node_decide_about_its_peers",
    ),
    "peerIP": Note(
        "the peer's address, with a port if it is neither 179 nor a node's own `listenPort`",
        ("sessions", "peer_ip", "peer_port"),
        "intent/test_peers.py::test_port_of_the_address",
    ),
    "peerSelector": Note(
        "the peers are the nodes with matching labels, each in its own AS",
        SESSIONS,
        "intent/test_peers.py::TestSelectors",
    ),
    "localWorkloadSelector": Note(
        "the peers are workloads on the node itself, as Felix reports them; they connect to it",
        SESSIONS,
        f"{_LIVE}test_a_workload_gets_its_session_while_felix_says_so",
    ),
    "asNumber": Note("the peer's AS", ("peer_as",), "intent/test_diff.py::test_effect_of_a_change", "none"),
    "localASNumber": Note(
        "our AS towards this peer. Not read with `peerSelector` (`BGPD_COMPAT=selector-local-as`)",
        ("local_as",),
        _reset("localASNumber"),
        "the node's AS",
    ),
    "keepOriginalNextHop": Note(
        "deprecated: `nextHopMode: Keep` towards peers of another AS",
        ("next_hop",),
        _peer("keepOriginalNextHop"),
    ),
    "nextHopMode": Note(
        "NEXT_HOP of what is sent: Self, Keep as received, or Auto, the default of BGP",
        ("next_hop",),
        _peer("nextHopMode Self"),
        "Auto",
    ),
    "password": Note(
        "TCP-MD5 key; while the Secret or its key is missing the session stays closed and says so",
        ("password",),
        f"{_LIVE}test_password_and_its_secret_reset_this_session_alone",
    ),
    "sourceAddress": Note(
        "our end of the connection: the node's BGP address, or None for what the kernel chooses",
        ("source_address",),
        _reset("sourceAddress"),
    ),
    "maxRestartTime": Note(
        "graceful restart time told to the peer; 0 to 4095 s, others are cut",
        ("graceful_restart_time",),
        f"{_LIVE}test_times_of_a_peer_are_taken_up_without_a_reset",
        "120s",
    ),
    "keepaliveTime": Note(
        "interval of KEEPALIVEs",
        ("keepalive_time",),
        f"{_LIVE}test_times_of_a_peer_are_taken_up_without_a_reset",
        "a third of the hold time",
    ),
    "numAllowedLocalASNumbers": Note(
        "how often our AS may stand in a received AS_PATH. Not read with `peerSelector`",
        ("allow_local_as",),
        _peer("numAllowedLocalASNumbers"),
        "0",
    ),
    "ttlSecurity": Note(
        "hops that a packet of the peer may have made (GTSM, RFC 5082); 0: off",
        ("ttl_security",),
        _reset("ttlSecurity"),
        "0",
    ),
    "reachableBy": Note(
        "gateway of a host route to the peer", ("reachable_by", "static_routes"), _peer("reachableBy")
    ),
    "filters": Note(
        "BGPFilters, run in this order before the built-in rules; one that is missing filters nothing",
        ("filters", *_FILTERS),
        "intent/test_filters.py::test_several_filters_run_in_the_order_of_the_peer",
    ),
    "reversePeering": Note(
        "Manual: a node that is named as the peer has no session of its own from this resource",
        SESSIONS,
        _peer("reversePeering"),
    ),
}

_CONDITION: Final = "intent/test_filters.py::test_condition"
_RULES: Final = {
    "exportV4": Note(
        "rules for IPv4 routes that are sent; the first that matches is final",
        _FILTERS,
        _peer("filters, exportV4 Reject"),
    ),
    "importV4": Note("rules for IPv4 routes that are received", _FILTERS, _peer("filters, importV4 Reject")),
    "exportV6": Note("rules for IPv6 routes that are sent", _FILTERS, "intent/test_filters.py::test_prefix"),
    "importV6": Note(
        "rules for IPv6 routes that are received", _FILTERS, "intent/test_filters.py::test_prefix"
    ),
}
_RULE: Final = {
    "matchOperator": Note(
        "how `cidr` is compared: the same prefix, a prefix inside it, or the opposites",
        _FILTERS,
        "intent/test_filters.py::test_prefix",
    ),
    "cidr": Note("condition on the prefix", _FILTERS, "intent/test_filters.py::test_prefix"),
    "prefixLength": Note(
        "with In and NotIn: only lengths within these bounds are inside (Equal then never matches, NotEqual "
        "always does)",
        _FILTERS,
        "intent/test_filters.py::test_prefix",
    ),
    "source": Note("RemotePeers: the route was learned by BGP", _FILTERS, _CONDITION),
    "interface": Note("glob for the outgoing interface; false without one", _FILTERS, _CONDITION),
    "peerType": Note(
        "whether the session leads out of the AS", _FILTERS, "intent/test_filters.py::test_peer_type"
    ),
    "communities": Note("the route carries this community", _FILTERS, _CONDITION),
    "asPathPrefix": Note(
        "the AS_PATH begins with these; towards another AS ours is in front of it",
        _FILTERS,
        "intent/test_filters.py::test_as_path_towards_another_as_starts_with_ours",
    ),
    "priority": Note("LOCAL_PREF is 2147483647 minus this", _FILTERS, _CONDITION),
    "action": Note(
        "Accept skips everything that follows, the built-in rules included",
        _FILTERS,
        "intent/test_filters.py::test_an_accept_skips_the_built_in_rules_and_no_match_does_not",
    ),
    "operations": Note(
        "changes of an accepted route, in order",
        _FILTERS,
        "intent/test_filters.py::test_operations_in_order_on_export",
    ),
    "operations[].addCommunity": Note(
        "add a standard or large community", _FILTERS, _peer("filters, addCommunity")
    ),
    "operations[].prependASPath": Note(
        "put these ASes in front, in this order", _FILTERS, _peer("filters, prependASPath")
    ),
    "operations[].setPriority": Note(
        "LOCAL_PREF becomes 2147483647 minus this", _FILTERS, _peer("filters, setPriority")
    ),
}

_NODE: Final = {
    "bgp.asNumber": Note(
        "the node's AS",
        ("local_as", "peer_as"),
        "speaker/test_speaker.py::test_another_as_resets_the_sessions_concerned_and_they_come_back",
        "the cluster's",
    ),
    "bgp.ipv4Address": Note(
        "address of its IPv4 sessions; its length says what CrossSubnet calls the same subnet",
        ("sessions", "source_address", "peer_ip", "router_id", "kernel_policies"),
        f"{_MOVED}test_another_address_of_a_node_moves_its_sessions_alone",
    ),
    "bgp.ipv6Address": Note(
        "address of its IPv6 sessions",
        ("sessions", "source_address", "peer_ip", "addresses"),
        "intent/test_mesh.py::test_each_family_has_its_own_session",
    ),
    "bgp.ipv4IPIPTunnelAddr": Note("read by Felix alone", NOTHING, _UNRELATED),
    "bgp.routeReflectorClusterID": Note(
        "the node reflects routes with this cluster id and leaves the mesh",
        ("sessions", "cluster_id", "rr_client"),
        "speaker/test_make_before_break.py::test_mesh_to_a_reflector_in_one_step_and_back",
    ),
    "wireguard": Note(
        "between nodes that both have one Felix routes: routes to the other's blocks stay out of the kernel",
        ("kernel_policies",),
        f"{_LIVE}test_node[wireguard]",
    ),
    "ipv4VXLANTunnelAddr": Note("read by Felix alone", NOTHING, _ROUND_TRIP),
    "vxlanTunnelMACAddr": Note("read by Felix alone", NOTHING, _BAD),
    "ipv6VXLANTunnelAddr": Note("read by Felix alone", NOTHING, _ROUND_TRIP),
    "vxlanTunnelMACAddrV6": Note("read by Felix alone", NOTHING, _ROUND_TRIP),
    "orchRefs": Note("for information", NOTHING, _ROUND_TRIP),
    "addresses": Note("for information", NOTHING, _UNRELATED),
    "interfaces": Note("for information", NOTHING, _ROUND_TRIP),
}

_POOL: Final = ("export_policy", "kernel_policies")
_UNREAD_OF_POOL: Final = "no effect on routes"
_IP_POOL: Final = {
    "cidr": Note("routes inside it may be exported; immutable", _POOL, _pools("cidr")),
    "ipipMode": Note(
        "where `programClusterRoutes` gives IPIP pools to bgpd: through tunl0, with CrossSubnet only to "
        "other subnets. Otherwise Felix routes",
        _POOL,
        _pools("ipipMode"),
    ),
    "vxlanMode": Note("other than Never: Felix routes", _POOL, _pools("vxlanMode")),
    "disableBGPExport": Note("routes inside it are never exported", _POOL, _pools("disableBGPExport")),
    "blockSize": Note(_UNREAD_OF_POOL, NOTHING, _UNRELATED, "26, for IPv6 122"),
    "natOutgoing": Note(_UNREAD_OF_POOL, NOTHING, _UNRELATED),
    "disabled": Note(
        "no effect on routes: disabled pools count as well",
        NOTHING,
        "intent/test_policies.py::TestExport",
    ),
    "nodeSelector": Note(_UNREAD_OF_POOL, NOTHING, _UNRELATED),
    "namespaceSelector": Note(_UNREAD_OF_POOL, NOTHING, _BAD),
    "allowedUses": Note(
        "no effect on routes: pools for load balancers count as well",
        NOTHING,
        "intent/test_policies.py::TestExport",
    ),
    "assignmentMode": Note(_UNREAD_OF_POOL, NOTHING, _ROUND_TRIP),
}

_BLOCK: Final = ("originated", "export_policy")
_BLOCK_AFFINITY: Final = {
    "state": Note(
        "pending: not ours yet. Otherwise the block is advertised, stands for its addresses, and has a "
        "blackhole route (unless it is a single address)",
        _BLOCK,
        _pools("state pending"),
    ),
    "node": Note("whose block it is", _BLOCK, _pools("node")),
    "type": Note("virtual: none of a node's", _BLOCK, "intent/test_prefixes.py::test_own_blocks"),
    "cidr": Note("the block", _BLOCK, _pools("a new block")),
    "deleted": Note("true: on its way out, counts as gone", _BLOCK, _pools("deleted")),
}

_SERVICE: Final = {
    field: Note(effect, ("originated",), test)
    for field, effect, test in (
        ("type", "ClusterIP, NodePort and LoadBalancer are looked at", _SERVED[1]),
        ("clusterIP", "None: a headless service is never advertised", _SERVED[1]),
        ("clusterIPs", "advertised if `serviceClusterIPs` has anything", _SERVED[1]),
        ("externalIPs", "advertised where `serviceExternalIPs` covers them", _SERVED[1]),
        ("loadBalancerIP", "a wish; counts where a single-address entry names it", _SERVED[1]),
        ("externalTrafficPolicy", "Local: by nodes with a ready endpoint alone", _SERVED[0]),
        ("ipFamilies", "address types of the EndpointSlices that count", _SERVED[1]),
    )
}

NOTES: Final[dict[str, dict[str, Note]]] = {
    "BGPConfiguration": {f"spec.{field}": note for field, note in _BGP_CONFIGURATION.items()},
    "BGPPeer": {f"spec.{field}": note for field, note in _BGP_PEER.items()},
    "BGPFilter": {f"spec.{field}": note for field, note in _RULES.items()}
    | {f"spec.exportV4[].{field}": note for field, note in _RULE.items()},
    "Node": {f"spec.{field}": note for field, note in _NODE.items()}
    | {
        "status.podCIDRs": Note(
            "with USE_POD_CIDR=true the node's blocks, in place of IPAM's",
            _BLOCK,
            "intent/test_prefixes.py::test_pod_cidrs_in_place_of_ipam",
        ),
        "status.wireguardPublicKey": Note("read by Felix alone", NOTHING, _ROUND_TRIP),
        "status.wireguardPublicKeyV6": Note("read by Felix alone", NOTHING, _ROUND_TRIP),
    },
    "IPPool": {f"spec.{field}": note for field, note in _IP_POOL.items()}
    | {"status": Note("for information", NOTHING, _ROUND_TRIP)},
    "BlockAffinity": {f"spec.{field}": note for field, note in _BLOCK_AFFINITY.items()},
    "IPAMBlock": {"spec": Note("IPAM's own; no effect on routes", NOTHING, _ROUND_TRIP)},
    "CalicoNodeStatus": {
        "spec.node": Note(
            "the node that reports",
            NOTHING,
            "test_node_report.py::test_reports_are_written_once_or_at_their_period_and_only_when_different",
        ),
        "spec.classes": Note(
            "what it reports", NOTHING, "test_node_report.py::test_only_the_classes_asked_for_are_filled_in"
        ),
        "spec.updatePeriodSeconds": Note(
            "how often; 0: once per change of the resource",
            NOTHING,
            "test_node_report.py::test_reports_are_written_once_or_at_their_period_and_only_when_different",
        ),
        "status": Note(
            "the report, written by the node",
            NOTHING,
            "test_node_report.py::test_routes_say_where_they_come_from",
        ),
    },
    "Secret": {
        "type": Note("not looked at", NOTHING, _ROUND_TRIP),
        "immutable": Note("not looked at", NOTHING, _ROUND_TRIP),
        "data": Note("values in base64", ("password",), "intent/test_sessions.py::TestPasswords"),
        "stringData": Note(
            "values as they are; they win over `data`",
            ("password",),
            f"{_LIVE}test_password_and_its_secret_reset_this_session_alone",
        ),
    },
    "Service": {f"spec.{field}": note for field, note in _SERVICE.items()}
    | {
        "status": Note(
            "`loadBalancer.ingress[].ip`: advertised where `serviceLoadBalancerIPs` covers it",
            ("originated",),
            _SERVED[0],
        )
    },
    "EndpointSlice": {
        "addressType": Note("must be among the service's `ipFamilies`", ("originated",), _SERVED[1]),
        "endpoints": Note(
            "`conditions.ready` (absent is ready) and, with `externalTrafficPolicy: Local`, `nodeName`",
            ("originated",),
            _SERVED[0],
        ),
    },
}
"""Notes by kind and field. A note on a part of a resource speaks for all that is inside of it."""

NODE_LABEL: Final = Note(
    '`node.kubernetes.io/exclude-from-external-load-balancers: "true"`: the node advertises no service',
    ("originated",),
    f"{_LIVE}test_node[label to exclude from services]",
)
