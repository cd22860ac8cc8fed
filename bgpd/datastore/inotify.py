"""inotify(7) on a directory and all below it, by the two functions that libc has for it.

Directly and not by a library: `watchfiles` needs a thread that polls, `inotify_simple` loads archivers and
starts a program to find libc, which costs a daemon at rest 1 MiB, and 8 ms.
"""

import contextlib
import ctypes
import os
import struct
from collections.abc import Iterator
from pathlib import Path

# sys/inotify.h
_MODIFY, _ATTRIB, _CLOSE_WRITE = 0x002, 0x004, 0x008
_MOVED_FROM, _MOVED_TO, _CREATE, _DELETE = 0x040, 0x080, 0x100, 0x200
_DELETE_SELF, _MOVE_SELF = 0x400, 0x800
_ONLY_DIRECTORY = 0x0100_0000
_QUEUE_OVERFLOW, _IS_DIRECTORY = 0x4000, 0x4000_0000
_CHANGES = (
    _MODIFY
    | _ATTRIB
    | _CLOSE_WRITE
    | _MOVED_FROM
    | _MOVED_TO
    | _CREATE
    | _DELETE
    | _DELETE_SELF
    | _MOVE_SELF
    | _ONLY_DIRECTORY
)
_EVENT = struct.Struct("iIII")
"""Watch, mask, cookie and the length of the name that follows."""
_READ = 1 << 16

_libc = ctypes.CDLL(None, use_errno=True)


class Inotify:
    """A descriptor that is readable when something below `root` has changed.

    Raises:
        OSError: the directory is gone, or the kernel has no more watches to give.

    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._descriptor = _checked(_libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC), root)
        try:
            self._watch(root)
            self._watch_below()
        except OSError:
            self.close()
            raise

    def fileno(self) -> int:
        """Return the descriptor to wait for."""
        return self._descriptor

    def drain(self) -> None:
        """Take in what happened, and watch directories that are new."""
        with contextlib.suppress(BlockingIOError):
            if any(_may_be_new_directory(mask) for mask in self._masks()):
                self._watch_below()

    def close(self) -> None:
        """End all watches."""
        os.close(self._descriptor)

    def _watch_below(self) -> None:
        """Watch every directory; those that are watched already stay so (inotify_add_watch(2))."""
        for directory, below, _ in os.walk(self._root, followlinks=False):
            for name in below:
                with contextlib.suppress(FileNotFoundError, NotADirectoryError):  # it went while we looked
                    self._watch(Path(directory, name))

    def _watch(self, path: Path) -> None:
        _checked(_libc.inotify_add_watch(self._descriptor, os.fsencode(path), _CHANGES), path)

    def _masks(self) -> Iterator[int]:
        """Give what each event in the queue is."""
        data = os.read(self._descriptor, _READ)
        at = 0
        while at < len(data):
            _, mask, _, length = _EVENT.unpack_from(data, at)
            at += _EVENT.size + length
            yield mask


def _checked(result: int, path: Path) -> int:
    """Return what a function of libc has returned, or raise the OSError it means."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), os.fspath(path))
    return result


def _may_be_new_directory(mask: int) -> bool:
    """Tell whether a directory may have come; after an overflow of the queue it is anybody's guess."""
    return bool(mask & _QUEUE_OVERFLOW or (mask & _IS_DIRECTORY and mask & (_CREATE | _MOVED_TO)))
