"""inotify(7) on a directory and all below it: the calls that Python's library lacks."""

import contextlib
import ctypes
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_MODIFIED: Final = 0x2  # linux/inotify.h: IN_MODIFY, IN_ATTRIB, IN_CLOSE_WRITE ...
_ATTRIBUTES: Final = 0x4
_WRITTEN: Final = 0x8
_MOVED_FROM: Final = 0x40
_MOVED_TO: Final = 0x80
_CREATED: Final = 0x100
_DELETED: Final = 0x200
_SELF_GONE: Final = 0x400 | 0x800
"""The watched directory itself was deleted or moved."""
_OVERFLOW: Final = 0x4000
_ONLY_DIRECTORIES: Final = 0x0100_0000
_IS_DIRECTORY: Final = 0x4000_0000

_CHANGES: Final = _MODIFIED | _ATTRIBUTES | _WRITTEN | _MOVED_FROM | _MOVED_TO | _CREATED | _DELETED
_NEW_DIRECTORY: Final = _CREATED | _MOVED_TO
_EVENT: Final = struct.Struct("iIII")
_READ: Final = 64 * 1024

_libc = ctypes.CDLL(None, use_errno=True)


class Inotify:
    """A descriptor that is readable when something below `root` has changed.

    Raises:
        OSError: the directory is gone, or the kernel has no more watches to give.

    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._descriptor = _checked(_libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC))
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
        new_directories = False
        with contextlib.suppress(BlockingIOError):
            while events := os.read(self._descriptor, _READ):
                new_directories = any(map(_may_be_new_directory, _masks(events))) or new_directories
        if new_directories:
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
        mask = _CHANGES | _SELF_GONE | _ONLY_DIRECTORIES
        _checked(_libc.inotify_add_watch(self._descriptor, os.fsencode(path), mask))


def _masks(events: bytes) -> Iterator[int]:
    """Yield what each event says."""
    at = 0
    while at < len(events):
        _, mask, _, length = _EVENT.unpack_from(events, at)
        yield mask
        at += _EVENT.size + length


def _may_be_new_directory(mask: int) -> bool:
    return bool(mask & _OVERFLOW or (mask & _IS_DIRECTORY and mask & _NEW_DIRECTORY))


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
