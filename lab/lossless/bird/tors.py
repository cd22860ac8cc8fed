"""Two nodes and two top-of-rack routers, all with BIRD, and what happens to the routers."""

import time
from functools import partial
from typing import Final

from lab.cluster import CLUSTER_AS, ClusterNode
from lab.lossless.bird.configuration import node_text, peer_text
from lab.lossless.bird.speaker import Bird
from lab.lossless.routers import HOLD_TIME
from lab.lossless.tors import NETWORKS, Tor, TwoTors
from lab.topology import Lab
from lab.tor import TOR_AS
from lab.wait import wait_until

_EXPORT: Final = "filter {{ if source = RTS_BGP || net = {network} then {{ {prepend} accept; }} reject; }}"
_LONGER: Final = f"bgp_path.prepend({TOR_AS}); bgp_path.prepend({TOR_AS});"


class BirdTors(TwoTors):
    """The cluster of `TwoTors`; `options` are BIRD's statements for the sessions with the routers."""

    def __init__(self, lab: Lab, *options: str, gateway: int = 1) -> None:
        super().__init__(lab, gateway=gateway)
        self._options = options
        self.nodes = [Bird(lab, one.namespace) for one in self.live]
        self.routers = [Bird(lab, tor.namespace) for tor in self.tors]

    def start(self) -> None:
        """Start BIRD on the nodes and the routers."""
        for bird, one in zip(self.nodes, self.live, strict=True):
            bird.write(self._node_text(one))
        for bird, tor in zip(self.routers, self.tors, strict=True):
            bird.write(self._tor_text(tor))
        for bird in (*self.nodes, *self.routers):
            bird.start()

    def _node_text(self, one: ClusterNode) -> str:
        (other,) = (each for each in self.live if each is not one)
        text = node_text(one.address, CLUSTER_AS, one.block, one.block_ipv6)
        for own, peer, *tors in zip(_of(one), _of(other), *(tor.addresses for tor in self.tors), strict=True):
            text += peer_text("Mesh", own, peer, CLUSTER_AS)
            for number, address in enumerate(tors, start=1):
                text += peer_text(f"Tor_{number}", own, address, TOR_AS, *self._options)
        return text

    def _tor_text(self, tor: Tor) -> str:
        (other,) = (each for each in self.tors if each is not tor)
        text = node_text(tor.addresses[0], TOR_AS)
        for network, own, peer, *nodes in zip(
            NETWORKS, tor.addresses, other.addresses, *map(_of, self.live), strict=True
        ):
            export = partial(_EXPORT.format, network=network)
            text += peer_text("Mesh", own, peer, TOR_AS, export=export(prepend=""))
            out = export(prepend=_LONGER if tor.number > 1 else "")
            for number, address in enumerate(nodes, start=1):
                text += peer_text(f"n{number}", own, address, CLUSTER_AS, *self._options, export=out)
        return text


def _of(one: ClusterNode) -> tuple[str, str]:
    return one.address, one.address_ipv6


def with_hold_time(lab: Lab) -> BirdTors:
    """Have sessions to the routers end soon after the last message."""
    return BirdTors(lab, f"hold time {HOLD_TIME}", gateway=2)


def with_bfd(lab: Lab) -> BirdTors:
    """Have the routers watched with BFD, 100 ms x3."""
    return BirdTors(lab, "bfd on", gateway=2)


def end_tor_sessions(world: BirdTors) -> None:
    """End every node's session with the first router, as an operator does."""
    for bird in world.nodes:
        for name in _with_router(bird, 1):
            bird.ask(f"disable {name}")
    time.sleep(2)


def reset_tor_sessions(world: BirdTors) -> None:
    """Have all sessions with both routers begin anew."""
    for bird in world.nodes:
        for name in (*_with_router(bird, 1), *_with_router(bird, 2)):
            bird.ask(f"restart {name}")
    wait_until(lambda: all(all(bird.sessions().values()) for bird in world.nodes), "all are back", seconds=60)
    world.wait_for_routes()


def kill_tor(world: BirdTors) -> None:
    """Kill the first router's BIRD; its kernel forwards on."""
    world.routers[0].process.kill()
    time.sleep(5)


def _with_router(bird: Bird, number: int) -> list[str]:
    return [name for name in bird.sessions() if name.startswith(f"Tor_{number}_")]
