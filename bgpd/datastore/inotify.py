"""inotify(7) on a directory and all below it, over the library `inotify_simple`.

`inotify_simple` and not `watchfiles`: it is a thin layer over the descriptor, which waits on the daemon's own
event loop; the other needs a thread that polls, and a tenth of a second more at every start.
"""

import contextlib
import os
from pathlib import Path
from typing import Final

from inotify_simple import INotify, flags

_CHANGES: Final = (
    flags.MODIFY
    | flags.ATTRIB
    | flags.CLOSE_WRITE
    | flags.MOVED_FROM
    | flags.MOVED_TO
    | flags.CREATE
    | flags.DELETE
    | flags.DELETE_SELF
    | flags.MOVE_SELF
    | flags.ONLYDIR
)


class Inotify:
    """A descriptor that is readable when something below `root` has changed.

    Raises:
        OSError: the directory is gone, or the kernel has no more watches to give.

    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._inotify = INotify(nonblocking=True)
        try:
            self._watch(root)
            self._watch_below()
        except OSError:
            self.close()
            raise

    def fileno(self) -> int:
        """Return the descriptor to wait for."""
        return int(self._inotify.fileno())

    def drain(self) -> None:
        """Take in what happened, and watch directories that are new."""
        with contextlib.suppress(BlockingIOError):
            if any(_may_be_new_directory(event.mask) for event in self._inotify.read(timeout=0)):
                self._watch_below()

    def close(self) -> None:
        """End all watches."""
        self._inotify.close()

    def _watch_below(self) -> None:
        """Watch every directory; those that are watched already stay so (inotify_add_watch(2))."""
        for directory, below, _ in os.walk(self._root, followlinks=False):
            for name in below:
                with contextlib.suppress(FileNotFoundError, NotADirectoryError):  # it went while we looked
                    self._watch(Path(directory, name))

    def _watch(self, path: Path) -> None:
        self._inotify.add_watch(os.fspath(path), _CHANGES)


def _may_be_new_directory(mask: int) -> bool:
    """Tell whether a directory may have come; after an overflow of the queue it is anybody's guess."""
    return bool(mask & flags.Q_OVERFLOW or (mask & flags.ISDIR and mask & (flags.CREATE | flags.MOVED_TO)))
