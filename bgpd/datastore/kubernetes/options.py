"""How to reach the API server: the URL, a kubeconfig, or the pod's own service account."""

from collections.abc import Mapping
from typing import Self

from bgpd.datastore.errors import UnsupportedError
from records import record

GROUPS = ("crd.projectcalico.org/v1", "projectcalico.org/v3")
"""The API groups that Calico keeps its resources under: the classic one, and the one of native CRDs."""


@record
class KubernetesOptions:
    """A context of a kubeconfig (None: the current one), or the service account of the pod."""

    context: str | None = None
    kubeconfig: str | None = None
    """None: the pod's service account if there is one, else ~/.kube/config."""
    in_cluster: bool = False
    group: str | None = None
    """CALICO_API_GROUP with its version; None: ask the server."""
    namespace: str = "kube-system"
    """Where the Secrets of passwords are."""
    advertise_services: bool = False
    """Whether services are advertised whatever the BGPConfiguration says (CALICO_ADVERTISE_CLUSTER_IPS)."""

    @property
    def url(self) -> str:
        """The URL as it is written."""
        return f"kubernetes://{self.context or ''}"

    @classmethod
    def of(cls, url: str, environment: Mapping[str, str]) -> Self:
        """Read `kubernetes://[context]` and Calico's variables. Raises UnsupportedError."""
        context = url.partition("://")[2].strip("/") or None
        kubeconfig = environment.get("KUBECONFIG") or None
        in_pod = bool(environment.get("KUBERNETES_SERVICE_HOST")) and not kubeconfig and not context
        return cls(
            context=context,
            kubeconfig=kubeconfig,
            in_cluster=in_pod,
            group=_group(environment.get("CALICO_API_GROUP", "")),
            namespace=environment.get("NAMESPACE") or "kube-system",
            advertise_services=bool(environment.get("CALICO_ADVERTISE_CLUSTER_IPS")),
        )


def _group(given: str) -> str | None:
    for group in GROUPS:
        if given in {group, group.partition("/")[0]}:
            return group
    if given:
        known = " or ".join(GROUPS)
        raise UnsupportedError(f"CALICO_API_GROUP={given} is unknown; write {known}, or leave it out")
    return None
