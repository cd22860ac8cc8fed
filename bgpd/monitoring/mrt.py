"""The recorder: keeps MRT files of what peers send and, every so often, of the whole table."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from typing import BinaryIO

from bgpd.events import EventLog
from bgpd.monitoring.monitor import Monitor
from bgpd.monitoring.mrt_files import MrtDirectory
from bgpd.monitoring.mrt_log import MrtLog
from bgpd.monitoring.mrt_table import TableDump

_WRITE_SECONDS = 1.0
"""How often the file of updates gets what has come meanwhile."""


class MrtRecorder:
    """Records as long as `run` runs. The disk is written to in a thread, and its faults end nothing."""

    def __init__(
        self,
        directory: MrtDirectory,
        *,
        interval: float,
        monitor: Monitor,
        events: EventLog,
        clock: Callable[[], float] = time.time,
        retry: float = 30.0,
    ) -> None:
        """Begin a new file of updates, and dump the table, every `interval` seconds.

        After a fault of the disk there is a pause of `retry` seconds.
        """
        self._directory = directory
        self._interval = interval
        self._retry = retry
        self._monitor = monitor
        self._events = events
        self._clock = clock
        self._log = MrtLog()
        self._fault = ""
        monitor.add(self._log)

    async def run(self) -> None:
        """Record, until cancelled."""
        begun = self._clock()
        while True:
            due = (begun // self._interval + 1) * self._interval
            try:
                self._directory.make()
                await self._record_updates(begun, due)
                await self._dump_table(due)
                self._tell("")
                begun = due
            except OSError as error:
                self._tell(str(error))
                await asyncio.sleep(self._retry)
                begun = self._clock()

    def _tell(self, fault: str) -> None:
        """Record a fault of the disk when it is new, and what was lost to it when it is over."""
        if fault != self._fault:
            self._fault = fault
            if fault:
                self._events.record("mrt", f"MRT files cannot be written: {fault}", level=logging.WARNING)
            else:
                self._events.record("mrt", "MRT files are written again")
        if not fault and self._log.lost:
            self._events.record("mrt", f"{self._log.lost} MRT records were lost", level=logging.WARNING)
            self._log.lost = 0

    async def _record_updates(self, begun: float, due: float) -> None:
        with contextlib.closing(self._directory.open_updates(begun)) as file:
            try:
                while (left := due - self._clock()) > 0:
                    await asyncio.sleep(min(_WRITE_SECONDS, left))
                    await _write_aside(file, self._log.take())
            except asyncio.CancelledError:
                with contextlib.suppress(OSError):  # the daemon stops, whatever the disk says
                    _write(file, self._log.take())
                raise

    async def _dump_table(self, due: float) -> None:
        router = self._monitor.router
        if router is None:
            return
        with self._directory.new_table(due) as file:
            for piece in TableDump(self._monitor, router).pieces():
                await _write_aside(file, piece)


async def _write_aside(file: BinaryIO, data: bytes) -> None:
    """Write in a thread, and to the end: nobody else may use the file before."""
    job = asyncio.ensure_future(asyncio.to_thread(_write, file, data))
    try:
        await asyncio.shield(job)
    except asyncio.CancelledError:
        with contextlib.suppress(OSError):
            await job
        raise


def _write(file: BinaryIO, data: bytes) -> None:
    """Write all of it, though the system may take it in parts."""
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]
