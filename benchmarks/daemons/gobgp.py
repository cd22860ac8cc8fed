"""GoBGP."""

from typing import ClassVar

from benchmarks.daemons.base import Daemon, Peering, Setup
from benchmarks.world import DAEMON_ADDRESS, DAEMON_AS


class GoBgp(Daemon):
    """One process of many threads. Its kernel routes would go through FRR's zebra: not measured."""

    name: ClassVar[str] = "GoBGP"
    program: ClassVar[str] = "gobgpd"
    package: ClassVar[str] = "gobgpd"

    def start(self, setup: Setup) -> None:
        """Start gobgpd without its management port."""
        head = f'[global.config]\n  as = {DAEMON_AS}\n  router-id = "{DAEMON_ADDRESS}"\n'
        configuration = self.write("gobgpd.toml", head + "".join(map(_neighbour, setup.peerings)))
        api = f"unix://{self.world.directory}/api.sock"
        self.world.start(
            self.executable() or self.program,
            *("-f", configuration, "--api-hosts", api, "--pprof-disable", "-l", "error"),
        )


def _neighbour(peering: Peering) -> str:
    return f"""\
[[neighbors]]
  [neighbors.config]
    neighbor-address = "{peering.address}"
    peer-as = {peering.as_number}
  [neighbors.transport.config]
    passive-mode = true
  [neighbors.route-reflector.config]
    route-reflector-client = {"true" if peering.client else "false"}
    route-reflector-cluster-id = "{DAEMON_ADDRESS}"
  [[neighbors.afi-safis]]
    [neighbors.afi-safis.config]
      afi-safi-name = "{"ipv6-unicast" if peering.ipv6 else "ipv4-unicast"}"
"""
