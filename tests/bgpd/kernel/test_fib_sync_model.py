"""The reconciler against a model of the kernel, through any order of wishes, meddling, losses and dumps."""

from errno import EEXIST, ENETUNREACH, ESRCH

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bgpd.kernel.fib_sync import FibSync
from bgpd.kernel.foreign import ForeignRoutes
from bgpd.kernel.model import KernelRoute, Refusal
from bgpd.kernel.operations import CREATE, DELETE
from bgpd.kernel.repairs import CALM
from bgpd.kernel.targets import Targets
from rib import FibRoute
from tests.bgpd.kernel.netlink_world import (
    AF_INET,
    BIRD,
    OURS,
    P1,
    P2,
    P3,
    STATIC,
    Write,
    each,
    held,
    refusals,
    wish,
)

Slot = tuple[bytes, int]
prefixes = st.sampled_from([P1, P2, P3])
metrics = st.sampled_from([0, 1024])
gateways = st.sampled_from([1, 2, 3])
UNREACHABLE = 3


class FakeKernel:
    """A main table with one route a slot; the gateway 192.0.2.3 is reachable at times."""

    def __init__(self) -> None:
        self.table: dict[Slot, KernelRoute] = {}
        self.reachable = False

    def write(self, write: Write) -> Refusal | None:
        verb, prefix, route = write.verb, write.prefix, write.target.route
        slot = (prefix, route.metric)
        there = self.table.get(slot)
        if verb is DELETE:
            if there is None or there.protocol != route.protocol:
                return Refusal(ESRCH)
            del self.table[slot]
            return None
        if verb is CREATE and there is not None:
            return Refusal(EEXIST)
        if not self.reachable and route.hops[0].gateway == held(UNREACHABLE).hops[0].gateway:
            return Refusal(ENETUNREACH)
        assert verb is CREATE or there is None or there.protocol in (OURS, BIRD), "replaced a foreign route"
        self.table[slot] = route
        return None


class Reconciliation(RuleBasedStateMachine):
    """The world around one FibSync. Notifications are delivered at once, unless they are lost."""

    def __init__(self) -> None:
        super().__init__()
        self.kernel = FakeKernel()
        self.foreign = ForeignRoutes()
        self.sync = FibSync(Targets(AF_INET, {"eth0": 2}), self.foreign)
        self.wanted: dict[bytes, FibRoute] = {}
        self.foreign_truth: dict[Slot, KernelRoute] = {}
        self.finished = False
        self.in_doubt = False
        self.now = 0.0

    # -- what happens

    @rule(prefix=prefixes, gateway=gateways, metric=metrics)
    def want(self, prefix: bytes, gateway: int, metric: int) -> None:
        self.wanted[prefix] = wish(gateway, metric=metric)
        self.sync.stage([prefix], self.wanted[prefix])

    @rule(prefix=prefixes)
    def want_no_more(self, prefix: bytes) -> None:
        self.wanted.pop(prefix, None)
        self.sync.stage([prefix], None)

    @precondition(lambda self: not self.finished)
    @rule(prefix=prefixes, gateway=gateways, metric=metrics, protocol=st.sampled_from([OURS, BIRD]))
    def leave_behind(self, prefix: bytes, gateway: int, metric: int, protocol: int) -> None:
        slot = (prefix, metric)
        if slot not in self.kernel.table:
            self.kernel.table[slot] = held(gateway, metric=metric, protocol=protocol)
            self.tell_new(prefix, self.kernel.table[slot], lost=False)

    @rule(prefix=prefixes, metric=metrics, lost=st.booleans())
    def remove(self, prefix: bytes, metric: int, lost: bool) -> None:
        route = self.kernel.table.pop((prefix, metric), None)
        if route is None:
            return
        self.foreign_truth.pop((prefix, metric), None)
        if lost:
            self.in_doubt = True
        elif route.protocol == STATIC:
            self.foreign.remove(prefix, route)
            self.sync.retry([prefix])
        else:
            self.sync.lose(prefix, route, self.now)

    @rule(prefix=prefixes, gateway=gateways, metric=metrics, lost=st.booleans(), over=st.booleans())
    def install_foreign(self, prefix: bytes, gateway: int, metric: int, lost: bool, over: bool) -> None:
        slot = (prefix, metric)
        if slot in self.kernel.table and not over:
            return
        before = self.kernel.table.get(slot)
        route = held(gateway, metric=metric, protocol=STATIC)
        if before == route:
            return
        self.kernel.table[slot] = self.foreign_truth[slot] = route
        self.tell_new(prefix, route, lost=lost, replaces=before is not None)

    def tell_new(self, prefix: bytes, route: KernelRoute, *, lost: bool, replaces: bool = False) -> None:
        if lost:
            self.in_doubt = True
        elif route.protocol != STATIC:
            self.sync.observe(prefix, route, self.now)
        else:
            self.foreign.add(prefix, route, replaces=replaces)
            if replaces:
                self.sync.lose_slot(prefix, route.metric, self.now)

    @rule(reachable=st.booleans())
    def gateway_comes_or_goes(self, reachable: bool) -> None:
        self.kernel.reachable = reachable

    @rule()
    def finish_restart(self) -> None:
        self.finished = True
        self.sync.finish_restart()

    @rule(limit=st.integers(1, 4), seconds=st.sampled_from([0.0, 0.3, 70.0]))
    def turn(self, limit: int, seconds: float) -> None:
        self.now += seconds
        if self.in_doubt:  # an overrun is noticed before anything else is written
            self.dump()
        operations = self.sync.plan(limit, self.now)
        answers = {write: self.kernel.write(write) for write in each(operations)}
        self.sync.settle(operations, refusals(operations, answers), self.now)

    @rule()
    def dump(self) -> None:
        self.foreign.begin_dump()
        self.sync.begin_dump()
        for (prefix, _), route in self.kernel.table.items():
            self.tell_new(prefix, route, lost=False)
        self.foreign.end_dump()
        self.sync.end_dump(self.now)
        self.in_doubt = False

    # -- what holds always

    @invariant()
    def foreign_routes_are_as_their_owners_left_them(self) -> None:
        assert {slot: route for slot, route in self.kernel.table.items() if route.protocol == STATIC} == (
            self.foreign_truth
        )

    @invariant()
    def as_many_are_desired_as_were_wished(self) -> None:
        assert self.sync.ledger.desired == len(self.wanted)

    def teardown(self) -> None:
        """When the world holds still, the table is what was wished where no foreign route is in the way."""
        self.kernel.reachable = True
        self.finish_restart()
        for _ in range(8):
            self.now += 70 + CALM
            self.turn(100, 0.0)
        ours = {slot: route for slot, route in self.kernel.table.items() if route.protocol != STATIC}
        blocked = {
            prefix for prefix, want in self.wanted.items() if (prefix, want.metric) in self.foreign_truth
        }
        for prefix, want in self.wanted.items():
            standing = {slot: route for slot, route in ours.items() if slot[0] == prefix}
            if prefix in blocked:
                assert self.sync.failures[prefix].refusal.errno == EEXIST
                continue
            target = Targets(AF_INET, {"eth0": 2}).compile(want).route
            assert standing == {(prefix, want.metric): target}
            assert self.sync.ledger.is_installed(prefix)
        assert {prefix for prefix, _ in ours} <= set(self.wanted)
        assert len(self.sync.failures) == len(blocked)


TestReconciliation = Reconciliation.TestCase
TestReconciliation.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
