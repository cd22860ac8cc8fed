"""With ExaBGP, which says what it is told to: several paths for one prefix, long messages, odd attributes."""

import pytest

from lab.cluster import session_name
from lab.resources import bgp_peer, ip_pool
from lab.wait import wait_until
from tests.interop.conftest import OUR_AS, Wire, address, interface
from tests.support.needs import need_namespaces
from tests.support.peers.base import executable

pytestmark = [pytest.mark.netns, pytest.mark.interop]

NUMBER, THEIR_AS = 16, 64606
PREFIX, LONG_PREFIX = "10.244.80.0/26", "10.244.81.0/26"
SESSION = session_name("Global", address("ipv4", NUMBER))
VIA = f"next-hop {address('ipv4', NUMBER)} path-information"
COMMUNITIES = " ".join(f"64606:{number}" for number in range(1500))

CONFIGURATION = f"""\
neighbor {address("ipv4", 1)} {{
  router-id {address("ipv4", NUMBER)};
  local-address {address("ipv4", NUMBER)};
  local-as {THEIR_AS};
  peer-as {OUR_AS};
  capability {{ add-path send/receive; extended-message enable; route-refresh enable; }}
  family {{ ipv4 unicast; }}
  static {{
    route {PREFIX} {VIA} 0.0.0.1 community [ 64606:1 ];
    route {PREFIX} {VIA} 0.0.0.2 community [ 64606:2 ] attribute [ 0x63 0xc0 0x0102 ];
    route {LONG_PREFIX} {VIA} 0.0.0.1 community [ {COMMUNITIES} ];
  }}
}}
"""


@pytest.fixture(scope="module")
def daemon(wire: Wire):
    """Our daemon, with the session to ExaBGP Established."""
    need_namespaces()
    program = executable("exabgp")
    if program is None:
        pytest.skip("ExaBGP needs Debian's package exabgp")
    wire.configure()
    wire.resources.put(
        ip_pool("pods", "10.244.0.0/16"),
        bgp_peer("exabgp", peerIP=address("ipv4", NUMBER), asNumber=THEIR_AS),
    )
    namespace = wire.lab.namespace("exabgp")
    wire.lab.plug(wire.switch, namespace, "eth0", *interface(NUMBER))
    configuration = wire.lab.directory / "exabgp.conf"
    configuration.write_text(CONFIGURATION)
    wire.daemon.start()
    settings = {"exabgp.daemon.user": "root", "exabgp.api.cli": "false", "exabgp.log.destination": "stdout"}
    wire.lab.start(namespace, [program, configuration], name="exabgp", environment=settings)
    wire.daemon.wait_established({SESSION})
    return wire.daemon


def test_two_paths_for_one_prefix_are_kept_apart(daemon):
    """RFC 7911, from the side that receives."""
    wait_until(lambda: len(daemon.routes(prefix=PREFIX)) == 2, f"two paths to {PREFIX}")
    rows = daemon.routes(prefix=PREFIX)
    assert {row["from"] for row in rows} == {SESSION}
    assert sorted(row["communities"] for row in rows) == [["64606:1"], ["64606:2"]]


def test_message_of_more_than_4096_octets_is_taken(daemon):
    """RFC 8654."""
    wait_until(lambda: daemon.best(LONG_PREFIX), f"route to {LONG_PREFIX}")
    assert len(daemon.best(LONG_PREFIX)["communities"]) == 1500


def test_session_knows_what_was_agreed_on(daemon):
    capabilities = daemon.peers()[SESSION]["negotiated"]["capabilities"]
    assert {"add-path", "extended-message", "route-refresh"} <= set(capabilities)
