"""BGPConfiguration: the cluster's BGP defaults, and a node's own (calico-reference.md section 2.1)."""

from functools import partial
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from bgpd.resources.addresses import CIDR, IPv4, IPv6
from bgpd.resources.meta import Model, Resource, deviating_fields, json_name
from bgpd.resources.rules import NO_AS_HINT, RESTART_TIME_HINT, Rule, restart_time_out_of_range
from bgpd.resources.secret import SecretReference
from bgpd.resources.values import (
    ASNumber,
    Community,
    Duration,
    Flag,
    InterfaceGlob,
    Name,
    Priority,
    is_community,
)

DEFAULT_AS_NUMBER = 64512
DEFAULT_PORT = 179
PROGRAMMED = ("Enabled", "Disabled", "EnabledIPIPOnly", "EnabledNoEncapOnly")
"""What programClusterRoutes may say."""
DEFAULT_PROGRAMMED = "EnabledNoEncapOnly"
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


def _undefined_communities(spec: "BGPConfigurationSpec") -> str:
    defined = {community.name for community in spec.communities}
    used = [text for entry in spec.prefix_advertisements for text in entry.communities]
    return ", ".join(text for text in used if text not in defined and not is_community(text))


class BGPConfigurationSpec(Model):
    """The settings; an unset field means the default that section 2.1 names."""

    log_severity_screen: Annotated[LogSeverity, BeforeValidator(_capitalised)] = "Info"
    node_to_node_mesh_enabled: Flag | None = None
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
    program_cluster_routes: str = DEFAULT_PROGRAMMED
    ipv4_normal_route_priority: Priority = 1024
    ipv6_normal_route_priority: Priority = 1024

    rules = (
        Rule(
            "nodeMeshPassword",
            "nodeMeshPassword cannot be set when nodeToNodeMeshEnabled is false",
            "remove it or enable the mesh",
            lambda s: s.node_mesh_password and s.node_to_node_mesh_enabled is False,
        ),
        Rule(
            "nodeMeshMaxRestartTime",
            "nodeMeshMaxRestartTime cannot be set when nodeToNodeMeshEnabled is false",
            "remove it or enable the mesh",
            lambda s: s.node_mesh_max_restart_time and s.node_to_node_mesh_enabled is False,
        ),
        Rule(
            "communities",
            "communities are defined but prefixAdvertisements is empty",
            "use them in prefixAdvertisements or remove them",
            lambda s: s.communities and not s.prefix_advertisements,
        ),
        Rule(
            "prefixAdvertisements",
            "community used is invalid or not defined.",
            "define it under communities or write its value ({value})",
            _undefined_communities,
            tolerated=True,
        ),
        Rule(
            "ignoredInterfaces",
            "'*' would ignore every interface",
            "name the interfaces, for instance docker*",
            lambda s: "*" in s.ignored_interfaces,
        ),
        Rule(
            "programClusterRoutes",
            "unsupported value",
            f"write one of {', '.join(PROGRAMMED)}; anything else counts as {DEFAULT_PROGRAMMED}",
            lambda s: s.program_cluster_routes not in PROGRAMMED,
            tolerated=True,
        ),
        Rule("asNumber", *NO_AS_HINT, lambda s: s.as_number == 0, "warning"),
        Rule(
            "nodeMeshMaxRestartTime",
            *RESTART_TIME_HINT,
            lambda s: restart_time_out_of_range(s.node_mesh_max_restart_time),
            "warning",
        ),
    )


# Fields that only the resource named `default` may set; the rest is merely not read elsewhere.
_DEFAULT_ONLY = (
    "node_to_node_mesh_enabled",
    "as_number",
    "service_cluster_ips",
    "service_external_ips",
    "service_load_balancer_ips",
    "node_mesh_password",
    "node_mesh_max_restart_time",
)
_READ_PER_NODE = frozenset({"prefix_advertisements", "communities", "listen_port", "log_severity_screen"})


def _set_elsewhere(field: str, resource: "BGPConfiguration") -> bool:
    return resource.name != "default" and field in resource.spec.model_fields_set


def _unread(resource: "BGPConfiguration") -> str:
    unread = deviating_fields(resource.spec) - _READ_PER_NODE - set(_DEFAULT_ONLY)
    return "" if resource.name == "default" else ", ".join(sorted(map(json_name, unread)))


def _hides_other_family(resource: "BGPConfiguration") -> bool:
    families = {":" in entry.cidr for entry in resource.spec.prefix_advertisements}
    return resource.name != "default" and len(families) == 1


class BGPConfiguration(Resource):
    """`default` speaks for the cluster, `node.<name>` for one node."""

    kind: Literal["BGPConfiguration"] = "BGPConfiguration"
    spec: BGPConfigurationSpec

    rules = (
        *(
            Rule(
                f"spec.{json_name(field)}",
                f"Cannot set {json_name(field)} on a non default BGP Configuration.",
                "move it to the BGPConfiguration named default",
                partial(_set_elsewhere, field),
                tolerated=True,
            )
            for field in _DEFAULT_ONLY
        ),
        Rule(
            "metadata.name",
            "only the names 'default' and 'node.<node name>' are read",
            "rename it",
            lambda r: r.name != "default" and not r.name.startswith("node."),
            "warning",
        ),
        Rule(
            "spec",
            "not read from a node's own BGPConfiguration: {value}",
            "move it to default",
            _unread,
            "warning",
        ),
        Rule(
            "spec.prefixAdvertisements",
            "a node's own list replaces the cluster's whole list, also for the other address family",
            "repeat here what the node needs of the cluster's list",
            _hides_other_family,
            "warning",
        ),
    )
