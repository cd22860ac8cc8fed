"""What is etcd's own: Calico's layout byte by byte, several members, TLS, users, large clusters."""

import asyncio
import json
import os
import resource as process
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bgpd.datastore import ExistsError, RefusedError, UnreachableError, UnsupportedError, open_datastore
from bgpd.intent import compile_intent
from bgpd.resources import BGPPeer, BlockAffinity, IPAMBlock, Node
from tests.support.etcd import Certificates, Etcd, b64, need_etcd, off_loop

from .support import DEADLINE, EtcdWorld, Follower, addresses, new_peer, open_world, poll, resource, secret

pytestmark = pytest.mark.interop

V3 = "/calico/resources/v3/projectcalico.org"


@pytest.fixture
def world(etcd: Etcd, tmp_path: Path) -> Iterator[EtcdWorld]:
    yield EtcdWorld(tmp_path, etcd)
    etcd.wipe()


async def test_resources_stand_where_calicoctl_looks(world: EtcdWorld, etcd: Etcd) -> None:
    store = open_world(world)
    await store.create(new_peer(labels={"x": "y"}, resourceVersion="7"))
    stored = json.loads(etcd.get(f"{V3}/bgppeers/a") or "")
    assert stored["kind"] == "BGPPeer"
    assert stored["apiVersion"] == "projectcalico.org/v3"
    assert stored["spec"] == {"peerIP": "10.0.0.1", "asNumber": 64567}
    assert stored["metadata"].keys() == {"name", "labels", "uid", "creationTimestamp"}
    version = etcd.call("kv/range", {"key": b64(f"{V3}/bgppeers/a")})["kvs"][0]["mod_revision"]
    assert (await store.get(BGPPeer, "a")).metadata.resource_version == version


async def test_what_calicoctl_wrote_is_read(world: EtcdWorld, etcd: Etcd) -> None:
    node = {
        "kind": "Node",
        "apiVersion": "projectcalico.org/v3",
        "metadata": {
            "name": "n1",
            "uid": "u",
            "creationTimestamp": "2026-01-01T00:00:00Z",
            "labels": {"a": "b"},
        },
        "spec": {
            "bgp": {"ipv4Address": "10.0.0.1/24"},
            "orchRefs": [{"nodeName": "n1", "orchestrator": "k8s"}],
        },
    }
    etcd.put(f"{V3}/nodes/n1", json.dumps(node))
    etcd.put("/calico/ipam/v2/host/n1/ipv4/block/10.1.0.0-26", '{"state":"confirmed","deleted":false}')
    etcd.put("/calico/ipam/v2/host/n1/ipv6/block/fd00::-122", "")
    etcd.put("/calico/ipam/v2/host/n10/ipv4/block/10.1.1.0-26", '{"state":"pending","deleted":false}')
    etcd.put(
        "/calico/ipam/v2/assignment/ipv4/block/10.1.0.0-26", '{"cidr":"10.1.0.0/26","affinity":"host:n1"}'
    )
    etcd.put(f"{V3}/networkpolicies/ns/p", "not for us")
    etcd.put(f"{V3}/clusterinformations/default", '{"spec":{"datastoreReady":true}}')
    store = open_world(world)
    snapshot = await store.snapshot()
    assert snapshot.faults == ()
    assert [found.metadata.labels for found in snapshot.of(Node)] == [{"a": "b"}]
    blocks = {a.name: (a.spec.node, a.spec.cidr, a.spec.state) for a in snapshot.of(BlockAffinity)}
    assert blocks == {
        "n1-10-1-0-0-26": ("n1", "10.1.0.0/26", "confirmed"),
        "n1-fd00---122": ("n1", "fd00::/122", "confirmed"),
        "n10-10-1-1-0-26": ("n10", "10.1.1.0/26", "pending"),
    }
    assert [block.spec.affinity for block in await store.list(IPAMBlock)] == ["host:n1"]


def etcdctl(etcd: Etcd, *arguments: str) -> str:
    """Run etcdctl, whose requests owe nothing to the client under test."""
    if shutil.which("etcdctl") is None:
        pytest.skip("etcdctl is not installed (Debian: etcd-client)")
    command = ["etcdctl", "--endpoints", etcd.url.removeprefix("etcd://"), *arguments]
    environment = {**os.environ, "ETCDCTL_API": "3"}
    return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout


