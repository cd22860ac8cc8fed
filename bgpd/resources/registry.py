"""The kinds bgpd knows, their names and columns on the command line (calico-reference.md section 12)."""

from collections.abc import Callable
from typing import Any, NamedTuple

from bgpd.resources.bgp_configuration import DEFAULT_AS_NUMBER, BGPConfiguration
from bgpd.resources.bgp_filter import BGPFilter
from bgpd.resources.bgp_peer import BGPPeer
from bgpd.resources.block_affinity import BlockAffinity
from bgpd.resources.calico_node_status import CalicoNodeStatus
from bgpd.resources.endpoint_slice import EndpointSlice
from bgpd.resources.ip_pool import IPPool
from bgpd.resources.ipam_block import IPAMBlock
from bgpd.resources.meta import API_VERSION, Resource
from bgpd.resources.node import Node
from bgpd.resources.secret import Secret
from bgpd.resources.service import Service
from bgpd.resources.snapshot import Snapshot


class Column(NamedTuple):
    """One column of `bgpctl get`: its heading and what it shows of a resource.

    `value` gets a snapshot too, with the kinds `beside`, because a few columns show what is inherited. `wide`
    columns come with `-o wide` only.
    """

    heading: str
    value: Callable[[Any, Snapshot], object]
    wide: bool = False


class KindInfo(NamedTuple):
    """One kind: its model, its names on the command line, where it lives and how it is listed.

    `beside` are the kinds that columns look at too.
    """

    kind: str
    plural: str
    model: type[Resource]
    aliases: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()
    api_version: str = API_VERSION
    namespaced: bool = False
    beside: tuple[type[Resource], ...] = ()


def _attribute(heading: str, path: str, *, wide: bool = False) -> Column:
    """Make a column of an attribute such as `spec.cidr`."""

    def value(resource: Any, _snapshot: Snapshot) -> object:
        for step in path.split("."):
            resource = getattr(resource, step)
        return resource

    return Column(heading, value, wide)


def _count(heading: str, attribute: str) -> Column:
    return Column(heading, lambda resource, _snapshot: len(getattr(resource.spec, attribute)))


def _or_dash(value: object) -> object:
    return "-" if value is None else value


def _node_of_peer(peer: BGPPeer, _snapshot: Snapshot) -> str:
    return peer.spec.node or peer.spec.node_selector or "(global)"


def _as_of_node(node: Node, snapshot: Snapshot) -> str:
    """Show the AS number, in parentheses when it is the cluster's."""
    if node.as_number is not None:
        return str(node.as_number)
    default = snapshot.get(BGPConfiguration, "default")
    inherited = default.spec.as_number if default else None
    return f"({DEFAULT_AS_NUMBER if inherited is None else inherited})"


def _address_of_node(family: str) -> Callable[[Node, Snapshot], str]:
    def value(node: Node, _snapshot: Snapshot) -> str:
        return (node.spec.bgp and getattr(node.spec.bgp, family)) or ""

    return value


_NAME = _attribute("NAME", "metadata.name")
_NAMESPACE = _attribute("NAMESPACE", "metadata.namespace")

