"""What every scenario works with."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.daemons import Daemon, Peering, Setup
from benchmarks.speaker import Endpoint, Session, Speaker
from benchmarks.world import DAEMON_ADDRESS, DAEMON_ADDRESS_IPV6, World

Metrics = dict[str, float]
"""Seconds, MiB and counts by name; `wall`, `cpu` and `peak` are those of the scenario's main phase."""


class Rig:
    """A world, a daemon in it that has started, and our speaker."""

    def __init__(self, world: World, daemon: Daemon) -> None:
        self.world = world
        self.daemon = daemon
        self.speaker = Speaker(DAEMON_ADDRESS, DAEMON_ADDRESS_IPV6)

    def begin(
        self,
        peers: Sequence[tuple[str, int]],
        *,
        client: bool = False,
        kernel: bool = False,
        hold_times: Mapping[str, int] | None = None,
    ) -> list[Session]:
        """Start the daemon for peers (address, AS) and open their sessions, in that order.

        `hold_times`: seconds by address, of those that are to have short ones.
        """
        peerings = [Peering(address, as_number, client) for address, as_number in peers]
        self.daemon.start(Setup(peerings, kernel=kernel))
        endpoints = [
            Endpoint(address, as_number, ":" in address, (hold_times or {}).get(address, 240))
            for address, as_number in peers
        ]
        self.speaker.open(endpoints)
        self.speaker.settle()
        return list(self.speaker.sessions)

    @property
    def cpu(self) -> float:
        """CPU seconds of the daemon so far."""
        return self.world.usage.cpu

    def measure(self, work: Callable[[], float]) -> Metrics:
        """Do `work`, which returns when it was finished (monotonic seconds); give wall, cpu and peak."""
        cpu, begun = self.cpu, time.monotonic()
        finished = work()
        usage = self.world.usage
        return {"wall": finished - begun, "cpu": usage.cpu - cpu, "peak": usage.peak}


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario and the sizes it is run with."""

    name: str
    title: str
    unit: str
    """What the size counts."""
    run: Callable[[Rig, int], Metrics]
    sizes: tuple[int, ...]
    quick: tuple[int, ...]
    """Sizes of a quick run; empty: left out of it."""
