"""Which routes each class of nodes has in one state of the cluster, and what a change takes and gives."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from bgpd.intent.blocks import own_blocks
from bgpd.intent.classes import NodeClass, reduced
from bgpd.intent.compile import compile_cluster
from bgpd.intent.context import Context
from bgpd.intent.facts import Cluster
from bgpd.intent.kept_back import kept_back
from bgpd.intent.model import Intent
from bgpd.intent.prefixes import originated_prefixes
from bgpd.intent.reachability import Carried, reach
from bgpd.intent.services import compute_services
from bgpd.intent.session_graph import SessionGraph, session_graph
from wire import Family, Prefix

Route = tuple[Family, Prefix]
Routes = frozenset[Route]

_NO_COMMUNITIES: Mapping[Family, Mapping[Prefix, tuple[str, ...]]] = {family: {} for family in Family}


def originations(cluster: Cluster) -> dict[str, Routes]:
    """Return what each node of a cluster originates: its blocks and services."""
    return {name: _originated(Context(cluster, node)) for name, node in cluster.nodes.items()}


def _originated(context: Context) -> Routes:
    originated = originated_prefixes(own_blocks(context), compute_services(context), _NO_COMMUNITIES)
    return frozenset((family, prefix) for family, prefixes in originated.items() for prefix in prefixes)


@dataclass(frozen=True, eq=False)
class ClusterState:
    """The cluster before or after the change, computed by representatives of its classes of nodes."""

    cluster: Cluster
    environment: Mapping[str, str]
    classes: Sequence[NodeClass]
    originated: Mapping[str, Routes]

    @cached_property
    def intents(self) -> Mapping[str, Intent]:
        """What each representative should be."""
        snapshot = reduced(self.cluster.snapshot, self.classes)
        return {intent.node: intent for intent in compile_cluster(snapshot, self.environment)}

    @cached_property
    def graph(self) -> SessionGraph:
        """The sessions of the representatives."""
        return session_graph(self.intents.values())

    def has(self, one: NodeClass) -> bool:
        """Tell whether the nodes of a class exist in this state."""
        return one.nodes[0] in self.cluster.nodes

    def routes_of(self, one: NodeClass) -> Routes:
        """Return what the nodes of a class tell others of what they originate."""
        return self._advertised.get(one, frozenset())

    @cached_property
    def kept_back(self) -> Mapping[NodeClass, Mapping[Route, str]]:
        """What the nodes of a class originate and tell nobody, with the rule that forbids it."""
        return {one: self._kept_back(one, self._originated[one]) for one in self.classes}

    def _kept_back(self, one: NodeClass, routes: Routes) -> Mapping[Route, str]:
        intent = self.intents.get(one.nodes[0])
        if intent is None:
            return {}
        return {(family, prefix): rule for family, prefix, rule in kept_back(intent, routes)}

    @cached_property
    def _advertised(self) -> Mapping[NodeClass, Routes]:
        return {one: routes - self.kept_back[one].keys() for one, routes in self._originated.items()}

    @cached_property
    def _originated(self) -> Mapping[NodeClass, Routes]:
        return {
            one: _united(self.originated.get(name, frozenset()) for name in one.nodes) for one in self.classes
        }

    @cached_property
    def carried(self) -> Mapping[NodeClass, Mapping[tuple[NodeClass, Family], Carried]]:
        """For each class, whose routes of which family get to its nodes, and how.

        A class stands in its own row when its nodes get one another's routes.
        """
        table: dict[NodeClass, dict[tuple[NodeClass, Family], Carried]] = {one: {} for one in self.classes}
        for origin in self.classes:
            for family in Family:
                if any(of is family for of, _ in self.routes_of(origin)):
                    self._walk(table, origin, family)
        return table

    def _walk(
        self,
        table: Mapping[NodeClass, dict[tuple[NodeClass, Family], Carried]],
        origin: NodeClass,
        family: Family,
    ) -> None:
        first = origin.representatives[0]
        reached = reach(self.graph, first, family)
        for receiver in self.classes:
            for name in receiver.representatives:
                if name in reached:
                    table[receiver][origin, family] = reached[name]
                    break

    def tells(self, receiver: NodeClass, route: Route) -> bool:
        """Tell whether a class of nodes gets a route from some other node."""
        carried = self.carried[receiver]
        return any((origin, route[0]) in carried for origin in self._origins.get(route, ()))

    @cached_property
    def _origins(self) -> Mapping[Route, Sequence[NodeClass]]:
        origins: dict[Route, list[NodeClass]] = {}
        for one in self.classes:
            for route in self.routes_of(one):
                origins.setdefault(route, []).append(one)
        return origins


def _united(sets: Iterable[Iterable[Route]]) -> Routes:
    united: set[Route] = set()
    for one in sets:
        united.update(one)
    return frozenset(united)


@dataclass(frozen=True, eq=False)
class Comparison:
    """The same classes of nodes before and after the change."""

    before: ClusterState
    after: ClusterState
    classes: Sequence[NodeClass]

    @cached_property
    def _originating_otherwise(self) -> frozenset[NodeClass]:
        before, after = self.before, self.after
        return frozenset(one for one in self.classes if before.routes_of(one) != after.routes_of(one))

    def lost_and_gained(self, receiver: NodeClass) -> tuple[Routes, Routes]:
        """Return the routes of other nodes that a class of nodes loses, and those it gains."""
        before, after = self.before, self.after
        return self._only_in(before, after, receiver), self._only_in(after, before, receiver)

    def _only_in(self, here: ClusterState, there: ClusterState, receiver: NodeClass) -> Routes:
        name = receiver.nodes[0]
        own = here.originated.get(name, frozenset()) | there.originated.get(name, frozenset())
        told = here.carried[receiver].keys()
        moved = {key for key in told if key[0] in self._originating_otherwise}
        return frozenset(
            route
            for origin, family in (told - there.carried[receiver].keys()) | moved
            for route in here.routes_of(origin)
            if route[0] is family and route not in own and not there.tells(receiver, route)
        )