_ALL = (
    KindInfo(
        "BGPConfiguration",
        "bgpconfigurations",
        BGPConfiguration,
        ("bgpconfig", "bgpconfigs"),
        (
            _NAME,
            _attribute("LOGSEVERITY", "spec.log_severity_screen"),
            Column("MESHENABLED", lambda r, _: _or_dash(r.spec.node_to_node_mesh_enabled)),
            Column("ASNUMBER", lambda r, _: _or_dash(r.spec.as_number)),
        ),
    ),
    KindInfo(
        "BGPPeer",
        "bgppeers",
        BGPPeer,
        ("bgpp", "bgpps", "bp", "bps"),
        (
            _NAME,
            Column("PEERIP", lambda r, _: r.spec.peer_ip or ""),
            Column("NODE", _node_of_peer),
            Column("ASN", lambda r, _: r.spec.as_number or 0),
        ),
    ),
    KindInfo(
        "BGPFilter",
        "bgpfilters",
        BGPFilter,
        ("bgpf", "bgpfs", "bf", "bfs"),
        (
            _NAME,
            _count("NUMEXPORTV4", "export_v4"),
            _count("NUMIMPORTV4", "import_v4"),
            _count("NUMEXPORTV6", "export_v6"),
            _count("NUMIMPORTV6", "import_v6"),
        ),
    ),
    KindInfo(
        "Node",
        "nodes",
        Node,
        ("no", "nos"),
        (
            _NAME,
            Column("ASN", _as_of_node, wide=True),
            Column("IPV4", _address_of_node("ipv4_address"), wide=True),
            Column("IPV6", _address_of_node("ipv6_address"), wide=True),
        ),
        beside=(BGPConfiguration,),
    ),
    KindInfo(
        "IPPool",
        "ippools",
        IPPool,
        ("ipp", "ipps", "pool", "pools"),
        (
            _NAME,
            _attribute("CIDR", "spec.cidr"),
            _attribute("NAT", "spec.nat_outgoing", wide=True),
            _attribute("IPIPMODE", "spec.ipip_mode", wide=True),
            _attribute("VXLANMODE", "spec.vxlan_mode", wide=True),
            _attribute("DISABLED", "spec.disabled", wide=True),
            _attribute("DISABLEBGPEXPORT", "spec.disable_bgp_export", wide=True),
            _attribute("SELECTOR", "spec.node_selector"),
            _attribute("ASSIGNMENTMODE", "spec.assignment_mode", wide=True),
        ),
    ),
    KindInfo(
        "BlockAffinity",
        "blockaffinities",
        BlockAffinity,
        columns=(
            _NAME,
            _attribute("NODE", "spec.node"),
            _attribute("CIDR", "spec.cidr"),
            _attribute("STATE", "spec.state"),
        ),
    ),
    KindInfo(
        "IPAMBlock",
        "ipamblocks",
        IPAMBlock,
        columns=(
            _NAME,
            _attribute("CIDR", "spec.cidr"),
            Column("AFFINITY", lambda r, _: r.spec.affinity or ""),
        ),
    ),
    KindInfo(
        "CalicoNodeStatus",
        "caliconodestatuses",
        CalicoNodeStatus,
        ("nodestatus", "nodestatuses"),
        (
            _NAME,
            _attribute("NODE", "spec.node"),
            Column("CLASSES", lambda r, _: ",".join(r.spec.classes), wide=True),
        ),
    ),
    KindInfo(
        "Secret",
        "secrets",
        Secret,
        columns=(_NAMESPACE, _NAME, Column("KEYS", lambda r, _: ",".join(sorted(r.values())))),
        api_version="v1",
        namespaced=True,
    ),
    KindInfo(
        "Service",
        "services",
        Service,
        ("svc",),
        (
            _NAMESPACE,
            _NAME,
            _attribute("TYPE", "spec.type"),
            Column("CLUSTERIP", lambda r, _: r.spec.cluster_ip or ""),
        ),
        api_version="v1",
        namespaced=True,
    ),
    KindInfo(
        "EndpointSlice",
        "endpointslices",
        EndpointSlice,
        columns=(
            _NAMESPACE,
            _NAME,
            _attribute("ADDRESSTYPE", "address_type"),
            Column("ENDPOINTS", lambda r, _: len(r.endpoints)),
        ),
        api_version="discovery.k8s.io/v1",
        namespaced=True,
    ),
)

KINDS: dict[str, KindInfo] = {info.kind: info for info in _ALL}
"""Every kind by its name in documents, in the order of lists and messages."""

_NAMES = {name.lower(): info for info in _ALL for name in (info.kind, info.plural, *info.aliases)}


def lookup(name: str) -> KindInfo:
    """Return the kind a command line means: kind, plural or alias, in any case. Raises LookupError."""
    if name.lower() in _NAMES:
        return _NAMES[name.lower()]
    raise LookupError(f"resource type '{name}' is not supported; known: {', '.join(i.plural for i in _ALL)}")
