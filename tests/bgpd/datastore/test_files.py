"""The files datastore alive: edits, storms and garbage in a real directory, and writing into it."""

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bgpd.datastore import (
    ConflictError,
    ExistsError,
    NotFoundError,
    UnreachableError,
    UnsupportedError,
    datastore_url,
    open_datastore,
)
from bgpd.datastore.files import FilesDatastore
from bgpd.resources import BGPPeer, CalicoNodeStatus, Node, Resource, Secret, parse_resource
from bgpd.resources.calico_node_status import NodeReport

from .support import Follower, new_peer
from .test_tree import addresses, peer_text

DEADLINE = 5.0


@pytest.fixture
def store(tmp_path: Path) -> FilesDatastore:
    return FilesDatastore(tmp_path)


@pytest.fixture
async def follower(store: FilesDatastore, tmp_path: Path) -> AsyncIterator[Follower]:
    """Follow a directory that holds one peer, `a`; the watch is known to work once the test begins."""
    (tmp_path / "a.yaml").write_text(peer_text("a", "10.0.0.99"))
    follower = Follower()
    task = asyncio.create_task(follower.follow(store))
    await follower.until(lambda snapshot: addresses(snapshot) == {"a": "10.0.0.99"})
    (tmp_path / "a.yaml").write_text(peer_text("a"))
    await follower.until(lambda snapshot: addresses(snapshot) == {"a": "10.0.0.1"})
    yield follower
    await store.close()
    await asyncio.wait_for(task, DEADLINE)


async def test_an_edit_is_seen_well_within_a_second(follower: Follower, tmp_path: Path) -> None:
    begun = time.monotonic()
    (tmp_path / "a.yaml").write_text(peer_text("a", "10.0.0.2"))
    await follower.until(lambda snapshot: addresses(snapshot) == {"a": "10.0.0.2"})
    assert time.monotonic() - begun < 1.0


async def test_new_directories_are_watched_too(follower: Follower, tmp_path: Path) -> None:
    (tmp_path / "bgppeers").mkdir()
    (tmp_path / "bgppeers" / "b.yaml").write_text(peer_text("b"))
    await follower.until(lambda snapshot: set(addresses(snapshot)) == {"a", "b"})


