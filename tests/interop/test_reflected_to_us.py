"""Routes reflected to us by BIRD, FRR and GoBGP (RFC 4456, section 8)."""

import pytest

from lab.cluster import session_name
from lab.resources import bgp_peer
from lab.wait import wait_until
from tests.interop.conftest import FAMILIES, OUR_AS, Wire, address, sessions
from tests.support.needs import need
from tests.support.peers import Bird, Frr, GoBgp, Peer

pytestmark = [pytest.mark.netns, pytest.mark.interop]

REFLECTORS: dict[int, type[Peer]] = {31: Bird, 32: Frr, 33: GoBgp}
BEHIND = 41


@pytest.fixture(scope="module")
def behind(wire: Wire) -> Peer:
    """A BIRD that is a client of three reflectors, as we are."""
    need(Bird, Frr, GoBgp)
    wire.configure()
    for number, implementation in REFLECTORS.items():
        for family in FAMILIES:
            remote = address(family, number)
            wire.resources.put(bgp_peer(f"reflector-{number}-{family}", peerIP=remote, asNumber=OUR_AS))
        clients = [each for client in (1, BEHIND) for each in sessions(number, client, OUR_AS, client=True)]
        wire.add(implementation, f"reflector-{number}", number, OUR_AS, *clients)
    links = [each for reflector in REFLECTORS for each in sessions(BEHIND, reflector, OUR_AS)]
    behind = wire.add(Bird, "behind", BEHIND, OUR_AS, *links)
    wire.start()
    return behind


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("reflector", REFLECTORS, ids=lambda number: REFLECTORS[number].implementation)
def test_we_see_what_others_reflect(wire: Wire, behind: Peer, reflector: int, family: str) -> None:
    prefix = {"ipv4": f"10.60.{reflector}.0/24", "ipv6": f"2001:db8:{reflector}::/48"}[family]
    name = session_name("Global", address(family, reflector))
    behind.announce(prefix)
    wait_until(lambda: wire.daemon.routes(prefix=prefix, received_from=name), f"{prefix} from {name}")
    (route,) = wire.daemon.routes(prefix=prefix, received_from=name)
    behind.withdraw(prefix)

    assert route["originator_id"] == address("ipv4", BEHIND)
    assert route["cluster_list"] == [address("ipv4", reflector)]
    assert route["next_hop"][0] == address(family, BEHIND)  # a link-local may follow (RFC 2545)
    wait_until(lambda: not wire.daemon.routes(prefix=prefix), f"{prefix} withdrawn")
