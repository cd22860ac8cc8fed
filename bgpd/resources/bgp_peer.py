"""BGPPeer: who peers with whom (calico-reference.md section 2.2)."""

from ipaddress import ip_address
from typing import Annotated, Literal

from pydantic import Field

from bgpd.resources.addresses import IP, IPPort, split_ip_port
from bgpd.resources.meta import Model, Resource, deviating_fields, json_name
from bgpd.resources.rules import NO_AS_HINT, RESTART_TIME_HINT, Rule, restart_time_out_of_range
from bgpd.resources.secret import SecretReference
from bgpd.resources.selector import SelectorText
from bgpd.resources.values import ASNumber, Duration, Flag, Name, OptionalASNumber


def _other_family(spec: "BGPPeerSpec") -> bool:
    if not (spec.reachable_by and spec.peer_address):
        return False
    return (":" in spec.reachable_by) != (":" in spec.peer_address)


def _is_nobodys(address: str) -> bool:
    ip = ip_address(address)
    return ip.is_unspecified or ip.is_multicast


_NOT_OF_NODES = {"local_as_number", "num_allowed_local_as_numbers"}
_OF_WORKLOADS = {
    "node",
    "node_selector",
    "local_workload_selector",
    "as_number",
    "local_as_number",
    "filters",
}


def _unused_with_nodes(spec: "BGPPeerSpec") -> str:
    return _listed(deviating_fields(spec) & _NOT_OF_NODES) if spec.peer_selector else ""


def _unused_with_workloads(spec: "BGPPeerSpec") -> str:
    return _listed(deviating_fields(spec) - _OF_WORKLOADS) if spec.local_workload_selector else ""


def _listed(fields: set[str]) -> str:
    return ", ".join(sorted(map(json_name, fields)))


