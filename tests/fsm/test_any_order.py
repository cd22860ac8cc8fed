"""A session under any order of events keeps its promises."""

import math

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

import fsm
import wire
from fsm import State
from tests.fsm.rig import peer_open
from tests.support.session_pair import messages, parameters

V4, V6 = wire.Family.IPV4_UNICAST, wire.Family.IPV6_UNICAST

capabilities = st.lists(
    st.sampled_from(
        [
            wire.Multiprotocol(V6),
            wire.Multiprotocol(wire.family_of(25, 70)),
            wire.GracefulRestart(90, notification=True, families=((V4, True), (V6, False))),
            wire.GracefulRestart(0, families=((V4, True),)),
            wire.LongLivedGracefulRestart(((V4, True, 60), (V6, True, 60))),
            wire.EnhancedRouteRefresh(),
            wire.Role(0),
            wire.UnknownCapability(200, b"x"),
        ]
    ),
    max_size=4,
)
opens = st.builds(
    lambda more, as_number, hold_time, identifier: peer_open(
        *more, my_as=as_number, hold_time=hold_time, bgp_identifier=bytes([10, 0, 0, identifier])
    ),
    capabilities,
    st.sampled_from([64513, 64513, 64513, 64512, 0]),
    st.sampled_from([0, 2, 3, 90]),
    st.sampled_from([1, 2, 3]),
)
notifications = st.builds(wire.Notification, st.integers(0, 255), st.integers(0, 255), st.binary(max_size=5))
errors = st.builds(wire.NotificationError, st.integers(1, 255), st.integers(0, 255), st.binary(max_size=3))
families = st.sampled_from([V4, V6, wire.family_of(25, 70)])
refreshes = st.builds(wire.RouteRefresh, families, st.sampled_from(list(wire.RefreshKind)))

MAKERS = [
    lambda data, n: fsm.Disconnected(n, "reset"),
    lambda data, n: fsm.ConnectionFailed(n, "reset"),
    lambda data, n: fsm.OpenReceived(n, data.draw(opens)),
    lambda data, n: fsm.KeepaliveReceived(n),
    lambda data, n: fsm.UpdateReceived(n, 3),
    lambda data, n: fsm.RouteRefreshReceived(n, data.draw(refreshes)),
    lambda data, n: fsm.EndOfRibReceived(n, data.draw(st.sampled_from([V4, V6]))),
    lambda data, n: fsm.NotificationReceived(n, data.draw(notifications)),
    lambda data, n: fsm.MessageError(n, data.draw(errors)),
    lambda data, n: fsm.SendBlocked(n),
    lambda data, n: fsm.SendResumed(n),
]


