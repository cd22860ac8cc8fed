"""Notices that something below some directories changed, by inotify and, for what it misses, by time."""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Self

_LOG = logging.getLogger(__name__)

# watchfiles gathers events until this many milliseconds pass without one, and at the latest after _GATHER.
_QUIET = 15
_GATHER = 50
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

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._follow(path)) for path in self._directories]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
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
        from watchfiles import awatch

        changes = awatch(
            path,
            watch_filter=None,
            debounce=_GATHER,
            step=_QUIET,
            rust_timeout=int(_RETRY * 1000),
            yield_on_timeout=True,
        )
        try:
            async with contextlib.aclosing(changes):
                async for change in changes:
                    if change or path not in self._watched:  # what happened before the watch began counts too
                        self._watched.add(path)
                        self.wake()
                    if _identity(path) != identity:
                        return
        except (OSError, RuntimeError) as error:  # out of inotify watches, or gone again: time still wakes us
            _LOG.warning("%s is looked at from time to time only, it cannot be watched: %s", path, error)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        info = path.stat()
    except OSError:
        return None
    return info.st_dev, info.st_ino
