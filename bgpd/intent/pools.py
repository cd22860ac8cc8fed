"""Pools, and which of their routes this daemon writes to the kernel (calico-reference.md, section 9.3)."""

from bgpd.intent.addresses import network
from bgpd.intent.facts import Cluster
from bgpd.resources import IPPool
from bgpd.resources.bgp_configuration import DEFAULT_PROGRAMMED, PROGRAMMED
from records import record
from wire import Family, Prefix

_OWNS_IPIP = {"Enabled", "EnabledIPIPOnly"}
_OWNS_NO_ENCAPSULATION = {"Enabled", "EnabledNoEncapOnly"}


@record(kw_only=True)
class Pool:
    """One IPPool as policies see it. Disabled pools and those for load balancers count as any (Q20)."""

    name: str
    prefix: Prefix
    disable_export: bool
    ipip: str
    vxlan: str


@record(kw_only=True)
class Ownership:
    """Whose routes the daemon programs (programClusterRoutes); Felix has the rest."""

    ipip: bool
    no_encapsulation: bool


def read_ownership(cluster: Cluster) -> Ownership:
    """Return what programClusterRoutes says."""
    asked = cluster.configuration.spec.program_cluster_routes
    value = asked if asked in PROGRAMMED else DEFAULT_PROGRAMMED
    return Ownership(ipip=value in _OWNS_IPIP, no_encapsulation=value in _OWNS_NO_ENCAPSULATION)


def read_pools(cluster: Cluster) -> dict[Family, tuple[Pool, ...]]:
    """Return the pools by family; of two with one CIDR the lower name counts (section 2.5).

    They are sorted by the text of their CIDR, the order in which confd writes its statements.
    """
    pools: dict[Family, dict[str, Pool]] = {family: {} for family in Family}
    for pool in cluster.snapshot.of(IPPool):
        found = network(pool.spec.cidr)
        if found:
            pools[found[0]].setdefault(pool.spec.cidr, _pool(pool, found[1]))
    return {family: tuple(found[cidr] for cidr in sorted(found)) for family, found in pools.items()}


def _pool(pool: IPPool, prefix: Prefix) -> Pool:
    return Pool(
        name=pool.name,
        prefix=prefix,
        disable_export=pool.spec.disable_bgp_export,
        ipip=pool.spec.ipip_mode,
        vxlan=pool.spec.vxlan_mode,
    )
