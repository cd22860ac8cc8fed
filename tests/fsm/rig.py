"""One session under test, whose peer is played by the test."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import fsm
import wire
from fsm import State
from tests.support.session_pair import messages, parameters

_ActionT = TypeVar("_ActionT")

PEER_CAPABILITIES: tuple[wire.Capability, ...] = (
    wire.Multiprotocol(wire.Family.IPV4_UNICAST),
    wire.RouteRefreshCapability(),
    wire.FourOctetAs(64513),
)
PEER_OPEN = wire.Open(64513, 90, bytes([10, 0, 0, 2]), PEER_CAPABILITIES)


def peer_open(*more: wire.Capability, **changes: object) -> wire.Open:
    """Return the peer's OPEN with further capabilities and other fields."""
    message = replace(PEER_OPEN, capabilities=PEER_CAPABILITIES + more)
    return replace(message, **changes)  # type: ignore[arg-type]


class Rig:
    """A session, the time, and what it answered to the last event and to all of them."""

    def __init__(self, *, random: Callable[[], float] = lambda: 1.0, **changes: object) -> None:
        self.session = fsm.Session(parameters(**changes), random=random)
        self.now = 5000.0
        self.log: list[fsm.Action] = []
        self.last: list[fsm.Action] = []

    @property
    def state(self) -> State:
        return self.session.state

    def tell(self, event: fsm.Event) -> "Rig":
        self.last = self.session.handle(event, self.now)
        self.log += self.last
        return self

    def wait(self, seconds: float) -> "Rig":
        """Let time pass, with each timer handed in when it is due; `last` is all that was answered."""
        until = self.now + seconds
        answers: list[fsm.Action] = []
        while (deadline := self.session.deadline) is not None and deadline <= until:
            self.now = max(self.now, deadline)
            answers += self.tell(fsm.TimerExpired()).last
        self.now, self.last = until, answers
        return self

    def of(self, kind: type[_ActionT], *, ever: bool = False) -> list[_ActionT]:
        """Return actions of this kind, of the last event or of all."""
        return [action for action in (self.log if ever else self.last) if isinstance(action, kind)]

    def sent(self, *, ever: bool = False) -> list[tuple[int, bytes]]:
        """Return the messages sent, as type and body."""
        return [message for action in self.of(fsm.Send, ever=ever) for message in messages(action.data)]

    def notification(self) -> wire.Notification:
        """Return the one NOTIFICATION of the last answer."""
        (body,) = (body for kind, body in self.sent() if kind == wire.MessageType.NOTIFICATION)
        return wire.decode_notification(body)


def rig_in(state: State, *, opened: wire.Open = PEER_OPEN, **changes: object) -> Rig:
    """Return a session in this state; from OpenSent on over connection 1, the peer's when it is passive."""
    rig = Rig(**{"connect_delay": 0.0, **changes})
    passive = rig.session.parameters.passive
    steps: list[tuple[State, fsm.Event]] = [
        (State.ACTIVE if passive else State.CONNECT, fsm.ManualStart()),
        (State.OPEN_SENT, fsm.Incoming(1) if passive else fsm.Connected(1)),
        (State.OPEN_CONFIRM, fsm.OpenReceived(1, opened)),
        (State.ESTABLISHED, fsm.KeepaliveReceived(1)),
    ]
    if state is State.ACTIVE and not passive:
        rig.tell(fsm.ManualStart()).tell(fsm.ConnectionFailed(None, "connection refused"))
    while rig.state is not state:
        reached, event = steps.pop(0)
        assert rig.tell(event).state is reached
    return rig
