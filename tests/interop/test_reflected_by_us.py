"""Routes that we reflect (RFC 4456, section 8), as BIRD sees them."""

from dataclasses import dataclass

import pytest

from lab.resources import bgp_peer, ip_pool, node
from lab.wait import wait_until
from tests.interop.conftest import FAMILIES, OUR_AS, Wire, address, interface
from tests.support.needs import need
from tests.support.peers import Bird, Peer

pytestmark = [pytest.mark.netns, pytest.mark.interop]

CLUSTER_ID = "244.0.0.1"
CLIENT, OTHER_CLIENT, NON_CLIENT, OTHER_NON_CLIENT = 11, 12, 21, 22


@dataclass(frozen=True)
class Reflection:
    """Who announces, who sees it."""

    source: int
    target: int


@pytest.fixture(scope="module")
def peers(wire: Wire) -> dict[int, Peer]:
    """We reflect for two clients, beside two more reflectors of our own cluster."""
    need(Bird)
    wire.configure(routeReflectorClusterID=CLUSTER_ID)
    wire.resources.put(ip_pool("pods", "10.244.0.0/16"), ip_pool("pods-v6", "fd00:244::/48"))
    for number in (CLIENT, OTHER_CLIENT, NON_CLIENT, OTHER_NON_CLIENT):
        wire.resources.put(_node_of(number))
    wire.resources.put(bgp_peer("cluster", node="us", peerSelector="has(member)"))
    peers = {
        number: wire.add(Bird, f"bird-{number}", number, OUR_AS)
        for number in (CLIENT, OTHER_CLIENT, NON_CLIENT, OTHER_NON_CLIENT)
    }
    wire.start()
    return peers


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(
    "way",
    [
        pytest.param(Reflection(CLIENT, OTHER_CLIENT), id="client to client"),
        pytest.param(Reflection(CLIENT, NON_CLIENT), id="client to non-client"),
        pytest.param(Reflection(NON_CLIENT, CLIENT), id="non-client to client"),
    ],
)
def test_bird_sees_what_we_reflect(wire: Wire, peers: dict[int, Peer], way: Reflection, family: str) -> None:
    prefix = _prefix(family, way.source)
    peers[way.source].announce(prefix)
    wait_until(lambda: peers[way.target].route(prefix), f"{prefix} reflected to {way.target}")
    route = peers[way.target].route(prefix)
    peers[way.source].withdraw(prefix)

    assert route is not None
    assert route.originator_id == address("ipv4", way.source)
    assert route.cluster_list == (CLUSTER_ID,)
    assert route.next_hop == address(family, way.source)
    assert (route.as_path, route.local_pref) == ((), 100)
    wait_until(lambda: peers[way.target].route(prefix) is None, f"{prefix} withdrawn from {way.target}")


@pytest.mark.parametrize("family", FAMILIES)
def test_nothing_is_reflected_between_non_clients(wire: Wire, peers: dict[int, Peer], family: str) -> None:
    prefix = _prefix(family, NON_CLIENT)
    peers[NON_CLIENT].announce(prefix)
    wait_until(lambda: peers[CLIENT].route(prefix), f"{prefix} reflected to the client")
    assert peers[OTHER_NON_CLIENT].route(prefix) is None
    peers[NON_CLIENT].withdraw(prefix)


def _node_of(number: int) -> dict[str, object]:
    cluster_id = {"routeReflectorClusterID": CLUSTER_ID} if number in {NON_CLIENT, OTHER_NON_CLIENT} else {}
    ipv4, ipv6 = interface(number)
    return node(f"m{number}", labels={"member": "yes"}, ipv4Address=ipv4, ipv6Address=ipv6, **cluster_id)


def _prefix(family: str, number: int) -> str:
    return {"ipv4": f"10.244.{number}.0/26", "ipv6": f"fd00:244:0:{number}::/122"}[family]
