"""The directory of MRT files: their names, modes and number."""

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

_FILE_MODE: Final = 0o640
_DIRECTORY_MODE: Final = 0o750
"""For the owner and its group, which may ask the daemon for all routes anyway; whatever the umask is."""
_NAME: Final = re.compile(r"(updates|rib)\.\d{8}\.\d{6}\.mrt")


class MrtDirectory:
    """Names files after the moment (UTC) that they begin at, and keeps the newest of each kind."""

    def __init__(self, path: Path, *, keep: int) -> None:
        self._path = path
        self._keep = keep

    def make(self) -> None:
        """Make the directory, where it is missing. Raises OSError."""
        if not self._path.is_dir():
            self._path.mkdir(parents=True)
            self._path.chmod(_DIRECTORY_MODE)

    def open_updates(self, at: float) -> BinaryIO:
        """Open the file of what comes from then on, in seconds since the epoch. Raises OSError."""
        opened = _open(self._path / _name("updates", at), os.O_APPEND)
        self._prune("updates")
        return opened

    @contextmanager
    def new_table(self, at: float) -> Iterator[BinaryIO]:
        """Open the file of a dump, which gets its name when it is complete. Raises OSError."""
        path = self._path / _name("rib", at)
        part = path.with_suffix(".part")
        try:
            with _open(part, os.O_TRUNC) as file:
                yield file
            part.rename(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        self._prune("rib")

    def _prune(self, kind: str) -> None:
        """Remove the oldest files that we named, and no others."""
        names = sorted(
            entry.name
            for entry in self._path.iterdir()
            if (named := _NAME.fullmatch(entry.name)) and named[1] == kind
        )
        for name in names[: -self._keep]:
            (self._path / name).unlink(missing_ok=True)


def _name(kind: str, at: float) -> str:
    return f"{kind}.{time.strftime('%Y%m%d.%H%M%S', time.gmtime(at))}.mrt"


def _open(path: Path, flags: int) -> BinaryIO:
    flags |= os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    descriptor = os.open(path, flags, _FILE_MODE)
    os.fchmod(descriptor, _FILE_MODE)
    return os.fdopen(descriptor, "wb", buffering=0)
