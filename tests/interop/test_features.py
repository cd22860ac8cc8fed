"""Beyond routes, with those who can do it: MD5, GTSM, ADD-PATH, refresh, long messages, restarts."""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

import pytest

from lab.cluster import session_name
from lab.resources import bgp_configuration, bgp_peer, block_affinity, ip_pool
from lab.wait import wait_until
from tests.interop.conftest import OUR_AS, Wire, address
from tests.support.needs import need
from tests.support.peers import Bird, Frr, GoBgp, Neighbour, Peer

pytestmark = [pytest.mark.netns, pytest.mark.interop]

BLOCK = "10.244.1.0/26"
PASSWORD = "correct-horse"


@dataclass(frozen=True)
class Party:
    """One other implementation on the wire; the secured ones have a password and TTL security."""

    implementation: type[Peer]
    number: int
    asn: int
    secured: bool = False
    add_paths: bool = False
    extended_messages: bool = False

    @property
    def name(self) -> str:
        return f"{self.implementation.implementation.lower()}-{self.number}"

    @property
    def session(self) -> str:
        return session_name("Global", address("ipv4", self.number))

    @property
    def neighbour(self) -> Neighbour:
        return Neighbour(
            address=address("ipv4", 1),
            asn=OUR_AS,
            source=address("ipv4", self.number),
            password=PASSWORD if self.secured else None,
            ttl_security=self.secured,
            add_paths=self.add_paths,
            extended_messages=self.extended_messages,
        )


BIRD = Party(Bird, 11, 64601, secured=True, extended_messages=True)
FRR = Party(Frr, 12, 64602, secured=True, extended_messages=True)
BIRD_INSIDE = Party(Bird, 13, OUR_AS, add_paths=True)
FRR_INSIDE = Party(Frr, 14, OUR_AS, add_paths=True, extended_messages=True)
GOBGP = Party(GoBgp, 15, 64605)
PARTIES = (BIRD, FRR, BIRD_INSIDE, FRR_INSIDE, GOBGP)

Peers = dict[Party, Peer]


@pytest.fixture(scope="module")
def peers(wire: Wire) -> Peers:
    """Everybody, with sessions Established; who has a password and TTL security would not be otherwise."""
    need(Bird, Frr, GoBgp)
    wire.configure()
    wire.resources.put(ip_pool("pods", "10.244.0.0/16"), block_affinity("us", BLOCK))
    secret = wire.resources.directory / "secrets" / "bgp" / "password"
    secret.parent.mkdir(parents=True)
    secret.write_text(PASSWORD)
    for party in PARTIES:
        wire.resources.put(bgp_peer(party.name, asNumber=party.asn, **_spec(party)))
    peers = {
        party: wire.add(party.implementation, party.name, party.number, party.asn, party.neighbour)
        for party in PARTIES
    }
    wire.start()
    return peers


def _spec(party: Party) -> dict[str, Any]:
    spec: dict[str, Any] = {"peerIP": address("ipv4", party.number)}
    if party.secured:
        spec["ttlSecurity"] = 1
        spec["password"] = {"secretKeyRef": {"name": "bgp", "key": "password"}}
    return spec


