"""Peerings with workloads on this node (calico-reference.md, section 4.6)."""

from collections.abc import Iterator

from bgpd.intent.addresses import canonical_address
from bgpd.intent.annotations import peering_extensions
from bgpd.intent.context import Context
from bgpd.intent.model import SessionType
from bgpd.intent.peering import Peering, resource_name
from bgpd.resources import BGPPeer


def workload_peerings(context: Context, peer: BGPPeer) -> Iterator[Peering]:
    """Yield a peering for the first address of each family of each workload that Felix assigned to `peer`.

    Felix evaluates localWorkloadSelector, so only the name of the BGPPeer is compared. Nothing is taken from
    the resource but AS numbers, filters and annotations.
    """
    spec = peer.spec
    for status in context.cluster.snapshot.endpoint_status.values():
        if status.bgp_peer_name != peer.name:
            continue
        for nets in (status.ipv4_nets, status.ipv6_nets):
            address = canonical_address(nets[0].partition("/")[0]) if nets else None
            if address:
                yield Peering(
                    resource=resource_name(peer),
                    type=SessionType.WORKLOAD,
                    address=address,
                    peer_as=spec.as_number or 0,
                    local_as=spec.local_as_number or None,
                    passive=True,
                    use_node_address=False,
                    filters=spec.filters,
                    extensions=peering_extensions(peer),
                )
