"""BFD with BIRD: comes up over both families, notices silence, and takes the BGP session down with it."""

import json
import time
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest

from lab.resources import bgp_peer
from lab.topology import Lab, set_link
from lab.wait import wait_until
from tests.interop.conftest import FAMILIES, Wire, address
from tests.support.needs import need
from tests.support.peers import Bird
from tests.support.peers.base import Neighbour, ask

pytestmark = [pytest.mark.netns, pytest.mark.interop]

TIMING = "min rx interval 100 ms; min tx interval 100 ms; multiplier 3;"
BIRD = 2
BIRD_AS = 64513


class BirdWithBfd(Bird):
    """BIRD that watches its peers: direct ones over one hop, and others as RFC 5883 has it."""

    hops = "direct"

    def _protocol(self, neighbour: Neighbour) -> str:
        return super()._protocol(neighbour).rstrip().removesuffix("}") + f"bfd on; {self.hops};\n}}\n"

    def arguments(self) -> list[str | Path]:
        arguments = super().arguments()
        with (self.directory / "bird.conf").open("a") as file:
            file.write(f'protocol bfd {{ interface "*" {{ {TIMING} }}; multihop {{ {TIMING} }}; }}\n')
        return arguments

    def watches(self, neighbour: str) -> bool:
        """Ask `show bfd sessions` whether the neighbour's is up."""
        lines = ask(["birdc", "-s", self._control, "show", "bfd", "sessions"]).splitlines()
        return any(line.split()[0] == neighbour and "Up" in line.split() for line in lines if line.strip())


class DistantBird(BirdWithBfd):
    hops = "multihop"


@pytest.fixture
def alone() -> Iterator[Wire]:
    """A wire of its own: its cable is cut."""
    need(Bird)
    with Lab() as lab:
        yield Wire(lab)


def bird_beside(wire: Wire, implementation: type[BirdWithBfd]) -> None:
    """Start BIRD and us, peers over both families and watching each other."""
    wire.configure()
    for family in FAMILIES:
        peer = bgp_peer(f"bird-{family}", peerIP=address(family, BIRD), asNumber=BIRD_AS)
        peer["metadata"]["annotations"] = {"bgpd.io/bfd": "100ms x3"}
        wire.resources.put(peer)
    bird = wire.add(implementation, "bird", BIRD, BIRD_AS)
    assert isinstance(bird, BirdWithBfd)
    wire.start()
    for family in FAMILIES:
        wait_until(partial(bird.watches, address(family, 1)), f"BFD over {family} is up")


def falls(wire: Wire) -> list[float]:
    """When BFD noticed the silence, in seconds since the epoch, by the daemon's own clock."""
    lines = wire.daemon.bgpctl("events", "-o", "json").stdout.splitlines()
    events = [json.loads(line) for line in lines]
    return [
        datetime.fromisoformat(event["time"]).timestamp()
        for event in events
        if event["kind"] == "bfd" and event["message"].endswith("Up -> Down")
    ]


def names(wire: Wire) -> set[str]:
    return set(wire.daemon.peers())


@pytest.mark.parametrize("implementation", [BirdWithBfd, DistantBird])
def test_silence_ends_the_sessions_with_bird(alone: Wire, implementation: type[BirdWithBfd]) -> None:
    bird_beside(alone, implementation)
    before = alone.daemon.peers()
    time.sleep(1)
    assert alone.daemon.peers().keys() == alone.daemon.established()
    assert {name: peer["since"] for name, peer in alone.daemon.peers().items()} == {
        name: peer["since"] for name, peer in before.items()
    }
    set_link(alone.switch, "to-bird", up=False)
    cut = time.time()
    wait_until(lambda: not alone.daemon.established(), "both sessions end", seconds=5, interval=0.02)
    assert [fall - cut for fall in falls(alone)] == [pytest.approx(0.25, abs=0.25)] * 2  # 0.3 s of silence
    errors = [peer["last_error"] for peer in alone.daemon.peers().values()]
    assert {(error["code"], error["subcode"], error["direction"]) for error in errors} == {(6, 10, "sent")}

    set_link(alone.switch, "to-bird", up=True)
    wait_until(lambda: alone.daemon.established() == names(alone), "both are back", seconds=40)