@pytest.fixture(params=[BIRD, FRR], ids=lambda party: party.name)
def secured(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def announced(peers: Peers) -> Iterator[str]:
    """A prefix that BIRD and FRR both announce."""
    prefix = "10.244.70.0/26"
    peers[BIRD].announce(prefix)
    peers[FRR].announce(prefix)
    yield prefix
    peers[BIRD].withdraw(prefix)
    peers[FRR].withdraw(prefix)


def test_md5_and_ttl_security_carry_a_session(wire: Wire, peers: Peers, secured: Party) -> None:
    """RFC 2385, RFC 5082."""
    assert wire.daemon.peers()[secured.session]["state"] == "Established"
    wait_until(lambda: peers[secured].route(BLOCK), f"{secured.name}: route to {BLOCK}")


def test_wrong_password_keeps_the_session_down(wire: Wire, peers: Peers, secured: Party) -> None:
    secret = wire.resources.directory / "secrets" / "bgp" / "password"
    secret.write_text("wrong")
    wait_until(lambda: wire.daemon.peers()[secured.session]["state"] != "Established", "another key: down")
    secret.write_text(PASSWORD)
    wait_until(lambda: secured.session in wire.daemon.established(), "the right key: up again")


@pytest.mark.parametrize("inside", [BIRD_INSIDE, FRR_INSIDE], ids=lambda party: party.name)
def test_add_path_brings_both_paths(wire: Wire, peers: Peers, announced: str, inside: Party) -> None:
    """RFC 7911: who takes several paths gets that of BIRD and that of FRR."""
    wait_until(lambda: peers[inside].paths(announced) == 2, f"{inside.name}: two paths to {announced}")


def test_without_add_path_there_is_one(peers: Peers, announced: str) -> None:
    wait_until(lambda: peers[GOBGP].route(announced), f"GoBGP: route to {announced}")


def test_refresh_is_asked_for_and_answered(wire: Wire, peers: Peers, announced: str, secured: Party) -> None:
    """RFC 2918, RFC 7313: their request is answered with our routes, ours with theirs."""
    wait_until(lambda: wire.daemon.routes(prefix=announced, received_from=secured.session), "their route")
    before = wire.daemon.peers()[secured.session]
    peers[secured].refresh(address("ipv4", 1))
    wait_until(lambda: _grown(wire, secured, before, "received", "refresh"), "their request is here")
    wait_until(lambda: _grown(wire, secured, before, "sent", "update"), "our routes went out again")
    wait_until(lambda: peers[secured].route(BLOCK), f"{secured.name}: {BLOCK} is still there")

    before = wire.daemon.peers()[secured.session]
    wire.daemon.bgpctl("session", "refresh", secured.session)
    wait_until(lambda: _grown(wire, secured, before, "received", "update"), "their routes came again")
    wait_until(
        lambda: (
            [row["stale"] for row in wire.daemon.routes(prefix=announced, received_from=secured.session)]
            == [False]
        ),
        "their route is confirmed between BoRR and EoRR",
    )


def _grown(wire: Wire, party: Party, before: dict[str, Any], way: str, kind: str) -> bool:
    now = wire.daemon.peers()[party.session]["messages"][way][kind]
    return bool(now > before["messages"][way][kind])


def test_route_too_long_for_4096_octets_needs_extended_messages(wire: Wire, peers: Peers) -> None:
    """RFC 8654: who has not agreed to longer messages is not sent the route."""
    block = ip_network("10.244.2.0/26")
    wire.resources.put(
        bgp_configuration(
            asNumber=OUR_AS, nodeToNodeMeshEnabled=False, prefixAdvertisements=_advertisements(block)
        ),
        block_affinity("us", str(block)),
    )
    for party in (BIRD, FRR_INSIDE):
        wait_until(
            lambda party=party: (
                (route := peers[party].route(str(block))) and route.communities == {"64512:99"}
            ),
            f"{party.name}: route to {block} with all its communities",
        )
    for party in (GOBGP, BIRD_INSIDE):
        wait_until(lambda party=party: peers[party].route(str(block)) is None, f"{party.name}: no route")
    assert peers[GOBGP].route(BLOCK) is not None


def _advertisements(block: IPv4Network | IPv6Network) -> list[dict[str, Any]]:
    """Ask for 4,800 octets of large communities on a block: Calico takes fifty per entry."""
    long = [
        {
            "cidr": str(block.supernet(wider)),
            "communities": [f"64512:{wider}:{number}" for number in range(50)],
        }
        for wider in range(1, 9)
    ]
    return [{"cidr": str(block), "communities": ["64512:99"]}, *long]


@pytest.mark.parametrize("party", [BIRD, FRR], ids=lambda party: party.name)
def test_their_crash_keeps_their_routes_with_us(wire: Wire, peers: Peers, party: Party) -> None:
    """RFC 4724, section 4.2: kept as stale until they are back and have said it all."""
    prefix = f"10.71.{party.number}.0/24"
    peers[party].announce(prefix)
    wait_until(lambda: wire.daemon.best(prefix), f"route to {prefix}")
    peers[party].kill()
    wait_until(lambda: (wire.daemon.best(prefix) or {}).get("stale"), f"{prefix} is stale")
    assert party.session not in wire.daemon.established()

    peers[party].revive(*(["-R"] if party is BIRD else []))
    if party is FRR:
        wait_until(lambda: party.session in wire.daemon.established(), "FRR is back")
        peers[party].announce(prefix)  # it forgets what vtysh told it
    wait_until(lambda: (wire.daemon.best(prefix) or {"stale": True})["stale"] is False, f"{prefix} is fresh")
    peers[party].withdraw(prefix)
    wait_until(lambda: not wire.daemon.routes(prefix=prefix), f"{prefix} withdrawn")


def test_our_crash_keeps_our_routes_with_them(wire: Wire, peers: Peers) -> None:
    """RFC 4724, section 4.1: they keep our routes while we are away, and have them afterwards."""
    for party in (BIRD, FRR):
        wait_until(lambda party=party: peers[party].route(BLOCK), f"{party.name}: route to {BLOCK}")
    wire.daemon.process.kill()
    for party in (BIRD, FRR):
        wait_until(
            lambda party=party: not peers[party].established(address("ipv4", 1)), f"{party.name}: we are gone"
        )
        assert peers[party].route(BLOCK) is not None
    wire.daemon.start()
    for party in (BIRD, FRR):
        wait_until(lambda party=party: peers[party].established(address("ipv4", 1)), f"{party.name}: back")
        assert peers[party].route(BLOCK) is not None