class BGPPeerSpec(Model):
    """One peering, or with selectors many; neither `node` nor `nodeSelector` means every node."""

    node: Name | None = None
    node_selector: SelectorText | None = None
    peer_ip: IPPort | None = Field(default=None, max_length=64)
    peer_selector: SelectorText | None = None
    local_workload_selector: SelectorText | None = None
    as_number: OptionalASNumber = None
    local_as_number: ASNumber | None = None
    keep_original_next_hop: Flag = False
    next_hop_mode: Literal["Auto", "Self", "Keep"] | None = None
    password: SecretReference | None = None
    source_address: Literal["UseNodeIP", "None"] = "UseNodeIP"
    max_restart_time: Duration | None = None
    keepalive_time: Duration | None = None
    num_allowed_local_as_numbers: Annotated[int, Field(strict=True, ge=-(2**31), lt=2**31)] | None = None
    ttl_security: Annotated[int, Field(strict=True, ge=0, le=255)] | None = None
    reachable_by: IP | None = Field(default=None, max_length=64)
    filters: tuple[Name, ...] = ()
    reverse_peering: Literal["Auto", "Manual"] = "Auto"

    @property
    def peer_address(self) -> str | None:
        """The address of `peerIP`, canonical and without port."""
        return split_ip_port(self.peer_ip)[0] if self.peer_ip else None

    @property
    def peer_port(self) -> int | None:
        """The port of `peerIP`, if it has one."""
        return split_ip_port(self.peer_ip)[1] if self.peer_ip else None

    rules = (
        Rule(
            "nodeSelector",
            "node and nodeSelector cannot both be set",
            "remove one of them",
            lambda s: s.node and s.node_selector,
        ),
        Rule(
            "peerSelector",
            "peerIP and peerSelector cannot both be set",
            "remove one of them",
            lambda s: s.peer_ip and s.peer_selector,
        ),
        Rule(
            "asNumber",
            "asNumber must be empty when peerSelector is set",
            "remove it: the selected nodes' own AS numbers are used",
            lambda s: s.as_number and s.peer_selector,
        ),
        Rule(
            "peerIP",
            "peerIP must be empty when localWorkloadSelector is set",
            "remove one of them",
            lambda s: s.peer_ip and s.local_workload_selector,
        ),
        Rule(
            "peerSelector",
            "peerSelector must be empty when localWorkloadSelector is set",
            "remove one of them",
            lambda s: s.peer_selector and s.local_workload_selector,
        ),
        Rule(
            "asNumber",
            "asNumber is required when localWorkloadSelector is set",
            "add the workloads' AS number",
            lambda s: s.local_workload_selector and not s.as_number,
        ),
        Rule(
            "reachableBy",
            "reachableBy must be empty when peerIP is empty",
            "remove it or set peerIP",
            lambda s: s.reachable_by and not s.peer_ip,
        ),
        Rule(
            "keepOriginalNextHop",
            "keepOriginalNextHop and nextHopMode cannot both be set",
            "remove keepOriginalNextHop: it is deprecated, nextHopMode: Keep replaces it",
            lambda s: s.keep_original_next_hop and s.next_hop_mode,
        ),
        Rule(
            "reachableBy",
            "ReachableBy and PeerIP address family mismatched",
            "give a gateway of the peer's own address family",
            _other_family,
        ),
        Rule(
            "asNumber",
            "asNumber is not set, so no session can be opened to peerIP",
            "add the peer's AS number",
            lambda s: s.peer_ip and not s.as_number,
            "warning",
        ),
        Rule(
            "peerIP",
            "a link-local address means nothing without its interface",
            "use a global or unique local address of the peer",
            lambda s: s.peer_address and ip_address(s.peer_address).is_link_local and ":" in s.peer_address,
            "warning",
        ),
        Rule(
            "peerIP",
            "no peer can have this address",
            "write the address that the peer itself uses",
            lambda s: s.peer_address and _is_nobodys(s.peer_address),
            "warning",
        ),
        Rule(
            "keepOriginalNextHop",
            "keepOriginalNextHop is deprecated",
            "write nextHopMode: Keep",
            lambda s: s.keep_original_next_hop,
            "warning",
        ),
        Rule(
            "maxRestartTime",
            *RESTART_TIME_HINT,
            lambda s: restart_time_out_of_range(s.max_restart_time),
            "warning",
        ),
        Rule("localASNumber", *NO_AS_HINT, lambda s: s.local_as_number == 0, "warning"),
        Rule(
            "keepaliveTime",
            "it is less than a second and not used",
            "give whole seconds, or leave it out for a third of the hold time",
            lambda s: s.keepalive_time is not None and s.keepalive_time.seconds < 1,
            "warning",
        ),
        Rule(
            "numAllowedLocalASNumbers",
            "it is negative and counts as 0",
            "give the number of times that this AS may stand in a path",
            lambda s: (s.num_allowed_local_as_numbers or 0) < 0,
            "warning",
        ),
        Rule(
            "peerSelector",
            "not used with peerSelector: {value}",
            "name the peers by peerIP; with BGPD_COMPAT=selector-local-as it counts",
            _unused_with_nodes,
            "warning",
        ),
        Rule(
            "localWorkloadSelector",
            "not used with localWorkloadSelector: {value}",
            "remove it, or name the workload by peerIP",
            _unused_with_workloads,
            "warning",
        ),
    )


LISTEN_RANGE = "bgpd.io/listen-range"


def _has_peers(spec: BGPPeerSpec) -> bool:
    return bool(spec.peer_ip or spec.peer_selector or spec.local_workload_selector)


def _peers_with_nobody(resource: "BGPPeer") -> bool:
    return not _has_peers(resource.spec) and LISTEN_RANGE not in resource.metadata.annotations


class BGPPeer(Resource):
    """Who peers with whom: some nodes, or all, with an address, with nodes or with workloads."""

    kind: Literal["BGPPeer"] = "BGPPeer"
    spec: BGPPeerSpec

    rules = (
        Rule(
            "spec",
            "it peers with nobody",
            "set peerIP, peerSelector, localWorkloadSelector or the annotation bgpd.io/listen-range",
            _peers_with_nobody,
            "warning",
        ),
        Rule(
            "metadata.annotations[bgpd.io/listen-range]",
            "bgpd.io/listen-range stands in place of peerIP and the selectors of peers",
            "remove one of them",
            lambda r: _has_peers(r.spec) and LISTEN_RANGE in r.metadata.annotations,
        ),
    )
