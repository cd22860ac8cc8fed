"""A process inside a namespace, its log in a file."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from lab.netns import Namespace

ROOT: Final = Path(__file__).resolve().parent.parent
"""The checkout: where `lab` is importable."""

_STOP_SECONDS: Final = 5.0


class Process:
    """A command that runs in a namespace, in a session of its own so that Ctrl-C reaches the lab alone."""

    def __init__(
        self,
        namespace: Namespace,
        command: Sequence[str],
        *,
        log: Path,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.log = log
        with log.open("ab") as output:
            self._popen = subprocess.Popen(  # noqa: S603 - the lab names its own commands
                launcher(namespace, command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=log.parent,
                env=launcher_environment(environment),
                pass_fds=(namespace.descriptor,),
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process id."""
        return self._popen.pid

    @property
    def status(self) -> int | None:
        """The exit status, negative for a signal; None while it runs."""
        return self._popen.poll()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process, if it still runs."""
        if self.status is None:
            os.kill(self.pid, number)

    def wait(self, seconds: float) -> int:
        """Wait for the end and return the exit status; raises subprocess.TimeoutExpired."""
        return self._popen.wait(seconds)

    def stop(self) -> int:
        """End the process, SIGTERM first and SIGKILL when it does not listen; returns its exit status."""
        self.signal(signal.SIGTERM)
        try:
            return self.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            return self.kill()

    def kill(self) -> int:
        """End the process with SIGKILL, as the kernel's out-of-memory killer would."""
        self.signal(signal.SIGKILL)
        return self.wait(_STOP_SECONDS)

    def tail(self, lines: int = 15) -> str:
        """Return the last lines of the log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def run(namespace: Namespace, command: Sequence[str], *, seconds: float = 15) -> str:
    """Run a command in the namespace to its end and return what it printed; raises CalledProcessError."""
    done = subprocess.run(  # noqa: S603 - the lab names its own commands
        launcher(namespace, command),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
        timeout=seconds,
        env=launcher_environment(None),
        pass_fds=(namespace.descriptor,),
    )
    return done.stdout


def launcher(namespace: Namespace, command: Sequence[str]) -> list[str]:
    """Build the command line that runs `command` inside the namespace."""
    return [sys.executable, "-m", "lab.launch", str(os.getpid()), str(namespace.descriptor), *command]


def launcher_environment(extra: Mapping[str, str] | None) -> dict[str, str]:
    """Build the environment of a launched command: ours, and the way to the launcher."""
    return {**os.environ, "PYTHONPATH": str(ROOT), **(extra or {})}
