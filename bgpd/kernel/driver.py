"""Two netlink sockets on the event loop, and nothing that blocks it.

One socket writes, in batches that the kernel works off while they are sent; the other listens. The kernel
keeps notifications of the writer's own changes from the listener, so that 100,000 routes installed do not
come back as 100,000 messages. Each turn of the loop reads and writes a bounded part and yields.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from bgpd.histogram import Histogram
from bgpd.kernel.codes import (
    RTMGRP_IPV4_IFADDR,
    RTMGRP_IPV4_ROUTE,
    RTMGRP_IPV6_IFADDR,
    RTMGRP_IPV6_ROUTE,
    RTMGRP_LINK,
)
from bgpd.kernel.model import KernelChange
from bgpd.kernel.monitor import Monitor
from bgpd.kernel.socket import NetlinkSocket, Overrun
from bgpd.kernel.view import ROUTE_DUMPS, FamilyView, KernelView
from bgpd.kernel.writer import Writer

_log = logging.getLogger(__name__)

_GROUPS: Final = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE
_BATCH: Final = 1024
"""Prefixes of a family looked at in one turn, 64 KiB of requests: some 4 ms."""
_DOUBT_PAUSE: Final = 1.0
"""Seconds between dumps that doubts or refusals cause: they cost the more the more routes there are."""

ChangeHandler = Callable[[KernelChange], None]
OpenSocket = Callable[[int], NetlinkSocket]


class Driver:
    """Runs a KernelView against the kernel of the network namespace it is made in. Raises OSError."""

    def __init__(self, view: KernelView, open_socket: OpenSocket, loop: asyncio.AbstractEventLoop) -> None:
        self._view = view
        self._on_change: ChangeHandler | None = None
        self._loop = loop
        self._sender = open_socket(0)
        self._listener = open_socket(_GROUPS)
        self._listener.ignore(self._sender.port)
        self._batch = min(_BATCH, self._sender.batch_limit)
        self._writer = Writer(self._sender)
        self._monitor = Monitor(self._listener, view)
        self._settled = asyncio.Event()
        self.sync_times = Histogram()
        """How long it took from a change to the last write that it asked for."""
        self._unsettled_since = loop.time()
        self._wrote = False
        """Whether anything was written since then."""
        self._turn: asyncio.Handle | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self._dump_allowed_at = float("-inf")
        self._monitor.start()
        loop.add_reader(self._listener.fileno(), self._readable)

    @property
    def resyncs(self) -> int:
        """Dumps asked for after the first."""
        return self._monitor.resyncs

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left to read or write, as far as we know."""
        return self._settled.is_set()

    async def settled(self) -> None:
        """Wait until nothing is left to write but what the kernel refused."""
        await self._settled.wait()

    def subscribe(self, handler: ChangeHandler) -> None:
        """Have `handler` called with what changes; the first time with all that is known."""
        self._on_change = handler
        self.wake()

    def wake(self) -> None:
        """Have a turn soon: there may be something to write."""
        if self._settled.is_set():
            self._settled.clear()
            self._unsettled_since, self._wrote = self._loop.time(), False
        if self._turn is None:
            self._turn = self._loop.call_soon(self._run)

    def close(self) -> None:
        """Leave the loop and close the sockets."""
        self._loop.remove_reader(self._listener.fileno())
        for handle in (self._turn, self._alarm):
            if handle is not None:
                handle.cancel()
        self._sender.close()
        self._listener.close()

    def _readable(self) -> None:
        self._read()
        self.wake()

    def _read(self) -> None:
        try:
            self._monitor.read(self._loop.time())
        except OSError as error:
            _log.error("Cannot follow the kernel's routes, asking again in a second: %s", error)
            self._set_alarm_at(self._loop.time() + _DOUBT_PAUSE, self._monitor.resync)

    def _run(self) -> None:
        """One turn: read, then report and write what may be believed."""
        self._turn = None
        self._read()  # what is written next should not rest on old news
        if self._monitor.dumping:
            return  # the listener's news goes on
        self._report()
        for view in self._view.families.values():
            self._write(view)
        self._resolve_doubts()
        if any(view.sync.pending for view in self._view.families.values()):
            self.wake()
        elif not self._monitor.dumping:
            self._settled.set()
            if self._wrote:
                self.sync_times.observe(self._loop.time() - self._unsettled_since)
            self._set_alarm()

    def _report(self) -> None:
        if self._on_change is not None:
            for change in self._view.changes():
                self._on_change(change)

    def _write(self, view: FamilyView) -> None:
        now = self._loop.time()
        operations = view.sync.plan(self._batch, now)
        if not operations:
            return
        self._wrote = True
        try:
            refusals = self._writer.write(view.address_family, operations)
        except Overrun:
            view.sync.unsettle(operations)
            self._monitor.resync([ROUTE_DUMPS[view.family]])
        else:
            view.sync.settle(operations, refusals, now)

    def _resolve_doubts(self) -> None:
        dumps = [ROUTE_DUMPS[view.family] for view in self._view.families.values() if view.doubtful]
        now = self._loop.time()
        if dumps and now >= self._dump_allowed_at:
            self._dump_allowed_at = now + _DOUBT_PAUSE
            self._monitor.resync(dumps)

    def _set_alarm(self) -> None:
        """Wake up for the next retry, or the next dump when there are doubts left."""
        views = self._view.families.values()
        times = [view.sync.failures.deadline for view in views]
        times += [self._dump_allowed_at for view in views if view.doubtful]
        due = [time for time in times if time is not None]
        if due:
            self._set_alarm_at(min(due), self.wake)

    def _set_alarm_at(self, when: float, what: Callable[[], None]) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = self._loop.call_at(when, what)
