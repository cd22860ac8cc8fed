"""Service advertisement (calico-reference.md, section 10)."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from bgpd.intent.addresses import is_host, network
from bgpd.intent.context import Context
from bgpd.intent.facts import Cluster
from bgpd.intent.model import OriginatedKind
from bgpd.resources import Service
from records import field, record
from rib.prefix_match import contains
from wire import Family, Prefix

Network = tuple[Family, Prefix]
_ADVERTISED_TYPES = {"ClusterIP", "NodePort", "LoadBalancer"}


@record(eq=False, kw_only=True, slots=False)
class ServiceRanges:
    """The three lists of the BGPConfiguration, read."""

    cluster: tuple[Network, ...] = ()
    external: tuple[Network, ...] = ()
    load_balancer: tuple[Network, ...] = ()
    aggregate: bool = True
    """serviceLoadBalancerAggregation."""

    @property
    def advertised(self) -> Iterator[tuple[Network, OriginatedKind]]:
        """The ranges that every node advertises (section 10.2); single addresses come with their service."""
        yield from ((entry, OriginatedKind.SERVICE) for entry in self.cluster)
        shared = (*self.external, *(self.load_balancer if self.aggregate else ()))
        yield from ((entry, OriginatedKind.EXTERNAL) for entry in shared if not is_host(*entry))

    @cached_property
    def kept_from_kernel(self) -> Mapping[Family, tuple[Prefix, ...]]:
        """The ranges whose routes must not enter the kernel, where kube-proxy handles them."""
        kept: dict[Family, dict[Prefix, None]] = {family: {} for family in Family}
        for (family, prefix), _ in self.advertised:
            kept[family][prefix] = None
        return {family: tuple(prefixes) for family, prefixes in kept.items()}

    @property
    def reflected(self) -> Iterator[Network]:
        """The ranges of which a route reflector passes on the addresses of other nodes (section 7.3 g)."""
        yield from self.load_balancer
        yield from self.external


@record(eq=False, kw_only=True, slots=False)
class Services:
    """What services make of this node."""

    ranges: ServiceRanges
    originated: dict[Family, dict[Prefix, OriginatedKind]] = field(default_factory=dict)

    def reflected(self, family: Family) -> tuple[Prefix, ...]:
        """Return `ServiceRanges.reflected` of one family."""
        return tuple(dict.fromkeys(prefix for of, prefix in self.ranges.reflected if of is family))


def compute_services(context: Context) -> Services:
    """Return the ranges and the addresses of services that this node advertises."""
    ranges = context.cluster.once(_read_ranges)
    originated: dict[Family, dict[Prefix, OriginatedKind]] = {family: {} for family in Family}
    if not context.node.is_excluded_from_services:
        for (family, prefix), kind in (*ranges.advertised, *_service_routes(context, ranges)):
            originated[family].setdefault(prefix, kind)
    return Services(ranges=ranges, originated=originated)


def _read_ranges(cluster: Cluster) -> ServiceRanges:
    spec = cluster.configuration.spec
    cluster_ips = [entry.cidr for entry in spec.service_cluster_ips]
    if cluster.environment.cluster_ips:
        cluster_ips = [cluster.environment.cluster_ips]
    return ServiceRanges(
        cluster=_networks(cluster_ips),
        external=_networks(entry.cidr for entry in spec.service_external_ips),
        load_balancer=_networks(entry.cidr for entry in spec.service_load_balancer_ips),
        aggregate=spec.service_load_balancer_aggregation == "Enabled",
    )


def _networks(cidrs: Iterable[str | None]) -> tuple[Network, ...]:
    read = (network(cidr) for cidr in cidrs if cidr)
    return tuple(entry for entry in read if entry)


def _service_routes(context: Context, ranges: ServiceRanges) -> Iterator[tuple[Network, OriginatedKind]]:
    """Yield the addresses of each service this node is to advertise (section 10.3)."""
    if not (ranges.cluster or ranges.external or ranges.load_balancer):
        return
    for service in context.cluster.snapshot.of(Service):
        if _is_advertised(context, ranges, service):
            yield from _routes(ranges, service)


def _is_advertised(context: Context, ranges: ServiceRanges, service: Service) -> bool:
    spec = service.spec
    if spec.type not in _ADVERTISED_TYPES or spec.cluster_ip in {None, "", "None"}:
        return False
    if spec.external_traffic_policy == "Cluster" and _has_single_address(ranges, service):
        return True
    if spec.external_traffic_policy != "Local" and ranges.aggregate:
        return False
    return _has_ready_endpoint(context, service)


def _has_single_address(ranges: ServiceRanges, service: Service) -> bool:
    """Tell whether a single-address entry of the lists names this service: every node advertises it then."""
    spec = service.spec
    if spec.type == "LoadBalancer":
        assigned = [spec.load_balancer_ip, *_ingress(service)]
        if _matching(assigned, (entry for entry in ranges.load_balancer if is_host(*entry))):
            return True
    return bool(_matching(spec.external_ips, (entry for entry in ranges.external if is_host(*entry))))


def _has_ready_endpoint(context: Context, service: Service) -> bool:
    """Tell whether a backend is ready: on this node, if traffic must stay on the node it arrives at."""
    local = service.spec.external_traffic_policy == "Local"
    here = context.cluster.environment.kubernetes_node or context.node.name
    key = (service.metadata.namespace, service.name)
    return any(
        endpoint.conditions.ready is not False and (not local or endpoint.node_name == here)
        for found in context.cluster.endpoint_slices.get(key, ())
        if found.address_type in service.spec.ip_families
        for endpoint in found.endpoints
    )


def _routes(ranges: ServiceRanges, service: Service) -> Iterator[tuple[Network, OriginatedKind]]:
    """Yield every address of an advertised service that the lists cover."""
    spec = service.spec
    if ranges.cluster:
        own = _networks(spec.cluster_ips or (spec.cluster_ip,))
        yield from ((address, OriginatedKind.SERVICE) for address in own)
    covered = (
        *_matching(spec.external_ips, ranges.external),
        *_matching(_ingress(service), ranges.load_balancer),
    )
    yield from ((address, OriginatedKind.EXTERNAL) for address in covered)


def _ingress(service: Service) -> list[str | None]:
    return [ingress.ip for ingress in service.status.load_balancer.ingress]


def _matching(addresses: Iterable[str | None], entries: Iterable[Network]) -> list[Network]:
    """Return those of the addresses that lie in one of the entries."""
    entries = tuple(entries)
    return [
        (family, prefix)
        for family, prefix in _networks(addresses)
        if any(of is family and contains(outer, prefix) for of, outer in entries)
    ]
