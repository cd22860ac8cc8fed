"""The API server through lightkube: documents in and out, errors in the datastore's words.

lightkube's AsyncClient knows no bookmarks and no preconditions; the layer below it, which it is made of,
takes any parameter, so that layer is used. The transport is given to make dead connections noticed.
"""

import socket
from collections.abc import AsyncIterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import httpx2
import msgspec
from lightkube.config.client_adapter import ConnectionParams, user_auth, verify_cluster
from lightkube.config.kubeconfig import DEFAULT_KUBECONFIG, KubeConfig, SingleConfig
from lightkube.config.models import User
from lightkube.core.exceptions import ApiError, ConfigError
from lightkube.core.generic_client import ALL_NS, BasicRequest, GenericAsyncClient
from lightkube.generic_resource import create_global_resource, create_namespaced_resource

from bgpd.datastore.errors import DatastoreError, RefusedError, UnreachableError, UnsupportedError
from bgpd.datastore.kubernetes.kinds import ObjectKind
from bgpd.datastore.kubernetes.options import KubernetesOptions
from bgpd.datastore.yaml_reader import DocumentError, read_document

T = TypeVar("T")
Document = dict[str, Any]

PAGE = 250
"""Objects per answer; Kubernetes' own Nodes are large, and an answer is held whole."""
WATCH_SECONDS = 290
"""After this time the server ends a watch, which is then taken up again."""
_TIMEOUT = 10.0
# A silent server, or a network that drops everything, is noticed after about 30 s.
_KEEPALIVE = (
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 15),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 5),
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3),
    (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 30_000),
)
_GONE, _TOO_MANY = 410, 429


class GoneError(DatastoreError):
    """The resourceVersion asked for is no longer kept: list again."""


class StatusError(RefusedError):
    """The API server refused; `code` is HTTP's."""

    def __init__(self, code: int, text: str) -> None:
        self.code = code
        super().__init__(text)


class Client:
    """Requests for objects of a kind. Raises UnreachableError, GoneError and StatusError alone."""

    def __init__(self, options: KubernetesOptions) -> None:
        config = _configuration(options)
        try:
            self._http = GenericAsyncClient(_Parameters(timeout=httpx2.Timeout(_TIMEOUT)), config)
        except (ConfigError, OSError, ValueError) as error:
            raise UnsupportedError(f"{options.url}: {error}") from error

    async def probe(self, kind: ObjectKind) -> None:
        """See whether the server answers, and has such a kind."""
        await self._send("list", self._request("list", kind, params={"limit": "1"}))

    async def pages(self, kind: ObjectKind) -> AsyncIterator[tuple[str, list[Document]]]:
        """Yield all objects of a kind as they were at one resourceVersion: it, and some at a time."""
        request = self._request("list", kind, params={"limit": str(PAGE), **_selector(kind)})
        with _Told():
            async for version, items in self._http.list_chunks(request):
                yield version or "", items

    async def watch(self, kind: ObjectKind, version: str) -> AsyncIterator[tuple[str, Document]]:
        """Yield what happened after a version: ("ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK", object)."""
        params = {
            "allowWatchBookmarks": "true",
            "resourceVersion": version,
            "timeoutSeconds": str(WATCH_SECONDS),
            **_selector(kind),
        }
        with _Told():
            async for event, found in self._http.watch(
                self._request("list", kind, watch=True, params=params)
            ):
                yield event, found

    async def get(self, kind: ObjectKind, name: str, namespace: str | None) -> Document:
        """Return one object."""
        return await self._send("get", self._request("get", kind, name=name, namespace=namespace))

    async def create(self, kind: ObjectKind, body: Document) -> Document:
        """Store a new object and return it as stored."""
        namespace = body["metadata"].get("namespace")
        return await self._send("post", self._request("post", kind, namespace=namespace, body=body))

    async def replace(self, kind: ObjectKind, body: Document, *, status: bool = False) -> Document:
        """Store a new version of an object, or of its status alone."""
        name, namespace = body["metadata"]["name"], body["metadata"].get("namespace")
        request = self._request("put", kind, name=name, namespace=namespace, body=body, status=status)
        return await self._send("put", request)

    async def merge(self, kind: ObjectKind, name: str, patch: Document) -> Document:
        """Merge a patch into the status subresource of an object, which takes annotations too."""
        headers = {"Content-Type": "application/merge-patch+json"}
        request = self._request("patch", kind, name=name, body=patch, headers=headers, status=True)
        return await self._send("patch", request)

    async def delete(self, kind: ObjectKind, name: str, namespace: str | None, version: str | None) -> None:
        """Remove an object, if it is (still) of that version."""
        request = self._request("delete", kind, name=name, namespace=namespace)
        options: Document = {"apiVersion": "v1", "kind": "DeleteOptions"}
        if version is not None:
            options["preconditions"] = {"resourceVersion": version}
        request.data = options
        await self._send("delete", request)

    async def close(self) -> None:
        """Give all connections up."""
        await self._http.close()  # type: ignore[no-untyped-call]

    def _request(
        self,
        method: str,
        kind: ObjectKind,
        *,
        name: str | None = None,
        namespace: str | None = None,
        body: Document | None = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        watch: bool = False,
        status: bool = False,
    ) -> BasicRequest:
        resource = _resource(kind.group, kind.kind, kind.plural, namespaced=kind.namespaced)
        if method == "list" and kind.namespaced:
            namespace = kind.scope or ALL_NS
        return self._http.prepare_request(
            method,
            resource.Status if status else resource,
            resource(body) if body is not None else None,
            name,
            namespace,
            watch,
            params=dict(params or {}),
            headers=dict(headers) if headers else None,
        )

    async def _send(self, method: str, request: BasicRequest) -> Document:
        with _Told():
            prepared = self._http.build_adapter_request(request)
            response = await self._http.send(prepared)  # type: ignore[no-untyped-call]
            return self._http.handle_response(method, response, request) or {}


