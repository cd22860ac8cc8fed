"""One behaviour over all datastores: every test here runs on each of them."""

import asyncio
import time
from collections.abc import AsyncIterator
from time import process_time

import pytest

from bgpd.datastore import ConflictError, Datastore, ExistsError, NotFoundError
from bgpd.resources import (
    BGPConfiguration,
    BGPPeer,
    BlockAffinity,
    CalicoNodeStatus,
    Fault,
    Node,
    ResourceError,
    Secret,
)
from bgpd.resources.calico_node_status import NodeReport
from bgpd.resources.editing import for_label, for_patch

from .support import DEADLINE, Follower, World, addresses, new_peer, open_world, resource, secret


@pytest.fixture
async def follower(world: World, store: Datastore) -> AsyncIterator[Follower]:
    """Follow the datastore, which holds one peer, `a`; changes are being noticed once the test begins."""
    await store.create(new_peer(address="10.0.0.99"))
    follower, followed = Follower(), open_world(world)
    task = asyncio.create_task(follower.follow(followed))
    await follower.until(lambda snapshot: addresses(snapshot) == {"a": "10.0.0.99"})
    await store.update(new_peer())
    await follower.until(lambda snapshot: addresses(snapshot) == {"a": "10.0.0.1"})
    yield follower
    await followed.close()
    await asyncio.wait_for(task, DEADLINE)


async def test_what_is_created_is_read_back(store: Datastore) -> None:
    created = await store.create(new_peer(labels={"a.b/c": "d"}, annotations={"bgpd.io/passive": "true"}))
    assert created.metadata.resource_version
    found = await store.get(BGPPeer, "a")
    assert found.metadata.resource_version == created.metadata.resource_version
    assert found.spec == new_peer().spec
    assert found.metadata.labels == {"a.b/c": "d"}
    assert found.metadata.annotations == {"bgpd.io/passive": "true"}


async def test_every_kind_is_kept(store: Datastore) -> None:
    affinity = resource("BlockAffinity", "n1-10-1-0-0-26", {"node": "n1", "cidr": "10.1.0.0/26"})
    pool = resource("IPPool", "pods", {"cidr": "10.1.0.0/16", "disableBGPExport": True})
    configuration = resource("BGPConfiguration", "default", {"asNumber": 64512})
    password = {"secretKeyRef": {"name": "bgp", "key": "password"}}
    peer = resource("BGPPeer", "p", {"peerIP": "10.0.0.9", "asNumber": 1, "password": password})
    wanted = (affinity, pool, configuration, peer, secret("bgp", password="hunter2"))
    for each in wanted:
        await store.create(each)
    snapshot = await store.snapshot()
    for each in wanted[:4]:
        found = snapshot.get(type(each), each.name)
        assert found is not None
        assert found.spec.model_dump(exclude_defaults=True) == each.spec.model_dump(exclude_defaults=True)
    assert snapshot.secret("bgp", "password") == "hunter2"
    assert snapshot.faults == ()


async def test_create_refuses_what_exists(store: Datastore) -> None:
    await store.create(new_peer())
    with pytest.raises(ExistsError, match=r"resource already exists: BGPPeer\(a\)"):
        await store.create(new_peer(address="10.0.0.2"))
    assert (await store.get(BGPPeer, "a")).spec.peer_ip == "10.0.0.1"


async def test_list_is_sorted_and_versioned(store: Datastore) -> None:
    for name in ("b", "a", "c.d"):
        await store.create(new_peer(name))
    listed = await store.list(BGPPeer)
    assert [peer.name for peer in listed] == ["a", "b", "c.d"]
    assert all(peer.metadata.resource_version for peer in listed)
    assert await store.list(Secret) == []


async def test_an_update_with_an_old_version_is_a_conflict(store: Datastore) -> None:
    first = await store.create(new_peer())
    second = await store.update(new_peer(address="10.0.0.2", resourceVersion=first.metadata.resource_version))
    assert second.metadata.resource_version != first.metadata.resource_version
    with pytest.raises(ConflictError, match=r"BGPPeer\(a\).*out of date"):
        await store.update(new_peer(address="10.0.0.3", resourceVersion=first.metadata.resource_version))
    assert (await store.get(BGPPeer, "a")).spec.peer_ip == "10.0.0.2"
    await store.update(new_peer(address="10.0.0.4"))
    assert (await store.get(BGPPeer, "a")).spec.peer_ip == "10.0.0.4"


