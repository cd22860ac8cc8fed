"""What is Kubernetes' own: API groups, chunks, bookmarks, refusals, tokens, and what a heartbeat costs."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bgpd.datastore import (
    ConflictError,
    Datastore,
    RefusedError,
    UnreachableError,
    UnsupportedError,
    open_datastore,
)
from bgpd.datastore.kubernetes import client, follower
from bgpd.datastore.kubernetes.kinds import followed, object_kinds
from bgpd.datastore.kubernetes.options import GROUPS
from bgpd.datastore.yaml_reader import read_document
from bgpd.resources import BGPPeer, BlockAffinity, EndpointSlice, Node, Service
from tests.support.kube_api import CLASSIC, NATIVE, KubeApi
from tests.support.kube_objects import Object

from .support import (
    DEADLINE,
    Follower,
    KubernetesWorld,
    addresses,
    new_peer,
    open_world,
    poll,
    resource,
    secret,
)

ROOT = Path(__file__).parents[3]


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[KubeApi]:
    api = KubeApi(tmp_path)
    await api.start()
    yield api
    await api.stop()


@pytest.fixture
def world(api: KubeApi, tmp_path: Path) -> KubernetesWorld:
    return KubernetesWorld(tmp_path, api)


@pytest.fixture
async def opened() -> AsyncIterator[Callable[..., Datastore]]:
    """Open datastores, and close them in the end."""
    stores: list[Datastore] = []

    def open_one(world: KubernetesWorld) -> Datastore:
        stores.append(open_world(world))
        return stores[-1]

    yield open_one
    for each in stores:
        await each.close()


@pytest.fixture
def store(opened: Callable[..., Datastore], world: KubernetesWorld) -> Datastore:
    return opened(world)


@pytest.fixture
async def follow(world: KubernetesWorld) -> AsyncIterator[Follower]:
    store, following = open_world(world, node="n1"), Follower()
    task = asyncio.create_task(following.follow(store))
    await following.until(lambda _: True)
    await poll(lambda: store.contact.connected)
    yield following
    await store.close()
    await asyncio.wait_for(task, DEADLINE)


def kube_node(name: str = "n1", annotations: dict[str, str] | None = None, **status: object) -> Object:
    prefixed = {f"projectcalico.org/{key}": value for key, value in (annotations or {}).items()}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": {"zone": "a"}, "annotations": prefixed},
        "spec": {"podCIDRs": ["10.9.0.0/24"]},
        "status": status,
    }


async def test_the_users_metadata_sit_in_one_annotation(store: Datastore, api: KubeApi) -> None:
    await store.create(new_peer(labels={"a": "b", "projectcalico.org/x": "y"}, annotations={"c": "d"}))
    stored = api.objects.get((f"{CLASSIC}/bgppeers", "", "a"))
    assert stored["apiVersion"] == CLASSIC
    assert stored["metadata"]["labels"] == {"projectcalico.org/x": "y"}
    (annotation,) = stored["metadata"]["annotations"].items()
    assert annotation[0] == "projectcalico.org/metadata"
    assert json.loads(annotation[1]) == {
        "labels": {"a": "b", "projectcalico.org/x": "y"},
        "annotations": {"c": "d"},
    }
    found = await store.get(BGPPeer, "a")
    assert found.metadata.labels == {"a": "b", "projectcalico.org/x": "y"}
    assert found.metadata.annotations == {"c": "d"}


async def test_native_resources_are_plain(tmp_path: Path, opened: Callable[..., Datastore]) -> None:
    api = KubeApi(tmp_path, groups=(NATIVE,))
    await api.start()
    store = opened(KubernetesWorld(tmp_path, api))
    await store.create(new_peer(labels={"a": "b"}))
    stored = api.objects.get((f"{NATIVE}/bgppeers", "", "a"))
    assert stored["metadata"]["labels"] == {"a": "b"}
    assert addresses(await store.snapshot()) == {"a": "10.0.0.1"}
    await api.stop()


async def test_with_both_groups_the_classic_one_is_used(
    tmp_path: Path, opened: Callable[..., Datastore]
) -> None:
    api = KubeApi(tmp_path, groups=(CLASSIC, NATIVE))
    await api.start()
    world = KubernetesWorld(tmp_path, api)
    await opened(world).create(new_peer("a"))
    world.environment["CALICO_API_GROUP"] = "projectcalico.org/v3"
    await opened(world).create(new_peer("b"))
    assert {key[0].rpartition("/")[0]: key[2] for key in api.objects.stored} == {CLASSIC: "a", NATIVE: "b"}
    await api.stop()


async def test_a_deleted_flag_is_a_string_in_the_classic_group(store: Datastore, api: KubeApi) -> None:
    affinity = resource("BlockAffinity", "n1-x", {"node": "n1", "cidr": "10.1.0.0/26", "deleted": True})
    await store.create(affinity)
    assert api.objects.get((f"{CLASSIC}/blockaffinities", "", "n1-x"))["spec"]["deleted"] == "true"
    assert (await store.get(BlockAffinity, "n1-x")).spec.deleted is True


async def test_long_lists_come_in_chunks(
    store: Datastore, api: KubeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "PAGE", 3)
    for number in range(10):
        await store.create(new_peer(f"p{number}"))
    assert len(addresses(await store.snapshot())) == 10
    lists = [each for each in api.requests if each.resource.endswith("bgppeers") and each.method == "GET"]
    assert [each.query["limit"] for each in lists] == ["3"] * 4
    assert sum("continue" in each.query for each in lists) == 3


async def test_one_kind_is_read_and_no_other(api: KubeApi, store: Datastore) -> None:
    await store.create(new_peer("a"))
    api.requests.clear()
    assert [peer.name for peer in await store.list(BGPPeer)] == ["a"]
    assert (await store.get(BGPPeer, "a")).name == "a"
    assert {request.resource for request in api.requests} == {f"{CLASSIC}/bgppeers"}


async def test_a_chunk_that_comes_too_late_begins_anew(
    store: Datastore, api: KubeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "PAGE", 3)
    for number in range(5):
        await store.create(new_peer(f"p{number}"))
    begun = api.objects.begin_list
    forgotten: list[int] = []

    def begin_and_forget_once() -> int:
        version = begun()
        if len(forgotten) < 40:
            forgotten.append(version)
            asyncio.get_running_loop().call_soon(api.objects.lists.pop, version, None)
        return version

    monkeypatch.setattr(api.objects, "begin_list", begin_and_forget_once)
    assert len(addresses(await store.snapshot())) == 5
    assert len(forgotten) == 40


async def test_a_heartbeat_is_no_change(follow: Follower, api: KubeApi) -> None:
    await api.write(kube_node(annotations={"IPv4Address": "10.0.0.1/24"}))
    await follow.until(lambda snapshot: snapshot.get(Node, "n1") is not None)
    count = len(follow.seen)
    for beat in range(5):
        api.objects.merge(("v1/nodes", "", "n1"), {"status": {"conditions": [beat]}})
    await api.write(kube_node("n2"))
    await follow.until(lambda snapshot: snapshot.get(Node, "n2") is not None)
    assert len(follow.seen) == count + 1


async def test_only_secrets_of_passwords_are_kept(follow: Follower, store: Datastore) -> None:
    await store.create(secret("bgp", password="hunter2"))
    await store.create(secret("other", token="nobody's business"))
    password = {"secretKeyRef": {"name": "bgp", "key": "password"}}
    await store.create(resource("BGPPeer", "a", {"peerIP": "10.0.0.9", "asNumber": 1, "password": password}))
    snapshot = await follow.until(lambda snapshot: snapshot.secret("bgp", "password") == "hunter2")
    assert list(snapshot.secrets) == ["bgp"]
    await store.update(secret("bgp", password="hunter3"))
    await follow.until(lambda snapshot: snapshot.secret("bgp", "password") == "hunter3")
    assert all(list(seen.secrets) in ([], ["bgp"]) for seen in follow.seen)


SERVICE = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s", "namespace": "d"}, "spec": {}}
RANGES = {"serviceClusterIPs": [{"cidr": "10.96.0.0/12"}]}


async def test_services_are_read_once_they_are_advertised(
    follow: Follower, api: KubeApi, store: Datastore
) -> None:
    await api.write(SERVICE)
    await store.create(new_peer())
    await follow.until(lambda snapshot: "a" in addresses(snapshot))
    assert not any(request.resource == "v1/services" for request in api.requests)
    await store.create(resource("BGPConfiguration", "default", RANGES))
    await follow.until(lambda snapshot: bool(snapshot.of(Service)))
    await api.write({**SERVICE, "metadata": {"name": "t", "namespace": "d"}})
    await follow.until(lambda snapshot: len(snapshot.of(Service)) == 2)
    assert [service.name for service in (await store.snapshot()).of(Service)] == ["s", "t"]


async def test_endpoints_that_come_and_go_are_mostly_no_change(
    follow: Follower, api: KubeApi, store: Datastore
) -> None:
    await store.create(resource("BGPConfiguration", "default", RANGES))

    def endpoint_slice(*endpoints: Object) -> Object:
        metadata = {"name": "s-1", "namespace": "d", "labels": {"kubernetes.io/service-name": "s"}}
        head = {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": metadata}
        return {**head, "addressType": "IPv4", "endpoints": list(endpoints)}

    one = {"addresses": ["10.1.0.1"], "nodeName": "n1", "conditions": {"ready": True}}
    await api.write(endpoint_slice(one))
    await follow.until(lambda snapshot: bool(snapshot.of(EndpointSlice)))
    count = len(follow.seen)
    more = {"addresses": ["10.1.0.2"], "nodeName": "n1", "targetRef": {"kind": "Pod", "name": "x"}}
    version = {"metadata": {"resourceVersion": api.objects.events[-1].found["metadata"]["resourceVersion"]}}
    changed = endpoint_slice(one, more)
    changed["metadata"] |= version["metadata"]
    await api.write(changed, "replace")
    await api.write(SERVICE)
    await follow.until(lambda snapshot: bool(snapshot.of(Service)))
    assert len(follow.seen) == count + 1
    (found,) = follow.seen[-1].of(EndpointSlice)
    assert [(endpoint.node_name, endpoint.conditions.ready) for endpoint in found.endpoints] == [("n1", True)]


async def test_bookmarks_spare_the_listing(follow: Follower, api: KubeApi, store: Datastore) -> None:
    """After bookmarks, a history that was forgotten up to now is not missed."""
    await api.write(kube_node())
    await follow.until(lambda snapshot: snapshot.get(Node, "n1") is not None)
    peers = f"{CLASSIC}/bgppeers"
    await poll(lambda: api.marked.get(peers) == api.objects.version)
    api.objects.oldest = api.objects.version
    api.requests.clear()
    await api.stop()
    await api.start()
    await store.create(new_peer())
    await follow.until(lambda snapshot: "a" in addresses(snapshot))
    lists = [each for each in api.requests if each.resource == peers and not each.query.get("watch")]
    assert [each.method for each in lists] == ["POST"]


async def test_a_kind_that_may_not_be_read_is_a_fault_and_the_rest_works(
    world: KubernetesWorld, api: KubeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follower, "RETRY_REFUSED", 0.1)
    api.forbidden.add("secrets")
    store, following = open_world(world), Follower()
    await store.create(new_peer())
    task = asyncio.create_task(following.follow(store))
    snapshot = await following.until(lambda snapshot: bool(snapshot.faults))
    (fault,) = snapshot.faults
    assert fault.where == "secrets"
    assert "forbidden" in fault.message
    assert fault.remedy == "allow get, list and watch of secrets, as deploy/rbac.yaml does"
    assert addresses(snapshot) == {"a": "10.0.0.1"}
    assert store.contact.connected
    api.forbidden.clear()
    await following.until(lambda snapshot: not snapshot.faults)
    await store.close()
    await task


async def test_a_token_is_read_again_when_it_has_expired(
    tmp_path: Path, opened: Callable[..., Datastore]
) -> None:
    api = KubeApi(tmp_path, token="first")
    await api.start()
    store = opened(KubernetesWorld(tmp_path, api))
    await store.create(new_peer())
    api.token = "second"
    with pytest.raises(RefusedError, match="Unauthorized"):
        await store.get(BGPPeer, "a")
    assert api.kubeconfig.exists()  # this writes the new token, as the kubelet does
    assert (await store.get(BGPPeer, "a")).spec.peer_ip == "10.0.0.1"
    await api.stop()


async def test_nodes_belong_to_kubernetes(store: Datastore, api: KubeApi) -> None:
    with pytest.raises(UnsupportedError, match="the kubelets' own"):
        await store.create(resource("Node", "n1", {}))
    await api.write(kube_node())
    with pytest.raises(UnsupportedError, match="the kubelets' own"):
        await store.delete(Node, "n1")


async def test_kubernetes_own_labels_are_not_ours_to_change(store: Datastore, api: KubeApi) -> None:
    await api.write(kube_node())
    with pytest.raises(UnsupportedError, match="Kubernetes keeps the label\\(s\\) zone; use kubectl"):
        await store.update(resource("Node", "n1", {}, labels={"zone": "b"}))


async def test_a_nodes_update_is_its_annotations(store: Datastore, api: KubeApi) -> None:
    await api.write(kube_node(annotations={"ASNumber": "64999", "IPv4Address": "10.0.0.1/24"}))
    node = await store.get(Node, "n1")
    bgp = {"ipv4Address": "10.0.0.1/24", "routeReflectorClusterID": "224.0.0.1"}
    wanted = resource("Node", "n1", {"bgp": bgp}, labels={"zone": "a", "rr": "yes"})
    await store.update(wanted.with_metadata(resource_version=node.metadata.resource_version))
    stored = api.objects.get(("v1/nodes", "", "n1"))
    assert stored["metadata"]["annotations"] == {
        "projectcalico.org/IPv4Address": "10.0.0.1/24",
        "projectcalico.org/RouteReflectorClusterID": "224.0.0.1",
        "projectcalico.org/labels": '{"rr": "yes"}',
    }
    assert stored["metadata"]["labels"] == {"zone": "a"}
    assert stored["spec"] == {"podCIDRs": ["10.9.0.0/24"]}
    with pytest.raises(ConflictError):
        await store.update(wanted.with_metadata(resource_version=node.metadata.resource_version))


async def test_a_delete_insists_on_its_version(store: Datastore, api: KubeApi) -> None:
    created = await store.create(new_peer())
    await store.update(new_peer(address="10.0.0.2"))
    with pytest.raises(ConflictError):
        await store.delete(BGPPeer, "a", resource_version=created.metadata.resource_version)
    assert (f"{CLASSIC}/bgppeers", "", "a") in api.objects.stored


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("not: [yaml", "no valid YAML"),
        ("- a list", "no kubeconfig"),
        ("current-context: x\ncontexts: []\nclusters: []\nusers: []", "Context 'x' not found"),
        ("clusters: 5", "set KUBECONFIG"),
    ],
)
def test_a_kubeconfig_without_use_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "kubeconfig"
    path.write_text(text)
    with pytest.raises(UnsupportedError, match=reason):
        open_datastore("kubernetes://", {"KUBECONFIG": str(path)})


def test_a_missing_kubeconfig_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError, match="set KUBECONFIG, or run in a pod"):
        open_datastore("kubernetes://", {"KUBECONFIG": str(tmp_path / "none")})


def test_an_unknown_group_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError, match="CALICO_API_GROUP=x is unknown"):
        open_datastore("kubernetes://", {"CALICO_API_GROUP": "x"})


async def test_what_is_no_api_server_is_not_reached(tmp_path: Path) -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
        writer.close()

    server = await asyncio.start_server(babble, "127.0.0.1", 0)
    api = KubeApi(tmp_path, port=server.sockets[0].getsockname()[1])
    store = open_datastore("kubernetes://", {"KUBECONFIG": str(api.kubeconfig)})
    with pytest.raises(UnreachableError):
        await store.snapshot()
    server.close()
    await store.close()


def test_the_manifest_grants_what_is_followed_and_nothing_more() -> None:
    granted: dict[str, set[str]] = {}
    for text in (ROOT / "deploy" / "rbac.yaml").read_text().split("\n---\n"):
        document = read_document(text)
        assert document is not None
        assert isinstance(document.value, dict)
        for rule in document.value.get("rules", ()):
            for name in rule["resources"]:
                granted.setdefault(name, set()).update(rule["verbs"])
    read = {kind.plural for kind in followed(object_kinds(GROUPS[0], "kube-system"))}
    assert granted == {
        **{plural: {"get", "list", "watch"} for plural in read},
        "caliconodestatuses/status": {"update"},
    }
