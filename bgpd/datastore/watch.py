"""Notices that something below some directories changed, by inotify and, for what it misses, by time."""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from bgpd.datastore.inotify import Inotify

_LOG = logging.getLogger(__name__)

_QUIET = 0.015
"""Seconds without an event after which a change counts as complete."""
_GATHER = 0.05
"""Seconds after its first event at which it is looked at in any case."""
_RETRY = 0.5
"""Seconds between looks for a directory that does not exist, or exists anew."""
_POLL_UNWATCHED = 1.0
"""Longest wait (s) while the directory cannot be watched."""


class Watch:
    """Wakes whoever waits when something changed below the directories.

    Directories may be missing, come and go: the caller scans on every wake-up and at least once in a while
    anyway, so this only has to be quick, not complete.
    """

    def __init__(self, directories: Sequence[Path]) -> None:
        self._directories = directories
        self._changed = asyncio.Event()
        self._watched: set[Path] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._gathering: asyncio.TimerHandle | None = None
        self._begun = 0.0

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._follow(path)) for path in self._directories]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        if self._gathering is not None:
            self._gathering.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def wake(self) -> None:
        """Wake the waiting one as if something had changed."""
        self._changed.set()

    async def wait(self, timeout: float) -> None:  # noqa: ASYNC109  (waking up in vain is the normal case)
        """Return after a change or after `timeout` seconds, sooner where changes cannot be noticed."""
        longest = timeout if self._directories[0] in self._watched else min(timeout, _POLL_UNWATCHED)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._changed.wait(), longest)
        self._changed.clear()

    async def _follow(self, path: Path) -> None:
        """Watch one directory for ever; begin again when it is replaced."""
        while True:
            identity = _identity(path)
            if identity:
                await self._follow_existing(path, identity)
                self._watched.discard(path)
                self.wake()
            await asyncio.sleep(_RETRY)

    async def _follow_existing(self, path: Path, identity: tuple[int, int]) -> None:
        try:
            events = Inotify(path)
        except OSError as error:  # out of inotify watches, or gone again: time still wakes us
            _LOG.warning("%s is looked at from time to time only, it cannot be watched: %s", path, error)
            return
        loop = asyncio.get_running_loop()
        loop.add_reader(events, self._noticed, events, loop)
        self._watched.add(path)
        self.wake()  # what happened before the watch began counts too
        try:
            while _identity(path) == identity:  # noqa: ASYNC110  (of that, nothing tells)
                await asyncio.sleep(_RETRY)
        finally:
            loop.remove_reader(events)
            events.close()

    def _noticed(self, events: Inotify, loop: asyncio.AbstractEventLoop) -> None:
        events.drain()
        now = loop.time()
        if self._gathering is None:
            self._begun = now
        else:
            self._gathering.cancel()
        self._gathering = loop.call_at(min(now + _QUIET, self._begun + _GATHER), self._gathered)

    def _gathered(self) -> None:
        self._gathering = None
        self.wake()


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        info = path.stat()
    except OSError:
        return None
    return info.st_dev, info.st_ino
