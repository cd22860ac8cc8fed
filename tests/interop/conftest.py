"""Our daemon among other implementations, all on one wire."""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address

import pytest

from lab.daemon import Daemon
from lab.resources import ResourceFiles, bgp_configuration, resource
from lab.topology import Lab
from tests.support.needs import need_namespaces
from tests.support.peers import Neighbour, Peer

OUR_AS = 64512
FAMILIES = ("ipv4", "ipv6")


class Wire:
    """A lab with one bgpd, number 1, and whoever else is put on the wire."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.switch = lab.bridge("wire")
        self.resources = ResourceFiles(lab.directory / "resources")
        namespace = lab.namespace("us")
        lab.plug(self.switch, namespace, "eth0", *interface(1))
        self.daemon = Daemon(lab, namespace, "us", self.resources, "--no-kernel", "--log-level", "debug")
        self.peers: list[Peer] = []

    def configure(self, **bgp: object) -> None:
        """Put our Node and a cluster without mesh into the datastore."""
        self.resources.put(bgp_configuration(asNumber=OUR_AS, nodeToNodeMeshEnabled=False))
        ipv4, ipv6 = interface(1)
        self.resources.put(resource("Node", "us", {"bgp": {"ipv4Address": ipv4, "ipv6Address": ipv6, **bgp}}))

    def add(self, implementation: type[Peer], name: str, number: int, asn: int, *others: Neighbour) -> Peer:
        """Put another implementation on the wire, peering with us if no others are named."""
        namespace = self.lab.namespace(name)
        self.lab.plug(self.switch, namespace, "eth0", *interface(number))
        neighbours = others or tuple(sessions(number, 1, OUR_AS))
        peer = implementation(
            self.lab, namespace, asn=asn, router_id=address("ipv4", number), neighbours=neighbours
        )
        self.peers.append(peer)
        return peer

    def start(self) -> None:
        """Start everybody and wait until every session is up."""
        self.daemon.start()
        for peer in self.peers:
            peer.start()
        for peer in self.peers:
            peer.wait_established()


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    """A lab per module, for everybody's start takes longer than the tests."""
    need_namespaces()
    with Lab() as lab:
        yield Wire(lab)


def address(family: str, number: int) -> str:
    """The address of the speaker with this number."""
    return str(IPv4Address("10.0.0.0") + number if family == "ipv4" else IPv6Address("fd00:10::") + number)


def interface(number: int) -> tuple[str, str]:
    """Its addresses as an interface has them."""
    return f"{address('ipv4', number)}/24", f"{address('ipv6', number)}/64"


def sessions(own: int, other: int, asn: int, *, client: bool = False) -> list[Neighbour]:
    """The sessions of speaker `own` with speaker `other` in AS `asn`, one per family."""
    return [
        Neighbour(address=address(family, other), asn=asn, source=address(family, own), client=client)
        for family in FAMILIES
    ]
