"""OpenBGPD: a parent, a session engine and a decision engine. Its Linux port leaves the kernel alone."""

from pathlib import Path
from typing import ClassVar

from benchmarks.daemons.base import Daemon, Peering, Setup
from benchmarks.world import DAEMON_ADDRESS, DAEMON_ADDRESS_IPV6, DAEMON_AS


class OpenBgpd(Daemon):
    """Debian calls the program bgpd, as we do."""

    name: ClassVar[str] = "OpenBGPD"
    program: ClassVar[str] = "/usr/sbin/bgpd"
    package: ClassVar[str] = "openbgpd"

    def start(self, setup: Setup) -> None:
        """Start `bgpd -d`. Its engines lock themselves into a directory that Debian makes at boot."""
        Path("/run/openbgpd").mkdir(exist_ok=True)
        directory = self.world.directory
        head = (
            f"AS {DAEMON_AS}\nrouter-id {DAEMON_ADDRESS}\nfib-update no\n"
            f"listen on {DAEMON_ADDRESS}\nlisten on {DAEMON_ADDRESS_IPV6}\n"
            f'socket "{directory}/bgpd.ctl"\n'
            "nexthop qualify via default\n"
        )
        peers = "".join(map(_neighbor, setup.peerings))
        tail = "allow from any\nallow to any\n"
        self.world.start(
            self.executable() or self.program, "-d", "-f", self.write("bgpd.conf", head + peers + tail)
        )


def _neighbor(peering: Peering) -> str:
    lines = [f"remote-as {peering.as_number}", "passive"]
    if peering.as_number != DAEMON_AS:
        lines.append("enforce neighbor-as no")
    if peering.client:
        lines.append("route-reflector")
    return f"neighbor {peering.address} {{\n" + "".join(f"  {line}\n" for line in lines) + "}\n"
