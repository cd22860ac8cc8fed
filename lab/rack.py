"""A cluster in one rack: nodes in a full mesh, each also peering with the top-of-rack router."""

import socket
from typing import Final

from lab.cluster import Cluster, ClusterNode, session_name
from lab.netns import Namespace
from lab.routes import PROTOCOL_BGP, PROTOCOL_BIRD, kernel_routes
from lab.topology import Lab
from lab.tor import SERVER_ADDRESS, TOR_ADDRESS, TOR_NETWORK, build_tor, peer_of_rack

SIZE: Final = 3
"""Nodes, unless somebody wants more."""


class Rack:
    """The cluster with its router, started by `start`, and what has to be true of it then.

    Without `peering` the router waits for nodes whose resources do not name it yet.
    """

    def __init__(self, lab: Lab, speaker: str, size: int = SIZE, *, peering: bool = True) -> None:
        self.cluster = Cluster(lab, size)
        if peering:
            self.cluster.resources.put(peer_of_rack("rack-1"))
        self.tor = build_tor(self.cluster, speaker)

    @property
    def lab(self) -> Lab:
        """The lab it stands in."""
        return self.cluster.lab

    def start(self) -> None:
        """Start every daemon."""
        self.tor.start()
        self.cluster.start()

    def mesh(self, one: ClusterNode) -> set[str]:
        """Name a node's mesh sessions."""
        return one.mesh_names(*self.cluster.others(one))

    def sessions(self, *, mesh: bool = True) -> list[tuple[ClusterNode, str]]:
        """List every session that must come up, by node and name."""
        router = session_name("Node", TOR_ADDRESS)
        return [
            (one, name) for one in self.cluster for name in {router} | (self.mesh(one) if mesh else set())
        ]

    def routes(self) -> list[tuple[Namespace, str]]:
        """List every route that must be in a kernel, by namespace and prefix."""
        blocks = [block for one in self.cluster for block in (one.block, one.block_ipv6)]
        on_nodes = [(one.namespace, prefix) for one in self.cluster for prefix in (TOR_NETWORK, *blocks)]
        return on_nodes + [(self.tor.namespace, one.block) for one in self.cluster]

    def flows(self) -> list[tuple[Namespace, Namespace, str]]:
        """List every direction in which packets must flow: source, destination and its address."""
        pods = [
            (one.pod, address) for one in self.cluster for address in (one.pod_address, one.pod_address_ipv6)
        ]
        between = [(one.pod, *there) for one in self.cluster for there in pods if there[0] is not one.pod]
        return between + [(one.pod, self.tor.server, SERVER_ADDRESS) for one in self.cluster]

    def established(self, sessions: list[tuple[ClusterNode, str]]) -> int:
        """Count the sessions among these that are Established."""
        found = {one.name: one.daemon.established() for one in self.cluster}
        return sum(name in found[one.name] for one, name in sessions)

    def configured(self) -> int:
        """Count the sessions that the nodes have, in whatever state."""
        return sum(len(one.daemon.peers()) for one in self.cluster)

    def installed(self, routes: list[tuple[Namespace, str]]) -> int:
        """Count the routes among these that are in their kernels."""
        there = {namespace.name: bgp_prefixes(namespace) for namespace, _prefix in routes}
        return sum(prefix in there[namespace.name] for namespace, prefix in routes)


def bgp_prefixes(namespace: Namespace) -> set[str]:
    """List the prefixes of the routes in a kernel that BGP brought there, by bgpd or by BIRD."""
    families = (socket.AF_INET, socket.AF_INET6)
    routes = [route for family in families for route in kernel_routes(namespace, family=family)]
    return {route.prefix for route in routes if route.protocol in {PROTOCOL_BGP, PROTOCOL_BIRD}}
