"""The directory on disk: which files there are, and which of them changed since the last look."""

import hashlib
import os
import stat
from collections.abc import Iterator
from typing import NamedTuple

MAX_FILE_BYTES = 16 * 1024 * 1024
DOCUMENT_SUFFIXES = (".yaml", ".yml", ".json")
SECRETS = "secrets"

Signature = tuple[int, int, int, int]


class Found(NamedTuple):
    """A file that was seen: its path, its name below the directory, and its stat signature."""

    path: str
    name: str
    signature: Signature

    @property
    def secret(self) -> tuple[str, str] | None:
        """Name and key, when the file is `secrets/<name>/<key>`."""
        parts = self.name.split("/")
        return (parts[1], parts[2]) if len(parts) == 3 and parts[0] == SECRETS else None


def walk(root: str, prefix: str = "", seen: frozenset[tuple[int, int]] = frozenset()) -> Iterator[Found]:
    """Yield the files that may hold resources or secrets, sorted by name. Raises OSError for the root alone.

    Hidden files and editors' leftovers are no resources. Symbolic links are followed, since Kubernetes mounts
    ConfigMaps and Secrets as such; a loop of them ends at the directory already being walked.
    """
    info = os.stat(root)  # noqa: PTH116  (os is several times as fast, and this runs after every event)
    identity = (info.st_dev, info.st_ino)
    if identity in seen:
        return
    for name in sorted(os.listdir(root)):  # noqa: PTH208  (names alone: there may be tens of thousands)
        if not name.startswith((".", "#")) and not name.endswith("~"):
            yield from _visit(f"{root}/{name}", f"{prefix}{name}", seen | {identity})


def _visit(path: str, name: str, seen: frozenset[tuple[int, int]]) -> Iterator[Found]:
    try:
        info = os.stat(path)  # noqa: PTH116
        if stat.S_ISDIR(info.st_mode):
            yield from walk(path, f"{name}/", seen)
            return
    except OSError:
        return  # it vanished between the listing and the look, or is a dangling link
    found = Found(path, name, (info.st_mtime_ns, info.st_size, info.st_ino, info.st_dev))
    # A FIFO or device would block the reader for ever.
    if stat.S_ISREG(info.st_mode) and (name.endswith(DOCUMENT_SUFFIXES) or found.secret):
        yield found


def read_text(path: str) -> str:
    """Read a file. Raises OSError, and ValueError for what is no text."""
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123  (a buffer and a Path cost more than to read)
        if os.fstat(file.fileno()).st_size > MAX_FILE_BYTES:
            raise ValueError(f"larger than {MAX_FILE_BYTES >> 20} MiB")
        data = file.readall()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"no UTF-8 text (octet {error.start})") from None


def digest(text: str) -> bytes:
    """Return what tells two contents apart."""
    return hashlib.sha256(text.encode()).digest()
