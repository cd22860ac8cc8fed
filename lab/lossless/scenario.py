"""One case of the proof: a cluster, what happens to it, and what that may cost."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from lab.lossless.world import World
from lab.topology import Lab

W = TypeVar("W", bound=World)


@dataclass(frozen=True, slots=True)
class Scenario(Generic[W]):
    """A change to a cluster that runs, and how long it may keep packets from arriving."""

    name: str
    title: str
    build: Callable[[Lab], W]
    act: Callable[[W], None]
    outage: float = 0.0
    """Seconds that a direction may be interrupted: the time to detect a failure that nothing announces."""
    still: bool = False
    """Whether forwarding stays what it was: then no kernel hears of a route."""
    needs: str = ""
    """The program without which there is no such case; Debian has it."""
