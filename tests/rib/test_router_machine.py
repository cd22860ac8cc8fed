"""The router against a model that recomputes everything: after every pause each peer has what it should."""

from dataclasses import dataclass, field
from unittest.mock import patch

from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from rib import (
    LocalRoute,
    NextHopRoute,
    PeerKind,
    PeerSettings,
    Policy,
    PolicyRoute,
    PrefixMatch,
    PrefixOperator,
    Protocol,
    Router,
    Rule,
    SetLocalPref,
    Verdict,
    evaluate,
)
from tests.rib.support import (
    IPV4,
    OUR_AS,
    OUR_ID,
    Receiver,
    announce,
    as_path,
    attributes,
    communities,
    prefix,
    settings,
)
from wire import PathAttributes, Update, Withdrawal, format_prefix, parse_address

PREFIXES = ("10.1.0.0/26", "10.1.0.5/32", "0.0.0.0/0")
NEXT_HOPS = ("10.0.0.1", "10.9.0.1")

POLICIES: tuple[Policy | None, ...] = (
    None,
    Policy(
        name="pools only",
        family=IPV4,
        normalize="export",
        rules=(
            Rule(
                name="pool",
                verdict=Verdict.ACCEPT,
                prefixes=(PrefixMatch(PrefixOperator.IN, prefix("10.1.0.0/16")),),
            ),
        ),
        default=Verdict.REJECT,
    ),
    Policy(
        name="prefer some",
        family=IPV4,
        rules=(
            Rule(
                name="host routes",
                verdict=Verdict.REJECT,
                prefixes=(PrefixMatch(PrefixOperator.IN, prefix("0.0.0.0/0"), min_length=32),),
            ),
            Rule(name="raise", verdict=Verdict.ACCEPT, learned=True, operations=(SetLocalPref(300),)),
        ),
    ),
)

PEERS = {
    "ebgp-a": settings("ebgp-a", PeerKind.EBGP, "10.0.0.1", 65001),
    "ebgp-b": settings("ebgp-b", PeerKind.EBGP, "10.0.0.2", 65001),
    "ebgp-c": settings("ebgp-c", PeerKind.EBGP, "10.0.0.3", 65002, next_hop="keep"),
    "ibgp-d": settings("ibgp-d", PeerKind.IBGP, "10.0.0.4"),
    "ibgp-e": settings("ibgp-e", PeerKind.IBGP, "10.0.0.5"),
    "client-f": settings("client-f", PeerKind.IBGP_CLIENT, "10.0.0.6"),
    "client-g": settings("client-g", PeerKind.IBGP_CLIENT, "10.0.0.7"),
    "all-paths-h": settings("all-paths-h", PeerKind.IBGP_CLIENT, "10.0.0.8", add_path_send=frozenset({IPV4})),
}

attribute_sets = st.builds(
    lambda ases, med, local_pref, next_hop, community, originator: attributes(
        *ases,
        med=med,
        local_pref=local_pref,
        next_hop=next_hop,
        communities=communities(community) if community else b"",
        originator_id=parse_address(originator) if originator else None,
    ),
    st.sampled_from([(), (65001,), (65002,), (65001, 65003), (65002, 65003), (OUR_AS, 65001)]),
    st.sampled_from([None, 0, 5]),
    st.sampled_from([None, 100, 200]),
    st.sampled_from(NEXT_HOPS),
    st.sampled_from([0, 0, 0, 0xFFFFFF01, 0xFFFFFF02, 1]),
    st.sampled_from([None, None, None, "10.0.0.77", "10.0.0.99"]),
)
prefix_lists = st.lists(st.sampled_from(PREFIXES), min_size=1, max_size=3, unique=True)
names = st.sampled_from(sorted(PEERS))


@dataclass
class Route:
    """A path of the model."""

    attributes: PathAttributes
    peer: PeerSettings | None
    local: LocalRoute | None = None
    stale: bool = False
    preference: int = 100
    rejected: bool = False


@dataclass
class ModelPeer:
    settings: PeerSettings
    up: bool = True
    routes: dict[tuple[int, str], Route] = field(default_factory=dict)


