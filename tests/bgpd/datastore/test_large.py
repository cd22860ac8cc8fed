"""A cluster of 5,000 nodes with 10 blocks each, on every datastore: `make large`.

Sizes are asserted, times are told: they belong to the machine.
"""

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bgpd.resources import BlockAffinity, Node
from tests.support.kube_api import CLASSIC
from tests.support.kube_objects import Object

from .support import (
    EtcdWorld,
    FilesWorld,
    Follower,
    KubernetesWorld,
    World,
    addresses,
    new_peer,
    open_world,
    resource,
)

pytestmark = [pytest.mark.large, pytest.mark.timeout(600)]

NODES, BLOCKS = 5_000, 10
MOST_MEMORY = 150
"""MiB, of the whole process at its largest."""
PATIENCE = 120.0

READ = """
import asyncio, json, os, resource, sys, time
from bgpd.datastore import open_datastore

async def main():
    store = open_datastore(sys.argv[1], os.environ)
    begun = time.monotonic()
    snapshot = await store.snapshot()
    seconds = time.monotonic() - begun
    await store.close()
    counts = {kind: len(table) for kind, table in snapshot.resources.items()}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([counts, len(snapshot.faults), seconds, time.process_time(), peak]))

asyncio.run(main())
"""


def node_name(number: int) -> str:
    return f"node-{number:04}"


def node_labels(number: int) -> dict[str, str]:
    return {"kubernetes.io/hostname": node_name(number), "rack": f"r{number // 40}"}


def node_address(number: int) -> str:
    return f"10.{number >> 8}.{number & 255}.1/24"


def blocks_of(number: int) -> Iterator[str]:
    for index in range(number * BLOCKS, number * BLOCKS + BLOCKS):
        yield f"{100 + (index >> 18)}.{(index >> 10) & 255}.{(index >> 2) & 255}.{(index & 3) * 64}/26"


def affinity(number: int, block: str) -> BlockAffinity:
    name = f"{node_name(number)}-{block.replace('.', '-').replace('/', '-')}"
    spec = {"node": node_name(number), "cidr": block, "state": "confirmed", "type": "host"}
    found = resource("BlockAffinity", name, spec)
    assert isinstance(found, BlockAffinity)
    return found


def documents(number: int) -> list[Object]:
    """A node and its affinities."""
    bgp = {"ipv4Address": node_address(number), "asNumber": 64512}
    node = resource("Node", node_name(number), {"bgp": bgp}, labels=node_labels(number))
    return [node.document(), *(affinity(number, block).document() for block in blocks_of(number))]


def fill_files(world: FilesWorld) -> None:
    """Write a file for each resource, as bgpctl does."""
    root = Path(world.url.removeprefix("file://"))
    for number in range(NODES):
        for document in documents(number):
            directory = root / f"{document['kind'].lower()}s"
            directory.mkdir(exist_ok=True)
            (directory / f"{document['metadata']['name']}.json").write_text(json.dumps(document))


def fill_etcd(world: EtcdWorld) -> None:
    for number in range(NODES):
        node, *_ = documents(number)
        values = {f"/calico/resources/v3/projectcalico.org/nodes/{node_name(number)}": json.dumps(node)}
        for block in blocks_of(number):
            key = f"/calico/ipam/v2/host/{node_name(number)}/ipv4/block/{block.replace('/', '-')}"
            values[key] = '{"state":"confirmed","deleted":false}'
        world.etcd.put_all(values)


def fill_kubernetes(world: KubernetesWorld) -> None:
    """Have Nodes with what the kubelet reports, and affinities with the labels of new releases."""
    for number in range(NODES):
        name = node_name(number)
        conditions = [
            {"type": kind, "status": "False", "reason": "Kubelet"} for kind in ("Disk", "Memory", "PID")
        ]
        node = {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {
                "name": name,
                "labels": node_labels(number),
                "annotations": {"projectcalico.org/IPv4Address": node_address(number)},
            },
            "status": {"conditions": conditions, "addresses": [{"type": "Hostname", "address": name}]},
        }
        world.api.objects.create(("v1/nodes", "", name), node)
        for block in blocks_of(number):
            found = affinity(number, block).document()
            found |= {"apiVersion": CLASSIC, "spec": {**found["spec"], "deleted": "false"}}
            found["metadata"]["labels"] = {
                "projectcalico.org/affinityType": "host",
                "projectcalico.org/ipVersion": "4",
            }
            world.api.objects.create((f"{CLASSIC}/blockaffinities", "", found["metadata"]["name"]), found)


async def fill(world: World) -> None:
    match world:
        case FilesWorld():
            await asyncio.to_thread(fill_files, world)
        case EtcdWorld():
            await asyncio.to_thread(fill_etcd, world)
        case KubernetesWorld():
            fill_kubernetes(world)


async def test_everything_is_read_in_little_memory(world: World) -> None:
    await fill(world)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        READ,
        world.url,
        env={**os.environ, **world.environment},
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    counts, faults, seconds, cpu, peak = json.loads(output)
    print(f"{world.url.partition(':')[0]}: {seconds:.1f} s, {cpu:.1f} s of CPU, {peak:.0f} MiB at most")
    assert counts == {"Node": NODES, "BlockAffinity": NODES * BLOCKS}
    assert faults == 0
    assert peak < MOST_MEMORY


async def test_a_history_that_is_gone_costs_a_listing_and_no_change(remote: World) -> None:
    """A daemon of one node among 5,000; its watches end with 410 Gone, or with a compaction."""
    await fill(remote)
    store, follower = open_world(remote, node=node_name(7)), Follower()
    task = asyncio.create_task(follower.follow(store))
    before = await follower.until(lambda _: True, PATIENCE)
    assert (len(before.of(Node)), len(before.of(BlockAffinity))) == (NODES, BLOCKS)
    assert isinstance(remote, (EtcdWorld, KubernetesWorld))
    await remote.age()
    await store.create(new_peer())
    after = await follower.until(lambda snapshot: "a" in addresses(snapshot), PATIENCE)
    assert after.table(Node) is before.table(Node)
    assert after.table(BlockAffinity) is before.table(BlockAffinity)
    assert len(follower.seen) == 2
    await store.close()
    await task