class AnyOrder(RuleBasedStateMachine):
    """Plays the operator, the clock, the network and a peer that does as it likes."""

    @initialize(
        passive=st.booleans(),
        delay_open=st.sampled_from([0.0, 2.0]),
        stale=st.sampled_from([None, 0, 60]),
        role=st.sampled_from([None, 3]),
    )
    def begin(self, passive: bool, delay_open: float, stale: int | None, role: int | None) -> None:
        self.now = 100.0
        self.session = fsm.Session(
            parameters(
                families=frozenset({V4, V6}),
                passive=passive,
                delay_open_time=delay_open,
                long_lived_stale_time=stale,
                role=role,
            ),
            random=lambda: 0.5,
        )
        self.known: set[int] = set()
        self.open: set[int] = set()
        self.next = 1
        self.dialing = self.is_up = False
        self.retained: set[wire.Family] = set()
        self.state = State.IDLE

    def tell(self, event: fsm.Event) -> None:
        self.check(self.session.handle(event, self.now))

    def check(self, actions: list[fsm.Action]) -> None:
        for action in actions:
            match action:
                case fsm.Connect():
                    self.dialing = True
                case fsm.CancelConnect():
                    assert self.dialing
                    self.dialing = False
                case fsm.Send(number, data):
                    assert number in self.open
                    assert len(messages(data)) == 1
                case fsm.Close(number):
                    assert number in self.open
                    self.open.remove(number)
                case fsm.Up(number, negotiated):
                    assert not self.is_up
                    assert number in self.open
                    assert negotiated.families
                    self.is_up = True
                case fsm.Down(_, _, retain, retain_for):
                    assert self.is_up
                    assert retain_for >= 0
                    assert not (self.retained - retain)
                    self.is_up, self.retained = False, self.retained | retain
                case fsm.RetainExpired(family):
                    assert family in self.retained
                    self.retained.remove(family)
                case fsm.LongLivedStale(family, stale_for):
                    assert family in self.retained
                    assert stale_for >= 0
                case fsm.Refresh(family):
                    assert self.is_up
                case fsm.StateChanged(old, new):
                    assert old is self.state
                    assert new is not old
                    self.state = new

    @rule()
    def start(self) -> None:
        self.tell(fsm.ManualStart())

    @rule(notify=st.booleans(), message=st.text(max_size=300))
    def stop(self, notify: bool, message: str) -> None:
        self.tell(fsm.ManualStop(message, notify=notify))
        assert not self.open
        assert not self.retained
        assert self.session.deadline is None

    @rule(event=st.sampled_from([fsm.AutomaticStart(), fsm.AutomaticStop(4), fsm.AutomaticStop(1, "", 10.0)]))
    def order(self, event: fsm.Event) -> None:
        self.tell(event)

    @rule()
    def accept(self) -> None:
        self.open.add(self.next)
        self.known.add(self.next)
        self.next += 1
        self.tell(fsm.Incoming(self.next - 1))

    @rule(late=st.booleans())
    def connect(self, late: bool) -> None:
        if self.dialing or late:
            self.dialing = False
            self.open.add(self.next)
            self.known.add(self.next)
            self.next += 1
            self.tell(fsm.Connected(self.next - 1))

    @rule()
    def fail_to_connect(self) -> None:
        self.dialing = False
        self.tell(fsm.ConnectionFailed(None, "connection refused"))

    @rule(data=st.data(), make=st.sampled_from(MAKERS), stale=st.integers(0, 9))
    def happen(self, data: st.DataObject, make: object, stale: int) -> None:
        """Something happens on a connection; now and then on one that is long closed."""
        candidates = self.known if stale == 0 else self.open
        if not candidates:
            return
        number = data.draw(st.sampled_from(sorted(candidates)))
        self.tell(make(data, number))  # type: ignore[operator]

    @rule(opened=opens)
    def make_progress(self, opened: wire.Open) -> None:
        """Complete the opening on the newest connection, which chance alone seldom does."""
        if self.open:
            number = max(self.open)
            self.tell(fsm.OpenReceived(number, opened))
            self.tell(fsm.KeepaliveReceived(number))

    @rule(seconds=st.sampled_from([0.0, 0.3, 3.0, 60.0, 1000.0]))
    def wait(self, seconds: float) -> None:
        """Time passes; the loop is late now and then, so that several timers are due at once."""
        self.now += seconds
        self.tell(fsm.TimerExpired())

    @rule(
        changes=st.fixed_dictionaries(
            {},
            optional={
                "passive": st.booleans(),
                "hold_time": st.sampled_from([0, 3, 90]),
                "keepalive_time": st.sampled_from([None, 1, 100]),
                "peer_as": st.sampled_from([64513, 0]),
            },
        )
    )
    def reconfigure(self, changes: dict[str, object]) -> None:
        self.check(
            self.session.reconfigure(
                parameters(families=frozenset({V4, V6}), **changes),
                self.now,
            )
        )

    @invariant()
    def promises(self) -> None:
        session = self.session
        assert len(self.open) <= 2
        assert session.state is self.state
        assert self.is_up is (session.state is State.ESTABLISHED) is (session.negotiated is not None)
        assert self.is_up is (session.established_at is not None)
        if session.state is State.IDLE:
            assert not self.open
            assert not self.dialing
            assert session.stopped is (session.deadline is None) or self.retained
        if session.state is State.CONNECT:
            assert self.dialing or self.open
        deadline = session.deadline
        assert deadline is None or (math.isfinite(deadline) and deadline <= self.now + 1000)
        # A due timer is handled by one TimerExpired: no busy loop.
        if deadline is not None and deadline <= self.now:
            self.tell(fsm.TimerExpired())
            assert session.deadline is None or session.deadline > self.now


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=60, stateful_step_count=40, deadline=None, derandomize=True)
