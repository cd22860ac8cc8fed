"""Our own bgpd on a node of a lab: started, asked, edited and ended like anybody else's."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from bgpd.api.client import Client, ClientError
from lab.netns import Namespace
from lab.process import Process
from lab.resources import ResourceFiles
from lab.topology import Lab
from lab.wait import wait_until

BIN: Final = Path(sys.executable).parent
"""Where bgpd and bgpctl of this environment are; Debian's openbgpd has the same names elsewhere."""


class Daemon:
    """The bgpd of one node. `options` are added to its command line."""

    def __init__(
        self,
        lab: Lab,
        namespace: Namespace,
        node: str,
        resources: ResourceFiles,
        *options: str,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.node = node
        self.namespace = namespace
        self.resources = resources
        self.options = options
        self.socket = lab.directory / f"{node}.sock"
        self._environment = {"BGPD_STATE_DIRECTORY": str(lab.directory / "state"), **(environment or {})}
        self._lab = lab
        self._process: Process | None = None

    @property
    def process(self) -> Process:
        """The running process, or the last that ran; raises RuntimeError before `start`."""
        if self._process is None:
            raise RuntimeError(f"bgpd of {self.node} was never started")
        return self._process

    def start(self, *more: str) -> None:
        """Start the daemon, with more options if given."""
        command = [str(BIN / "bgpd"), "--node", self.node, "--datastore", self.resources.url]
        command += ["--socket", str(self.socket), *self.options, *more]
        self._process = self._lab.start(
            self.namespace, command, name=f"bgpd-{self.node}", environment=self._environment
        )

    def bgpctl(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run bgpctl against this daemon and its datastore; raises CalledProcessError if told to `check`."""
        ours = ["--socket", str(self.socket), "--datastore", self.resources.url]
        return subprocess.run(  # noqa: S603 - the lab names its own commands
            [str(BIN / "bgpctl"), *ours, *arguments], capture_output=True, text=True, check=check, timeout=30
        )

    def problems(self) -> list[str]:
        """Give what the daemon says is wrong; empty while nobody answers."""
        return [problem["message"] for problem in self._ask("/v1/status", {}).get("problems", [])]

    def peers(self) -> dict[str, dict[str, Any]]:
        """Give every configured session by name, in the contract's words; empty while nobody answers."""
        return {peer["name"]: peer for peer in self._ask("/v1/peers", [])}

    def routes(self, **query: str) -> list[dict[str, Any]]:
        """Give the routes of the RIB in the contract's words; empty while nobody answers."""
        routes: list[dict[str, Any]] = self._ask("/v1/routes", [], **query)
        return routes

    def best(self, prefix: str) -> dict[str, Any] | None:
        """Give the best route to a prefix, None when there is none."""
        return next((route for route in self.routes(prefix=prefix) if route["best"]), None)

    def established(self) -> set[str]:
        """Give the names of the sessions that are Established."""
        return {name for name, peer in self.peers().items() if peer["state"] == "Established"}

    def wait_established(self, names: Sequence[str] | set[str], *, seconds: float = 20) -> None:
        """Wait until these sessions, and no others, are there and Established; raises NotInTimeError."""
        wanted = set(names)
        wait_until(
            lambda: self.established() == wanted == set(self.peers()),
            f"{self.node}: sessions {sorted(wanted)} Established, and no others",
            seconds=seconds,
        )

    def _ask(self, resource: str, nothing: Any, **query: str) -> Any:
        """Ask the daemon; `nothing` is the answer while it does not listen. Raises ClientError."""
        try:
            return Client(str(self.socket), timeout=5).get(resource, **query)
        except ClientError as error:
            if error.status:
                raise
            return nothing
