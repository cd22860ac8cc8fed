"""The whole computation: all resources and a node name in, what that node should be out."""

from collections.abc import Callable, Collection, Iterable, Mapping

from bgpd.intent.blocks import own_blocks
from bgpd.intent.checks import report_cluster_problems
from bgpd.intent.context import Context
from bgpd.intent.environment import Environment
from bgpd.intent.facts import Cluster, NodeFacts
from bgpd.intent.mesh import is_in_mesh, mesh_peerings
from bgpd.intent.model import Intent, Listen
from bgpd.intent.peers import explicit_peerings
from bgpd.intent.policies import PolicyBook
from bgpd.intent.policies_export import ExportFacts
from bgpd.intent.policies_kernel import kernel_policy
from bgpd.intent.pools import read_ownership, read_pools
from bgpd.intent.prefixes import originated_prefixes, peer_routes, prefix_advertisements
from bgpd.intent.priorities import normal_priorities
from bgpd.intent.router_id import compute_router_id
from bgpd.intent.services import Services, compute_services
from bgpd.intent.sessions import build_sessions
from bgpd.resources import Node, Snapshot, extensions
from rib.policy import Policy
from wire import Family, Prefix, parse_address

NEVER_DIRECT = ("cali*", "kube-ipvs*")
"""Workload interfaces and kube-proxy's dummy: their addresses are no connected networks of the node."""

_PER_NODE_VARIABLES = frozenset({"CALICO_ROUTER_ID", "CALICO_K8S_NODE_REF"})


def compile_intent(snapshot: Snapshot, node: str, environment: Mapping[str, str]) -> Intent:
    """Return what `node` should be. Total and deterministic: problems are in the answer, nothing is raised.

    Without a Node of that name the answer is not `ready` and says why.
    """
    return _compile_node(Cluster(snapshot, Environment.read(environment)), node)


def compile_cluster(
    snapshot: Snapshot,
    environment: Mapping[str, str],
    each: Callable[[Collection[str]], Iterable[str]] = iter,
) -> tuple[Intent, ...]:
    """Return the intents of all nodes, by name; `each` goes through the names and may tell how far it is."""
    cluster = read_cluster(snapshot, environment)
    return tuple(_compile_node(cluster, name) for name in each(cluster.nodes))


def read_cluster(snapshot: Snapshot, environment: Mapping[str, str]) -> Cluster:
    """Return what is derived once for all nodes.

    Variables that belong to one node's daemon do not count, except CALICO_ROUTER_ID=hash, which suits all.
    """
    shared = {name: value for name, value in environment.items() if name not in _PER_NODE_VARIABLES}
    if environment.get("CALICO_ROUTER_ID") == "hash":
        shared["CALICO_ROUTER_ID"] = "hash"
    return Cluster(snapshot, Environment.read(shared))


def _compile_node(cluster: Cluster, name: str) -> Intent:
    node = cluster.nodes.get(name)
    if node is None:
        known = ", ".join(list(cluster.nodes)[:5]) or "none at all"
        reason = (
            f"there is no Node resource {name!r} (nodes here: {known}); create it with spec.bgp.ipv4Address, "
            "or give the right name with --node or BGPD_NODE"
        )
        return Intent(node=name, ready=False, reason=reason)
    return _compile_present(Context(cluster, node))


def _compile_present(context: Context) -> Intent:
    node, cluster = context.node, context.cluster
    report_cluster_problems(context)
    advertisements = prefix_advertisements(context)
    blocks = own_blocks(context)
    services = compute_services(context)
    originated = originated_prefixes(blocks, services, advertisements)
    facts = ExportFacts(
        pools=cluster.once(read_pools),
        blocks=blocks,
        services={family: tuple(services.originated[family]) for family in Family},
        reflected_services=_reflected(node, services),
        advertisements=advertisements,
        ownership=cluster.once(read_ownership),
        normal=cluster.once(normal_priorities),
    )
    explicit = explicit_peerings(context)
    # Explicit peerings first: where one has the address of a mesh peer, it is the one that runs.
    sessions = build_sessions(context, (*explicit, *mesh_peerings(context)), PolicyBook(context, facts))
    resource = cluster.snapshot.get(Node, node.name)
    return Intent(
        node=node.name,
        ready=True,
        local_as=node.as_number,
        router_id=compute_router_id(context),
        cluster_id=parse_address(node.cluster_id) if node.cluster_id else None,
        mesh=is_in_mesh(context),
        reflectors=cluster.reflectors,
        listen=_listen(context),
        addresses=node.addresses,
        sessions=sessions,
        originated=originated,
        static_routes=peer_routes(context, explicit),
        kernel_policies=_kernel_policies(context, facts, services),
        service_ranges=services.ranges.kept_from_kernel,
        direct_exclude=(*NEVER_DIRECT, *cluster.configuration.spec.ignored_interfaces),
        log_level=_log_level(context),
        graceful_shutdown=extensions(resource).graceful_shutdown if resource else False,
        problems=tuple(context.problems),
    )


def _reflected(node: NodeFacts, services: Services) -> dict[Family, tuple[Prefix, ...]]:
    return {family: services.reflected(family) if node.cluster_id else () for family in Family}


def _kernel_policies(context: Context, facts: ExportFacts, services: Services) -> dict[Family, Policy]:
    return {
        family: kernel_policy(
            context,
            family,
            pools=facts.pools[family],
            ownership=facts.ownership,
            service_ranges=services.ranges.kept_from_kernel[family],
            normal=facts.normal[family],
        )
        for family in Family
    }


def _log_level(context: Context) -> str:
    """Return logSeverityScreen, a node's own before the cluster's (section 2.1)."""
    own = context.cluster.node_configuration(context.node.name)
    says = own is not None and "log_severity_screen" in own.spec.model_fields_set
    source = own if own is not None and says else context.cluster.configuration
    return source.spec.log_severity_screen.lower()


def _listen(context: Context) -> Listen:
    """Where connections are accepted: everywhere, or with bindMode NodeIP on the node's addresses alone."""
    port = context.node.listen_port
    if context.cluster.configuration.spec.bind_mode != "NodeIP":
        return Listen(port=port)
    return Listen(port=port, addresses=tuple(context.node.addresses.values()))
