"""BIRD 2."""

from typing import ClassVar

from benchmarks.daemons.base import Daemon, Peering, Setup
from benchmarks.world import DAEMON_ADDRESS, DAEMON_ADDRESS_IPV6, DAEMON_AS


class Bird(Daemon):
    """One process, one table per family."""

    name: ClassVar[str] = "BIRD"
    program: ClassVar[str] = "bird"
    package: ClassVar[str] = "bird2"
    kernel: ClassVar[bool] = True
    route_protocol: ClassVar[str] = "bird"

    def start(self, setup: Setup) -> None:
        """Start `bird -f`."""
        kernel = _KERNEL if setup.kernel else ""
        peers = "".join(_protocol(number, each) for number, each in enumerate(setup.peerings))
        configuration = self.write("bird.conf", _CONFIGURATION.format(kernel=kernel) + peers)
        files = ("-c", configuration, "-s", self.world.directory / "bird.ctl")
        self.world.start(self.executable() or self.program, "-f", *files)


_CONFIGURATION = f"""\
log stderr {{{{ error, fatal }}}};
router id {DAEMON_ADDRESS};
protocol device {{{{ }}}}
protocol direct {{{{ ipv4; ipv6; }}}}
{{kernel}}
template bgp peers {{{{ passive yes; error wait time 1, 2; }}}}
"""

_KERNEL = """\
protocol kernel { ipv4 { import none; export where source = RTS_BGP; }; }
"""


def _protocol(number: int, peering: Peering) -> str:
    family, local = ("ipv6", DAEMON_ADDRESS_IPV6) if peering.ipv6 else ("ipv4", DAEMON_ADDRESS)
    client = f"rr client; rr cluster id {DAEMON_ADDRESS};" if peering.client else ""
    return (
        f"protocol bgp peer{number} from peers {{ local {local} as {DAEMON_AS}; {client}\n"
        f"  neighbor {peering.address} as {peering.as_number};\n"
        f"  {family} {{ import all; export where source = RTS_BGP; }}; }}\n"
    )