async def test_of_concurrent_updates_with_one_version_one_wins(store: Datastore, world: World) -> None:
    version = (await store.create(new_peer())).metadata.resource_version
    others = [open_world(world) for _ in range(4)]
    updates = [
        other.update(new_peer(address=f"10.0.0.{index + 2}", resourceVersion=version))
        for index, other in enumerate(others)
    ]
    outcomes = await asyncio.gather(*updates, return_exceptions=True)
    assert sorted(isinstance(outcome, ConflictError) for outcome in outcomes) == [False, True, True, True]
    for other in others:
        await other.close()


@pytest.mark.parametrize("verb", ["get", "update", "delete"])
async def test_what_is_missing_is_not_found(store: Datastore, verb: str) -> None:
    calls = {
        "get": lambda: store.get(BGPPeer, "a"),
        "update": lambda: store.update(new_peer()),
        "delete": lambda: store.delete(BGPPeer, "a"),
    }
    with pytest.raises(NotFoundError, match=r"resource does not exist: BGPPeer\(a\)"):
        await calls[verb]()


async def test_delete_returns_what_was(store: Datastore) -> None:
    created = await store.create(new_peer())
    with pytest.raises(ConflictError):
        await store.delete(BGPPeer, "a", resource_version="1")
    gone = await store.delete(BGPPeer, "a", resource_version=created.metadata.resource_version)
    assert gone.spec == created.spec
    with pytest.raises(NotFoundError):
        await store.get(BGPPeer, "a")


async def test_a_name_is_no_prefix(store: Datastore) -> None:
    await store.create(new_peer("ab"))
    with pytest.raises(NotFoundError):
        await store.get(BGPPeer, "a")
    await store.create(new_peer("a"))
    await store.delete(BGPPeer, "a")
    assert [peer.name for peer in await store.list(BGPPeer)] == ["ab"]


async def test_patches_and_labels_go_through(store: Datastore) -> None:
    stored = await store.create(new_peer(labels={"x": "1"}))
    patched = await store.update(for_patch(stored, {"spec": {"peerIP": "10.0.0.7"}}))
    await store.update(for_label(patched, {"x": None, "y": "2"}))
    found = await store.get(BGPPeer, "a")
    assert (found.spec.peer_ip, found.metadata.labels) == ("10.0.0.7", {"y": "2"})


async def test_affinities_have_their_names(store: Datastore) -> None:
    affinity = resource("BlockAffinity", "n1-10-1-0-0-26", {"node": "n1", "cidr": "10.1.0.0/26"})
    await store.create(affinity)
    assert (await store.get(BlockAffinity, "n1-10-1-0-0-26")).spec.cidr == "10.1.0.0/26"
    await store.delete(BlockAffinity, "n1-10-1-0-0-26")
    assert await store.list(BlockAffinity) == []


async def test_a_status_is_written_and_nothing_else(store: Datastore) -> None:
    spec = {"node": "n1", "classes": ["BGP"], "updatePeriodSeconds": 10}
    created = await store.create(resource("CalicoNodeStatus", "s", spec))
    report = NodeReport(last_updated="2026-01-01T00:00:00Z")
    await store.write_status(created.model_copy(update={"status": report, "spec": None}))
    written = (await store.get(CalicoNodeStatus, "s")).document()
    assert written["status"] == {"lastUpdated": "2026-01-01T00:00:00Z"}
    assert written["spec"] == spec


async def test_changes_are_followed(follower: Follower, store: Datastore) -> None:
    begun = time.monotonic()
    await store.create(new_peer("b"))
    await follower.until(lambda snapshot: set(addresses(snapshot)) == {"a", "b"})
    await store.delete(BGPPeer, "a")
    await follower.until(lambda snapshot: set(addresses(snapshot)) == {"b"})
    assert time.monotonic() - begun < 3.0


async def test_what_did_not_change_is_the_same_object(follower: Follower, store: Datastore) -> None:
    await store.create(resource("BGPConfiguration", "default", {"asNumber": 64512}))
    before = await follower.until(lambda snapshot: "BGPConfiguration" in snapshot.resources)
    await store.update(resource("BGPConfiguration", "default", {"asNumber": 64513}))
    after = await follower.until(lambda snapshot: snapshot.revision > before.revision)
    assert after.table(BGPPeer) is before.table(BGPPeer)


async def test_a_write_without_a_difference_is_no_change(follower: Follower, store: Datastore) -> None:
    count = len(follower.seen)
    await store.update(await store.get(BGPPeer, "a"))
    await store.create(new_peer("b"))
    await follower.until(lambda snapshot: "b" in addresses(snapshot))
    assert len(follower.seen) == count + 1


