"""Mistakes between resources that leave each of them valid, and this node affected."""

from bgpd.intent.addresses import network
from bgpd.intent.context import Context
from bgpd.intent.environment import Compat
from bgpd.resources import BGPConfiguration


def report_cluster_problems(context: Context) -> None:
    """Report what an operator should know although the computation has an answer to it."""
    _addresses(context)
    _shared_addresses(context)
    _ignored_configurations(context)
    _idle_selectors(context)
    _environment(context)


def _addresses(context: Context) -> None:
    if not context.node.addresses:
        context.warn(
            f"Node/{context.node.name}",
            "has no BGP address, so it has no sessions",
            "set spec.bgp.ipv4Address or spec.bgp.ipv6Address",
        )


def _shared_addresses(context: Context) -> None:
    for address, owners in context.cluster.shared_addresses.items():
        names = ", ".join(node.name for node in owners)
        context.report(
            f"Node/{owners[-1].name}",
            f"address {address} belongs to more than one Node: {names}",
            "give each Node its own spec.bgp address, or delete the Node that is gone",
        )


def _ignored_configurations(context: Context) -> None:
    for configuration in context.cluster.snapshot.of(BGPConfiguration):
        name = configuration.name
        if name != "default" and not name.startswith("node."):
            context.warn(
                f"BGPConfiguration/{name}",
                "is not read: only `default` and `node.<name>` are",
                "rename or delete it",
            )


def _idle_selectors(context: Context) -> None:
    for peer, field, selector in context.cluster.idle_selectors:
        context.warn(
            f"BGPPeer/{peer}",
            f"{field} {selector!r} matches no node",
            "correct it, or label the nodes it means",
        )


def _environment(context: Context) -> None:
    cluster_ips = context.cluster.environment.cluster_ips
    if cluster_ips and network(cluster_ips) is None:
        context.report(
            "environment",
            f"CALICO_ADVERTISE_CLUSTER_IPS={cluster_ips} is no CIDR, so no cluster IPs are advertised",
            "give one CIDR like 10.96.0.0/12, or unset it and use serviceClusterIPs",
        )
    for word in context.cluster.environment.unknown_compat:
        known = ", ".join(member.value for member in Compat)
        context.report("environment", f"BGPD_COMPAT does not know {word!r}", f"use some of: {known}")
