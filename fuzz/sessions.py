"""Target: octets as a script of what the operator, the clock, the network and a peer do to one session."""

from collections.abc import Callable, Iterator
from typing import Final

import fsm
import wire
from wire import Family

_PARAMETERS: Final = fsm.SessionParameters(
    local_as=64512,
    peer_as=0,
    bgp_identifier=bytes([10, 0, 0, 1]),
    families=frozenset(Family),
    long_lived_stale_time=60,
    connect_delay=0.0,
)

_PEER_OPEN: Final = wire.encode_open(
    wire.Open(
        64513,
        90,
        bytes([10, 0, 0, 2]),
        (
            wire.Multiprotocol(Family.IPV4_UNICAST),
            wire.RouteRefreshCapability(),
            wire.FourOctetAs(64513),
            wire.GracefulRestart(30, notification=True, families=((Family.IPV4_UNICAST, True),)),
        ),
    )
)[19:]


class Script:
    """Reads a script: numbers of one octet, and strings of octets that a length octet introduces."""

    def __init__(self, data: bytes) -> None:
        self._octets = iter(data)

    def number(self) -> int:
        """Return the next octet, 0 at the end."""
        return next(self._octets, 0)

    def octets(self) -> bytes:
        """Return the next string."""
        return bytes(octet for octet, _ in zip(self._octets, range(self.number()), strict=False))

    def steps(self) -> Iterator[int]:
        """Yield what is to be done until the script ends."""
        yield from self._octets


class Play:
    """One session in the hands of a script, and what it promises."""

    def __init__(self) -> None:
        self.session = fsm.Session(_PARAMETERS, random=lambda: 0.5)
        self.now = 100.0
        self.open: set[int] = set()
        self.last = 0
        self.dialing = False
        self.up = False
        self.state = fsm.State.IDLE

    def tell(self, event: fsm.Event) -> None:
        """Hand an event in and check the answer."""
        for action in self.session.handle(event, self.now):
            self._check(action)
        assert self.session.state is self.state
        assert self.up is (self.state is fsm.State.ESTABLISHED)
        assert len(self.open) <= 2

    def _check(self, action: fsm.Action) -> None:
        match action:
            case fsm.Connect():
                self.dialing = True
            case fsm.CancelConnect():
                assert self.dialing
                self.dialing = False
            case fsm.Send(number, data):
                assert number in self.open
                assert len(wire.Framer().feed(data)) == 1
            case fsm.Close(number):
                self.open.remove(number)
            case fsm.Up(number, negotiated):
                assert not self.up
                assert number in self.open
                assert negotiated.families
                self.up = True
            case fsm.Down():
                assert self.up
                self.up = False
            case fsm.StateChanged(old, new):
                assert old is self.state is not new
                self.state = new
            case _:
                pass

    def connect(self, script: Script) -> None:
        """A connection opens: the peer's, or ours if we asked for it."""
        self.last += 1
        self.open.add(self.last)
        if self.dialing and script.number() % 2:
            self.dialing = False
            self.tell(fsm.Connected(self.last))
        else:
            self.tell(fsm.Incoming(self.last))

    def fail(self, _: Script) -> None:
        """An attempt to connect fails."""
        self.dialing = False
        self.tell(fsm.ConnectionFailed(None, "refused"))

    def lose(self, _: Script) -> None:
        """The newest connection breaks."""
        self.tell(fsm.Disconnected(self.last, "reset"))

    def wait(self, script: Script) -> None:
        """Time passes; a due timer must not be due again at once."""
        self.now += script.number() ** 2 / 16
        self.tell(fsm.TimerExpired())
        deadline = self.session.deadline
        assert deadline is None or deadline > self.now

    def order(self, script: Script) -> None:
        """The operator or the system starts or stops the session."""
        orders: list[fsm.Event] = [
            fsm.ManualStart(),
            fsm.ManualStop("bye"),
            fsm.AutomaticStart(),
            fsm.AutomaticStop(4),
        ]
        self.tell(orders[script.number() % len(orders)])

    def message(self, script: Script) -> None:
        """The peer sends a message on a connection: type, then body."""
        kind, body = script.number(), script.octets()
        self.tell(_event(self.last - kind // 8 % 2, kind % 8, body))

    def introduce(self, _: Script) -> None:
        """The peer sends what a sound speaker would, which chance alone seldom does."""
        self.tell(_event(self.last, wire.MessageType.OPEN, _PEER_OPEN))
        self.tell(fsm.KeepaliveReceived(self.last))

    def block(self, script: Script) -> None:
        """The peer stops to read, or reads on."""
        self.tell(fsm.SendBlocked(self.last) if script.number() % 2 else fsm.SendResumed(self.last))


def consume(data: bytes) -> None:
    """Play a script; AssertionError, or any other exception, is a defect."""
    play, script = Play(), Script(data)
    acts: list[Callable[[Script], None]] = [
        play.order,
        play.connect,
        play.fail,
        play.lose,
        play.wait,
        play.message,
        play.introduce,
        play.block,
    ]
    play.tell(fsm.ManualStart())
    for step in script.steps():
        acts[step % len(acts)](script)


def _event(connection: int, kind: int, body: bytes) -> fsm.Event:
    """Parse a message as the speaker does; two numbers are no types of messages."""
    if kind == 6:
        return fsm.EndOfRibReceived(connection, Family.IPV4_UNICAST)
    if kind not in tuple(wire.MessageType):
        return fsm.MessageError(connection, wire.NotificationError(1, 2, body))
    try:
        return fsm.message_event(connection, kind, body)
    except wire.NotificationError as error:
        return fsm.MessageError(connection, error)
