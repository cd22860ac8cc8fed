"""What a daemon has to do for the benchmarks."""

import shutil
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from benchmarks.world import World

_PATH: Final = "/usr/sbin:/sbin:/usr/lib/frr:/usr/local/sbin:/usr/local/bin:/usr/bin:/bin"
"""Debian's places for daemons. Not the environment's: there, bgpd is ours."""


@dataclass(frozen=True, slots=True)
class Peering:
    """A session that the daemon accepts; it never connects by itself."""

    address: str
    as_number: int
    client: bool = False
    """An internal peer whose routes are reflected to all others (RFC 4456)."""

    @property
    def ipv6(self) -> bool:
        """Whether the session is for IPv6."""
        return ":" in self.address


@dataclass(frozen=True, slots=True)
class Setup:
    """What a daemon is to be: the sessions it accepts, and whether it writes its routes into the kernel."""

    peerings: Sequence[Peering]
    kernel: bool = False


class Daemon(ABC):
    """A BGP speaker at world.DAEMON_ADDRESS that lets every route in and out."""

    name: ClassVar[str]
    program: ClassVar[str]
    package: ClassVar[str]
    kernel: ClassVar[bool] = False
    """Whether it can write routes into a Linux kernel."""
    route_protocol: ClassVar[str] = ""
    """The protocol number of its kernel routes."""

    def __init__(self, world: World) -> None:
        self.world = world

    @classmethod
    def executable(cls) -> str | None:
        """Find the program where Debian puts it."""
        return shutil.which(cls.program, path=_PATH)

    @abstractmethod
    def start(self, setup: Setup) -> None:
        """Write the configuration and start the processes; it does not wait for anything."""

    def write(self, name: str, text: str) -> Path:
        """Write a file of the configuration, for nobody else to read."""
        path = self.world.directory / name
        path.write_text(text)
        path.chmod(0o600)
        return path
