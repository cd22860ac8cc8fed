"""Reading and writing resources in etcd; every write is a transaction on the key's mod_revision."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NoReturn, TypeVar, cast

from bgpd.datastore.base import Report
from bgpd.datastore.errors import ConflictError, ExistsError, NotFoundError
from bgpd.datastore.etcd import layout
from bgpd.datastore.etcd.client import Client, encode
from bgpd.datastore.etcd.follower import Follower
from bgpd.datastore.etcd.options import EtcdOptions
from bgpd.datastore.etcd.records import Record, pages
from bgpd.datastore.mirror import Mirror
from bgpd.resources import (
    KINDS,
    CalicoNodeStatus,
    KindInfo,
    Metadata,
    Problem,
    Resource,
    ResourceError,
    kind_of,
    parse_resource,
)

R = TypeVar("R", bound=Resource)


class EtcdBackend:
    """A Backend (see bgpd.datastore.backend) over a Client. `node` limits the block affinities followed."""

    def __init__(self, options: EtcdOptions, node: str | None = None) -> None:
        self.url = options.url
        self._client = Client(options)
        self._node = node
        self._follower = Follower(self._client, layout.spans(node))

    # --- everything ---------------------------------------------------------------------------------------

    async def read(self, mirror: Mirror) -> None:
        """List everything into the mirror. Raises DatastoreError."""
        await Follower(self._client, layout.spans(self._node)).list(mirror)

    async def follow(self, mirror: Mirror) -> None:
        """Keep the mirror up to date until that fails: raises DatastoreError."""
        await self._follower.follow(mirror)

    def forget(self) -> None:
        """Let the next `follow` begin with a listing."""
        self._follower.forget()

    # --- one resource -------------------------------------------------------------------------------------

    async def get(self, model: type[R], name: str, namespace: str | None = None) -> R:
        """Return one resource. Raises NotFoundError, and ResourceError for what is stored and invalid."""
        info = KINDS[kind_of(model)]
        return cast("R", _resource(info, await self._find(info, name, namespace)))

    async def list(self, model: type[R], report: Report) -> list[R]:
        """Return all valid resources of one kind, sorted by key."""
        info = KINDS[kind_of(model)]
        found: list[R] = []
        async for _, records in pages(self._client, layout.span_of(info)):
            for record in records:
                try:
                    found.append(cast("R", _resource(info, record)))
                except ResourceError as error:
                    for fault in error.faults():
                        report(fault)
        return sorted(found, key=lambda resource: resource.key)

    async def create(self, resource: R) -> R:
        """Store a new resource, with a uid and the time. Raises ExistsError."""
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        new = resource.with_metadata(uid=str(uuid.uuid4()), creation_timestamp=now)
        key = layout.key_for(new)
        answer = await self._transaction(_not_there(key), _put(key, new), ())
        if not answer.get("succeeded"):
            raise ExistsError(str(resource), key)
        return _versioned(new, answer)

    async def update(self, resource: R) -> R:
        """Store a new version. Raises NotFoundError, ConflictError."""
        key, version = layout.key_for(resource), resource.metadata.resource_version
        answer = await self._transaction(_is_version(key, version), _put(key, resource), _get(key))
        if not answer.get("succeeded"):
            _refuse(str(resource), version, answer)
        return _versioned(resource, answer)

    async def delete(
        self, model: type[R], name: str, namespace: str | None = None, *, resource_version: str | None = None
    ) -> R:
        """Remove a resource, a valid one or not. Raises NotFoundError, ConflictError."""
        info = KINDS[kind_of(model)]
        key = layout.key_of(info, name, namespace)
        if layout.has_own_key(info):
            key = (await self._find(info, name, namespace)).key
        remove = [{"request_delete_range": {"key": encode(key), "prev_kv": True}}]
        answer = await self._transaction(_is_version(key, resource_version), remove, _get(key))
        if not answer.get("succeeded"):
            _refuse(f"{info.kind}({name})", resource_version, answer)
        (kv,) = answer["responses"][0]["response_delete_range"]["prev_kvs"]
        try:
            return cast("R", _resource(info, Record.of(kv)))
        except ResourceError:
            return model.model_construct(metadata=Metadata(name=name, namespace=namespace))

    async def write_status(self, resource: CalicoNodeStatus) -> None:
        """Store the status of a CalicoNodeStatus, and nothing else of it. Raises NotFoundError."""
        stored = await self.get(CalicoNodeStatus, resource.name)
        await self.update(stored.model_copy(update={"status": resource.status}))

    async def close(self) -> None:
        """Nothing is kept open between requests."""

    async def _find(self, info: KindInfo, name: str, namespace: str | None) -> Record:
        if layout.has_own_key(info):
            async for _, records in pages(self._client, layout.span_of(info)):
                for record in records:
                    if _name_in(info, record) == name:
                        return record
        else:
            key = layout.key_of(info, name, namespace)
            answer = await self._client.call("kv/range", {"key": encode(key)})
            for kv in answer.get("kvs", ()):
                return Record.of(kv)
        raise NotFoundError(f"{info.kind}({f'{namespace}/{name}' if namespace else name})")

    async def _transaction(
        self, compare: Mapping[str, Any], success: Sequence[Any], failure: Sequence[Any]
    ) -> Mapping[str, Any]:
        request = {"compare": [compare], "success": success, "failure": failure}
        return await self._client.call("kv/txn", request, repeatable=False)


def _not_there(key: str) -> Mapping[str, Any]:
    return {"key": encode(key), "target": "VERSION", "version": "0", "result": "EQUAL"}


def _is_version(key: str, version: str | None) -> Mapping[str, Any]:
    """Compare with the version given; without one any will do, as long as there is one."""
    if version is None:
        return {"key": encode(key), "target": "VERSION", "version": "0", "result": "GREATER"}
    number = version if version.isdecimal() else "-1"  # what is no number was never a version of etcd's
    return {"key": encode(key), "target": "MOD", "mod_revision": number, "result": "EQUAL"}


def _put(key: str, resource: Resource) -> Sequence[Any]:
    return [{"request_put": {"key": encode(key), "value": encode(layout.encode(resource))}}]


def _get(key: str) -> Sequence[Any]:
    return [{"request_range": {"key": encode(key)}}]


def _refuse(subject: str, version: str | None, answer: Mapping[str, Any]) -> NoReturn:
    """Tell why a transaction on an existing key did not succeed, from the key as it is."""
    found = answer["responses"][0]["response_range"].get("kvs")
    if not found:
        raise NotFoundError(subject)
    raise ConflictError(subject, version or "", found[0]["mod_revision"])


def _versioned(resource: R, answer: Mapping[str, Any]) -> R:
    return resource.with_metadata(resource_version=answer["header"]["revision"])


def _resource(info: KindInfo, record: Record) -> Resource:
    try:
        resource = parse_resource(layout.decode(info, record.key, record.value), record.key)
    except layout.LayoutError as error:
        raise ResourceError([Problem("", str(error))], record.key) from None
    return resource.with_metadata(resource_version=str(record.revision))


def _name_in(info: KindInfo, record: Record) -> str | None:
    try:
        name: str = layout.decode(info, record.key, record.value)["metadata"]["name"]
    except layout.LayoutError:
        return None
    return name
