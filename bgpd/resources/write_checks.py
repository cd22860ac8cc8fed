"""What may not be written although the document is right: it does not fit to what is stored.

Calico's client refuses the same (calico-reference.md, sections 2.2 and 2.5); not every way into a datastore
does, so that a reader has to live with all of it.
"""

from collections.abc import Callable, Iterator, Mapping
from ipaddress import ip_network
from typing import Any

from bgpd.resources.bgp_filter import BGPFilter
from bgpd.resources.bgp_peer import BGPPeer
from bgpd.resources.ip_pool import IPPool
from bgpd.resources.meta import Resource
from bgpd.resources.problems import Problem
from bgpd.resources.snapshot import Snapshot


def refusals(resource: Resource, stored: Resource | None, beside: Snapshot) -> Iterator[Problem]:
    """Yield why `resource` may not be written in place of `stored`; `beside` holds it and all others."""
    check = _CHECKS.get(resource.kind)
    if check is not None:
        yield from check(resource, stored, beside)


def missing_filters(peer: BGPPeer, beside: Snapshot) -> str:
    """Name the BGPFilters that a peer wants and that are not there, or ""."""
    known = beside.table(BGPFilter)
    return ", ".join(name for name in peer.spec.filters if name not in known)


def _peer(peer: BGPPeer, _stored: BGPPeer | None, beside: Snapshot) -> Iterator[Problem]:
    missing = missing_filters(peer, beside)
    if missing:
        yield Problem("spec.filters", f"BGPFilter(s) not found: {missing}", remedy="create them first")


def _pool(pool: IPPool, stored: IPPool | None, beside: Snapshot) -> Iterator[Problem]:
    if stored and pool.spec.cidr != stored.spec.cidr:
        rule = "CIDR cannot be changed; follow IP pool migration guide to avoid corruption."
        yield Problem("spec.cidr", rule, pool.spec.cidr, f"keep {stored.spec.cidr}, or make another pool")
    if stored and pool.spec.size_of_blocks != stored.spec.size_of_blocks:
        remedy = f"keep {stored.spec.size_of_blocks}, or make another pool"
        yield Problem("spec.blockSize", "block size cannot be changed", pool.spec.size_of_blocks, remedy)
    network = ip_network(pool.spec.cidr)
    for other in beside.of(IPPool):
        if other.name != pool.name and network.overlaps(ip_network(other.spec.cidr)):
            rule = f"IPPool(s) overlap: it shares addresses with {other.spec.cidr} of {other}"
            yield Problem("spec.cidr", rule, pool.spec.cidr, "choose another CIDR")


_CHECKS: Mapping[str, Callable[[Any, Any, Snapshot], Iterator[Problem]]] = {"BGPPeer": _peer, "IPPool": _pool}