async def test_garbage_is_reported_and_changes_nothing(follower: Follower, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("spec: [\n")
    snapshot = await follower.until(lambda snapshot: bool(snapshot.faults))
    assert addresses(snapshot) == {"a": "10.0.0.1"}


async def test_a_deleted_file_leaves(follower: Follower, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").unlink()
    await follower.until(lambda snapshot: addresses(snapshot) == {})


async def test_a_storm_of_renames_never_drops_the_peer(follower: Follower, tmp_path: Path) -> None:
    names = [tmp_path / f"{name}.yaml" for name in ("a", "b", "c")]
    for step in range(30):
        names[step % 3].rename(names[(step + 1) % 3])
        await asyncio.sleep(0)
    (tmp_path / "end.yaml").write_text(peer_text("end"))
    await follower.until(lambda snapshot: "end" in addresses(snapshot))
    assert all("a" in addresses(snapshot) for snapshot in follower.seen)


async def test_files_written_in_pieces_never_drop_the_peer(follower: Follower, tmp_path: Path) -> None:
    text = peer_text("a", "10.0.0.2")
    for cut in range(0, len(text) + 1, 9):
        (tmp_path / "a.yaml").write_text(text[:cut])
        await asyncio.sleep(0)
    (tmp_path / "a.yaml").write_text(text)
    await follower.until(lambda snapshot: addresses(snapshot) == {"a": "10.0.0.2"})
    assert {addresses(snapshot)["a"] for snapshot in follower.seen} <= {"10.0.0.99", "10.0.0.1", "10.0.0.2"}
    assert all(snapshot.of(BGPPeer)[0].spec.as_number == 64567 for snapshot in follower.seen)


async def test_fifty_edits_in_a_second_end_with_the_last(follower: Follower, tmp_path: Path) -> None:
    for edit in range(50):
        (tmp_path / "a.yaml").write_text(peer_text("a", f"10.0.1.{edit}"))
        await asyncio.sleep(0.02)  # the rate is what is tested
    await follower.until(lambda snapshot: addresses(snapshot) == {"a": "10.0.1.49"})
    revisions = [snapshot.revision for snapshot in follower.seen]
    assert revisions == sorted(set(revisions))


async def test_a_directory_that_is_replaced_is_watched_anew(follower: Follower, tmp_path: Path) -> None:
    root = tmp_path
    away = root.with_name(f"{root.name}-away")
    root.rename(away)
    await follower.until(lambda snapshot: bool(snapshot.faults))
    root.mkdir()
    (root / "b.yaml").write_text(peer_text("b"))
    await follower.until(lambda snapshot: list(addresses(snapshot)) == ["b"] and not snapshot.faults)
    assert all(addresses(snapshot) for snapshot in follower.seen)


async def test_a_missing_directory_is_waited_for(tmp_path: Path) -> None:
    store, follower = FilesDatastore(tmp_path / "later"), Follower()
    task = asyncio.create_task(follower.follow(store))
    await follower.until(lambda snapshot: "does not exist" in snapshot.faults[0].message)
    (tmp_path / "later").mkdir()
    (tmp_path / "later" / "a.yaml").write_text(peer_text("a"))
    await follower.until(lambda snapshot: addresses(snapshot) == {"a": "10.0.0.1"} and not snapshot.faults)
    await store.close()
    await asyncio.wait_for(task, DEADLINE)


async def test_followers_may_leave_at_any_time(store: FilesDatastore) -> None:
    async with contextlib.aclosing(store.snapshots()) as snapshots:
        assert (await anext(snapshots)).revision == 1
    task = asyncio.create_task(Follower().follow(store))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_own_writes_are_followed(follower: Follower, store: FilesDatastore) -> None:
    await store.create(new_peer("b"))
    await follower.until(lambda snapshot: set(addresses(snapshot)) == {"a", "b"})
    await store.delete(BGPPeer, "b")
    await follower.until(lambda snapshot: set(addresses(snapshot)) == {"a"})


async def test_create_writes_one_file_per_resource(store: FilesDatastore, tmp_path: Path) -> None:
    created = await store.create(new_peer(resourceVersion="x"))
    path = tmp_path / "bgppeers" / "a.yaml"
    assert path.read_text() == peer_text("a")
    assert [file.name for file in path.parent.iterdir()] == ["a.yaml"]
    assert created == await store.get(BGPPeer, "a")
    with pytest.raises(
        ExistsError, match=r"resource already exists: BGPPeer\(a\) with error: it is in .*a\.yaml"
    ):
        await store.create(new_peer())


async def test_a_broken_file_is_not_overwritten_by_create(store: FilesDatastore, tmp_path: Path) -> None:
    (tmp_path / "bgppeers").mkdir()
    (tmp_path / "bgppeers" / "a.yaml").write_text("precious: [")
    with pytest.raises(ExistsError):
        await store.create(new_peer())
    assert (tmp_path / "bgppeers" / "a.yaml").read_text() == "precious: ["


async def test_list_is_sorted_and_versioned(store: FilesDatastore) -> None:
    for name in ("b", "a"):
        await store.create(new_peer(name))
    listed = await store.list(BGPPeer)
    assert [peer.name for peer in listed] == ["a", "b"]
    assert all(peer.metadata.resource_version for peer in listed)
    assert await store.list(Node) == []


async def test_update_compares_versions(store: FilesDatastore) -> None:
    first = await store.create(new_peer())
    second = await store.update(new_peer(address="10.0.0.2", resourceVersion=first.metadata.resource_version))
    assert second.metadata.resource_version != first.metadata.resource_version
    with pytest.raises(ConflictError, match=r"out of date \(latest: .*\)\. Get the resource again") as caught:
        await store.update(new_peer(address="10.0.0.3", resourceVersion=first.metadata.resource_version))
    assert str(second.metadata.resource_version) in str(caught.value)
    assert (await store.get(BGPPeer, "a")).spec.peer_ip == "10.0.0.2"
    await store.update(new_peer(address="10.0.0.4"))
    assert (await store.get(BGPPeer, "a")).spec.peer_ip == "10.0.0.4"


async def test_of_concurrent_updates_with_one_version_one_wins(store: FilesDatastore, tmp_path: Path) -> None:
    version = (await store.create(new_peer())).metadata.resource_version
    others = [FilesDatastore(tmp_path) for _ in range(4)]
    updates = [
        other.update(new_peer(address=f"10.0.0.{index + 2}", resourceVersion=version))
        for index, other in enumerate(others)
    ]
    outcomes = await asyncio.gather(*updates, return_exceptions=True)
    assert sorted(isinstance(outcome, ConflictError) for outcome in outcomes) == [False, True, True, True]


@pytest.mark.parametrize("verb", ["get", "update", "delete"])
async def test_what_is_missing_is_not_found(store: FilesDatastore, verb: str) -> None:
    calls = {
        "get": lambda: store.get(BGPPeer, "a"),
        "update": lambda: store.update(new_peer()),
        "delete": lambda: store.delete(BGPPeer, "a"),
    }
    with pytest.raises(NotFoundError, match=r"resource does not exist: BGPPeer\(a\)"):
        await calls[verb]()


async def test_delete_returns_what_was_and_removes_the_file(store: FilesDatastore, tmp_path: Path) -> None:
    created = await store.create(new_peer())
    with pytest.raises(ConflictError):
        await store.delete(BGPPeer, "a", resource_version="old")
    gone = await store.delete(BGPPeer, "a", resource_version=created.metadata.resource_version)
    assert gone.spec == created.spec
    assert not (tmp_path / "bgppeers" / "a.yaml").exists()
    with pytest.raises(NotFoundError):
        await store.get(BGPPeer, "a")


async def test_an_update_rewrites_its_own_document_only(store: FilesDatastore, tmp_path: Path) -> None:
    path = tmp_path / "all.yaml"
    path.write_text("# first\n" + peer_text("a") + "---\n# second\n" + peer_text("b") + "---\nbroken: [\n")
    path.chmod(0o640)
    await store.update(new_peer("a", "10.0.0.9"))
    assert (
        path.read_text()
        == peer_text("a", "10.0.0.9") + "---\n# second\n" + peer_text("b") + "---\nbroken: [\n"
    )
    assert path.stat().st_mode & 0o777 == 0o640
    await store.delete(BGPPeer, "b")
    assert path.read_text() == peer_text("a", "10.0.0.9") + "---\nbroken: [\n"


@pytest.mark.parametrize("form", ["- {}\n- {}\n", "kind: BGPPeerList\nitems:\n- {}\n- {}\n"])
async def test_an_item_of_a_list_is_edited_in_its_list(
    store: FilesDatastore, tmp_path: Path, form: str
) -> None:
    head = "apiVersion: projectcalico.org/v3, kind: BGPPeer"
    items = [f"{{{head}, metadata: {{name: {name}}}, spec: {{peerIP: 10.0.0.1}}}}" for name in "ab"]
    (tmp_path / "list.yaml").write_text(form.replace("{}", "%s") % tuple(items))
    await store.update(new_peer("b", "10.0.0.2"))
    assert addresses(await store.snapshot()) == {"a": "10.0.0.1", "b": "10.0.0.2"}
    await store.delete(BGPPeer, "a")
    assert [peer.name for peer in await store.list(BGPPeer)] == ["b"]
    await store.delete(BGPPeer, "b")
    assert await store.list(BGPPeer) == []


async def test_a_link_stays_a_link(store: FilesDatastore, tmp_path: Path) -> None:
    target = tmp_path / "target.txt"
    target.write_text(peer_text("a"))
    (tmp_path / "a.yaml").symlink_to(target)
    await store.update(new_peer("a", "10.0.0.2"))
    assert (tmp_path / "a.yaml").is_symlink()
    assert target.read_text() == peer_text("a", "10.0.0.2")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
async def test_what_root_writes_belongs_to_whom_the_place_does(store: FilesDatastore, tmp_path: Path) -> None:
    try:
        os.chown(tmp_path, 65534, 65534)
    except OSError as error:
        pytest.skip(f"this user namespace has one user: {error}")
    await store.create(new_peer("a", "10.0.0.1"))
    file = tmp_path / "bgppeers" / "a.yaml"
    assert [path.stat().st_uid for path in (file.parent, file)] == [65534, 65534]
    os.chown(file, 65533, 65533)
    await store.update(new_peer("a", "10.0.0.2"))
    assert file.stat().st_uid == 65533


async def test_a_written_secret_is_for_its_owner_alone(store: FilesDatastore, tmp_path: Path) -> None:
    head = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "bgp", "namespace": "kube-system"}}
    secret: Resource = parse_resource({**head, "stringData": {"password": "hunter2"}})
    await store.create(secret)
    assert (tmp_path / "secrets" / "kube-system.bgp.yaml").stat().st_mode & 0o777 == 0o600
    assert (await store.snapshot()).secret("bgp", "password") == "hunter2"
    assert (await store.get(Secret, "bgp", "kube-system")).values() == {"password": "hunter2"}