async def test_a_default_that_is_said_is_a_change(follower: Follower, store: Datastore) -> None:
    """What a node's own BGPConfiguration says counts, even where it says what holds without it."""
    await store.create(resource("BGPConfiguration", "node.n1", {"listenPort": 1179}))
    await follower.until(lambda snapshot: bool(snapshot.of(BGPConfiguration)))
    await store.update(
        resource("BGPConfiguration", "node.n1", {"listenPort": 1179, "logSeverityScreen": "Info"})
    )
    await follower.until(
        lambda snapshot: "log_severity_screen" in snapshot.of(BGPConfiguration)[0].spec.model_fields_set
    )


async def test_a_spoilt_object_leaves_its_last_good_version(
    follower: Follower, store: Datastore, world: World
) -> None:
    await world.spoil("a")
    snapshot = await follower.until(lambda snapshot: any(f.resource for f in snapshot.faults))
    assert addresses(snapshot) == {"a": "10.0.0.1"}
    (fault,) = snapshot.faults
    assert (fault.field, fault.resource) == ("spec.peerIp", "BGPPeer(a)")
    assert "did you mean peerIP" in fault.remedy


async def test_what_is_invalid_is_told_of(store: Datastore, world: World) -> None:
    for name in ("a", "b"):
        await store.create(new_peer(name))
    await world.spoil("a")
    told: list[Fault] = []
    assert [peer.name for peer in await store.list(BGPPeer, told.append)] == ["b"]
    assert [(fault.resource, fault.field) for fault in told] == [("BGPPeer(a)", "spec.peerIp")]
    assert [peer.name for peer in await store.list(BGPPeer)] == ["b"]
    with pytest.raises(ResourceError, match="did you mean peerIP"):
        await store.get(BGPPeer, "a")


RUSH = 1000
"""Changes, as fast as the datastore takes them: less than a second where nothing else runs."""


async def test_a_thousand_changes_a_second_end_with_the_last(
    follower: Follower, store: Datastore, world: World
) -> None:
    """Twenty objects, each with one number after the other: none goes back, and all arrive at the last."""
    names = [f"p{number:02}" for number in range(20)]
    for name in names:
        await store.create(new_peer(name, "10.1.0.0"))
    await follower.until(lambda snapshot: set(addresses(snapshot)) == {"a", *names})
    seen_before = len(follower.seen)
    steps = RUSH // len(names)
    begun = time.monotonic()
    await world.rush(names, [f"10.1.0.{step}" for step in range(1, steps + 1)])
    wanted = {"a": "10.0.0.1", **dict.fromkeys(names, f"10.1.0.{steps}")}
    await follower.until(lambda snapshot: addresses(snapshot) == wanted, within=30)
    seconds = time.monotonic() - begun
    rush = follower.seen[seen_before:]
    assert [snapshot.revision for snapshot in rush] == sorted({snapshot.revision for snapshot in rush})
    for name in names:
        numbers = [int((addresses(snapshot)[name] or "").rpartition(".")[2]) for snapshot in rush]
        assert numbers == sorted(numbers)
    assert len(rush) <= seconds / 0.01 + 2, "changes that come together are one snapshot"


async def test_an_idle_watch_costs_nothing(follower: Follower) -> None:
    """Waiting takes no work: less than a hundredth of the time, watching all kinds."""
    await asyncio.sleep(0.2)  # what the last change left to do
    before = process_time()
    await asyncio.sleep(1.0)
    assert process_time() - before < 0.05


async def test_a_followed_datastore_is_in_contact(world: World) -> None:
    store, follower = open_world(world), Follower()
    task = asyncio.create_task(follower.follow(store))
    await store.create(new_peer())
    await follower.until(lambda snapshot: "a" in addresses(snapshot))
    assert store.contact.connected
    assert time.time() - store.contact.as_of < 1.0
    await store.close()
    await asyncio.wait_for(task, DEADLINE)


async def test_nodes_keep_what_bgp_needs_of_them(store: Datastore, world: World) -> None:
    bgp = {"ipv4Address": "10.0.0.1/24", "asNumber": 64999, "routeReflectorClusterID": "224.0.0.1"}
    await world.add_node(store, "n1", {"bgp": bgp}, rack="r1")
    node = (await store.snapshot()).get(Node, "n1")
    assert node is not None
    assert (node.ipv4_address, node.as_number, node.metadata.labels["rack"]) == ("10.0.0.1", 64999, "r1")
