"""A datastore across the network: to follow it, endure its outages and remember, whatever the backend."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from bgpd.datastore.backend import Backend
from bgpd.datastore.backoff import Backoff
from bgpd.datastore.base import Contact, Report, unreported
from bgpd.datastore.endpoint_status import EndpointStatusDirectory
from bgpd.datastore.errors import DatastoreError
from bgpd.datastore.mirror import Mirror
from bgpd.datastore.state_cache import StateCache
from bgpd.datastore.watch import Watch
from bgpd.resources import CalicoNodeStatus, Resource, Snapshot

_LOG = logging.getLogger(__name__)
R = TypeVar("R", bound=Resource)

COALESCE = 0.03
"""Seconds in which changes are gathered into one snapshot."""
SAVE_INTERVAL = 5.0
"""Least time (s) between two writes of the state cache."""
_POLL = 10.0
"""Seconds between looks at Felix' endpoint status files when nothing is noticed."""


class RemoteDatastore:
    """A Datastore over a backend. Sessions never wait for it: an outage leaves the last snapshot in force."""

    def __init__(
        self, backend: Backend, *, cache: StateCache | None = None, endpoint_status: Path | None = None
    ) -> None:
        self.url = backend.url
        self._backend = backend
        self._cache = cache
        self._endpoints = EndpointStatusDirectory(endpoint_status)
        self._mirror = Mirror(on_caught_up=self._note_success)
        self._backoff = Backoff()
        self._error = "not asked yet"
        self._as_of = 0.0
        self._restored: Snapshot | None = None
        self._following: asyncio.Future[None] | None = None
        self._unsaved = asyncio.Event()
        self._closed = False

    # --- reading ------------------------------------------------------------------------------------------

    @property
    def contact(self) -> Contact:
        """Whether changes are being followed, now."""
        connected = self._mirror.caught_up
        return Contact(
            connected=connected,
            as_of=time.time() if connected else self._as_of,
            error=self._mirror.hold if connected else self._error,
            restored=self._restored is not None and not self._mirror.complete,
        )

    async def snapshot(self) -> Snapshot:
        """Read everything now. Raises DatastoreError."""
        mirror = Mirror()
        await self._backend.read(mirror)
        await self._scan_endpoints(mirror)
        return mirror.snapshot()

    async def snapshots(self) -> AsyncIterator[Snapshot]:
        """Yield the content at once and then after each real change; ends with `close`.

        While the datastore has not answered yet, the snapshot of an earlier run is the content.
        """
        jobs = (self._keep_following(), self._follow_endpoints(), self._keep_saving())
        tasks = [asyncio.create_task(job) for job in jobs]
        seen = Snapshot()
        try:
            while not self._closed:
                snapshot = self._content()
                if snapshot is not seen and snapshot.revision:
                    seen = snapshot
                    yield snapshot
                await self._mirror.changed.wait()
                await asyncio.sleep(COALESCE)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._save_last()

    async def refresh(self) -> None:
        """List everything again, for SIGHUP."""
        self._backend.forget()
        if self._following is not None:
            self._following.cancel()

    async def close(self) -> None:
        """Stop watching; `snapshots` ends."""
        self._closed = True
        self._mirror.changed.set()
        await self._backend.close()

    # --- one resource -------------------------------------------------------------------------------------

    async def get(self, model: type[R], name: str, namespace: str | None = None) -> R:
        """Return one resource with its resourceVersion. Raises NotFoundError."""
        return await self._backend.get(model, name, namespace)

    async def list(self, model: type[R], report: Report = unreported) -> list[R]:
        """Return all valid resources of one kind, sorted by name, with their resourceVersions."""
        return await self._backend.list(model, report)

    async def create(self, resource: R) -> R:
        """Store a new resource. Raises ExistsError."""
        return await self._backend.create(resource)

    async def update(self, resource: R) -> R:
        """Store a new version. Raises NotFoundError, ConflictError."""
        return await self._backend.update(resource)

    async def delete(
        self, model: type[R], name: str, namespace: str | None = None, *, resource_version: str | None = None
    ) -> R:
        """Remove a resource. Raises NotFoundError, ConflictError."""
        return await self._backend.delete(model, name, namespace, resource_version=resource_version)

    async def write_status(self, resource: CalicoNodeStatus) -> None:
        """Store the status of a CalicoNodeStatus, and nothing else of it. Raises NotFoundError."""
        await self._backend.write_status(resource)

    # --- following ----------------------------------------------------------------------------------------

    async def _keep_following(self) -> None:
        """Follow for ever, with pauses after each failure."""
        while True:
            self._following = asyncio.ensure_future(self._backend.follow(self._mirror))
            (outcome,) = await asyncio.gather(self._following, return_exceptions=True)
            self._as_of = self.contact.as_of
            self._mirror.lose()
            if isinstance(outcome, Exception):
                await self._note_failure(outcome)
            await asyncio.sleep(self._backoff.next())

    async def _note_failure(self, error: Exception) -> None:
        """Tell an outage once, when it begins; without a snapshot look for that of an earlier run."""
        self._error = str(error)
        expected = isinstance(error, DatastoreError)
        if self._backoff.failures == 0 or not expected:
            _LOG.warning("%s: %s", self.url, self._error, exc_info=None if expected else error)
        if self._cache and not self._mirror.complete and self._restored is None:
            found = await asyncio.to_thread(self._cache.load)
            if found:
                self._restored, self._as_of = found
                self._mirror.restore(self._restored)
                age = time.time() - self._as_of
                _LOG.warning("%s: going on with the snapshot of %.0f s ago", self.url, age)
        self._mirror.changed.set()

    def _note_success(self) -> None:
        if self._backoff.failures:
            _LOG.info("%s: answers, changes are being followed", self.url)
        self._backoff.reset()
        self._error = "the connection was lost"

    def _content(self) -> Snapshot:
        """Return what is in force: what was there before while the content is on hold or not complete."""
        mirror = self._mirror
        mirror.changed.clear()
        if mirror.complete and not mirror.hold:
            before, after = mirror.current, mirror.snapshot()
            if after is not before:
                self._unsaved.set()
        elif self._restored is not None and mirror.endpoints != mirror.current.endpoint_status:
            mirror.current = replace(mirror.current, endpoint_status=mirror.endpoints)
        return mirror.current

    # --- the state directory ------------------------------------------------------------------------------

    async def _keep_saving(self) -> None:
        """Keep the newest snapshot for the next start, every few seconds at most."""
        while self._cache:
            await self._unsaved.wait()
            self._unsaved.clear()
            await asyncio.to_thread(self._cache.save, self._mirror.current)
            await asyncio.sleep(SAVE_INTERVAL)

    async def _save_last(self) -> None:
        if self._cache and self._unsaved.is_set():
            await asyncio.to_thread(self._cache.save, self._mirror.current)
        elif self._cache and self._mirror.caught_up:
            self._cache.touch()

    # --- Felix' files beside it ---------------------------------------------------------------------------

    async def _follow_endpoints(self) -> None:
        if self._endpoints.path is None:
            return
        async with Watch([self._endpoints.path]) as watch:
            while True:
                await self._scan_endpoints(self._mirror)
                await watch.wait(_POLL)

    async def _scan_endpoints(self, mirror: Mirror) -> None:
        if await asyncio.to_thread(self._endpoints.scan):
            mirror.endpoints, mirror.local_faults = self._endpoints.statuses, self._endpoints.faults
            mirror.changed.set()
