"""What the environment of the daemon says about its intent (calico-reference.md, section 14.2)."""

from collections.abc import Mapping
from enum import Enum

from records import record


class Compat(Enum):
    """Behaviour that is off by default, named in BGPD_COMPAT (docs/reference/deviations.md)."""

    MESH_AS = "mesh-as"
    """A mesh peer without an AS of its own is expected in *this node's* AS, not in the cluster's (Q1)."""
    OPEN_WITHOUT_PASSWORD = "open-without-password"  # noqa: S105 - the name of a mode
    """A session whose Secret is missing is opened unauthenticated (Q8)."""
    SELECTOR_LOCAL_AS = "selector-local-as"
    """localASNumber and numAllowedLocalASNumbers count with peerSelector too (Q4; Calico ignores them)."""


@record(kw_only=True)
class Environment:
    """The variables that the computation reads, by meaning."""

    router_id: str = ""
    """CALICO_ROUTER_ID: an IPv4 address, or "hash"."""
    cluster_ips: str = ""
    """CALICO_ADVERTISE_CLUSTER_IPS: one CIDR in place of serviceClusterIPs."""
    kubernetes_node: str = ""
    """CALICO_K8S_NODE_REF: the node's name in Kubernetes, where it differs."""
    pod_cidr_ipam: bool = False
    """USE_POD_CIDR: blocks are the podCIDRs of the Nodes, IPAM is not looked at."""
    compat: frozenset[Compat] = frozenset()
    unknown_compat: tuple[str, ...] = ()

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> "Environment":
        """Pick the variables that matter; unknown words of BGPD_COMPAT are kept to be reported."""
        words = [word.strip() for word in variables.get("BGPD_COMPAT", "").split(",") if word.strip()]
        known = {member.value: member for member in Compat}
        return cls(
            router_id=variables.get("CALICO_ROUTER_ID", ""),
            cluster_ips=variables.get("CALICO_ADVERTISE_CLUSTER_IPS", ""),
            kubernetes_node=variables.get("CALICO_K8S_NODE_REF", ""),
            pod_cidr_ipam=variables.get("USE_POD_CIDR", "").lower() == "true",
            compat=frozenset(known[word] for word in words if word in known),
            unknown_compat=tuple(word for word in words if word not in known),
        )
