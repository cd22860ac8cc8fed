"""Resources that change, go bad, or are away for a while."""

import time
from functools import partial
from typing import Final

from bgpd.datastore.tree import GRACE
from lab.cluster import ClusterNode
from lab.lossless.edits import ROUND, edit
from lab.lossless.world import World
from lab.rack import bgp_prefixes
from lab.wait import wait_for_each, wait_until


def datastore_outage(world: World) -> None:
    """Take the directory of resources away for some seconds."""
    directory = world.resources.directory
    away = directory.with_name("away")
    directory.rename(away)
    time.sleep(3)
    away.rename(directory)
    time.sleep(1)


def garbage(world: World) -> None:
    """Every file is overwritten with one thing after the other that is no resource, then made good again."""
    files = {path: path.read_bytes() for path in world.resources.directory.rglob("*.yaml")}
    for turn in range(len(_GARBAGE)):
        for number, path in enumerate(files):
            path.write_bytes(_GARBAGE[(number + turn) % len(_GARBAGE)])
        wait_until(world.live[0].daemon.problems, "the garbage is reported")
        time.sleep(2 * GRACE)
    for path, content in files.items():
        path.write_bytes(content)
    wait_until(lambda: not world.live[0].daemon.problems(), "all is well again")


_GARBAGE: Final = (b"", b"\0\xff\xfe not YAML", b"{", b"kind: Node\n", b"spec: [1, 2", b"- - -\n%\n")


def blocks_come_and_go(world: World) -> None:
    """Take the nodes' blocks away, so that each address is a route of its own, and give them back."""
    blocks = [block for one in world.live for block in one.blocks()]
    addresses = {f"{one.pod_address}/32" for one in world.live}
    addresses |= {f"{one.pod_address_ipv6}/128" for one in world.live}
    for _ in range(_ROUNDS):
        for block in blocks:
            world.resources.remove(block["kind"], block["metadata"]["name"])
        wait_for_each(world.live, partial(_has_routes, addresses), "routes to every address")
        world.resources.put(*blocks)
        world.wait_for_routes()


_ROUNDS: Final = 3


def _has_routes(addresses: set[str], one: ClusterNode) -> bool:
    own = {f"{one.pod_address}/32", f"{one.pod_address_ipv6}/128"}
    return addresses - own <= bgp_prefixes(one.namespace)


def edits(world: World) -> None:
    """Fifty edits a second: nodes, blocks, pools, filters, communities and peers come, change and go."""
    begun = time.monotonic()
    for number in range(_EDITS):
        edit(world, number)
        time.sleep(max(0.0, begun + number / _EDITS_PER_SECOND - time.monotonic()))
    world.wait_for_mesh()


_EDITS: Final = 18 * ROUND
_EDITS_PER_SECOND: Final = 50
