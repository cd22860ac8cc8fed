"""A network namespace with one daemon and our speaker in it, and nothing else.

All addresses of 10.64.0.0/10 and fd00:64::/32 are local there without being configured (an AnyIP route), so a
thousand clients need no thousand addresses. Next hops lie in the rest of the connected networks, where the
kernel accepts them as gateways.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from pyroute2 import IPRoute

from benchmarks.usage import Usage, usage_of
from lab.syscalls import CLONE_NEWNET, die_with_parent, unshare

DAEMON_ADDRESS: Final = "10.0.0.1"
DAEMON_ADDRESS_IPV6: Final = "fd00::1"
DAEMON_AS: Final = 64512
_INTERFACE: Final = "bench0"


def client_address(number: int, *, ipv6: bool = False) -> str:
    """Return the address of the speaker's session of that number, from 0."""
    return f"fd00:64::{number + 1:x}" if ipv6 else f"10.64.{number + 1 >> 8}.{number + 1 & 255}"


def gateway(number: int, *, ipv6: bool = False) -> bytes:
    """Return a next hop that is on the connected network and nobody's address."""
    text = f"fd00:128::{number + 1:x}" if ipv6 else f"10.128.{number + 1 >> 8}.{number + 1 & 255}"
    return socket.inet_pton(socket.AF_INET6 if ipv6 else socket.AF_INET, text)


class World:
    """The namespace, its directory and its processes; all gone at the end of the `with`.

    The process that makes a world lives in it from then on: its sockets and children are inside.
    """

    def __init__(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="bgpd-bench-"))
        self.directory.chmod(0o755)
        unshare(CLONE_NEWNET)
        with IPRoute() as netlink:
            _furnish(netlink)
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def start(self, *command: str | os.PathLike[str]) -> int:
        """Start a process, its output appended to `log`; return its process id.

        It is the program itself from its first instruction: no launcher's CPU time is counted. Python may
        keep its bytecode, as it does wherever a package is installed.
        """
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.directory,
                env=environment,
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - this process has one thread
            )
        self._processes.append(process)
        return process.pid

    def stop(self) -> None:
        """End all processes, in reverse order, with what they have started."""
        while self._processes:
            process = self._processes.pop()
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait(5)

    @property
    def log(self) -> Path:
        """What the processes have written."""
        return self.directory / "log"

    @property
    def usage(self) -> Usage:
        """What all processes have used."""
        each = [usage_of(process.pid) for process in self._processes]
        return Usage(
            sum(one.cpu for one in each), sum(one.resident for one in each), sum(one.peak for one in each)
        )


def _die_with_parent() -> None:
    die_with_parent(signal.SIGKILL)


def _furnish(netlink: Any) -> None:
    netlink.link("set", index=1, state="up")
    netlink.link("add", ifname=_INTERFACE, kind="veth", peer={"ifname": f"{_INTERFACE}-far"})
    (index,) = netlink.link_lookup(ifname=_INTERFACE)
    for each in (index, *netlink.link_lookup(ifname=f"{_INTERFACE}-far")):
        netlink.link("set", index=each, state="up")
    netlink.addr("add", index=index, address=DAEMON_ADDRESS, prefixlen=8)
    netlink.addr("add", index=index, address=DAEMON_ADDRESS_IPV6, prefixlen=16, flags=0x02)  # IFA_F_NODAD
    netlink.route("add", dst="10.64.0.0/10", oif=1, type="local", table=255, scope=254)
    netlink.route("add", dst="fd00:64::/32", oif=1, type="local", table=255)
