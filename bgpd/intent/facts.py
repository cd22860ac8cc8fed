"""Values derived from the resources before any session is computed (calico-reference.md, section 4.0)."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from functools import cached_property
from typing import TypeVar, TypeVarTuple, cast

from bgpd.intent.addresses import canonical_address, network
from bgpd.intent.environment import Environment
from bgpd.intent.model import DEFAULT_PORT
from bgpd.resources import (
    BGPConfiguration,
    BGPPeer,
    BlockAffinity,
    EndpointSlice,
    Node,
    SelectorError,
    Snapshot,
    parse_selector,
)
from bgpd.resources.bgp_configuration import DEFAULT_AS_NUMBER
from records import field, record
from wire import Family, Prefix

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
Words = TypeVarTuple("Words")

EXCLUDE_LABEL = "node.kubernetes.io/exclude-from-external-load-balancers"


@record(eq=False, kw_only=True)
class NodeFacts:
    """What the computation needs of one Node."""

    name: str
    labels: Mapping[str, str]
    as_number: int
    """Its own, or the cluster's."""
    has_own_as: bool
    addresses: Mapping[Family, str]
    subnets: Mapping[Family, Prefix]
    """The network around each address; the host prefix where the Node gives no length."""
    port: int | None
    """listenPort of `node.<name>` or of `default`; None where neither sets it."""
    cluster_id: str
    """routeReflectorClusterID, or ""."""
    wireguard: Mapping[Family, str]

    @property
    def listen_port(self) -> int:
        """The port the node accepts connections on."""
        return self.port or DEFAULT_PORT

    @property
    def is_excluded_from_services(self) -> bool:
        """Whether the node's label keeps it from advertising services (section 10.4)."""
        return self.labels.get(EXCLUDE_LABEL) == "true"


