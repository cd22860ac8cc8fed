"""FRR: bgpd alone, or bgpd and zebra where routes go to the kernel."""

import shutil
from typing import ClassVar

from benchmarks.daemons.base import Daemon, Peering, Setup
from benchmarks.world import DAEMON_ADDRESS, DAEMON_AS


class Frr(Daemon):
    """`-S`: the processes stay who they are."""

    name: ClassVar[str] = "FRR"
    program: ClassVar[str] = "/usr/lib/frr/bgpd"
    package: ClassVar[str] = "frr"
    kernel: ClassVar[bool] = True
    route_protocol: ClassVar[str] = "bgp"

    def start(self, setup: Setup) -> None:
        """Start zebra first, if it is needed, and wait for nothing: bgpd looks for it."""
        directory = self.world.directory
        zserv = directory / "zserv.api"
        if setup.kernel:  # zebra becomes the user frr, who must be able to write here
            directory.chmod(0o777)
            zebra = shutil.which("/usr/lib/frr/zebra") or "zebra"
            files = ("-f", self.write("zebra.conf", ""), "-i", directory / "zebra.pid", "-z", zserv)
            self.world.start(zebra, "-P", "0", *files, "--vty_socket", directory)
        configuration = self.write("bgpd.conf", _configuration(setup))
        files = ("-f", configuration, "-i", directory / "bgpd.pid", "--vty_socket", directory)
        uplink = ("-z", zserv) if setup.kernel else ("-Z",)
        self.world.start(self.executable() or self.program, "-S", "-P", "0", *uplink, *files)


def _configuration(setup: Setup) -> str:
    lines = [
        f"router bgp {DAEMON_AS}",
        f" bgp router-id {DAEMON_ADDRESS}",
        " no bgp default ipv4-unicast",
        " no bgp ebgp-requires-policy",
        " no bgp network import-check",
    ]
    for each in setup.peerings:
        words = (
            f"remote-as {each.as_number}",
            "passive",
            "advertisement-interval 0",
            "disable-connected-check",
        )
        lines += [f" neighbor {each.address} {word}" for word in words]
    for family, ipv6 in (("ipv4", False), ("ipv6", True)):
        lines += [f" address-family {family} unicast"]
        for each in setup.peerings:
            lines += _activation(each) if each.ipv6 == ipv6 else []
        lines += [" exit-address-family"]
    return "\n".join([*lines, ""])


def _activation(peering: Peering) -> list[str]:
    lines = [f"  neighbor {peering.address} activate"]
    if peering.client:
        lines.append(f"  neighbor {peering.address} route-reflector-client")
    return lines
