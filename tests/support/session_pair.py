"""Two sessions back to back, joined by links in memory, with a clock that the test moves."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TypeVar

import fsm
import wire

Choose = Callable[[int], int]
"""Picks one of n things that may happen next; they are in the order in which they were caused."""

_ActionT = TypeVar("_ActionT")


def parameters(**changes: object) -> fsm.SessionParameters:
    """Return parameters of a session from AS 64512 to AS 64513, with `changes`."""
    base = fsm.SessionParameters(
        local_as=64512,
        peer_as=64513,
        bgp_identifier=bytes([10, 0, 0, 1]),
        families=frozenset({wire.Family.IPV4_UNICAST}),
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def event_of(connection: int, kind: int, body: bytes) -> fsm.Event:
    """Parse a message as a driver does."""
    try:
        return fsm.message_event(connection, kind, body)
    except wire.NotificationError as error:
        return fsm.MessageError(connection, error)


def messages(data: bytes) -> list[tuple[int, bytes]]:
    """Return type and body of each message in `data`."""
    return list(wire.Framer().feed(data))


@dataclass
class End:
    """One session, what it did so far and the connections it has open."""

    name: str
    session: fsm.Session
    log: list[fsm.Action] = field(default_factory=list)
    attempt: int | None = None
    """The link an attempt to connect is under way on."""
    open: dict[int, int] = field(default_factory=dict)
    """Link by connection number."""

    def of(self, kind: type[_ActionT]) -> list[_ActionT]:
        """Return the actions of this kind."""
        return [action for action in self.log if isinstance(action, kind)]

    def sent(self, kind: wire.MessageType) -> list[bytes]:
        """Return the bodies of the messages of this type that it sent."""
        everything = (message for action in self.of(fsm.Send) for message in messages(action.data))
        return [body for type_, body in everything if type_ == kind]

    def notifications(self) -> list[tuple[int, int]]:
        """Return code and subcode of each NOTIFICATION that it sent."""
        return [(body[0], body[1]) for body in self.sent(wire.MessageType.NOTIFICATION)]


class SessionPair:
    """`left` and `right`, each the other's peer; what is under way waits in a queue by link and direction."""

    def __init__(
        self,
        left: fsm.SessionParameters,
        right: fsm.SessionParameters,
        *,
        random: Callable[[], float] = lambda: 1.0,
        choose: Choose = lambda _: 0,
    ) -> None:
        self.now = 1000.0
        self.left = End("left", fsm.Session(left, random=random))
        self.right = End("right", fsm.Session(right, random=random))
        self.cut = False
        """The network loses everything without telling anyone."""
        self._choose = choose
        self._numbers = count(1)
        self._links = count(1)
        self._serials = count()
        self._queues: dict[tuple[str, int], deque[tuple[int, bytes | str]]] = {}

    def start(self) -> None:
        """Start both sessions at the same moment."""
        self.tell(self.left, fsm.ManualStart())
        self.tell(self.right, fsm.ManualStart())

    def tell(self, end: End, event: fsm.Event) -> None:
        """Hand an event in and perform what is answered."""
        self._perform(end, end.session.handle(event, self.now))

    def reconfigure(self, end: End, changed: fsm.SessionParameters) -> None:
        """Give a session other parameters."""
        self._perform(end, end.session.reconfigure(changed, self.now))

    def run(self, seconds: float) -> None:
        """Let this time pass: deliver what is under way, wake up who wants to."""
        until = self.now + seconds
        self.settle()
        while (upcoming := self._deadline()) is not None and upcoming <= until:
            self.now = max(self.now, upcoming)
            for end in self._ends():
                deadline = end.session.deadline
                if deadline is not None and deadline <= self.now:
                    self.tell(end, fsm.TimerExpired())
            self.settle()
        self.now = until

    def _deadline(self) -> float | None:
        deadlines = (end.session.deadline for end in self._ends())
        return min((deadline for deadline in deadlines if deadline is not None), default=None)

    def settle(self) -> None:
        """Deliver everything that is under way; time stands still."""
        while ready := [key for key, queue in self._queues.items() if queue]:
            ready.sort(key=lambda key: self._queues[key][0][0])
            self._deliver(*ready[self._choose(len(ready))])

    def break_links(self) -> None:
        """Reset every connection, as when a cable is pulled and the kernel gives up."""
        self._queues.clear()
        for end in self._ends():
            for number in list(end.open):
                del end.open[number]
                self.tell(end, fsm.Disconnected(number, "connection reset by peer"))

    def _ends(self) -> Iterator[End]:
        yield self.left
        yield self.right

    def _other(self, end: End) -> End:
        return self.right if end is self.left else self.left

    def _end(self, name: str) -> End:
        return self.left if name == "left" else self.right

    def _perform(self, end: End, actions: list[fsm.Action]) -> None:
        end.log += actions
        for action in actions:
            match action:
                case fsm.Connect():
                    end.attempt = next(self._links)
                    self._post(self._other(end), end.attempt, "syn")
                case fsm.CancelConnect():
                    end.attempt = None
                case fsm.Send(number, data) if number in end.open:
                    self._post(self._other(end), end.open[number], data)
                case fsm.Close(number) if number in end.open:
                    self._post(self._other(end), end.open.pop(number), "fin")
                case _:
                    pass

    def _post(self, to: End, link: int, what: bytes | str) -> None:
        if not self.cut:
            self._queues.setdefault((to.name, link), deque()).append((next(self._serials), what))

    def _deliver(self, name: str, link: int) -> None:
        end, (_, what) = self._end(name), self._queues[name, link].popleft()
        if what == "syn":
            self._accept(end, link)
        elif what == "syn ack":
            self._connected(end, link)
        else:
            for number in [n for n, of in end.open.items() if of == link]:
                self._arrive(end, number, what)

    def _accept(self, end: End, link: int) -> None:
        number = next(self._numbers)
        end.open[number] = link
        self._post(self._other(end), link, "syn ack")
        self.tell(end, fsm.Incoming(number))

    def _connected(self, end: End, link: int) -> None:
        if end.attempt != link:
            self._post(self._other(end), link, "fin")
            return
        number = next(self._numbers)
        end.attempt, end.open[number] = None, link
        self.tell(end, fsm.Connected(number))

    def _arrive(self, end: End, number: int, what: bytes | str) -> None:
        if isinstance(what, str):
            del end.open[number]
            self.tell(end, fsm.Disconnected(number, "connection closed by peer"))
            return
        for kind, body in messages(what):
            self.tell(end, event_of(number, kind, body))
