"""Which routes each class of nodes has in one state of the cluster, and what a change takes and gives."""

from collections.abc import Iterable, Mapping, Sequence
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
from records import record
from wire import Family, Prefix

Route = tuple[Family, Prefix]
Routes = frozenset[Route]

Flow = tuple[NodeClass, Family]
"""What the nodes of a class tell others of what they originate in one family."""

_ORIGINATING = ("Node", "BGPConfiguration", "BlockAffinity", "Service", "EndpointSlice")
"""The kinds that decide what nodes originate."""

_NO_COMMUNITIES: Mapping[Family, Mapping[Prefix, tuple[str, ...]]] = {family: {} for family in Family}


def originates_alike(one: Cluster, other: Cluster) -> bool:
    """Tell quickly whether what nodes originate is surely the same in two clusters."""
    tables = one.snapshot.resources, other.snapshot.resources
    return all(tables[0].get(kind) is tables[1].get(kind) for kind in _ORIGINATING)


def originations(cluster: Cluster) -> dict[str, Routes]:
    """Return what each node of a cluster originates: its blocks and services."""
    return {name: _originated(Context(cluster, node)) for name, node in cluster.nodes.items()}


def _originated(context: Context) -> Routes:
    originated = originated_prefixes(own_blocks(context), compute_services(context), _NO_COMMUNITIES)
    return frozenset((family, prefix) for family, prefixes in originated.items() for prefix in prefixes)


@record(eq=False, slots=False)
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

    @cached_property
    def class_of(self) -> Mapping[str, NodeClass]:
        """The class of each representative."""
        return {name: one for one in self.classes for name in one.representatives}

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
    def carried(self) -> Mapping[Flow, Mapping[NodeClass, Carried]]:
        """For each flow, to which classes it gets, and how.

        A class stands among the receivers of its own when its nodes get one another's routes.
        """
        return {
            (origin, family): self._walk(origin, family)
            for origin in self.classes
            for family in Family
            if any(of is family for of, _ in self.routes_of(origin))
        }

    def _walk(self, origin: NodeClass, family: Family) -> Mapping[NodeClass, Carried]:
        found: dict[NodeClass, Carried] = {}
        for name, how in reach(self.graph, origin.representatives[0], family).items():
            found.setdefault(self.class_of[name], how)
        return found

    def tells(self, receiver: NodeClass, route: Route) -> bool:
        """Tell whether a class of nodes gets a route from some other node."""
        origins = self._origins.get(route, ())
        return any(receiver in self.carried[origin, route[0]] for origin in origins)

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


@record(eq=False, slots=False)
class Comparison:
    """The same classes of nodes before and after the change."""

    before: ClusterState
    after: ClusterState
    classes: Sequence[NodeClass]

    @cached_property
    def rerouted(self) -> Sequence[Flow]:
        """The flows of both states that get to others than before, or in another way."""
        before, after = self.before.carried, self.after.carried
        return [flow for flow in {**before, **after} if before.get(flow) != after.get(flow)]

    @cached_property
    def _touched(self) -> Sequence[tuple[Flow, bool]]:
        """The flows that are not what they were, and whether the routes in them are not."""
        before, after = self.before, self.after
        flows = dict.fromkeys(self.rerouted, False)
        for flow in {**before.carried, **after.carried}:
            if before.routes_of(flow[0]) != after.routes_of(flow[0]):
                flows[flow] = True
        return list(flows.items())

    def lost_and_gained(self, receiver: NodeClass) -> tuple[Routes, Routes]:
        """Return the routes of other nodes that a class of nodes loses, and those it gains."""
        before, after = self.before, self.after
        return self._only_in(before, after, receiver), self._only_in(after, before, receiver)

    def _only_in(self, here: ClusterState, there: ClusterState, receiver: NodeClass) -> Routes:
        name = receiver.nodes[0]
        own = here.originated.get(name, frozenset()) | there.originated.get(name, frozenset())
        return frozenset(
            route
            for flow, moved in self._touched
            if receiver in here.carried.get(flow, ())
            if moved or receiver not in there.carried.get(flow, ())
            for route in here.routes_of(flow[0])
            if route[0] is flow[1] and route not in own and not there.tells(receiver, route)
        )
