"""Kubernetes as the datastore of Calico's resources (calico-reference.md sections 13.2 and 13.3)."""

from bgpd.datastore.kubernetes.backend import KubernetesBackend
from bgpd.datastore.kubernetes.options import KubernetesOptions

__all__ = ["KubernetesBackend", "KubernetesOptions"]
