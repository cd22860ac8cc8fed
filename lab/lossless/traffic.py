"""Streams of numbered packets between pods, in every direction, and what became of them."""

import json
import signal
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final, TypedDict

from lab.lossless import stream
from lab.netns import Namespace
from lab.process import Process
from lab.topology import Lab
from lab.wait import wait_for_each

_START_SECONDS: Final = 20.0
_END_SECONDS: Final = 10.0


class Report(TypedDict):
    """What one end tells of a stream: what it sent, and the runs of numbers that came to it."""

    local: str
    remote: str
    sent: int
    received: list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Direction:
    """What became of the packets from one pod to an address of another."""

    name: str
    sent: int
    lost: int
    outage: float
    """Seconds of the longest run of packets lost one after the other."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of the packets of all directions."""

    directions: tuple[Direction, ...]
    seconds: float
    """How long packets were sent."""

    @property
    def sent(self) -> int:
        """Packets sent."""
        return sum(direction.sent for direction in self.directions)

    @property
    def lost(self) -> int:
        """Packets that did not arrive."""
        return sum(direction.lost for direction in self.directions)

    @property
    def rate(self) -> float:
        """Packets a second in each direction: less than was asked for where the machine is busy."""
        return self.sent / len(self.directions) / self.seconds

    @property
    def outage(self) -> float:
        """Seconds of the longest interruption of a direction."""
        return max(direction.outage for direction in self.directions)


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
        self._processes: list[Process] = []
        self._begun = 0.0

    def start(self) -> None:
        """Begin to send; raises NotInTimeError when an end does not come up."""
        self._processes = [self._open(end) for end in self._ends]
        wait_for_each(self._processes, _is_ready, "streams ready to be sent", seconds=_START_SECONDS)
        for process in self._processes:
            process.signal(signal.SIGUSR1)
        self._begun = time.monotonic()

    def finish(self) -> Result:
        """Stop sending, let the last packets arrive, and count."""
        for process in self._processes:
            process.signal(signal.SIGTERM)
        seconds = time.monotonic() - self._begun
        reports = [report for process in self._processes for report in _reports(process)]
        sent = {(report["local"], report["remote"]): report["sent"] for report in reports}
        return Result(tuple(self._direction(report, sent, seconds) for report in reports), seconds)

    def _open(self, end: End) -> Process:
        pairs = [pair for other in self._ends if other is not end for pair in end.pairs(other)]
        words = [f"{local}={remote}" for local, remote in pairs]
        name = end.namespace.name
        log = f"stream-{name}-{len(self._lab.processes)}"
        command: list[str | Path] = [sys.executable, "-I", Path(stream.__file__), str(self._rate), *words]
        return self._lab.start(end.namespace, command, name=log)

    def _direction(self, report: Report, sent: Mapping[tuple[str, str], int], seconds: float) -> Direction:
        """Look at a stream from its receiving end."""
        source, destination = report["remote"], report["local"]
        total = sent[source, destination]
        lost, longest = losses(total, report["received"])
        name = f"{self._names[source]} > {self._names[destination]} {destination}"
        return Direction(name, total, lost, longest * seconds / total)


def losses(sent: int, received: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Count the packets lost, and those of the longest loss, given the runs of numbers that arrived."""
    ends = [(-1, -1), *received, (sent, sent)]
    gaps = [after - before - 1 for (_, before), (after, _) in pairwise(ends)]
    return sum(gaps), max(gaps)


def _is_ready(process: Process) -> bool:
    return process.tail(1) == "ready"


def _reports(process: Process) -> list[Report]:
    status = process.wait(_END_SECONDS)
    if status != 0:
        raise RuntimeError(f"{process.log.stem} ended with status {status}: {process.tail()}")
    reports: list[Report] = json.loads(process.tail(1))
    return reports
