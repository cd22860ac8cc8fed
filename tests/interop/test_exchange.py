"""Sessions and routes with BIRD, FRR and GoBGP: external and internal, IPv4 and IPv6, both directions."""

from dataclasses import dataclass
from typing import Any

import pytest

from lab.cluster import session_name
from lab.resources import bgp_configuration, bgp_peer, block_affinity, ip_pool, node
from lab.wait import wait_for_each, wait_until
from tests.interop.conftest import FAMILIES, OUR_AS, Wire, address
from tests.support.needs import need
from tests.support.peers import Bird, Frr, GoBgp, Peer

pytestmark = [pytest.mark.netns, pytest.mark.interop]

OUR_LOCAL_PREF = 2147483647 - 1024  # Calico's encoding of the normal route priority


@dataclass(frozen=True)
class Party:
    """One other implementation on the wire."""

    implementation: type[Peer]
    number: int
    asn: int

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        kind = "ibgp" if self.internal else "ebgp"
        return f"{self.implementation.implementation.lower()}-{kind}"

    @property
    def internal(self) -> bool:
        return self.asn == OUR_AS


PARTIES = (
    Party(Bird, 11, 64601),
    Party(Bird, 12, OUR_AS),
    Party(Frr, 21, 4200000602),
    Party(Frr, 22, OUR_AS),
    Party(GoBgp, 31, 64603),
    Party(GoBgp, 32, OUR_AS),
)


@pytest.fixture(scope="module")
def peers(wire: Wire) -> dict[Party, Peer]:
    """Everybody, with sessions Established."""
    need(Bird, Frr, GoBgp)
    wire.configure()
    wire.resources.put(ip_pool("pods", "10.244.0.0/16"), ip_pool("pods-v6", "fd00:244::/48"))
    for party in PARTIES:
        for family in FAMILIES:
            remote = address(family, party.number)
            wire.resources.put(bgp_peer(f"{party.name}-{family}", peerIP=remote, asNumber=party.asn))
    peers = {party: wire.add(party.implementation, party.name, party.number, party.asn) for party in PARTIES}
    wire.start()
    return peers


@pytest.fixture(params=PARTIES, ids=lambda party: party.name)
def party(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture(params=FAMILIES)
def family(request: pytest.FixtureRequest) -> Any:
    return request.param


def test_session_is_established_on_both_ends(
    wire: Wire, peers: dict[Party, Peer], party: Party, family: str
) -> None:
    session = wire.daemon.peers()[session_name("Global", address(family, party.number))]
    assert session["state"] == "Established"
    assert (session["local_as"], session["peer_as"]) == (OUR_AS, party.asn)
    assert session["negotiated"]["hold_time"] > 0
    assert peers[party].established(address(family, 1))


def test_we_follow_what_they_announce(
    wire: Wire, peers: dict[Party, Peer], party: Party, family: str
) -> None:
    prefix = {"ipv4": f"10.50.{party.number}.0/24", "ipv6": f"2001:db8:{party.number}::/48"}[family]

    peers[party].announce(prefix)
    wait_until(lambda: wire.daemon.best(prefix), f"route to {prefix}")
    route = wire.daemon.best(prefix)
    assert route is not None
    assert route["from"] == session_name("Global", address(family, party.number))
    assert route["next_hop"][0] == address(family, party.number)  # a link-local may follow (RFC 2545)
    assert route["as_path"] == ([] if party.internal else [party.asn])
    assert route["communities"] == []

    peers[party].announce(prefix, "64512:10", "64512:11")  # implicit withdraw of the first
    wait_until(
        lambda: (
            [sorted(each["communities"]) for each in wire.daemon.routes(prefix=prefix)]
            == [["64512:10", "64512:11"]]
        ),
        f"{prefix} replaced by a route with communities",
    )

    peers[party].withdraw(prefix)
    wait_until(lambda: not wire.daemon.routes(prefix=prefix), f"{prefix} withdrawn")


def test_they_follow_what_we_announce(
    wire: Wire, peers: dict[Party, Peer], party: Party, family: str
) -> None:
    block = {"ipv4": f"10.244.{party.number}.0/26", "ipv6": f"fd00:244:0:{party.number}::/122"}[family]
    affinity = block_affinity("us", block)

    wire.resources.put(affinity)
    wait_until(lambda: peers[party].route(block), f"{party.name}: route to {block}")
    route = peers[party].route(block)
    assert route is not None
    assert route.next_hop == address(family, 1)
    assert route.as_path == (() if party.internal else (OUR_AS,))
    assert route.origin == "IGP"
    if party.internal:
        assert route.local_pref == OUR_LOCAL_PREF

    advertisement = {"cidr": block, "communities": ["64512:20"]}
    wire.resources.put(
        bgp_configuration(asNumber=OUR_AS, nodeToNodeMeshEnabled=False, prefixAdvertisements=[advertisement])
    )
    wait_until(
        lambda: (route := peers[party].route(block)) and route.communities == {"64512:20"},
        f"{party.name}: {block} replaced by a route with a community",
    )

    wire.resources.remove("BlockAffinity", affinity["metadata"]["name"])
    wait_until(lambda: peers[party].route(block) is None, f"{party.name}: {block} withdrawn")


def test_routes_of_one_peer_reach_the_others(wire: Wire, peers: dict[Party, Peer]) -> None:
    """An eBGP route goes to everybody else with our AS in front, to iBGP peers with its next hop kept."""
    source, *others = PARTIES
    prefix = "10.244.200.0/26"
    peers[source].announce(prefix)
    wait_for_each(others, lambda other: peers[other].route(prefix), f"route to {prefix}")
    for other in others:
        route = peers[other].route(prefix)
        assert route is not None
        assert route.as_path == ((source.asn,) if other.internal else (OUR_AS, source.asn))
        assert route.next_hop == address("ipv4", source.number if other.internal else 1)
    peers[source].withdraw(prefix)
    wait_for_each(others, lambda other: peers[other].route(prefix) is None, f"{prefix} withdrawn")


def test_unrelated_edits_do_not_touch_sessions(wire: Wire, peers: dict[Party, Peer]) -> None:
    before = _established_since(wire)
    wire.resources.put(node("elsewhere", ipv4Address="10.0.0.99/24"))
    wire.resources.put(bgp_peer("somebody-else", node="elsewhere", peerIP="10.0.0.98", asNumber=64999))
    wire.resources.put(bgp_peer("new", peerIP="10.0.0.97", asNumber=64998))
    wait_until(lambda: "Global_10_0_0_97" in wire.daemon.peers(), "the new peer is taken up")

    assert {name: since for name, since in _established_since(wire).items() if name in before} == before
    assert all(peer.established(address("ipv4", 1)) for peer in peers.values())


def _established_since(wire: Wire) -> dict[str, str]:
    return {
        name: peer["since"] for name, peer in wire.daemon.peers().items() if peer["state"] == "Established"
    }
