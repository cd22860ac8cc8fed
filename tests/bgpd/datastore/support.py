"""What the tests of all datastores share: followers, resources to write, and each backend as a world."""

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from bgpd.datastore import Datastore, open_datastore
from bgpd.resources import BGPPeer, Snapshot, parse_resource
from tests.support.etcd import Etcd
from tests.support.kube_api import CLASSIC, KubeApi

DEADLINE = 10.0
V3 = {"apiVersion": "projectcalico.org/v3"}
PEERS = "/calico/resources/v3/projectcalico.org/bgppeers"
"""Where etcd has the BGPPeers."""


class Follower:
    """Keeps all snapshots that a datastore yields."""

    def __init__(self) -> None:
        self.seen: list[Snapshot] = []
        self._more = asyncio.Condition()

    async def follow(self, store: Datastore) -> None:
        async for snapshot in store.snapshots():
            self.seen.append(snapshot)
            async with self._more:
                self._more.notify_all()

    async def until(self, wanted: Callable[[Snapshot], bool], within: float = DEADLINE) -> Snapshot:
        async with asyncio.timeout(within), self._more:
            await self._more.wait_for(lambda: bool(self.seen) and wanted(self.seen[-1]))
        return self.seen[-1]


async def poll(condition: Callable[[], bool], within: float = DEADLINE) -> None:
    """Wait for a condition that nobody reports."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "not in time"
        await asyncio.sleep(0.01)


def new_peer(name: str = "a", address: str = "10.0.0.1", **metadata: object) -> BGPPeer:
    document = {
        **V3,
        "kind": "BGPPeer",
        "metadata": {"name": name, **metadata},
        "spec": {"peerIP": address, "asNumber": 64567},
    }
    resource = parse_resource(document)
    assert isinstance(resource, BGPPeer)
    return resource


def resource(kind: str, name: str, spec: dict[str, Any], **metadata: object) -> Any:
    return parse_resource({**V3, "kind": kind, "metadata": {"name": name, **metadata}, "spec": spec})


def secret(name: str, **values: str) -> Any:
    metadata = {"name": name, "namespace": "kube-system"}
    return parse_resource({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": values})


def addresses(snapshot: Snapshot) -> dict[str, str | None]:
    return {peer.name: peer.spec.peer_ip for peer in snapshot.of(BGPPeer)}


class World(Protocol):
    """One backend under test, with what can be done to it behind bgpd's back."""

    url: str
    environment: dict[str, str]

    async def spoil(self, name: str) -> None:
        """Make the stored BGPPeer invalid."""
        ...

    async def rush(self, names: Sequence[str], addresses: Sequence[str]) -> None:
        """Give each of the stored BGPPeers one address after the other, as fast as it goes."""
        ...

    async def add_node(self, store: Datastore, name: str, spec: dict[str, Any], **labels: str) -> None:
        """Have a Node with labels, and give it its spec through bgpd."""
        ...

    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    async def close(self) -> None: ...


def open_world(world: World, node: str | None = None) -> Datastore:
    return open_datastore(world.url, world.environment, node=node)


class Remote(World, Protocol):
    """One that is reached across a network, and forgets its history."""

    async def age(self) -> None:
        """Forget the history, so that old positions are gone."""
        ...


class FilesWorld:
    def __init__(self, directory: Path) -> None:
        self.environment = {"CALICO_ENDPOINT_STATUS_PATH_PREFIX": str(directory / "felix")}
        self._root = directory / "resources"
        self._root.mkdir()
        self.url = f"file://{self._root}"

    async def spoil(self, name: str) -> None:
        path = self._path(name)
        path.write_text(path.read_text().replace("peerIP", "peerIp"))

    async def rush(self, names: Sequence[str], addresses: Sequence[str]) -> None:
        def write() -> None:
            for address in addresses:
                for name in names:
                    new = self._root / f".{name}.new"
                    new.write_text(json.dumps(new_peer(name, address).document()))
                    new.replace(self._path(name))

        await asyncio.to_thread(write)

    async def add_node(self, store: Datastore, name: str, spec: dict[str, Any], **labels: str) -> None:
        await store.create(resource("Node", name, spec, labels=labels))

    def _path(self, name: str) -> Path:
        return self._root / "bgppeers" / f"{name}.yaml"

    async def start(self) -> None:
        self._root.with_name("away").rename(self._root)

    async def stop(self) -> None:
        self._root.rename(self._root.with_name("away"))

    async def close(self) -> None:
        """Nothing runs."""


class EtcdWorld:
    def __init__(self, directory: Path, etcd: Etcd) -> None:
        self.environment = {
            "CALICO_ENDPOINT_STATUS_PATH_PREFIX": str(directory / "felix"),
            "BGPD_STATE_DIRECTORY": str(directory / "state"),
        }
        self.etcd = etcd
        self.url = etcd.url

    async def spoil(self, name: str) -> None:
        key = f"{PEERS}/{name}"
        text = await asyncio.to_thread(self.etcd.get, key)
        assert text is not None
        await asyncio.to_thread(self.etcd.put, key, text.replace("peerIP", "peerIp"))

    async def rush(self, names: Sequence[str], addresses: Sequence[str]) -> None:
        def write() -> None:
            for address in addresses:
                peers = {f"{PEERS}/{name}": new_peer(name, address).document() for name in names}
                self.etcd.put_all({key: json.dumps(document) for key, document in peers.items()})

        await asyncio.to_thread(write)

    async def add_node(self, store: Datastore, name: str, spec: dict[str, Any], **labels: str) -> None:
        await store.create(resource("Node", name, spec, labels=labels))

    async def start(self) -> None:
        member = self.etcd.members[0]
        self.etcd.start(member)
        await asyncio.to_thread(self.etcd.wait, member)

    async def stop(self) -> None:
        await asyncio.to_thread(self.etcd.members[0].kill)

    async def age(self) -> None:
        await asyncio.to_thread(self.etcd.compact)

    async def close(self) -> None:
        if self.etcd.members[0].process is None:
            await self.start()
        await asyncio.to_thread(self.etcd.wipe)


class KubernetesWorld:
    def __init__(self, directory: Path, api: KubeApi) -> None:
        self.environment = {
            "CALICO_ENDPOINT_STATUS_PATH_PREFIX": str(directory / "felix"),
            "BGPD_STATE_DIRECTORY": str(directory / "state"),
            "KUBECONFIG": str(api.kubeconfig),
        }
        self.api = api
        self.url = "kubernetes://lab"

    async def spoil(self, name: str) -> None:
        key = (f"{CLASSIC}/bgppeers", "", name)
        spec = dict(self.api.objects.get(key)["spec"])
        spec["peerIp"] = spec.pop("peerIP")
        await self.api.write({**self.api.objects.get(key), "spec": spec}, "replace")

    async def rush(self, names: Sequence[str], addresses: Sequence[str]) -> None:
        for address in addresses:
            for name in names:
                key = (f"{CLASSIC}/bgppeers", "", name)
                found = self.api.objects.get(key)
                await self.api.write({**found, "spec": {**found["spec"], "peerIP": address}}, "replace")
            await asyncio.sleep(0)

    async def add_node(self, store: Datastore, name: str, spec: dict[str, Any], **labels: str) -> None:
        await self.api.write(
            {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels}, "spec": {}}
        )
        await store.update(resource("Node", name, spec, labels=labels))

    async def start(self) -> None:
        await self.api.start()

    async def stop(self) -> None:
        await self.api.stop()

    async def age(self) -> None:
        self.api.objects.forget()
        await self.api.stop()
        await self.api.start()

    async def close(self) -> None:
        await self.api.stop()
