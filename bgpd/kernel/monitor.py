"""Follows the kernel: dumps, one after the other, and the notifications between and after them.

One socket for both, so that what it delivers is in the order in which it happened. A dump that was disturbed
(NLM_F_DUMP_INTR) is repeated; after an overrun notifications are missing, and all is dumped again.
"""

from collections.abc import Iterable
from errno import ENOENT
from typing import Final, Protocol

from bgpd.kernel.codes import NLM_F_DUMP_INTR, NLMSG_DONE, NLMSG_ERROR
from bgpd.kernel.messages import Message, dump_request, refusal
from bgpd.kernel.socket import Overrun
from bgpd.kernel.view import ALL_DUMPS, Dump, KernelView

READ_LIMIT: Final = 64 << 10
"""Octets read in one turn of the loop: a thousand routes of a dump or 600 notifications, some 5 ms."""
_NO_SUCH_TABLE: Final = ENOENT
"""A dump of the main table is refused so as long as it never had a route."""


class Transport(Protocol):
    """What the monitor needs of a NetlinkSocket."""

    def send(self, data: bytes) -> None:
        """Hand requests to the kernel."""

    def receive(self, limit: int) -> Iterable[Message]:
        """Read what has arrived; raises Overrun."""


class Monitor:
    """Keeps a KernelView in step with what its socket tells."""

    def __init__(self, transport: Transport, view: KernelView) -> None:
        self.resyncs = 0
        """How often notifications were not enough, and the kernel was asked for all of something again."""
        self._transport = transport
        self._view = view
        self._wanted: dict[Dump, None] = {}
        self._running: Dump | None = None
        self._repeat = False
        self._sequence = 0

    @property
    def dumping(self) -> bool:
        """Whether a dump is going on or due: until it is done, what is known may be wrong."""
        return self._running is not None or bool(self._wanted)

    def start(self) -> None:
        """Ask for everything. Raises OSError."""
        self._ask(ALL_DUMPS)

    def resync(self, dumps: Iterable[Dump] = ALL_DUMPS) -> None:
        """Ask for everything again, or for some of it. Raises OSError."""
        self.resyncs += 1
        self._ask(dumps)

    def _ask(self, dumps: Iterable[Dump]) -> None:
        asked = set(dumps)
        self._repeat |= self._running in asked
        self._wanted = {dump: None for dump in ALL_DUMPS if dump in self._wanted or dump in asked}
        if self._running is None:
            self._next_dump()

    def read(self, now: float, limit: int = READ_LIMIT) -> None:
        """Take what has arrived, a bounded part of it. Raises OSError when a dump is refused."""
        try:
            for message in self._transport.receive(limit):
                self._take(message, now)
        except Overrun:
            self.resync()

    def _take(self, message: Message, now: float) -> None:
        if message.kind not in (NLMSG_DONE, NLMSG_ERROR):
            self._repeat |= bool(message.flags & NLM_F_DUMP_INTR)
            self._view.take(message, now)
            return
        if self._running is None or message.sequence != self._sequence:
            return
        if message.kind == NLMSG_ERROR:
            answer = refusal(message)
            if answer.errno != _NO_SUCH_TABLE:
                self._wanted[self._running] = None
                self._running = None
                raise OSError(answer.errno, f"the kernel refused to list its routes: {answer.text}")
        self._end_dump(now)

    def _end_dump(self, now: float) -> None:
        dump, self._running = self._running, None
        if dump is not None:
            if self._repeat:
                self._wanted[dump] = None
            else:
                self._view.end_dump(dump, now)
        self._next_dump()

    def _next_dump(self) -> None:
        self._repeat = False
        if not self._wanted:
            return
        dump = next(iter(self._wanted))
        del self._wanted[dump]
        self._running = dump
        self._sequence += 1
        self._view.begin_dump(dump)
        self._transport.send(dump_request(*dump, self._sequence))
