"""The private directory of a running lab, and the removal of those that killed runs left behind."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_PREFIX: Final = "bgpd-lab-"
_LOCK: Final = "lock"


class RunDirectory:
    """A directory under the system's temporary one, its owner's alone, locked as long as its lab runs.

    The kernel drops the lock with the process, so a directory that can be locked belongs to nobody any more.
    """

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=_PREFIX))
        # Locked before it gets its name: there is no moment at which another run could think it abandoned.
        unnamed = self.path / f"{_LOCK}.new"
        self._lock = os.open(unnamed, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        unnamed.rename(self.path / _LOCK)

    def remove(self) -> None:
        """Delete the directory with everything in it and drop the lock. Safe to call twice."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


def running() -> list[Path]:
    """List the directories of this user's labs that are running now, oldest first."""
    return sorted(
        (path for path in _directories() if not _is_abandoned(path)), key=lambda path: path.stat().st_mtime
    )


def remove_abandoned() -> list[Path]:
    """Delete the directories of this user's labs whose process is gone; returns them."""
    abandoned = [path for path in _directories() if _is_abandoned(path)]
    for path in abandoned:
        shutil.rmtree(path, ignore_errors=True)
    return abandoned


def _directories() -> Iterator[Path]:
    for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        if path.is_dir() and path.stat().st_uid == os.getuid() and (path / _LOCK).exists():
            yield path


def _is_abandoned(path: Path) -> bool:
    lock = os.open(path / _LOCK, os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(lock)
    return True
