"""Service, as far as service advertisement reads it (calico-reference.md section 10)."""

from typing import Literal

from pydantic import Field

from bgpd.resources.meta import Foreign, Resource


class ServiceSpec(Foreign):
    """Addresses and traffic policy of the service."""

    type: str = "ClusterIP"
    cluster_ip: str | None = None
    cluster_ips: tuple[str, ...] = ()
    external_ips: tuple[str, ...] = ()
    load_balancer_ip: str | None = None
    external_traffic_policy: str | None = None
    ip_families: tuple[str, ...] = ()


class Ingress(Foreign):
    """One ingress point of a load balancer; host names are ignored."""

    ip: str | None = None
    hostname: str | None = None


class LoadBalancerStatus(Foreign):
    """What the load balancer assigned."""

    ingress: tuple[Ingress, ...] = ()


class ServiceStatus(Foreign):
    """The status part."""

    load_balancer: LoadBalancerStatus = Field(default_factory=LoadBalancerStatus)


class Service(Resource, Foreign):
    """Kubernetes' Service."""

    api_version: str = "v1"
    kind: Literal["Service"] = "Service"
    spec: ServiceSpec = Field(default_factory=ServiceSpec)
    status: ServiceStatus = Field(default_factory=ServiceStatus)
