"""The files datastore: a directory of YAML and JSON documents (design.md section 4)."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import ParamSpec, TypeVar, cast

from bgpd.datastore.base import Contact, Report, unreported
from bgpd.datastore.errors import NotFoundError, UnreachableError
from bgpd.datastore.file_reader import Stored
from bgpd.datastore.tree import Tree
from bgpd.datastore.watch import Watch
from bgpd.datastore.writer import Writer
from bgpd.resources import CalicoNodeStatus, Resource, ResourceError, Snapshot, kind_of

R = TypeVar("R", bound=Resource)
P = ParamSpec("P")
T = TypeVar("T")

POLL = 10.0
"""Seconds between scans when nothing is noticed, for what inotify does not see (network file systems)."""
_REST = 500
"""How many times as long as it takes to look at all files to wait at least: an idle watch costs nothing."""


class FilesDatastore:
    """A Datastore on a directory. Files are read in a thread, so that sessions never wait for a disk."""

    def __init__(self, root: Path, endpoint_status: Path | None = None, *, poll: float = POLL) -> None:
        self.url = f"file://{root}"
        self._tree = Tree(root, endpoint_status)
        self._writer = Writer(self._tree)
        self._directories = [path for path in (root, endpoint_status) if path is not None]
        self._poll = poll
        self._busy = asyncio.Lock()
        self._watches: set[Watch] = set()
        self._closed = False
        self._read_at = 0.0

    @property
    def contact(self) -> Contact:
        """Whether the directory could be read at the last scan."""
        fault = self._tree.root_fault
        if fault is None:
            self._read_at = time.time()
        return Contact(fault is None, self._read_at, fault.message if fault else "")

    async def snapshot(self) -> Snapshot:
        """Read everything now; no directory is an empty one.

        Raises UnreachableError when there is one that may not be read.
        """
        snapshot = await self._scan()
        if self._tree.is_barred:
            raise UnreachableError(str(self._tree.root_fault))
        return snapshot

    async def snapshots(self) -> AsyncIterator[Snapshot]:
        """Yield the content at once and then after each real change; ends with `close`."""
        async with Watch(self._directories) as watch:
            self._watches.add(watch)
            try:
                seen = -1
                while not self._closed:
                    begun = time.monotonic()
                    snapshot = await self._scan()
                    poll = max(self._poll, _REST * (time.monotonic() - begun))
                    if snapshot.revision != seen:
                        seen = snapshot.revision
                        yield snapshot
                    expiry = self._tree.next_expiry()
                    await watch.wait(poll if expiry is None else min(poll, expiry))
            finally:
                self._watches.discard(watch)

    async def refresh(self) -> None:
        """Scan again now, for SIGHUP."""
        for watch in self._watches:
            watch.wake()

    async def get(self, model: type[R], name: str, namespace: str | None = None) -> R:
        """Return one resource with its resourceVersion.

        Raises NotFoundError, and ResourceError for what is stored and invalid.
        """
        faults = (await self.snapshot()).faults
        key = f"{namespace}/{name}" if namespace else name
        subject = f"{kind_of(model)}({key})"
        located = self._tree.locate((kind_of(model), key))
        if located is not None:
            return cast("R", _versioned(located[1]))
        of_this = [fault for fault in faults if fault.resource == subject and fault.severity == "error"]
        if of_this:
            raise ResourceError([fault.problem for fault in of_this], of_this[0].place, subject)
        raise NotFoundError(subject)

    async def list(self, model: type[R], report: Report = unreported) -> list[R]:
        """Return all valid resources of one kind, sorted by name, with their resourceVersions.

        Raises UnreachableError when there is no such directory.
        """
        snapshot = await self.snapshot()
        if self._tree.root_fault is not None:
            raise UnreachableError(str(self._tree.root_fault))
        for fault in snapshot.faults:
            if fault.severity == "error" and fault.resource.partition("(")[0] in {"", kind_of(model)}:
                report(fault)
        return [cast("R", _versioned(stored)) for stored in self._tree.stored(kind_of(model))]

    async def create(self, resource: R) -> R:
        """Store a new resource in a file of its own. Raises ExistsError."""
        return cast("R", await self._write(self._writer.create, resource))

    async def update(self, resource: R) -> R:
        """Rewrite a resource in its file. Raises NotFoundError, ConflictError."""
        return cast("R", await self._write(self._writer.update, resource))

    async def delete(
        self, model: type[R], name: str, namespace: str | None = None, *, resource_version: str | None = None
    ) -> R:
        """Remove a resource from its file. Raises NotFoundError, ConflictError."""
        key = f"{namespace}/{name}" if namespace else name
        return cast("R", await self._write(self._writer.delete, (kind_of(model), key), resource_version))

    async def write_status(self, resource: CalicoNodeStatus) -> None:
        """Store the status of a CalicoNodeStatus, and nothing else of it. Raises NotFoundError."""
        stored = await self.get(CalicoNodeStatus, resource.name)
        await self.update(stored.model_copy(update={"status": resource.status}))

    async def close(self) -> None:
        """Stop watching; `snapshots` ends."""
        self._closed = True
        await self.refresh()

    async def _scan(self) -> Snapshot:
        return await self._alone(self._tree.scan)

    async def _write(self, function: Callable[P, Resource], *args: P.args, **kwargs: P.kwargs) -> Resource:
        """Write something, and let `snapshots` see it at once."""
        written = await self._alone(function, *args, **kwargs)
        await self.refresh()
        return written

    async def _alone(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run something on the tree in a thread, one at a time."""
        async with self._busy:
            return await asyncio.to_thread(function, *args, **kwargs)


def _versioned(stored: Stored) -> Resource:
    return stored.resource.with_metadata(resource_version=stored.version)
