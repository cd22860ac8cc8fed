"""A stand-in for the Kubernetes API server, faithful where a client can tell: versions, chunks, watches."""

import asyncio
import base64
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import h11

from tests.support.kube_discovery import ApiResource, documents
from tests.support.kube_objects import WITH_STATUS, ApiError, Event, Key, Object, Objects, dump

CLASSIC, NATIVE = "crd.projectcalico.org/v1", "projectcalico.org/v3"
_CALICO = {
    "bgpconfigurations": "BGPConfiguration",
    "bgppeers": "BGPPeer",
    "bgpfilters": "BGPFilter",
    "ippools": "IPPool",
    "blockaffinities": "BlockAffinity",
    "ipamblocks": "IPAMBlock",
    "caliconodestatuses": "CalicoNodeStatus",
    "clusterinformations": "ClusterInformation",
}
_CORE = (
    ApiResource("v1", "nodes", "Node"),
    ApiResource("v1", "services", "Service", namespaced=True),
    ApiResource("v1", "secrets", "Secret", namespaced=True),
    ApiResource("discovery.k8s.io/v1", "endpointslices", "EndpointSlice", namespaced=True),
)
BOOKMARK_EVERY = 0.2


@dataclass(frozen=True)
class Request:
    """A request that was understood: which objects, one of them or all, and how."""

    method: str
    resource: str
    namespace: str
    name: str
    subresource: str
    query: dict[str, str]
    body: Object
    token: str

    @property
    def key(self) -> Key:
        return self.resource, self.namespace, self.name


