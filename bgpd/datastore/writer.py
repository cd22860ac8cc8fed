"""Writing one resource into the directory, atomically and under a lock. Blocking, no threads."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from bgpd.datastore import chunks
from bgpd.datastore.errors import ConflictError, ExistsError, NotFoundError, UnreachableError
from bgpd.datastore.file_reader import Identity, Stored, version_of
from bgpd.datastore.tree import Tree
from bgpd.datastore.yaml_reader import read_document
from bgpd.resources import KINDS, Resource

_SECRET_MODE = 0o600
_MODE = 0o644


class Writer:
    """Create, update and delete in a Tree's directory.

    The lock on the directory makes "compare the version, then write" one step between processes that use it;
    readers need no lock, because files are replaced whole.
    """

    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    def create(self, resource: Resource) -> Resource:
        """Write a new file. Raises ExistsError."""
        with self._locked(create=True):
            located = self._tree.locate((resource.kind, resource.key))
            if located:
                raise ExistsError(str(resource), str(located[0]))
            path = self._home(resource)
            if path.exists():
                raise ExistsError(str(resource), str(path))
            write_atomically(path, chunks.write(_document(resource)), _mode(resource))
            return self._versioned(resource)

    def update(self, resource: Resource) -> Resource:
        """Rewrite the resource's document where it stands. Raises NotFoundError and ConflictError."""
        with self._locked():
            path, stored = self._find((resource.kind, resource.key), resource.metadata.resource_version)
            self._put(path, stored, _document(resource))
            return self._versioned(resource)

    def delete(self, identity: Identity, resource_version: str | None) -> Resource:
        """Remove the resource's document, and the file with its last one. Raises as update does."""
        with self._locked():
            path, stored = self._find(identity, resource_version)
            self._put(path, stored, None)
            return stored.resource

    def _find(self, identity: Identity, given: str | None) -> tuple[Path, Stored]:
        located = self._tree.locate(identity)
        subject = f"{identity[0]}({identity[1]})"
        if located is None:
            raise NotFoundError(subject)
        if given and given != located[1].version:
            raise ConflictError(subject, given, located[1].version)
        return located

    def _put(self, path: Path, stored: Stored, document: dict[str, Any] | None) -> None:
        text = path.read_text(encoding="utf-8-sig")
        new = chunks.replace(text, stored.chunk, _with_item(text, stored, document))
        if chunks.split(new):
            write_atomically(path, new, path.stat().st_mode & 0o777)
        else:
            path.unlink()
            _sync_directory(path.parent)

    def _versioned(self, resource: Resource) -> Resource:
        self._tree.scan()
        return resource.with_metadata(resource_version=version_of(resource))

    def _home(self, resource: Resource) -> Path:
        namespace = resource.metadata.namespace
        stem = f"{namespace}.{resource.name}" if namespace else resource.name
        return self._tree.root / KINDS[resource.kind].plural / f"{stem}.yaml"

    @contextmanager
    def _locked(self, *, create: bool = False) -> Iterator[None]:
        root = self._tree.root
        try:
            if create:
                root.mkdir(parents=True, exist_ok=True)
            handle = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                self._tree.scan()
                yield
            finally:
                os.close(handle)
        except OSError as error:
            raise UnreachableError(
                f"{error.filename or root}: cannot be written: {error.strerror}"
            ) from error


def _document(resource: Resource) -> dict[str, Any]:
    """Return what is stored: the version is the content's hash, so it is never part of the content."""
    document = resource.document()
    document["metadata"].pop("resourceVersion", None)
    return document


def _with_item(text: str, stored: Stored, document: dict[str, Any] | None) -> object | None:
    """Return the chunk's new value: the document, or the list it stands in with that one item changed."""
    old = read_document(chunks.split(text)[stored.chunk].text)
    value = old.value if old else None
    items = value.get("items") if isinstance(value, dict) else value
    if not isinstance(items, list):
        return document
    new = [*items[: stored.item], *([document] if document else []), *items[stored.item + 1 :]]
    if not new:
        return None
    return {**value, "items": new} if isinstance(value, dict) else new


def _mode(resource: Resource) -> int:
    return _SECRET_MODE if resource.kind == "Secret" else _MODE


def write_atomically(path: Path, text: str, mode: int) -> None:
    """Replace a file so that every reader, also after a power cut, sees the old or the new one whole."""
    if not path.parent.exists():
        path.parent.mkdir(parents=True)
        _give(path.parent, like=path.parent.parent)
    path = path.resolve()  # a symbolic link stays one: its target is replaced
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            os.fchmod(handle, mode)
            _give(handle, like=path if path.exists() else path.parent)
            file.write(text)
            file.flush()
            os.fsync(handle)
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    _sync_directory(path.parent)


def _give(target: int | Path, *, like: Path) -> None:
    """Let what root writes belong to whom the place belongs: the daemon has to read it, and is not root."""
    if os.geteuid() == 0:
        status = like.stat()
        with suppress(OSError):  # in a user namespace that does not know the owner
            os.chown(target, status.st_uid, status.st_gid)


def _sync_directory(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