async def test_etcdctl_finds_the_layout_of_calico(world: EtcdWorld, etcd: Etcd) -> None:
    """Keys and bodies as calicoctl keeps them (calico-reference.md section 13.1), seen by a third party."""
    store = open_world(world)
    await store.create(new_peer())
    await store.create(resource("BGPConfiguration", "node.n1", {"listenPort": 1179}))
    await store.create(resource("BlockAffinity", "n1-10-1-0-0-26", {"node": "n1", "cidr": "10.1.0.0/26"}))
    await store.create(resource("IPAMBlock", "10-1-0-0-26", {"cidr": "10.1.0.0/26", "affinity": "host:n1"}))
    await store.create(secret("bgp", password="hunter2"))
    keys = (await off_loop(etcdctl, etcd, "get", "", "--prefix", "--keys-only")).split()
    assert keys == [
        "/bgpd/resources/secrets/kube-system/bgp",
        "/calico/ipam/v2/assignment/ipv4/block/10.1.0.0-26",
        "/calico/ipam/v2/host/n1/ipv4/block/10.1.0.0-26",
        f"{V3}/bgpconfigurations/node.n1",
        f"{V3}/bgppeers/a",
    ]
    peer = json.loads(await off_loop(etcdctl, etcd, "get", f"{V3}/bgppeers/a", "--print-value-only"))
    assert (peer["kind"], peer["apiVersion"]) == ("BGPPeer", "projectcalico.org/v3")
    assert peer["spec"] == {"peerIP": "10.0.0.1", "asNumber": 64567}
    assert peer["metadata"].keys() == {"name", "uid", "creationTimestamp"}


def as_calicoctl_writes(kind: str, name: str, spec: dict[str, object]) -> str:
    metadata = {
        "name": name,
        "uid": "2f6e1a5c-8a5b-4c41-9d83-0d1f0b8b1d11",
        "creationTimestamp": "2026-01-01T00:00:00Z",
    }
    return json.dumps(
        {"kind": kind, "apiVersion": "projectcalico.org/v3", "metadata": metadata, "spec": spec}
    )


async def test_what_is_put_beside_bgpd_is_acted_on(world: EtcdWorld, etcd: Etcd) -> None:
    """Bodies as calicoctl writes them, with the defaults of the schema filled in, put by etcdctl."""
    store, follower = open_world(world, node="n1"), Follower()
    task = asyncio.create_task(follower.follow(store))
    bodies = {
        "nodes/n1": as_calicoctl_writes("Node", "n1", {"bgp": {"ipv4Address": "10.0.0.1/24"}}),
        "bgpconfigurations/default": as_calicoctl_writes(
            "BGPConfiguration",
            "default",
            {"logSeverityScreen": "Info", "serviceLoadBalancerAggregation": "Enabled", "asNumber": 64512},
        ),
        "bgppeers/rack-1": as_calicoctl_writes(
            "BGPPeer",
            "rack-1",
            {"node": "n1", "peerIP": "10.0.0.9", "asNumber": 64999, "sourceAddress": "UseNodeIP"},
        ),
    }
    for key, body in bodies.items():
        await off_loop(etcdctl, etcd, "put", f"{V3}/{key}", body)
    snapshot = await follower.until(lambda snapshot: "rack-1" in addresses(snapshot))
    assert snapshot.faults == ()
    assert [session.name for session in compile_intent(snapshot, "n1", {}).sessions] == ["Node_10_0_0_9"]
    await off_loop(etcdctl, etcd, "del", f"{V3}/bgppeers/rack-1")
    snapshot = await follower.until(lambda snapshot: addresses(snapshot) == {})
    assert compile_intent(snapshot, "n1", {}).sessions == ()
    await store.close()
    await task


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        (f"{V3}/bgppeers/a", "{", "no JSON"),
        (f"{V3}/bgppeers/a", "[]", "no JSON object"),
        (f"{V3}/bgppeers/a", '{"metadata":{"name":"b"}}', "not that of the key"),
        (f"{V3}/bgppeers/a", "\x00", "no JSON"),
        ("/calico/ipam/v2/host/n1/ipv4/block/nonsense", "", "not the key of a block affinity"),
        ("/calico/ipam/v2/host/n1/ipv4/block/10.0.0.1-26", "", "not strictly masked"),
    ],
)
async def test_garbage_is_a_fault_that_names_its_key(
    world: EtcdWorld, etcd: Etcd, key: str, value: str, text: str
) -> None:
    etcd.put(key, value)
    (fault,) = (await open_world(world).snapshot()).faults
    assert fault.where == key
    assert text in fault.message


