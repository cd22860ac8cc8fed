"""Reading and writing resources in Kubernetes; every write carries the version it replaces."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast

from bgpd.datastore.base import Report
from bgpd.datastore.errors import ConflictError, DatastoreError, ExistsError, NotFoundError, UnsupportedError
from bgpd.datastore.kubernetes.client import Client, StatusError
from bgpd.datastore.kubernetes.follower import Follower
from bgpd.datastore.kubernetes.kinds import ObjectKind, followed, object_kinds
from bgpd.datastore.kubernetes.node import foreign_labels, node_annotations
from bgpd.datastore.kubernetes.options import GROUPS, KubernetesOptions
from bgpd.datastore.mirror import Mirror
from bgpd.resources import CalicoNodeStatus, Node, Resource, ResourceError, kind_of, parse_resource

R = TypeVar("R", bound=Resource)
Document = dict[str, Any]

_NOT_FOUND, _CONFLICT = 404, 409
_TRIES = 5
"""How often a write that names no version is repeated when somebody else was quicker."""


class KubernetesBackend:
    """A Backend (see bgpd.datastore.backend) over a Client. `node` limits the block affinities followed."""

    def __init__(self, options: KubernetesOptions, node: str | None = None) -> None:
        self.url = options.url
        self._options = options
        self._client = Client(options)
        self._node = node
        self._kinds: dict[str, ObjectKind] = {}
        self._follower: Follower | None = None

    # --- everything ---------------------------------------------------------------------------------------

    async def read(self, mirror: Mirror) -> None:
        """List everything into the mirror. Raises DatastoreError."""
        await (await self._new_follower()).list(mirror)

    async def follow(self, mirror: Mirror) -> None:
        """Keep the mirror up to date until that fails: raises DatastoreError."""
        if self._follower is None:
            self._follower = await self._new_follower()
        await self._follower.follow(mirror)

    def forget(self) -> None:
        """Let the next `follow` begin with a listing."""
        self._follower = None

    # --- one resource -------------------------------------------------------------------------------------

    async def get(self, model: type[R], name: str, namespace: str | None = None) -> R:
        """Return one resource. Raises NotFoundError, and ResourceError for what is stored and invalid."""
        kind = await self._kind(model)
        return cast("R", _resource(kind, await self._get(kind, name, namespace)))

    async def list(self, model: type[R], report: Report) -> list[R]:
        """Return all valid resources of one kind, sorted by key."""
        kind = await self._kind(model)
        resources: list[R] = []
        async for _, found in self._client.pages(kind):
            for each in found:
                try:
                    resources.append(cast("R", _resource(kind, each)))
                except ResourceError as error:
                    for fault in error.faults():
                        report(fault)
        return sorted(resources, key=lambda resource: resource.key)

    async def create(self, resource: R) -> R:
        """Store a new resource. Raises ExistsError; UnsupportedError for Nodes."""
        kind = await self._kind(type(resource))
        _not_for_nodes(resource, "created")
        body = kind.encode(resource.document())
        body["metadata"].pop("resourceVersion", None)
        try:
            return _versioned(resource, await self._client.create(kind, body))
        except StatusError as error:
            if error.code == _CONFLICT:
                raise ExistsError(str(resource)) from error
            raise

    async def update(self, resource: R) -> R:
        """Store a new version. Raises NotFoundError, ConflictError."""
        kind = await self._kind(type(resource))

        async def put(found: Document) -> Document:
            if isinstance(resource, Node):
                _keep_off_labels(resource, found)
                metadata = {
                    "resourceVersion": found["metadata"]["resourceVersion"],
                    "annotations": node_annotations(resource, found),
                }
                return await self._client.merge(kind, resource.name, {"metadata": metadata})
            body = kind.encode(resource.document())
            body["metadata"]["resourceVersion"] = found["metadata"]["resourceVersion"]
            return await self._client.replace(kind, body)

        return _versioned(resource, await self._change(kind, resource, put))

    async def delete(
        self, model: type[R], name: str, namespace: str | None = None, *, resource_version: str | None = None
    ) -> R:
        """Remove a resource, a valid one or not. Raises NotFoundError, ConflictError."""
        kind = await self._kind(model)
        found = await self._get(kind, name, namespace)
        try:
            resource = _resource(kind, found)
        except ResourceError:
            resource = model.model_construct(metadata={"name": name, "namespace": namespace})
        _not_for_nodes(resource, "deleted")
        try:
            await self._client.delete(kind, name, namespace, resource_version)
        except StatusError as error:
            raise _refusal(error, str(resource), resource_version, found) from error
        return cast("R", resource)

    async def write_status(self, resource: CalicoNodeStatus) -> None:
        """Store the status of a CalicoNodeStatus, and nothing else of it. Raises NotFoundError."""
        kind = await self._kind(CalicoNodeStatus)
        status = resource.document().get("status", {})

        async def put(found: Document) -> Document:
            return await self._client.replace(kind, {**found, "status": status}, status=True)

        await self._change(kind, resource.with_metadata(resource_version=None), put)

    async def close(self) -> None:
        """Give all connections up."""
        await self._client.close()

    async def _change(
        self, kind: ObjectKind, resource: Resource, put: Callable[[Document], Awaitable[Document]]
    ) -> Document:
        """Write by `put` onto the object as it is; again, unless the resource insists on a version."""
        given = resource.metadata.resource_version
        for attempt in range(1, _TRIES + 1):
            found = await self._get(kind, resource.name, resource.metadata.namespace)
            if given is not None and given != found["metadata"]["resourceVersion"]:
                raise ConflictError(str(resource), given, found["metadata"]["resourceVersion"])
            try:
                return await put(found)
            except StatusError as error:
                if error.code != _CONFLICT or given is not None or attempt == _TRIES:
                    raise _refusal(error, str(resource), given, found) from error
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def _get(self, kind: ObjectKind, name: str, namespace: str | None) -> Document:
        try:
            return await self._client.get(kind, name, namespace)
        except StatusError as error:
            subject = f"{kind.kind}({f'{namespace}/{name}' if namespace else name})"
            raise _refusal(error, subject, None, {}) from error

    async def _new_follower(self) -> Follower:
        kinds = followed(await self._known_kinds())
        services = self._options.advertise_services
        return Follower(self._client, kinds, self._node, advertise_services=services)

    async def _kind(self, model: type[Resource]) -> ObjectKind:
        return (await self._known_kinds())[kind_of(model)]

    async def _known_kinds(self) -> dict[str, ObjectKind]:
        """Return the table of kinds; which API group Calico uses here is asked once."""
        if not self._kinds:
            group = self._options.group or await self._discovered_group()
            self._kinds = object_kinds(group, self._options.namespace)
        return self._kinds

    async def _discovered_group(self) -> str:
        """Find Calico's API group: native CRDs only where the classic ones are not served."""
        for group in GROUPS:
            kinds = object_kinds(group, self._options.namespace)
            try:
                await self._client.probe(kinds["ClusterInformation"])
            except StatusError as error:
                if error.code == _NOT_FOUND:
                    continue
            return group
        return GROUPS[0]


