"""BGPConfiguration: the cluster's BGP defaults, and a node's own (calico-reference.md section 2.1)."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from bgpd.resources.meta import Model, Resource
from bgpd.resources.rules import Rule
from bgpd.resources.secret import SecretReference
from bgpd.resources.values import (
    CIDR,
    ASNumber,
    Community,
    Duration,
    InterfaceGlob,
    IPv4,
    IPv6,
    Name,
    Port,
    is_community,
)

DEFAULT_AS_NUMBER = 64512
DEFAULT_PORT = 179
Priority = Annotated[int, Field(strict=True, ge=1, le=2147483646)]
LogSeverity = Literal["Trace", "Debug", "Info", "Warning", "Error", "Fatal"]


def _capitalised(value: object) -> object:
    return value.capitalize() if isinstance(value, str) else value


class AddressRange(Model):
    """One entry of the service lists; an empty one is ignored."""

    cidr: CIDR | None = None


class NamedCommunity(Model):
    """A name for a community value."""

    name: Name
    value: Community = Field(max_length=40)


class PrefixAdvertisement(Model):
    """Communities (values or names) added on export to the routes inside a CIDR."""

    cidr: CIDR
    communities: tuple[str, ...] = Field(default=(), max_length=50)


class BGPConfigurationSpec(Model):
    """The settings; an unset field means the default that section 2.1 names."""

    log_severity_screen: Annotated[LogSeverity, BeforeValidator(_capitalised)] = "Info"
    node_to_node_mesh_enabled: bool | None = None
    as_number: ASNumber | None = None
    service_cluster_ips: tuple[AddressRange, ...] = ()
    service_external_ips: tuple[AddressRange, ...] = ()
    service_load_balancer_ips: tuple[AddressRange, ...] = ()
    service_load_balancer_aggregation: Literal["Enabled", "Disabled"] = "Enabled"
    communities: tuple[NamedCommunity, ...] = Field(default=(), max_length=500)
    prefix_advertisements: tuple[PrefixAdvertisement, ...] = Field(default=(), max_length=500)
    listen_port: Annotated[int, Field(strict=True, ge=0, le=65535)] | None = None
    node_mesh_password: SecretReference | None = None
    node_mesh_max_restart_time: Duration | None = None
    bind_mode: Literal["None", "NodeIP"] = "None"
    ignored_interfaces: tuple[InterfaceGlob, ...] = ()
    local_workload_peering_ipv4: IPv4 | None = None
    local_workload_peering_ipv6: IPv6 | None = None
    program_cluster_routes: Literal["Enabled", "Disabled", "EnabledIPIPOnly", "EnabledNoEncapOnly"] = (
        "EnabledNoEncapOnly"
    )
    ipv4_normal_route_priority: Priority = 1024
    ipv6_normal_route_priority: Priority = 1024


class BGPConfiguration(Resource):
    """`default` speaks for the cluster, `node.<name>` for one node."""

    kind: Literal["BGPConfiguration"] = "BGPConfiguration"
    spec: BGPConfigurationSpec = BGPConfigurationSpec()
