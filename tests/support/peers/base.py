"""What every other implementation can do for a test."""

import os
import shutil
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import ClassVar

from lab.netns import Namespace
from lab.process import Process
from lab.topology import Lab
from lab.wait import wait_for_each

_PATH = "/usr/sbin:/sbin:/usr/lib/frr:/usr/local/sbin:/usr/local/bin:/usr/bin:/bin"
"""Debian's places for daemons. Not the environment's: there, bgpd and bgpctl are ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """A session to configure: from `source` (one of our addresses) to `address` in AS `asn`."""

    address: str
    asn: int
    source: str
    client: bool = False  # a client of ours: we reflect (RFC 4456)
    password: str | None = None  # TCP-MD5 (RFC 2385)
    ttl_security: bool = False  # GTSM for a neighbour on the wire (RFC 5082)
    add_paths: bool = False  # ADD-PATH both ways (RFC 7911)
    extended_messages: bool = False  # RFC 8654

    @property
    def ipv6(self) -> bool:
        """Whether the session is about IPv6."""
        return ip_address(self.address).version == 6


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerRoute:
    """The best route to a prefix as another implementation sees it; None where the attribute is absent."""

    next_hop: str
    as_path: tuple[int, ...]
    origin: str  # "IGP", "EGP" or "Incomplete"
    local_pref: int | None = None
    communities: frozenset[str] = frozenset()  # "64512:10"
    originator_id: str | None = None
    cluster_list: tuple[str, ...] = ()


class Peer(ABC):
    """A BGP speaker that is not ours: started, asked and edited through its own tools."""

    implementation: ClassVar[str]
    program: ClassVar[str]
    package: ClassVar[str]

    def __init__(
        self, lab: Lab, namespace: Namespace, *, asn: int, router_id: str, neighbours: Sequence[Neighbour]
    ) -> None:
        self.lab = lab
        self.namespace = namespace
        self.asn = asn
        self.router_id = router_id
        self.neighbours = neighbours
        self.directory = lab.directory / namespace.name
        self.directory.mkdir()
        self.process: Process | None = None
        self._command: list[str | Path] = []

    @classmethod
    def missing(cls) -> str | None:
        """Say which package would have to be installed; None when it is there."""
        return (
            None if executable(cls.program) else f"{cls.implementation} needs Debian's package {cls.package}"
        )

    def start(self) -> None:
        """Start the speaker; it does not wait for its sessions."""
        self._command = [executable(self.program) or self.program, *self.arguments()]
        self.revive()

    def kill(self) -> None:
        """End the speaker as a crash would."""
        if self.process is not None:
            self.process.kill()

    def revive(self, *options: str) -> None:
        """Start a speaker again that has ended, with the configuration it had."""
        self.process = self.lab.start(self.namespace, [*self._command, *options], name=self.namespace.name)

    def stop(self) -> None:
        """End the speaker."""
        if self.process is not None:
            self.process.stop()

    def wait_established(self, *, seconds: float = 20) -> None:
        """Wait until every session is Established; raises NotInTimeError."""
        wait_for_each(
            [neighbour.address for neighbour in self.neighbours],
            self.established,
            f"Established, says {self.implementation} {self.namespace.name}",
            seconds=seconds,
        )

    @abstractmethod
    def arguments(self) -> list[str | Path]:
        """Write the configuration and return the daemon's arguments."""

    @abstractmethod
    def established(self, address: str) -> bool:
        """Whether the session with this neighbour is Established."""

    @abstractmethod
    def route(self, prefix: str) -> PeerRoute | None:
        """The best route to exactly this prefix, None when there is none."""

    @abstractmethod
    def announce(self, prefix: str, *communities: str) -> None:
        """Originate a prefix; again, with other communities, is an implicit withdraw (RFC 4271, 3.1)."""

    @abstractmethod
    def withdraw(self, prefix: str) -> None:
        """Stop originating a prefix."""


def executable(program: str) -> str | None:
    """Find a program where Debian puts it."""
    return shutil.which(program, path=_PATH)


def ask(command: Sequence[str | Path]) -> str:
    """Run a control program and return what it prints; nothing while its daemon does not answer yet."""
    name, *arguments = (os.fspath(word) for word in command)
    done = subprocess.run(
        [executable(name) or name, *arguments], capture_output=True, text=True, timeout=15, check=False
    )
    return done.stdout if done.returncode == 0 else ""


def order(command: Sequence[str | Path]) -> None:
    """Run a control program that changes something; raises CalledProcessError when it refuses."""
    name, *arguments = (os.fspath(word) for word in command)
    subprocess.run(
        [executable(name) or name, *arguments], capture_output=True, text=True, timeout=15, check=True
    )
