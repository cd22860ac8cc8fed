"""Route priorities: kernel metric and LOCAL_PREF are complements (calico-reference.md, section 7.1)."""

from bgpd.intent.facts import Cluster
from wire import Family

MAX_PRIORITY = 2147483647


def local_pref_of(priority: int) -> int:
    """Return the LOCAL_PREF that carries a priority, which is a metric: lower is better."""
    return MAX_PRIORITY - priority


def normal_priorities(cluster: Cluster) -> dict[Family, int]:
    """Return the metric of a route of normal priority, by family; lower ones are elevated."""
    spec = cluster.configuration.spec
    return {
        Family.IPV4_UNICAST: spec.ipv4_normal_route_priority,
        Family.IPV6_UNICAST: spec.ipv6_normal_route_priority,
    }