class Model:
    """What a router ought to make of its input, computed afresh each time and one prefix at a time."""

    def __init__(self) -> None:
        self.peers: dict[str, ModelPeer] = {}
        self.local: dict[str, LocalRoute] = {}
        self.reachable = set(NEXT_HOPS)

    def candidates(self, text: str) -> list[Route]:
        found = [
            self.imported(peer.settings, route, text)
            for peer in self.peers.values()
            for (_, of), route in peer.routes.items()
            if of == text
        ]
        if text in self.local:
            value = PathAttributes(origin=0)
            found.append(Route(value, None, self.local[text], preference=200))
        return [route for route in found if self.eligible(route)]

    def imported(self, peer: PeerSettings, route: Route, text: str) -> Route:
        value = route.attributes
        policy = peer.import_policy.get(IPV4)
        loop = value.as_path_contains(OUR_AS) or value.originator_id == OUR_ID
        if policy is None or loop:
            return Route(value, peer, rejected=loop)
        outcome = evaluate(policy, PolicyRoute(prefix=prefix(text), attributes=value, protocol=Protocol.BGP))
        return Route(outcome.route.attributes, peer, rejected=not outcome.accept)

    def eligible(self, route: Route) -> bool:
        return not route.rejected and (
            route.local is not None
            or route.attributes.next_hop in {parse_address(hop) for hop in self.reachable}
        )

    def best(self, text: str) -> Route | None:
        """The decision process, written as RFC 4271 tells it: remove what is not the best, step by step."""
        left = self.candidates(text)
        if not left:
            return None
        left = keep_lowest(left, lambda route: -route.preference)
        left = keep_lowest(left, lambda route: -local_pref(route))
        left = keep_lowest(left, lambda route: route.attributes.as_path_length)
        left = keep_lowest(left, lambda route: route.attributes.origin)
        left = [
            route
            for route in left
            if not any(
                rival.attributes.neighbour_as == route.attributes.neighbour_as
                and (rival.attributes.med or 0) < (route.attributes.med or 0)
                for rival in left
            )
        ]
        left = keep_lowest(
            left, lambda route: route.peer is not None and route.peer.kind is not PeerKind.EBGP
        )
        left = keep_lowest(left, lambda route: route.attributes.originator_id or route.peer.bgp_identifier)
        left = keep_lowest(left, lambda route: len(route.attributes.cluster_list))
        left = keep_lowest(left, lambda route: route.peer.address)
        assert len(left) == 1
        return left[0]

    def sent(self, to: PeerSettings, route: Route | None, text: str) -> PathAttributes | None:
        """What a peer is sent of a route, if anything."""
        if route is None or (route.peer is not None and route.peer.name == to.name):
            return None
        value, internal = route.attributes, to.kind is not PeerKind.EBGP
        from_internal = route.peer is not None and route.peer.kind is not PeerKind.EBGP
        if internal and from_internal and PeerKind.IBGP_CLIENT not in {route.peer.kind, to.kind}:
            return None
        if 0xFFFFFF02 in value.community_list or (not internal and 0xFFFFFF01 in value.community_list):
            return None
        if not value.next_hop or to.next_hop == "self" or (not internal and to.next_hop == "auto"):
            value = value.replace(next_hop=OUR_ID)
        if not internal:
            value = value.replace(as_path=as_path(OUR_AS, *flat(value)), originator_id=None, cluster_list=b"")
            value = value if route.peer is None else value.replace(med=None)
        else:
            value = value.replace(local_pref=local_pref(route))
        if internal and from_internal:
            originator = value.originator_id or route.peer.bgp_identifier
            value = value.replace(originator_id=originator, cluster_list=OUR_ID + value.cluster_list)
        policy = to.export_policy.get(IPV4)
        if policy is not None:
            protocol = Protocol.STATIC if route.peer is None else Protocol.BGP
            outcome = evaluate(policy, PolicyRoute(prefix=prefix(text), attributes=value, protocol=protocol))
            if not outcome.accept:
                return None
            value = outcome.route.attributes
        return value if internal else value.replace(local_pref=None)


def keep_lowest(routes, value):
    if len(routes) == 1:
        return routes
    lowest = min(value(route) for route in routes)
    return [route for route in routes if value(route) == lowest]


def local_pref(route: Route) -> int:
    return 100 if route.attributes.local_pref is None else route.attributes.local_pref