@dataclass
class KubeApi:
    """Listens on 127.0.0.1. `groups` are Calico's API groups that it serves."""

    directory: Path
    groups: tuple[str, ...] = (CLASSIC,)
    objects: Objects = field(default_factory=Objects)
    token: str | None = None
    """Whom to let in; None: everybody."""
    forbidden: set[str] = field(default_factory=set)
    requests: list[Request] = field(default_factory=list)
    bookmarks: bool = True
    marked: dict[str, int] = field(default_factory=dict)
    """The version in the last bookmark of each resource."""
    port: int = 0
    _server: asyncio.Server | None = None
    _clients: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def kubeconfig(self) -> Path:
        """Write a kubeconfig that leads here; its token is read from a file again and again."""
        token_file = self.directory / "token"
        if self.token:
            token_file.write_text(self.token)
        user = {"tokenFile": str(token_file)} if self.token else {}
        path = self.directory / "kubeconfig"
        path.write_text(
            json.dumps(
                {
                    "apiVersion": "v1",
                    "kind": "Config",
                    "current-context": "lab",
                    "contexts": [{"name": "lab", "context": {"cluster": "lab", "user": "bgpd"}}],
                    "clusters": [{"name": "lab", "cluster": {"server": f"http://127.0.0.1:{self.port}"}}],
                    "users": [{"name": "bgpd", "user": user}],
                }
            )
        )
        return path

    async def start(self) -> None:
        """Listen, on the same port as before."""
        self._server = await asyncio.start_server(self._client, "127.0.0.1", self.port, limit=1 << 20)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and cut every connection."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for task in tuple(self._clients):
            task.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)

    async def write(self, event: Object, method: str = "create", **options: object) -> Object:
        """Write an object as somebody else, and let the watchers know."""
        key = self.key_of(event)
        found: Object = getattr(self.objects, method)(key, event, **options)
        await self._notify()
        return found

    def key_of(self, found: Object) -> Key:
        """Find where an object is kept."""
        group, kind = found["apiVersion"], found["kind"]
        plural = next(each.plural for each in self.served if (each.group, each.kind) == (group, kind))
        return f"{group}/{plural}", found["metadata"].get("namespace", ""), found["metadata"]["name"]

    @property
    def served(self) -> list[ApiResource]:
        """Every kind of object that is served."""
        calico = [
            ApiResource(group, plural, kind) for group in self.groups for plural, kind in _CALICO.items()
        ]
        return [*_CORE, *calico]

    async def _notify(self) -> None:
        async with self.objects.changed:
            self.objects.changed.notify_all()

    # --- HTTP ---------------------------------------------------------------------------------------------

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._clients.add(task)
        try:
            await self._converse(_Wire(reader, writer))
        except (ConnectionError, h11.RemoteProtocolError, asyncio.CancelledError):
            pass
        finally:
            self._clients.discard(task)
            writer.close()
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _converse(self, wire: "_Wire") -> None:
        while (received := await wire.receive()) is not None:
            request, body = received
            said = documents(self.served).get(urlsplit(request.target.decode()).path.strip("/"))
            if said is not None:
                await wire.answer(200, said)
                continue
            try:
                understood = self._understand(request, body)
                self.requests.append(understood)
                self._admit(understood)
                if understood.query.get("watch") == "true":
                    await wire.stream(self._watch(understood))
                else:
                    await wire.answer(*await self._answer(understood))
            except ApiError as status:
                await wire.answer(status.code, status.body)

    def _understand(self, request: h11.Request, body: bytes) -> Request:
        parts = urlsplit(request.target.decode())
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        steps = parts.path.strip("/").split("/")
        group, rest = (steps[1], steps[2:]) if steps[0] == "api" else ("/".join(steps[1:3]), steps[3:])
        namespace = ""
        if rest[:1] == ["namespaces"] and len(rest) > 2:
            namespace, rest = rest[1], rest[2:]
        plural, name, subresource = (*rest, "", "", "")[:3]
        headers = {key.decode().lower(): value.decode() for key, value in request.headers}
        token = headers.get("authorization", "").removeprefix("Bearer ")
        document = json.loads(body) if body else {}
        method = request.method.decode()
        return Request(method, f"{group}/{plural}", namespace, name, subresource, query, document, token)

    def _admit(self, request: Request) -> None:
        if self.token is not None and request.token != self.token:
            raise ApiError(401, "Unauthorized", "Unauthorized")
        if request.resource not in {f"{each.group}/{each.plural}" for each in self.served}:
            raise ApiError(404, "NotFound", "the server could not find the requested resource")
        if request.resource.rpartition("/")[2] in self.forbidden:
            text = f'{request.resource} is forbidden: User "bgpd" cannot list resource'
            raise ApiError(403, "Forbidden", text)

    # --- verbs --------------------------------------------------------------------------------------------

    async def _answer(self, request: Request) -> tuple[int, Object]:
        if request.method == "GET":
            return 200, self.objects.get(request.key) if request.name else self._list(request)
        if request.subresource and request.resource not in WITH_STATUS:
            raise ApiError(404, "NotFound", "the server could not find the requested resource")
        code, answer = self._write(request)
        await self._notify()
        return code, answer

    def _write(self, request: Request) -> tuple[int, Object]:
        if request.method == "POST":
            key = (request.resource, request.namespace, request.body["metadata"]["name"])
            return 201, self.objects.create(key, request.body)
        if request.method == "PUT":
            status = request.subresource == "status"
            return 200, self.objects.replace(request.key, request.body, status=status)
        if request.method == "PATCH":
            return 200, self.objects.merge(request.key, request.body)
        wanted = request.body.get("preconditions", {}).get("resourceVersion")
        self.objects.delete(request.key, wanted)
        return 200, {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}

    def _list(self, request: Request) -> Object:
        after = (request.resource, "", "")
        if "continue" in request.query:
            version, *place = json.loads(base64.b64decode(request.query["continue"]))
            after = (request.resource, place[0], place[1])
        else:
            version = self.objects.begin_list()
        objects = self.objects.listed(version)
        keys = self.objects.keys_after(version, request.resource, after)
        matching = (key for key in keys if _selected(request, key, objects[key]))
        page = list(islice(matching, int(request.query.get("limit", "0")) or None))
        metadata = {"resourceVersion": str(version)}
        if next(matching, None) is not None:
            token = dump([version, *page[-1][1:]])
            metadata["continue"] = base64.b64encode(token).decode()
        items = [_bare(objects[key]) for key in page]
        group, _, plural = request.resource.rpartition("/")
        kind = next(each.kind for each in self.served if (each.group, each.plural) == (group, plural))
        return {"kind": f"{kind}List", "apiVersion": group, "metadata": metadata, "items": items}

    async def _watch(self, request: Request) -> AsyncIterator[bytes]:
        at = int(request.query["resourceVersion"])
        ends = asyncio.get_running_loop().time() + float(request.query.get("timeoutSeconds", "1800"))
        bookmarks = self.bookmarks and request.query.get("allowWatchBookmarks") == "true"
        while asyncio.get_running_loop().time() < ends:
            if at < self.objects.oldest:
                yield dump({"type": "ERROR", "object": ApiError(410, "Expired", "too old").body})
                return
            events, at = self.objects.events_after(at), self.objects.version
            for event in events:
                if _selected(request, event.key, event.found):
                    yield dump(_as_seen(event))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(BOOKMARK_EVERY), self.objects.changed:
                    await self.objects.changed.wait_for(lambda at=at: self.objects.version > at)
                    continue
            if bookmarks:
                group, _, _ = request.resource.rpartition("/")
                marked = {"apiVersion": group, "kind": "Any", "metadata": {"resourceVersion": str(at)}}
                yield dump({"type": "BOOKMARK", "object": marked})
                self.marked[request.resource] = at


