"""Following etcd: list at a revision, watch from it, list again when that revision is compacted."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from bgpd.datastore.errors import RefusedError
from bgpd.datastore.etcd.client import Client, CompactedError, encode
from bgpd.datastore.etcd.layout import CLUSTER_INFORMATION, LayoutError, Span, decode, kind_at
from bgpd.datastore.etcd.records import Record, pages
from bgpd.datastore.mirror import Mirror
from bgpd.datastore.tasks import together
from bgpd.resources import Problem

_LOCKED = "the datastore is locked for a migration (ClusterInformation default: datastoreReady is false)"


class Follower:
    """Keeps a mirror like the keys of some spans; each has a position, the last revision known of it."""

    def __init__(self, client: Client, spans: Iterable[Span]) -> None:
        self._client = client
        self._positions: dict[Span, int | None] = dict.fromkeys(spans)
        self._watched: set[Span] = set()

    def forget(self) -> None:
        """List everything anew, next time."""
        self._positions = dict.fromkeys(self._positions)

    async def list(self, mirror: Mirror) -> None:
        """Bring the mirror up to date with the spans that have no position. Raises DatastoreError."""
        for span in self._positions:
            await self._list_if_needed(span, mirror)

    async def follow(self, mirror: Mirror) -> None:
        """Keep the mirror up to date until that fails: raises DatastoreError."""
        self._watched.clear()
        await self.list(mirror)
        await together(*(self._follow(span, mirror) for span in self._positions))

    async def _follow(self, span: Span, mirror: Mirror) -> None:
        while True:
            await self._list_if_needed(span, mirror)
            try:
                await self._watch(span, mirror)
            except CompactedError:
                self._positions[span] = None
                self._watched.discard(span)
                mirror.lose()

    async def _list_if_needed(self, span: Span, mirror: Mirror) -> None:
        while self._positions[span] is None:
            try:
                self._positions[span] = await self._list(span, mirror)
            except CompactedError:
                continue  # between two pages: from the beginning

    async def _list(self, span: Span, mirror: Mirror) -> int:
        present: set[str] = set()
        at = 0
        async for revision, records in pages(self._client, span):
            at = revision
            for record in records:
                present.add(record.key)
                _put(record, mirror)
        mirror.retain(span.start, span.end, present)
        return at

    async def _watch(self, span: Span, mirror: Mirror) -> None:
        request = {
            "key": encode(span.start),
            "range_end": encode(span.end),
            "start_revision": str((self._positions[span] or 0) + 1),
            # An idle watch is told the revision now and then, so that it seldom falls behind a compaction.
            "progress_notify": True,
        }
        async with self._client.stream("watch", {"create_request": request}) as results:
            async for result in results:
                if result.get("canceled"):
                    raise _end_of_watch(span, result)
                self._take(span, result, mirror)

    def _take(self, span: Span, result: Mapping[str, Any], mirror: Mirror) -> None:
        if result.get("created"):
            self._watched.add(span)
            if len(self._watched) == len(self._positions):
                mirror.catch_up()
            return  # the revision in this answer is not one up to which events were sent
        for event in result.get("events", ()):
            record = Record.of(event["kv"])
            if event.get("type") == "DELETE":
                _remove(record, mirror)
            else:
                _put(record, mirror)
        self._positions[span] = int(result["header"]["revision"])


def _end_of_watch(span: Span, result: Mapping[str, Any]) -> CompactedError | RefusedError:
    if result.get("compact_revision"):
        return CompactedError(span.start)
    return RefusedError(f"etcd ended the watch of {span.start}: {result.get('cancel_reason', 'no reason')}")


def _put(record: Record, mirror: Mirror) -> None:
    if record.key == CLUSTER_INFORMATION:
        mirror.set_hold(_reason_to_hold(record.value))
    info, version = kind_at(record.key), str(record.revision)
    if info is None or mirror.knows(record.key, version):
        return
    try:
        mirror.put(record.key, version, decode(info, record.key, record.value))
    except LayoutError as error:
        mirror.put_unreadable(record.key, version, Problem("", str(error)))


def _remove(record: Record, mirror: Mirror) -> None:
    if record.key == CLUSTER_INFORMATION:
        mirror.set_hold("")
    mirror.remove(record.key)


def _reason_to_hold(value: str) -> str:
    """Tell from the ClusterInformation why not to use the content now; "" when there is no reason."""
    try:
        ready = json.loads(value)["spec"].get("datastoreReady")
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""
    return _LOCKED if ready is False else ""
