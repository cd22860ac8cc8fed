"""Everybody who watches this daemon, as its options say."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

from bgpd.events import EventLog
from bgpd.monitoring.bmp import BmpStation
from bgpd.monitoring.monitor import Monitor
from bgpd.monitoring.mrt import MrtRecorder
from bgpd.monitoring.mrt_files import MrtDirectory
from bgpd.settings import Settings

_LOGGER = logging.getLogger(__name__)


class Watchers:
    """The BMP stations and the MRT files."""

    def __init__(self, settings: Settings, monitor: Monitor, events: EventLog) -> None:
        self.stations = [
            BmpStation(host, port, name=settings.node, monitor=monitor, events=events)
            for host, port in settings.bmp_collectors
        ]
        for station in self.stations:
            monitor.add(station)
        self._jobs: list[Callable[[], Awaitable[None]]] = [station.run for station in self.stations]
        if settings.mrt_directory:
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
