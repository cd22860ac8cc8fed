"""Remote datastores that go away, forget, or are down at the start: what is in force stays in force."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bgpd.datastore import Datastore, UnreachableError
from bgpd.datastore.remote import RemoteDatastore
from bgpd.resources import BGPPeer, BlockAffinity

from .support import DEADLINE, Follower, Remote, addresses, new_peer, open_world, poll, resource


class Followed:
    """A datastore with its follower, as the daemon of node n1 has it."""

    def __init__(self, remote: Remote) -> None:
        self.store = open_world(remote, node="n1")
        assert isinstance(self.store, RemoteDatastore)
        self.follower = Follower()
        self._task = asyncio.create_task(self.follower.follow(self.store))

    async def end(self) -> None:
        await self.store.close()
        await asyncio.wait_for(self._task, DEADLINE)


def modes(directory: str) -> list[int]:
    return [path.stat().st_mode & 0o777 for path in Path(directory).iterdir()]


@pytest.fixture
async def store(remote: Remote) -> AsyncIterator[Datastore]:
    store = open_world(remote)
    await store.create(new_peer("a"))
    await store.create(new_peer("b"))
    yield store
    await store.close()


@pytest.fixture
async def followed(remote: Remote, store: Datastore) -> AsyncIterator[Followed]:
    followed = Followed(remote)
    await followed.follower.until(lambda snapshot: set(addresses(snapshot)) == {"a", "b"})
    yield followed
    await followed.end()


async def test_an_outage_changes_nothing_and_is_told(
    remote: Remote, store: Datastore, followed: Followed, caplog: pytest.LogCaptureFixture
) -> None:
    count = len(followed.follower.seen)
    with caplog.at_level(logging.INFO):
        await remote.stop()
        await poll(lambda: not followed.store.contact.connected)
        stopped = time.time()
        await poll(lambda: followed.store._backoff.failures >= 3)
        contact = followed.store.contact
        assert contact.error
        assert not contact.restored
        assert abs(contact.as_of - stopped) < 1.0
        await remote.start()
        await poll(lambda: followed.store.contact.connected)
    assert len(followed.follower.seen) == count
    assert followed.store.contact.error == ""
    of_ours = [record for record in caplog.records if record.name == "bgpd.datastore.remote"]
    assert [record.levelname for record in of_ours] == ["WARNING", "INFO"]


async def test_what_changed_meanwhile_is_all_that_changes(
    remote: Remote, store: Datastore, followed: Followed
) -> None:
    before = followed.follower.seen[-1]
    await store.update(new_peer("b", "10.0.0.2"))
    await followed.follower.until(lambda snapshot: addresses(snapshot)["b"] == "10.0.0.2")
    await remote.stop()
    await poll(lambda: not followed.store.contact.connected)
    await remote.start()
    await store.delete(BGPPeer, "b")
    await store.create(new_peer("c"))
    after = await followed.follower.until(lambda snapshot: set(addresses(snapshot)) == {"a", "c"})
    assert after.table(BGPPeer)["a"] is before.table(BGPPeer)["a"]


async def test_a_forgotten_history_is_listed_anew(
    remote: Remote, store: Datastore, followed: Followed
) -> None:
    before = followed.follower.seen[-1]
    await remote.stop()
    await poll(lambda: not followed.store.contact.connected)
    await remote.start()
    await store.update(new_peer("b", "10.0.0.2"))
    await store.delete(BGPPeer, "b")
    await store.create(new_peer("c"))
    await remote.age()
    after = await followed.follower.until(lambda snapshot: set(addresses(snapshot)) == {"a", "c"})
    assert after.table(BGPPeer)["a"] is before.table(BGPPeer)["a"]
    await store.create(new_peer("d"))
    await followed.follower.until(lambda snapshot: set(addresses(snapshot)) == {"a", "c", "d"})


async def test_a_start_while_it_is_down_uses_the_last_snapshot(remote: Remote, store: Datastore) -> None:
    first = Followed(remote)
    await first.follower.until(lambda snapshot: set(addresses(snapshot)) == {"a", "b"})
    await first.end()
    await remote.stop()

    second = Followed(remote)
    restored = await second.follower.until(lambda snapshot: set(addresses(snapshot)) == {"a", "b"})
    contact = second.store.contact
    assert (contact.connected, contact.restored) == (False, True)
    assert 0 < time.time() - contact.as_of < DEADLINE

    await remote.start()
    await poll(lambda: second.store.contact.connected)
    assert not second.store.contact.restored
    await store.create(new_peer("c"))
    after = await second.follower.until(lambda snapshot: "c" in addresses(snapshot))
    assert after.table(BGPPeer)["a"] is restored.table(BGPPeer)["a"]
    assert all(set(addresses(seen)) >= {"a", "b"} for seen in second.follower.seen)
    await second.end()


async def test_a_start_while_it_is_down_without_a_snapshot_waits(remote: Remote, store: Datastore) -> None:
    await remote.stop()
    waiting = Followed(remote)
    await poll(lambda: waiting.store.contact.error != "not asked yet")
    assert (waiting.store.contact.connected, waiting.store.contact.as_of) == (False, 0.0)
    await remote.start()
    await waiting.follower.until(lambda snapshot: set(addresses(snapshot)) == {"a", "b"})
    assert len(waiting.follower.seen) == 1
    await waiting.end()


async def test_an_object_spoilt_before_the_start_is_as_it_was_before(
    remote: Remote, store: Datastore
) -> None:
    first = Followed(remote)
    await first.follower.until(lambda snapshot: set(addresses(snapshot)) == {"a", "b"})
    await first.end()
    await remote.spoil("a")
    await remote.stop()
    second = Followed(remote)
    await second.follower.until(lambda snapshot: "a" in addresses(snapshot))
    await remote.start()
    snapshot = await second.follower.until(lambda snapshot: bool(snapshot.faults))
    assert addresses(snapshot) == {"a": "10.0.0.1", "b": "10.0.0.1"}
    await second.end()


async def test_secrets_are_kept_for_the_owner_alone(remote: Remote, store: Datastore) -> None:
    first = Followed(remote)
    await first.follower.until(lambda snapshot: set(addresses(snapshot)) == {"a", "b"})
    await first.end()
    assert modes(remote.environment["BGPD_STATE_DIRECTORY"]) == [0o600]


async def test_the_daemon_keeps_the_affinities_of_its_own_node(
    remote: Remote, store: Datastore, followed: Followed
) -> None:
    for node, block in (("n1", "10.1.0.0/26"), ("n2", "10.1.1.0/26"), ("n10", "10.1.2.0/26")):
        dashed = block.replace(".", "-").replace("/", "-")
        await store.create(resource("BlockAffinity", f"{node}-{dashed}", {"node": node, "cidr": block}))
    snapshot = await followed.follower.until(lambda snapshot: bool(snapshot.of(BlockAffinity)))
    await store.create(new_peer("c"))
    snapshot = await followed.follower.until(lambda snapshot: "c" in addresses(snapshot))
    assert [affinity.spec.node for affinity in snapshot.of(BlockAffinity)] == ["n1"]
    assert len((await store.snapshot()).of(BlockAffinity)) == 3


async def test_verbs_say_that_nobody_answers(remote: Remote, store: Datastore) -> None:
    await remote.stop()
    for call in (store.snapshot(), store.get(BGPPeer, "a"), store.list(BGPPeer), store.create(new_peer("c"))):
        with pytest.raises(UnreachableError):
            await call
    await remote.start()


async def test_refresh_lists_everything_again(remote: Remote, store: Datastore, followed: Followed) -> None:
    count = len(followed.follower.seen)
    await followed.store.refresh()
    await poll(lambda: followed.store.contact.connected)
    await store.create(new_peer("c"))
    await followed.follower.until(lambda snapshot: "c" in addresses(snapshot))
    assert len(followed.follower.seen) == count + 1