async def test_an_invalid_object_can_be_deleted(world: EtcdWorld, etcd: Etcd) -> None:
    etcd.put(f"{V3}/bgppeers/a", "{")
    await open_world(world).delete(BGPPeer, "a")
    assert etcd.get(f"{V3}/bgppeers/a") is None


async def test_a_migration_holds_the_last_content(world: EtcdWorld, etcd: Etcd) -> None:
    store, follower = open_world(world), Follower()
    await store.create(new_peer())
    task = asyncio.create_task(follower.follow(store))
    await follower.until(lambda snapshot: "a" in addresses(snapshot))
    key = f"{V3}/clusterinformations/default"
    await off_loop(etcd.put, key, '{"spec":{"datastoreReady":false}}')
    await poll(lambda: "migration" in store.contact.error)
    await store.delete(BGPPeer, "a")
    await store.create(new_peer("b"))
    await off_loop(etcd.put, key, '{"spec":{"datastoreReady":true}}')
    await follower.until(lambda snapshot: "b" in addresses(snapshot))
    assert [set(addresses(seen)) for seen in follower.seen] == [{"a"}, {"b"}]
    assert store.contact.error == ""
    await store.close()
    await task


async def test_a_large_cluster_is_listed_in_seconds(world: EtcdWorld, etcd: Etcd) -> None:
    for start in range(0, 1000, 50):
        puts = [put for number in range(start, start + 50) for put in node_and_blocks(number)]
        for cut in range(0, len(puts), 100):
            etcd.call("kv/txn", {"success": puts[cut : cut + 100]})
    store, follower = open_world(world, node="n7"), Follower()
    begun = time.monotonic()
    task = asyncio.create_task(follower.follow(store))
    snapshot = await follower.until(lambda snapshot: True)
    assert len(snapshot.of(Node)) == 1000
    assert len(snapshot.of(BlockAffinity)) == 10
    assert time.monotonic() - begun < 5
    cpu = process.getrusage(process.RUSAGE_SELF)
    await asyncio.sleep(0.5)  # an idle watch costs nothing
    after = process.getrusage(process.RUSAGE_SELF)
    assert after.ru_utime + after.ru_stime - cpu.ru_utime - cpu.ru_stime < 0.1
    await store.close()
    await task


def node_and_blocks(number: int) -> list[dict[str, object]]:
    address = f"10.0.{number >> 8}.{number & 255}/16"
    node = {"metadata": {"name": f"n{number}"}, "spec": {"bgp": {"ipv4Address": address}}}
    document = {"kind": "Node", "apiVersion": "projectcalico.org/v3", **node}
    keys = {f"{V3}/nodes/n{number}": json.dumps(document)}
    for block in range(10):
        index = number * 10 + block
        cidr = f"10.{100 + (index >> 10)}.{(index >> 2) & 255}.{(index & 3) * 64}-26"
        keys[f"/calico/ipam/v2/host/n{number}/ipv4/block/{cidr}"] = '{"state":"confirmed","deleted":false}'
    return [{"request_put": {"key": b64(key), "value": b64(value)}} for key, value in keys.items()]


async def test_three_members_survive_the_loss_of_the_leader(tmp_path: Path) -> None:
    need_etcd()
    cluster = await off_loop(Etcd, tmp_path, 3)
    try:
        await survive(EtcdWorld(tmp_path, cluster), cluster)
    finally:
        cluster.close()


