"""Keys with their values as etcd gives them, one or many."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from bgpd.datastore.etcd.client import Client, decode, encode
from bgpd.datastore.etcd.layout import Span
from records import record

PAGE = 1000
"""Keys per answer: the loop turns between answers, so that no session waits for a large cluster's listing."""


@record
class Record:
    """One key with its value; `revision` is its mod_revision."""

    key: str
    value: str
    revision: int

    @classmethod
    def of(cls, kv: Mapping[str, Any]) -> "Record":
        """Read what etcd calls a KeyValue."""
        return cls(decode(kv["key"]), decode(kv.get("value")), int(kv["mod_revision"]))


async def pages(client: Client, span: Span) -> AsyncIterator[tuple[int, list[Record]]]:
    """Yield the keys of a span as they were at one revision: that revision and some keys at a time.

    Raises DatastoreError; CompactedError when the listing took too long and has to begin anew.
    """
    key, revision, more = span.start, 0, True
    while more:
        request = {
            "key": encode(key),
            "range_end": encode(span.end),
            "limit": str(PAGE),
            "revision": str(revision),
        }
        answer = await client.call("kv/range", request)
        revision = revision or int(answer["header"]["revision"])
        records = [Record.of(kv) for kv in answer.get("kvs", ())]
        yield revision, records
        more = bool(answer.get("more")) and bool(records)
        key = records[-1].key + "\0" if records else key