@record(eq=False, slots=False)
class Cluster:
    """A snapshot with all that is derived from it once, whichever node is computed."""

    snapshot: Snapshot
    environment: Environment
    _matches: dict[str, tuple[NodeFacts, ...]] = field(default_factory=dict, repr=False)
    _alike: dict[frozenset[str], tuple[tuple[NodeFacts, ...], ...]] = field(default_factory=dict, repr=False)

    _once: dict[Hashable, object] = field(default_factory=dict, repr=False)

    def once(self, compute: Callable[["Cluster", *Words], V], *words: *Words) -> V:
        """Return what a function makes of the cluster and some words; for all nodes it is asked once."""
        key = compute, words
        if key not in self._once:
            self._once[key] = compute(self, *words)
        return cast("V", self._once[key])

    @cached_property
    def configuration(self) -> BGPConfiguration:
        """The BGPConfiguration `default`, or one that sets nothing."""
        found = self.snapshot.get(BGPConfiguration, "default")
        return found or BGPConfiguration.model_validate({"metadata": {"name": "default"}, "spec": {}})

    def node_configuration(self, node: str) -> BGPConfiguration | None:
        """Return the BGPConfiguration `node.<name>`."""
        return self.snapshot.get(BGPConfiguration, f"node.{node}")

    @cached_property
    def as_number(self) -> int:
        """The AS of every node without its own; 0 counts as unset."""
        return self.configuration.spec.as_number or DEFAULT_AS_NUMBER

    @cached_property
    def mesh_enabled(self) -> bool:
        """Whether the node-to-node mesh is on; it is unless switched off."""
        return self.configuration.spec.node_to_node_mesh_enabled is not False

    @cached_property
    def nodes(self) -> Mapping[str, NodeFacts]:
        """All nodes by name, in the order of their names."""
        return {node.name: self._facts(node) for node in self.snapshot.of(Node)}

    @cached_property
    def owners(self) -> Mapping[str, tuple[NodeFacts, ...]]:
        """The nodes that have an address; more than one is a mistake in the resources."""
        owners: dict[str, tuple[NodeFacts, ...]] = {}
        for node in self.nodes.values():
            for address in node.addresses.values():
                owners[address] = (*owners.get(address, ()), node)
        return owners

    @cached_property
    def shared_addresses(self) -> Mapping[str, tuple[NodeFacts, ...]]:
        """The addresses that more than one node claims, and who does."""
        return {address: owners for address, owners in self.owners.items() if len(owners) > 1}

    @cached_property
    def reflectors(self) -> frozenset[str]:
        """The names of the nodes that are route reflectors."""
        return frozenset(node.name for node in self.nodes.values() if node.cluster_id)

    @cached_property
    def idle_selectors(self) -> tuple[tuple[str, str, str], ...]:
        """The selectors that match no node: BGPPeer, field and text."""
        return tuple(
            (peer.name, field, selector)
            for peer in self.snapshot.of(BGPPeer)
            for field, selector in (
                ("nodeSelector", peer.spec.node_selector),
                ("peerSelector", peer.spec.peer_selector),
            )
            if selector and not self.matching(selector)
        )

    @cached_property
    def affinities(self) -> Mapping[str, tuple[BlockAffinity, ...]]:
        """The block affinities of each node."""
        return _grouped(self.snapshot.of(BlockAffinity), lambda affinity: affinity.spec.node)

    @cached_property
    def endpoint_slices(self) -> Mapping[tuple[str | None, str | None], tuple[EndpointSlice, ...]]:
        """The slices of each service, by its namespace and name; one that is gone counts no more (Q13)."""
        return _grouped(
            self.snapshot.of(EndpointSlice), lambda found: (found.metadata.namespace, found.service)
        )

    def matching(self, selector: str) -> tuple[NodeFacts, ...]:
        """Return the nodes that a selector matches, by name; one that does not parse selects none."""
        if selector not in self._matches:
            self._matches[selector] = self._selected(selector)
        return self._matches[selector]

    def _selected(self, selector: str) -> tuple[NodeFacts, ...]:
        try:
            parsed = parse_selector(selector)
        except SelectorError:
            return ()
        alike = self._agreeing_in(parsed.labels)
        chosen = [nodes for nodes in alike if parsed.matches(nodes[0].labels)]
        if len(chosen) == 1:
            return chosen[0]
        return tuple(sorted((node for nodes in chosen for node in nodes), key=lambda node: node.name))

    def _agreeing_in(self, labels: frozenset[str]) -> tuple[tuple[NodeFacts, ...], ...]:
        """Return the nodes put together by the values of some labels: a selector is asked once for each."""
        if labels not in self._alike:
            keys = sorted(labels)
            groups = _grouped(self.nodes.values(), lambda node: tuple(map(node.labels.get, keys)))
            self._alike[labels] = tuple(groups.values())
        return self._alike[labels]

    @cached_property
    def peers(self) -> Mapping[str, tuple[BGPPeer, ...]]:
        """The BGPPeers that concern each node, as one that has the peering or as its peer, by name."""
        concerned: dict[str, list[BGPPeer]] = {name: [] for name in self.nodes}
        for peer in self.snapshot.of(BGPPeer):
            for name in self._concerned_by(peer):
                concerned[name].append(peer)
        return {name: tuple(peers) for name, peers in concerned.items()}

    def _concerned_by(self, peer: BGPPeer) -> Iterable[str]:
        spec = peer.spec
        if not (spec.node or spec.node_selector):
            return self.nodes
        address = canonical_address(spec.peer_address or "")
        nodes = [*self.owners.get(address, ())] if address else []
        nodes += [node for node in (self.nodes.get(spec.node or ""),) if node]
        for selector in (spec.node_selector, spec.peer_selector):
            nodes += self.matching(selector) if selector else ()
        return dict.fromkeys(node.name for node in nodes)

    def _facts(self, node: Node) -> NodeFacts:
        bgp = node.spec.bgp
        own = self.node_configuration(node.name)
        given = {
            Family.IPV4_UNICAST: bgp.ipv4_address if bgp else None,
            Family.IPV6_UNICAST: bgp.ipv6_address if bgp else None,
        }
        addresses, subnets = _addresses(given)
        return NodeFacts(
            name=node.name,
            labels=node.metadata.labels,
            as_number=(bgp.as_number if bgp else None) or self.as_number,
            has_own_as=bool(bgp and bgp.as_number),
            addresses=addresses,
            subnets=subnets,
            port=(own.spec.listen_port if own else None) or self.configuration.spec.listen_port or None,
            cluster_id=(bgp.route_reflector_cluster_id if bgp else None) or "",
            wireguard=_wireguard(node),
        )


def selects(selector: str, node: NodeFacts) -> bool:
    """Tell whether a selector matches a node; one that does not parse matches nothing."""
    try:
        return parse_selector(selector).matches(node.labels)
    except SelectorError:
        return False


def _grouped(values: Iterable[V], key: Callable[[V], K]) -> dict[K, tuple[V, ...]]:
    groups: dict[K, list[V]] = {}
    for value in values:
        groups.setdefault(key(value), []).append(value)
    return {name: tuple(members) for name, members in groups.items()}


def _addresses(given: Mapping[Family, str | None]) -> tuple[dict[Family, str], dict[Family, Prefix]]:
    """Split `address/length` texts; one that does not parse counts as unset (section 2.4)."""
    addresses, subnets = {}, {}
    for family, text in given.items():
        address = canonical_address(text.partition("/")[0]) if text else None
        around = network(text) if text else None
        if address and around:
            addresses[family], subnets[family] = address, around[1]
    return addresses, subnets


def _wireguard(node: Node) -> dict[Family, str]:
    wireguard = node.spec.wireguard
    given = {
        Family.IPV4_UNICAST: wireguard.interface_ipv4_address if wireguard else None,
        Family.IPV6_UNICAST: wireguard.interface_ipv6_address if wireguard else None,
    }
    return {family: address for family, address in given.items() if address}
