"""Everybody who watches this daemon, as its options say."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from bgpd.events import EventLog
from bgpd.monitoring.monitor import Monitor
from bgpd.settings import Settings

if TYPE_CHECKING:
    from bgpd.monitoring.bmp import BmpStation

_LOGGER = logging.getLogger(__name__)


class Watchers:
    """The BMP stations and the MRT files; a daemon without them imports nothing of what they need."""

    def __init__(self, settings: Settings, monitor: Monitor, events: EventLog) -> None:
        self.stations: list[BmpStation] = []
        self._jobs: list[Callable[[], Awaitable[None]]] = []
        if settings.bmp_collectors:
            self._add_stations(settings, monitor, events)
        if settings.mrt_directory:
            self._add_recorder(settings, monitor, events)

    def _add_stations(self, settings: Settings, monitor: Monitor, events: EventLog) -> None:
        from bgpd.monitoring.bmp import BmpStation

        for host, port in settings.bmp_collectors:
            station = BmpStation(host, port, name=settings.node, monitor=monitor, events=events)
            monitor.add(station)
            self.stations.append(station)
            self._jobs.append(station.run)

    def _add_recorder(self, settings: Settings, monitor: Monitor, events: EventLog) -> None:
        from bgpd.monitoring.mrt import MrtRecorder
        from bgpd.monitoring.mrt_files import MrtDirectory

        directory = MrtDirectory(Path(settings.mrt_directory), keep=settings.mrt_keep)
        recorder = MrtRecorder(directory, interval=settings.mrt_interval, monitor=monitor, events=events)
        self._jobs.append(recorder.run)

    async def run(self) -> None:
        """Serve them all, until cancelled."""
        async with asyncio.TaskGroup() as group:
            for job in self._jobs:
                group.create_task(_guarded(job))


async def _guarded(job: Callable[[], Awaitable[None]]) -> None:
    """Let the others go on, whatever may be wrong with one."""
    try:
        await job()
    except Exception:
        _LOGGER.exception("who watches from outside is told nothing more")