def flat(value: PathAttributes) -> list[int]:
    return [as_number for _, as_numbers in value.as_path_segments for as_number in as_numbers]


class RouterMachine(RuleBasedStateMachine):
    """Peers come and go, lag and return, change their minds; the node has routes of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.router = Router(bgp_identifier=OUR_ID)
        self.model = Model()
        self.receivers: dict[str, Receiver] = {}
        self.lagging: set[str] = set()
        self.kernel: dict[str, tuple[bytes | None, ...]] = {}
        self.reach(NEXT_HOPS)

    @initialize(present=st.sets(names, min_size=2))
    def begin(self, present):
        for name in sorted(present):
            self.up(name, None, None)

    @rule(name=names, policy=st.sampled_from(POLICIES), inward=st.sampled_from(POLICIES[::2]))
    def up(self, name, policy, inward):
        if name in self.model.peers and self.model.peers[name].up:
            return
        chosen = with_policies(PEERS[name], policy, inward)
        self.router.add_peer(chosen)
        kept = self.model.peers.get(name)
        self.model.peers[name] = ModelPeer(chosen, routes=kept.routes if kept else {})
        self.receivers[name] = Receiver(chosen)
        if kept:
            # Stale paths keep the verdict of the policy they came in by until something lets them in anew.
            self.router.sweep_stale(name, IPV4)
            self.model.peers[name].routes = {}

    @rule(
        name=names,
        policy=st.sampled_from(POLICIES),
        inward=st.sampled_from(POLICIES[::2]),
        keep=st.booleans(),
    )
    def reconfigure(self, name, policy, inward, keep):
        peer = self.model.peers.get(name)
        if peer is None or not peer.up:
            return
        peer.settings = with_policies(
            PEERS[name], policy, inward, next_hop="self" if keep else PEERS[name].next_hop
        )
        self.router.update_peer(peer.settings)

    @rule(name=names, retain=st.booleans())
    def down(self, name, retain):
        peer = self.model.peers.get(name)
        if peer is None or not peer.up:
            return
        self.router.remove_peer(name, retain=frozenset({IPV4}) if retain else frozenset())
        del self.receivers[name]
        self.lagging.discard(name)
        if retain:
            peer.up = False
            for route in peer.routes.values():
                route.stale = True
        else:
            del self.model.peers[name]

    @rule(name=names, value=attribute_sets, texts=prefix_lists, path_id=st.sampled_from([0, 0, 0, 7]))
    def announce(self, name, value, texts, path_id):
        peer = self.model.peers.get(name)
        if peer is None or not peer.up:
            return
        path_id = path_id if name == "all-paths-h" else 0
        self.router.receive(name, announce(value, *texts, path_id=path_id))
        for text in texts:
            peer.routes[path_id, text] = Route(value, peer.settings)
            if path_id:
                # Two paths of one peer may tie in all that the RFC compares; the model stops there.
                self.drop(name, 0, text)
            elif name == "all-paths-h":
                self.drop(name, 7, text)

    def drop(self, name, path_id, text):
        self.router.receive(name, Update(withdrawn=[Withdrawal(IPV4, path_id, [prefix(text)])]))
        self.model.peers[name].routes.pop((path_id, text), None)

    @rule(name=names, texts=prefix_lists)
    def withdraw(self, name, texts):
        peer = self.model.peers.get(name)
        if peer is None or not peer.up:
            return
        for text in texts:
            self.drop(name, 0, text)

    @rule(text=st.sampled_from(PREFIXES), there=st.booleans())
    def originate(self, text, there):
        route = LocalRoute(kind="blackhole") if there else None
        self.router.change_local(Protocol.STATIC, IPV4, {prefix(text): route})
        self.model.local.pop(text, None)
        if route is not None:
            self.model.local[text] = route

    @rule(hops=st.sets(st.sampled_from(NEXT_HOPS)))
    def reach(self, hops):
        routes = [NextHopRoute(prefix(f"{hop}/32"), "eth0") for hop in sorted(hops)]
        self.router.set_next_hops(routes, IPV4)
        self.model.reachable = set(hops)

    @rule(name=names, lagging=st.booleans())
    def lag(self, name, lagging):
        if name not in self.receivers:
            return
        self.router.set_lagging(name, lagging)
        (self.lagging.add if lagging else self.lagging.discard)(name)

    @rule(name=names)
    def refresh(self, name):
        if name in self.receivers:
            self.receivers[name].routes.clear()
            self.router.refresh_requested(name, IPV4)

    @rule(budget=st.sampled_from([1, 2, 3, 100]))
    def run(self, budget):
        self.take(self.router.run(budget))

    def take(self, changes):
        for receiver in self.receivers.values():
            receiver.take(changes)
        for transmission in changes.transmissions:
            assert self.lagging.isdisjoint(transmission.members)
        for change in changes.fib:
            for text in (format_prefix(IPV4, one) for one in change.prefixes):
                self.kernel.pop(text, None)
                if change.route is not None:
                    self.kernel[text] = tuple(hop.gateway for hop in change.route.next_hops)

    @rule()
    def settle(self):
        for _ in range(1000):
            if not self.router.pending:
                break
            self.take(self.router.run(3))
        assert not self.router.pending
        self.check_peers()
        self.check_kernel()

    def check_peers(self):
        for name, receiver in self.receivers.items():
            if name in self.lagging:
                continue
            assert receiver.end_of_ribs == [IPV4]
            if receiver.settings.add_path_send:
                self.check_all_paths(name, receiver)
                continue
            expected = {
                text: self.model.sent(self.peer(name), self.model.best(text), text) for text in PREFIXES
            }
            sent = {format_prefix(IPV4, one): value for one, value in receiver.table().items()}
            assert sent == {text: value for text, value in expected.items() if value is not None}

    def check_all_paths(self, name, receiver):
        for text in PREFIXES:
            expected = [
                self.model.sent(self.peer(name), route, text) for route in self.model.candidates(text)
            ]
            sent = [value for (_, _, one), value in receiver.routes.items() if one == prefix(text)]
            assert sorted(map(repr, sent)) == sorted(repr(value) for value in expected if value is not None)

    def check_kernel(self):
        bests = {text: self.model.best(text) for text in PREFIXES}
        assert self.kernel.keys() == {text for text, route in bests.items() if route is not None}
        for text, route in bests.items():
            if route is not None and route.peer is not None:
                assert self.kernel[text][0] == route.attributes.next_hop

    @precondition(lambda self: self.receivers)
    @rule(text=st.sampled_from(PREFIXES))
    def explain(self, text):
        explanation = self.router.explain(IPV4, prefix(text))
        best = self.model.best(text)
        first = explanation.candidates[0] if explanation.candidates else None
        if best is None:
            assert first is None or first.reason is not None
        else:
            assert first.reason is None
            assert first.row.best
            assert first.row.attributes.as_path == best.attributes.as_path
            assert first.row.source == ("local" if best.peer is None else best.peer.name)

    def peer(self, name):
        return self.model.peers[name].settings

    def teardown(self):
        self.settle()
        for name in list(self.lagging):
            self.lag(name, False)
        self.settle()


def with_policies(
    peer: PeerSettings, outward: Policy | None, inward: Policy | None, **fields
) -> PeerSettings:
    values = {name: getattr(peer, name) for name in PeerSettings.__slots__} | fields
    return PeerSettings(
        **values
        | {
            "export_policy": {} if outward is None else {IPV4: outward},
            "import_policy": {} if inward is None else {IPV4: inward},
        }
    )


class GradualMachine(RouterMachine):
    """The same, with every walk through the table put off, and a prefix at a time."""

    def __init__(self) -> None:
        self.patches = [patch("rib.table._AT_ONCE", 0)]
        self.patches += [patch(f"rib.{module}.STEP", 1) for module in ("dump", "fibs", "table", "walk")]
        for each in self.patches:
            each.start()
        super().__init__()

    @precondition(lambda self: self.receivers and not self.router.pending)
    @rule(text=st.sampled_from(PREFIXES))
    def explain(self, text):
        super().explain(text)

    def teardown(self):
        super().teardown()
        for each in self.patches:
            each.stop()


RouterMachine.TestCase.settings = hypothesis_settings(max_examples=100, stateful_step_count=50, deadline=None)
GradualMachine.TestCase.settings = hypothesis_settings(RouterMachine.TestCase.settings, max_examples=50)
TestRouterMachine = RouterMachine.TestCase
TestGradualMachine = GradualMachine.TestCase
