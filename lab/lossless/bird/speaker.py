"""One BIRD of a lab: started, configured, asked and ended."""

import subprocess
from pathlib import Path

from lab.netns import Namespace
from lab.process import Process
from lab.topology import Lab
from lab.tor import bird_path


class Bird:
    """The BIRD of one namespace, with a file of its own for its configuration."""

    def __init__(self, lab: Lab, namespace: Namespace) -> None:
        self._lab = lab
        self._namespace = namespace
        self._process: Process | None = None

    def __str__(self) -> str:
        return self._namespace.name

    @property
    def process(self) -> Process:
        """The running process, or the last that ran; raises RuntimeError before `start`."""
        if self._process is None:
            raise RuntimeError(f"BIRD of {self} was never started")
        return self._process

    def write(self, text: str) -> None:
        """Write the configuration, which `start` and `ask("configure")` read."""
        self._file("conf").write_text(text)

    def append(self, text: str) -> None:
        """Add something to the configuration."""
        with self._file("conf").open("a") as file:
            file.write(text)

    def start(self) -> None:
        """Start BIRD, to recover from a restart if there was one (-R), as Calico does."""
        command: list[str | Path] = [bird_path() or "bird", "-f", "-R", "-c", self._file("conf")]
        command += ["-s", self._file("ctl"), "-P", self._file("pid")]
        self._process = self._lab.start(self._namespace, command, name=f"bird-{self}")

    def ask(self, question: str) -> str:
        """Say something to it as `birdc` does, and return what it answers; empty while nobody answers."""
        birdc = Path(bird_path() or "bird").with_name("birdc")
        done = subprocess.run(  # noqa: S603 - the lab names its own commands
            [birdc, "-s", self._file("ctl"), *question.split()],
            capture_output=True,
            text=True,
            check=False,
            timeout=15,
        )
        return done.stdout

    def sessions(self) -> dict[str, bool]:
        """Give its BGP sessions by name, and whether each is Established."""
        lines = [line for line in self.ask("show protocols").splitlines() if " BGP " in line]
        return {line.split()[0]: "Established" in line for line in lines}

    def _file(self, kind: str) -> Path:
        return self._lab.directory / f"{self}.{kind}"