async def survive(world: EtcdWorld, cluster: Etcd) -> None:
    """Write all the time; kill the leader in the middle; nothing that was acknowledged may be missing."""
    writer, reader, follower = open_world(world), open_world(world), Follower()
    task = asyncio.create_task(follower.follow(reader))
    written = 0
    killed = False
    async with asyncio.timeout(60):
        while written < 40:
            if written == 20 and not killed:
                leader = await off_loop(cluster.leader)
                await off_loop(leader.kill)
                killed = True
            try:
                await writer.create(new_peer(f"p{written}"))
            except UnreachableError:
                continue
            except ExistsError:
                assert killed, "only what was sent when the leader fell may be there without an answer"
            written += 1
    wanted = {f"p{number}" for number in range(40)}
    await follower.until(lambda snapshot: set(addresses(snapshot)) == wanted, within=30)
    sizes = [len(addresses(seen)) for seen in follower.seen]
    assert sizes == sorted(sizes), "nothing that was seen may be lost for a moment"
    await reader.close()
    await asyncio.wait_for(task, DEADLINE)


async def test_tls_wants_the_clients_certificate(tmp_path: Path) -> None:
    need_etcd()
    certificates = Certificates.make(tmp_path)
    etcd = await off_loop(Etcd, tmp_path, 1, certificates)
    try:
        store = open_datastore(etcd.url, certificates.environment)
        await store.create(new_peer())
        assert addresses(await store.snapshot()) == {"a": "10.0.0.1"}
        without = {"ETCD_CA_CERT_FILE": str(certificates.ca)}
        with pytest.raises(UnreachableError):
            await open_datastore(etcd.url, without).snapshot()
        with pytest.raises(UnreachableError, match="certificate verify failed"):
            await open_datastore(etcd.url, {}).snapshot()
    finally:
        etcd.close()


async def test_users_log_in_and_again_when_the_token_is_old(tmp_path: Path) -> None:
    need_etcd()
    etcd = await off_loop(Etcd, tmp_path)
    try:
        for method, request in (
            ("user/add", {"name": "root", "password": "secret"}),
            ("role/add", {"name": "root"}),
            ("user/grant", {"user": "root", "role": "root"}),
            ("enable", {}),
        ):
            etcd.call(f"auth/{method}", request)
        environment = {"ETCD_USERNAME": "root", "ETCD_PASSWORD": "secret"}
        store = open_datastore(etcd.url, environment)
        await store.create(new_peer())
        etcd.members[0].kill()  # simple tokens do not outlive the server
        etcd.start(etcd.members[0])
        follower = Follower()
        task = asyncio.create_task(follower.follow(store))
        await follower.until(lambda snapshot: addresses(snapshot) == {"a": "10.0.0.1"})
        await store.close()
        await task
        with pytest.raises(RefusedError, match="authentication failed"):
            await open_datastore(etcd.url, {**environment, "ETCD_PASSWORD": "wrong"}).snapshot()
        with pytest.raises(RefusedError, match="user name is empty"):
            await open_datastore(etcd.url, {}).snapshot()
    finally:
        etcd.close()


@pytest.mark.parametrize(
    ("url", "environment", "text"),
    [
        ("etcd://", {}, "names no endpoint"),
        ("etcd://", {"ETCD_DISCOVERY_SRV": "x.org"}, "SRV _etcd-client._tcp.x.org"),
        ("etcds://a:1", {"ETCD_KEY": "-----BEGIN"}, "its name into ETCD_KEY_FILE"),
        ("etcd://a:x", {}, "no endpoint of etcd"),
        ("etcd://a:1,http://b:2", {}, "without a scheme"),
        ("etcds://a:1", {"ETCD_CA_CERT_FILE": "/nowhere"}, "cannot be used"),
    ],
)
def test_options_that_cannot_work_are_refused(url: str, environment: dict[str, str], text: str) -> None:
    with pytest.raises(UnsupportedError, match=text):
        open_datastore(url, environment)


def test_urls_are_shown_as_they_are_used() -> None:
    assert open_datastore("etcd://a,[::1]:5,b:3/", {}).url == "etcd://a:2379,[::1]:5,b:3"


async def test_affinities_are_written_as_calico_keeps_them(world: EtcdWorld, etcd: Etcd) -> None:
    affinity = resource("BlockAffinity", "n1-fd00---122", {"node": "n1", "cidr": "fd00::/122"})
    await open_world(world).create(affinity)
    value = etcd.get("/calico/ipam/v2/host/n1/ipv6/block/fd00::-122")
    assert value is not None
    assert json.loads(value) == {"state": "confirmed", "deleted": False}
