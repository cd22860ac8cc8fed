"""What a node originates, the communities it adds, and its routes to peers behind gateways."""

from collections.abc import Iterable, Mapping

from bgpd.intent.addresses import canonical_address, family_of, is_host, network
from bgpd.intent.context import Context
from bgpd.intent.model import Originated, OriginatedKind, StaticRoute
from bgpd.intent.peering import Peering
from bgpd.intent.services import Services
from bgpd.resources import BGPConfiguration, parse_community
from rib.prefix_match import contains
from wire import Family, Prefix

Advertisements = Mapping[Family, Mapping[Prefix, tuple[str, ...]]]
"""Communities to add, by the prefix they are added inside of."""


def originated_prefixes(
    blocks: Mapping[Family, tuple[Prefix, ...]], services: Services, advertisements: Advertisements
) -> dict[Family, dict[Prefix, Originated]]:
    """Return the static routes of this node: its blocks (section 6.1) and services (section 10), by family.

    A block of one address gets no route: that would catch the traffic of its workload.
    """
    originated: dict[Family, dict[Prefix, Originated]] = {}
    for family in Family:
        kinds = {block: OriginatedKind.BLOCK for block in blocks[family] if not is_host(family, block)}
        kinds = services.originated[family] | kinds
        originated[family] = {
            prefix: Originated(
                kind=kinds[prefix],
                communities=communities_of(advertisements[family], prefix),
                kernel_type="blackhole" if kinds[prefix] is OriginatedKind.BLOCK else None,
            )
            for prefix in sorted(kinds, key=lambda p: (p[1:], p[0]))
        }
    return originated


def communities_of(advertisements: Mapping[Prefix, tuple[str, ...]], prefix: Prefix) -> tuple[str, ...]:
    """Return the communities of all entries that contain a prefix, each once (section 7.3 d)."""
    found = (values for outer, values in advertisements.items() if contains(outer, prefix))
    return tuple(dict.fromkeys(value for values in found for value in values))


def prefix_advertisements(context: Context) -> dict[Family, dict[Prefix, tuple[str, ...]]]:
    """Return the prefixAdvertisements that count for this node: its own list, if any, hides the cluster's.

    It does so for both families (sections 7.5 and 17, Q21).
    """
    source = context.cluster.configuration
    own = context.cluster.node_configuration(context.node.name)
    if own and own.spec.prefix_advertisements:
        _warn_of_hidden(context, own, source)
        source = own
    read: dict[Family, dict[Prefix, tuple[str, ...]]] = {family: {} for family in Family}
    for entry in source.spec.prefix_advertisements:
        found = network(entry.cidr)
        if found:
            family, prefix = found
            values = (*read[family].get(prefix, ()), *_resolve(context, source, entry.communities))
            read[family][prefix] = tuple(sorted(set(values)))
    return read


def _warn_of_hidden(context: Context, own: BGPConfiguration, cluster: BGPConfiguration) -> None:
    hidden = _families(cluster) - _families(own)
    for family in Family:
        if family in hidden:
            context.warn(
                f"BGPConfiguration/{own.name}",
                f"its prefixAdvertisements hide the cluster's for {family.short} and have none themselves",
                f"repeat the cluster's {family.short} entries in it",
            )


def _families(configuration: BGPConfiguration) -> set[Family]:
    return {family_of(entry.cidr) for entry in configuration.spec.prefix_advertisements}


def _resolve(context: Context, source: BGPConfiguration, words: Iterable[str]) -> list[str]:
    """Return the values of communities, given as such or by a name of the same resource."""
    named = {community.name: community.value for community in source.spec.communities}
    values = []
    for word in words:
        value = named.get(word, word)
        try:
            values.append(":".join(str(part) for part in parse_community(value)))
        except ValueError:
            context.report(
                f"BGPConfiguration/{source.name}",
                f"community {word!r} is no value and not defined",
                "define it under spec.communities of the same resource",
            )
    return values


def peer_routes(context: Context, peerings: Iterable[Peering]) -> tuple[StaticRoute, ...]:
    """Return the host routes to peers that are reachable by a gateway (section 6.1), none to ourselves."""
    routes: dict[Prefix, StaticRoute] = {}
    for peering in peerings:
        if not peering.reachable_by:
            continue
        gateway = canonical_address(peering.reachable_by)
        found = network(peering.address)
        own = peering.address in context.node.addresses.values()
        if gateway and found and not own and family_of(gateway) is found[0]:
            family, prefix = found
            routes.setdefault(prefix, StaticRoute(family=family, prefix=prefix, gateway=gateway))
    return tuple(sorted(routes.values(), key=lambda route: (route.family.bits, route.prefix)))
