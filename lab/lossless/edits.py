"""Edits that change something, and nothing that packets depend on."""

from collections.abc import Callable
from typing import Final

from lab.lossless.world import World
from lab.resources import Document, bgp_configuration, bgp_peer, block_affinity, ip_pool, node, resource

_OTHER_BLOCK: Final = "10.244.200.0/26"
_FILTER: Final = "changing"


def edit(world: World, number: int) -> None:
    """Make the edit of this number; the kinds of edit take turns, and each undoes what it did before."""
    kinds = len(_EDITS)
    _EDITS[number % kinds](world, number // kinds)


def _communities(world: World, turn: int) -> None:
    """Announce the pods with another community."""
    advertised = [{"cidr": "10.244.0.0/16", "communities": [f"64512:{turn % 100}"]}]
    configuration = {"prefixAdvertisements": advertised, "nodeToNodeMeshEnabled": True, "asNumber": 64512}
    world.resources.put(bgp_configuration(**configuration))


def _pool(world: World, turn: int) -> None:
    world.resources.put(ip_pool("changing", "10.245.0.0/16", disableBGPExport=bool(turn % 2)))


def _filter(world: World, turn: int) -> None:
    """Change the filter of the peers below."""
    rule = {"action": "Reject", "cidr": f"192.0.2.{turn % 64 * 4}/30", "matchOperator": "In"}
    world.resources.put(resource("BGPFilter", _FILTER, {"exportV4": [rule], "importV4": [rule]}))


def _labels(world: World, turn: int) -> None:
    one = world.live[turn % len(world.live)]
    document = one.document()
    document["metadata"]["labels"]["turn"] = str(turn)
    world.resources.put(document)


def _in_turn(document: Document) -> Callable[[World, int], None]:
    """Make an edit that puts a resource and, the next time, removes it."""

    def toggle(world: World, turn: int) -> None:
        if turn % 2:
            world.resources.remove(document["kind"], document["metadata"]["name"])
        else:
            world.resources.put(document)

    return toggle


_EDITS: Final = (
    _communities,
    _pool,
    _filter,
    _labels,
    _in_turn(node("passing", ipv4Address="10.0.0.99/24")),
    _in_turn(block_affinity("n1", _OTHER_BLOCK)),
    _in_turn(
        bgp_peer("passing", nodeSelector="all()", peerIP="10.0.0.98", asNumber=64999, filters=[_FILTER])
    ),
)

ROUND: Final = 2 * len(_EDITS)
"""After a multiple of so many edits everything that came is gone again."""
