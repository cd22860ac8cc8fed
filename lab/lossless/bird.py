"""The same with BIRD 2 on every node, configured by hand as Calico's templates do it: for comparison."""

import subprocess
import time
from pathlib import Path
from typing import Final

from lab.cluster import CLUSTER_AS, ClusterNode
from lab.lossless.world import CLUSTER_ID, World
from lab.process import Process
from lab.topology import Lab
from lab.tor import bird_path
from lab.wait import wait_for_each

_REFLECTORS: Final = 2


class BirdWorld(World):
    """Four nodes in a full mesh; `reflected` says whether two of them reflect instead."""

    def __init__(self, lab: Lab, *, reflected: bool = False) -> None:
        super().__init__(lab, live=4)
        self._reflected = reflected
        self._processes: dict[str, Process] = {}

    def start(self) -> None:
        """Start BIRD on every node."""
        for one in self.live:
            self._configuration(one).write_text(self._text(one))
            self.start_one(one)

    def start_one(self, one: ClusterNode) -> None:
        """Start BIRD on a node, to recover from a restart if there was one (-R), as Calico does."""
        command: list[str | Path] = [bird_path() or "bird", "-f", "-R", "-c", self._configuration(one)]
        command += ["-s", self._control(one), "-P", self.lab.directory / f"{one}.pid"]
        self._processes[one.name] = self.lab.start(one.namespace, command, name=f"bird-{one}")

    def process(self, one: ClusterNode) -> Process:
        """Return the BIRD of a node."""
        return self._processes[one.name]

    def reflect(self, *, on: bool) -> None:
        """Go from the mesh to reflectors, or back, in one step: `birdc configure` on every node."""
        self._reflected = on
        for one in self.live:
            self._configuration(one).write_text(self._text(one))
        for one in self.live:
            self._ask(one, "configure")

    def wait_for_sessions(self) -> None:
        """Wait until every BGP session is Established."""
        wait_for_each(self.live, self._is_up, "every session Established", seconds=60)

    def _is_up(self, one: ClusterNode) -> bool:
        lines = [line for line in self._ask(one, "show protocols").splitlines() if " BGP " in line]
        return len(lines) >= 2 and all("Established" in line for line in lines)

    def _ask(self, one: ClusterNode, question: str) -> str:
        birdc = Path(bird_path() or "bird").with_name("birdc")
        done = subprocess.run(  # noqa: S603 - the lab names its own commands
            [birdc, "-s", self._control(one), *question.split()],
            capture_output=True,
            text=True,
            check=False,
            timeout=15,
        )
        return done.stdout

    def _configuration(self, one: ClusterNode) -> Path:
        return self.lab.directory / f"{one}.conf"

    def _control(self, one: ClusterNode) -> Path:
        return self.lab.directory / f"{one}.ctl"

    def _is_reflector(self, one: ClusterNode) -> bool:
        return self._reflected and one in self.live[:_REFLECTORS]

    def _text(self, one: ClusterNode) -> str:
        peers = [other for other in self.live if other is not one and self._are_peers(one, other)]
        return _NODE.format(one=one) + "".join(self._peers(one, other) for other in peers)

    def _are_peers(self, one: ClusterNode, other: ClusterNode) -> bool:
        return not self._reflected or self._is_reflector(one) or self._is_reflector(other)

    def _peers(self, one: ClusterNode, other: ClusterNode) -> str:
        client = self._is_reflector(one) and not self._is_reflector(other)
        options = f"rr client; rr cluster id {CLUSTER_ID};" if client else ""
        # Of two mesh peers one waits for the other; explicit ones both connect.
        options += " passive on;" if not self._reflected and other.number > one.number else ""
        kind = "Node" if self._reflected else "Mesh"
        return "".join(
            _PEER.format(kind=kind, number=number, own=own, peer=peer, family=family, options=options)
            for number, own, peer, family in (
                (other.number, one.address, other.address, "ipv4"),
                (other.number, one.address_ipv6, other.address_ipv6, "ipv6"),
            )
        )


def to_reflectors(world: BirdWorld) -> None:
    """Switch to reflectors in one step."""
    world.reflect(on=True)
    _settle(world)


def to_mesh(world: BirdWorld) -> None:
    """Switch back to the mesh in one step."""
    world.reflect(on=False)
    _settle(world)


def restart_everybody(world: BirdWorld) -> None:
    """Stop and start BIRD on one node after the other."""
    for one in world.live:
        world.process(one).stop()
        world.start_one(one)
        _settle(world)


def kill_everybody(world: BirdWorld) -> None:
    """Kill and start BIRD on one node after the other."""
    for one in world.live:
        world.process(one).kill()
        world.start_one(one)
        _settle(world)


def _settle(world: BirdWorld) -> None:
    time.sleep(1)
    world.wait_for_sessions()
    world.wait_for_routes()
    time.sleep(1)


_NODE: Final = f"""\
router id {{one.address}};
protocol device {{{{ scan time 2; }}}}
protocol direct {{{{ ipv4; ipv6; interface -"cali*", "*"; }}}}
protocol kernel {{{{
  learn; persist; scan time 2; graceful restart; merge paths on;
  ipv4 {{{{ import all; export filter {{{{ if source = RTS_DEVICE then reject; accept; }}}}; }}}};
}}}}
protocol kernel {{{{
  learn; persist; scan time 2; graceful restart; merge paths on;
  ipv6 {{{{ import all; export filter {{{{ if source = RTS_DEVICE then reject; accept; }}}}; }}}};
}}}}
protocol static {{{{ ipv4; route {{one.block}} blackhole; }}}}
protocol static {{{{ ipv6; route {{one.block_ipv6}} blackhole; }}}}
template bgp peers {{{{
  local as {CLUSTER_AS}; multihop; graceful restart;
  connect delay time 2; connect retry time 5; error wait time 5, 30;
}}}}
"""

_PEER: Final = f"""\
protocol bgp {{kind}}_{{number}}_{{family}} from peers {{{{
  neighbor {{peer}} as {CLUSTER_AS}; source address {{own}}; {{options}}
  {{family}} {{{{ import all; export where source ~ [RTS_STATIC, RTS_BGP]; add paths on; }}}};
}}}}
"""