class _Wire:
    """One connection, as h11 speaks it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._http = h11.Connection(h11.SERVER)

    async def receive(self) -> tuple[h11.Request, bytes] | None:
        if self._http.our_state is h11.DONE:
            self._http.start_next_cycle()
        request, body = None, b""
        while not isinstance(event := self._http.next_event(), h11.EndOfMessage):
            if event is h11.NEED_DATA:
                self._http.receive_data(await self._reader.read(65536))
            elif isinstance(event, h11.Request):
                request = event
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
            else:
                return None
        assert request is not None
        return request, body

    async def answer(self, code: int, body: Object) -> None:
        data = dump(body)
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(data)))]
        self._send(h11.Response(status_code=code, headers=headers), h11.Data(data=data), h11.EndOfMessage())
        await self._writer.drain()

    async def stream(self, lines: AsyncIterator[bytes]) -> None:
        headers = [("Content-Type", "application/json"), ("Transfer-Encoding", "chunked")]
        self._send(h11.Response(status_code=200, headers=headers))
        await self._writer.drain()
        async for line in lines:
            self._send(h11.Data(data=line + b"\n"))
            await self._writer.drain()
        self._send(h11.EndOfMessage())

    def _send(self, *events: h11.Event) -> None:
        for event in events:
            self._writer.write(self._http.send(event) or b"")


def _selected(request: Request, key: Key, found: Object) -> bool:
    if key[0] != request.resource or (request.namespace and key[1] != request.namespace):
        return False
    terms = request.query.get("fieldSelector", "")
    return all(_field_matches(term, found) for term in terms.split(",") if term)


def _field_matches(term: str, found: Object) -> bool:
    path, wanted, equal = (*term.split("!="), False) if "!=" in term else (*term.split("="), True)
    value: object = found
    for step in path.split("."):
        value = value.get(step, "") if isinstance(value, dict) else ""
    return (value == wanted) is equal


def _bare(found: Object) -> Object:
    """Leave kind and apiVersion out of core objects in lists, as the API server does."""
    bare = found["apiVersion"] in {"v1", "discovery.k8s.io/v1"}
    return {key: value for key, value in found.items() if not bare or key not in {"kind", "apiVersion"}}


def _as_seen(event: Event) -> Object:
    return {"type": event.type, "object": event.found}