def _resource(kind: ObjectKind, found: Document) -> Resource:
    document, _ = kind.decode(found)
    document["metadata"] = {
        key: value for key, value in document["metadata"].items() if key != "managedFields"
    }
    return parse_resource(document, f"{kind.plural}/{found['metadata'].get('name')}")


def _versioned(resource: R, stored: Document) -> R:
    metadata = stored["metadata"]
    return resource.with_metadata(uid=metadata.get("uid"), resource_version=metadata["resourceVersion"])


def _keep_off_labels(node: Node, found: Document) -> None:
    labels = ", ".join(foreign_labels(node, found))
    if labels:
        raise UnsupportedError(f"{node}: Kubernetes keeps the label(s) {labels}; use kubectl label node")


def _not_for_nodes(resource: Resource, verb: str) -> None:
    if isinstance(resource, Node):
        raise UnsupportedError(f"{resource} cannot be {verb}: on Kubernetes its Nodes are the kubelets' own")


def _refusal(error: StatusError, subject: str, given: str | None, found: Document) -> DatastoreError:
    if error.code == _NOT_FOUND:
        return NotFoundError(subject)
    if error.code == _CONFLICT:
        latest = found.get("metadata", {}).get("resourceVersion", "newer")
        return ConflictError(subject, given or "", latest)
    return error
