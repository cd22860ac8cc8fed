"""The scripts of a page of the documentation, and a shell on a node to run them in."""

import os
import re
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from lab.daemon import BIN, Daemon
from lab.process import ROOT

_SECTION: Final = re.compile(r"^## (.+)$", re.MULTILINE)
_SCRIPT: Final = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SECONDS: Final = 60.0
_PRELUDE: Final = """\
systemctl() {
  echo "$*" > "$ORDER.new" && mv "$ORDER.new" "$ORDER"
  while [ -e "$ORDER" ]; do sleep 0.05; done
}
"""
"""A node of a lab has no systemd: who runs the script does what is asked of it."""


def scripts(page: Path) -> dict[str, list[str]]:
    """Read the scripts of a page (blocks marked `sh`) by the section they stand in."""
    _, *parts = _SECTION.split(page.read_text())
    return {title: _SCRIPT.findall(text) for title, text in zip(parts[::2], parts[1::2], strict=True)}


def run_script(script: str, daemon: Daemon, directory: Path) -> str:
    """Run a script as on the daemon's node, in the checkout, and return what it prints.

    Raises:
        RuntimeError: when it fails; the text is what it printed.
        subprocess.TimeoutExpired: when it takes longer than a minute.

    """
    order = directory / "order"
    environment = {
        "BGPD_SOCKET": str(daemon.socket),
        "BGPD_DATASTORE": daemon.resources.url,
        "ORDER": str(order),
    }
    environment |= {"PATH": f"{BIN}:{os.environ['PATH']}"}
    with (directory / "script.log").open("w+") as output:
        process = subprocess.Popen(  # noqa: S603 - the documentation's own words
            ["/bin/bash", "-euo", "pipefail", "-c", _PRELUDE + script],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            env={**os.environ, **environment},
        )
        _attend(process, daemon, order)
        output.seek(0)
        printed = output.read()
    if process.returncode:
        raise RuntimeError(f"status {process.returncode} of\n{script}\n{printed}")
    return printed


def _attend(process: subprocess.Popen[bytes], daemon: Daemon, order: Path) -> None:
    """Wait for the end of a script, and meanwhile do what it asks of systemctl."""
    deadline = time.monotonic() + _SECONDS
    while process.poll() is None:
        if order.exists():
            for verb in _ORDERS[order.read_text().split()[0]]:
                verb(daemon)
            order.unlink()
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
