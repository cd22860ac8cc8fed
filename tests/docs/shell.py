"""A shell on a node of a lab, for the scripts of the documentation."""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import pytest

from lab.daemon import BIN, Daemon
from lab.process import ROOT, launcher, launcher_environment
from lab.topology import Lab
from tests.docs.blocks import Block, blocks, missing

_SECONDS: Final = 60.0
_SHOWN_SECONDS: Final = 20.0
_INTERVAL: Final = 0.4
_CHANGES: Final = re.compile(r"\b(apply|create|replace|patch|label|delete|originate|drain|systemctl)\b")
_PRELUDE: Final = """\
systemctl() {
  echo "$*" > "$ORDER.new" && mv "$ORDER.new" "$ORDER"
  while [ -e "$ORDER" ]; do sleep 0.05; done
}
"""
"""A node of a lab has no systemd: who runs the script does what is asked of it."""

_BGPCTL: Final = f"""\
#!/bin/sh
[ "$1" = plan ] || exec {BIN}/bgpctl "$@"
{BIN}/bgpctl "$@"
status=$?
case $status in 2 | 3) exit 0 ;; *) exit $status ;; esac
"""
"""The statuses 2 and 3 of a plan are answers, and no failures."""

_PACKAGES: Final[Mapping[str, str]] = {"ip": "iproute2", "curl": "curl", "etcdctl": "etcd-client"}
"""Programs of the pages that a small Debian lacks, and bgpd can do without, by package."""


def scripts(page: Path) -> list[Block]:
    """Read the blocks that are to be run; skips the test where the machine lacks a program of theirs."""
    found = [block for block in blocks(page) if block.is_run]
    for program, package in _PACKAGES.items():
        used = any(re.search(rf"(?m)(^|\s){program} ", block.text) for block in found)
        if used and shutil.which(program) is None:
            pytest.skip(f"{program} is not installed (Debian: {package})")
    return found


class Shell:
    """Runs scripts as on the daemon's node, in the checkout; bgpctl finds the daemon and the datastore."""

    def __init__(self, lab: Lab, daemon: Daemon, environment: Mapping[str, str] | None = None) -> None:
        self._directory = lab.directory
        self._daemon = daemon
        self._order = lab.directory / "order"
        self._environment = {
            "BGPD_SOCKET": str(daemon.socket),
            "BGPD_DATASTORE": daemon.resources.url,
            "HOME": str(self._home()),
            "ORDER": str(self._order),
            "PATH": f"{self._programs()}:{BIN}:{os.environ['PATH']}:/usr/sbin:/sbin",
            **(environment or {}),
        }

    def follow(self, block: Block) -> str:
        """Run a block, if it only looks until it prints what the page shows, and return what it prints.

        Raises:
            AssertionError: when it prints something else.
            RuntimeError: when it fails; the text is what it printed.

        """
        if block.shown is None or _CHANGES.search(block.text):
            printed = self.run(block.text)
            lost = missing(block.shown or "", printed)
            assert not lost, f"{block}: {lost} not in\n{printed}"
            return printed
        return self._look(block, block.shown)

    def _look(self, block: Block, shown: str) -> str:
        """Run a block again and again; it may fail at first, when it asks for what is not there yet."""
        deadline = time.monotonic() + _SHOWN_SECONDS
        while True:
            try:
                printed = self.run(block.text)
            except RuntimeError as error:
                printed, lost = str(error), ["an end without an error"]
            else:
                lost = missing(shown, printed)
            if not lost:
                return printed
            assert time.monotonic() < deadline, f"{block}: {lost} not in\n{printed}"
            time.sleep(_INTERVAL)

    def run(self, script: str) -> str:
        """Run a script and return what it prints.

        Raises:
            RuntimeError: when it fails; the text is what it printed.
            subprocess.TimeoutExpired: when it takes longer than a minute.

        """
        with (self._directory / "script.log").open("w+") as output:
            process = subprocess.Popen(
                launcher(self._daemon.namespace, ["/bin/bash", "-euo", "pipefail", "-c", _PRELUDE + script]),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
                env=launcher_environment(self._environment),
                pass_fds=(self._daemon.namespace.descriptor,),
            )
            self._attend(process)
            output.seek(0)
            printed = output.read()
        if process.returncode:
            raise RuntimeError(f"status {process.returncode} of\n{script}\n{printed}")
        return printed

    def _home(self) -> Path:
        """Make a place for what the pages write down."""
        directory = self._directory / "home"
        directory.mkdir(exist_ok=True)
        return directory

    def _programs(self) -> Path:
        directory = self._directory / "bin"
        directory.mkdir(exist_ok=True)
        program = directory / "bgpctl"
        program.write_text(_BGPCTL)
        program.chmod(0o755)
        return directory

    def _attend(self, process: subprocess.Popen[bytes]) -> None:
        """Wait for the end of a script, and meanwhile do what it asks of systemctl."""
        deadline = time.monotonic() + _SECONDS
        while process.poll() is None:
            if self._order.exists():
                for verb in _ORDERS[self._order.read_text().split()[0]]:
                    verb(self._daemon)
                self._order.unlink()
            if time.monotonic() > deadline:
                process.kill()
                raise subprocess.TimeoutExpired(process.args, _SECONDS)
            time.sleep(0.02)


def _stop(daemon: Daemon) -> None:
    daemon.process.stop()


def _start(daemon: Daemon) -> None:
    daemon.start()


_ORDERS: Final[Mapping[str, tuple[Callable[[Daemon], None], ...]]] = {
    "stop": (_stop,),
    "start": (_start,),
    "restart": (_stop, _start),
}
