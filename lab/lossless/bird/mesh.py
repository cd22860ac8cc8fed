"""Nodes with BIRD in a full mesh, or with two that reflect between them."""

from lab.cluster import CLUSTER_AS, ClusterNode
from lab.lossless.bird.configuration import node_text, peer_text
from lab.lossless.bird.speaker import Bird
from lab.lossless.world import CLUSTER_ID, World
from lab.topology import Lab
from lab.wait import wait_for_each

_REFLECTORS = 2


class BirdWorld(World):
    """A full mesh of nodes that carry traffic, and perhaps two more: then these reflect instead."""

    def __init__(self, lab: Lab, *, live: int, reflectors: int = 0) -> None:
        super().__init__(lab, live=live, reflectors=reflectors)
        self.birds = {one.name: Bird(lab, one.namespace) for one in self.cluster}
        self.as_number = CLUSTER_AS
        self.reflecting = list(self.reflectors)
        """The nodes that reflect; nobody: there is a mesh."""

    def start(self) -> None:
        """Start BIRD on every node."""
        self.write()
        for bird in self.birds.values():
            bird.start()

    def write(self) -> None:
        """Write every BIRD's configuration."""
        for one in self.cluster:
            self.birds[one.name].write(self._text(one))

    def configure(self) -> None:
        """Have every BIRD follow what is new: write all, then `birdc configure` on one after the other."""
        self.write()
        for bird in self.birds.values():
            bird.ask("configure")

    def reflect_by_two(self) -> None:
        """Let two of the nodes that carry traffic reflect."""
        self.reflecting = self.live[:_REFLECTORS]

    def wait_for_sessions(self) -> None:
        """Wait until every BGP session is Established."""
        wait_for_each(self.birds.values(), _is_up, "every session Established", seconds=60)

    def _text(self, one: ClusterNode) -> str:
        others = [other for other in self.cluster.others(one) if self._are_peers(one, other)]
        sessions = "".join(self._session(one, other) for other in others)
        return node_text(one.address, self.as_number, one.block, one.block_ipv6) + sessions

    def _are_peers(self, one: ClusterNode, other: ClusterNode) -> bool:
        return not self.reflecting or one in self.reflecting or other in self.reflecting

    def _session(self, one: ClusterNode, other: ClusterNode) -> str:
        options = []
        if one in self.reflecting and other not in self.reflecting:
            options = ["rr client", f"rr cluster id {CLUSTER_ID}"]
        elif not self.reflecting and other.number > one.number:
            options = ["passive on"]  # Of two mesh peers one waits for the other; explicit ones both connect.
        name = f"{'Node' if self.reflecting else 'Mesh'}_{other.number}"
        ends = ((one.address, other.address), (one.address_ipv6, other.address_ipv6))
        return "".join(peer_text(name, own, peer, self.as_number, *options) for own, peer in ends)


def _is_up(bird: Bird) -> bool:
    sessions = bird.sessions()
    return len(sessions) >= 2 and all(sessions.values())