class _Parameters(ConnectionParams):
    """lightkube's, with our own transport in place of one more context of certificates."""

    def httpx_params(self, config: SingleConfig) -> dict[str, Any]:
        """Say how httpx2 reaches the server."""
        user = config.user or User()
        tls = verify_cluster(config.cluster, user, config.abs_file)
        transport = httpx2.AsyncHTTPTransport(verify=tls, socket_options=list(_KEEPALIVE))
        return {
            "base_url": config.cluster.server,
            "auth": user_auth(user),
            "timeout": self.timeout,
            "transport": transport,
        }


def _selector(kind: ObjectKind) -> dict[str, str]:
    return {"fieldSelector": kind.selector} if kind.selector else {}


class _Told:
    """Turns what lightkube and httpx2 raise into the datastore's errors."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, httpx2.HTTPStatusError):
            raise _told(error) from error
        if isinstance(error, (httpx2.HTTPError, OSError, ConfigError, msgspec.MsgspecError)):
            raise UnreachableError(
                f"no answer from the API server: {str(error) or type(error).__name__}"
            ) from error


def _told(error: httpx2.HTTPStatusError) -> DatastoreError:
    status = error.status if isinstance(error, ApiError) else None
    code = (status.code if status else None) or error.response.status_code
    text = (status.message if status else None) or str(error)
    if code == _GONE:
        return GoneError(text)
    if code >= 500 or code == _TOO_MANY:
        return UnreachableError(f"the API server answers {code}: {text}")
    return StatusError(code, text)


@cache
def _resource(group: str, kind: str, plural: str, *, namespaced: bool) -> Any:
    """Return lightkube's class for a kind."""
    name, _, version = group.rpartition("/")
    make = create_namespaced_resource if namespaced else create_global_resource
    return make(name, version, kind, plural)


def _configuration(options: KubernetesOptions) -> SingleConfig:
    try:
        if options.in_cluster:
            found = KubeConfig.from_service_account().get()
        else:
            found = _kubeconfig(options.kubeconfig).get(options.context)
    except (ConfigError, OSError, KeyError, ValueError, TypeError, msgspec.MsgspecError) as error:
        raise UnsupportedError(f"{options.url}: {error}; set KUBECONFIG, or run in a pod") from error
    if found is None:
        raise UnsupportedError(f"{options.url}: the kubeconfig names no context")
    return found


def _kubeconfig(paths: str | None) -> KubeConfig:
    """Read a kubeconfig; of a list of them, as kubectl takes it, the first."""
    path = Path((paths or DEFAULT_KUBECONFIG).partition(":")[0]).expanduser()
    document = read_document(path.read_text(encoding="utf-8"))
    if document is None or not isinstance(document.value, dict):
        raise DocumentError(f"{path} is no kubeconfig")
    return KubeConfig.from_dict(document.value, fname=path)