async def test_a_status_is_written_and_nothing_else(store: FilesDatastore) -> None:
    spec = {"node": "n1", "classes": ["BGP"], "updatePeriodSeconds": 10}
    head = {"apiVersion": "projectcalico.org/v3", "kind": "CalicoNodeStatus", "metadata": {"name": "s"}}
    resource = parse_resource({**head, "spec": spec})
    assert isinstance(resource, CalicoNodeStatus)
    await store.create(resource)
    other = resource.model_copy(update={"status": NodeReport(last_updated="2026-01-01T00:00:00Z")})
    await store.write_status(other)
    written = (await store.get(CalicoNodeStatus, "s")).document()
    assert written["status"] == {"lastUpdated": "2026-01-01T00:00:00Z"}
    assert written["spec"] == spec


async def test_a_directory_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UnreachableError, match="cannot be written"):
        await FilesDatastore(tmp_path / "file").create(new_peer())


@pytest.mark.parametrize(
    ("url", "opened"),
    [
        ("file:///etc/bgpd/resources", "file:///etc/bgpd/resources"),
        ("file:/srv/x", "file:///srv/x"),
        ("/srv/x", "file:///srv/x"),
        ("file:///srv/a%20b", "file:///srv/a b"),
    ],
)
def test_urls_of_directories(url: str, opened: str) -> None:
    assert open_datastore(url, {}).url == opened


