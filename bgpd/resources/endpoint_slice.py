"""EndpointSlice and Felix' endpoint status files (calico-reference.md sections 10.3 and 4.6)."""

from typing import Literal

from pydantic import Field

from bgpd.resources.meta import Foreign, Resource
from bgpd.resources.values import Flag

SERVICE_NAME_LABEL = "kubernetes.io/service-name"


class EndpointConditions(Foreign):
    """Absent `ready` counts as ready."""

    ready: Flag | None = None


class Endpoint(Foreign):
    """One backend of a service."""

    addresses: tuple[str, ...] = ()
    conditions: EndpointConditions = Field(default_factory=EndpointConditions)
    node_name: str | None = None


class EndpointSlice(Resource, Foreign):
    """Kubernetes' EndpointSlice: some backends of a service, of one address type."""

    api_version: str = "discovery.k8s.io/v1"
    kind: Literal["EndpointSlice"] = "EndpointSlice"
    address_type: str
    endpoints: tuple[Endpoint, ...] = ()

    @property
    def service(self) -> str | None:
        """The name of the service these are backends of."""
        return self.metadata.labels.get(SERVICE_NAME_LABEL)


class EndpointStatus(Foreign):
    """What Felix writes of one workload: which BGPPeer it belongs to, and its addresses."""

    iface_name: str | None = None
    mac: str | None = None
    ipv4_nets: tuple[str, ...] = ()
    ipv6_nets: tuple[str, ...] = ()
    bgp_peer_name: str | None = None
