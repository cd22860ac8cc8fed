"""Streams of numbered packets between pods, in every direction, and what became of them."""

import json
import signal
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from lab.netns import Namespace
from lab.process import ROOT, Process
from lab.topology import Lab
from lab.wait import wait_for_each

_START_SECONDS: Final = 20.0
_END_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class Direction:
    """What became of the packets from one pod to another."""

    source: str
    destination: str
    sent: int
    lost: int
    longest: int
    """The longest run of packets lost one after the other."""

    def __str__(self) -> str:
        return f"{self.source} > {self.destination}"


@dataclass(frozen=True, slots=True)
class Result:
    """What became of the packets of all directions."""

    directions: tuple[Direction, ...]
    rate: float
    """Packets a second that were asked for, in each direction."""

    @property
    def sent(self) -> int:
        """Packets sent."""
        return sum(direction.sent for direction in self.directions)

    @property
    def lost(self) -> int:
        """Packets that did not arrive."""
        return sum(direction.lost for direction in self.directions)

    @property
    def outage(self) -> float:
        """Seconds of the longest outage of a direction."""
        return max(direction.longest for direction in self.directions) / self.rate

    @property
    def worst(self) -> Direction:
        """The direction that lost most."""
        return max(self.directions, key=lambda direction: direction.lost)


@dataclass(frozen=True, slots=True)
class End:
    """Where streams begin and end: a namespace and its addresses, at most one of a family."""

    namespace: Namespace
    addresses: tuple[str, ...]

    def pairs(self, other: "End") -> list[tuple[str, str]]:
        """Join our addresses with those of the other end, family by family."""
        return [
            (ours, theirs)
            for ours in self.addresses
            for theirs in other.addresses
            if (":" in ours) == (":" in theirs)
        ]


class Traffic:
    """A stream from every end to every other, and back, for each family that both have."""

    def __init__(self, lab: Lab, ends: Iterable[End], *, rate: float) -> None:
        self._lab = lab
        self._rate = rate
        self._ends = list(ends)
        self._names = {address: end.namespace.name for end in self._ends for address in end.addresses}
        self._processes: list[tuple[End, Process]] = []

    def start(self) -> None:
        """Begin to send; raises NotInTimeError when an end does not come up."""
        self._processes = [(end, self._open(end)) for end in self._ends]
        processes = [process for _, process in self._processes]
        wait_for_each(
            processes, lambda process: process.tail(1) == "ready", "ready to send", seconds=_START_SECONDS
        )
        for process in processes:
            process.signal(signal.SIGUSR1)

    def finish(self) -> Result:
        """Stop sending, let the last packets arrive, and count."""
        for _, process in self._processes:
            process.signal(signal.SIGTERM)
        reports = {end: self._report(process) for end, process in self._processes}
        sent = {
            (local, remote): report[0]
            for end in self._ends
            for (local, remote), report in reports[end].items()
        }
        directions = [
            self._direction(remote, local, sent[remote, local], received)
            for end in self._ends
            for (local, remote), (_, received) in reports[end].items()
        ]
        return Result(tuple(directions), self._rate)