@pytest.mark.parametrize("url", ["http://x", "file:", "", "file://host/x"])
def test_other_urls_are_refused_with_what_is_supported(url: str) -> None:
    with pytest.raises(UnsupportedError, match=r"file:///directory"):
        open_datastore(url, {})


@pytest.mark.parametrize(
    ("environment", "url"),
    [
        ({}, "file:///etc/bgpd/resources"),
        ({"BGPD_DATASTORE": "file:///x", "DATASTORE_TYPE": "kubernetes"}, "file:///x"),
        ({"DATASTORE_TYPE": "kubernetes"}, "kubernetes://"),
        (
            {"DATASTORE_TYPE": "etcdv3", "ETCD_ENDPOINTS": "https://a:2379,https://b:2379"},
            "etcds://a:2379,b:2379",
        ),
        ({"ETCD_ENDPOINTS": "http://a:2379"}, "etcd://a:2379"),
        ({"ETCD_DISCOVERY_SRV": "x.org"}, "etcd://"),
    ],
)
def test_calicos_own_variables_name_the_datastore(environment: dict[str, str], url: str) -> None:
    assert datastore_url(environment) == url


def test_an_unknown_datastore_type_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="DATASTORE_TYPE=consul is unknown"):
        datastore_url({"DATASTORE_TYPE": "consul"})
