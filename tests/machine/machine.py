"""A copy of this machine to install on: what is written is thrown away, and systemd can be booted in it."""

import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Final, Self

from lab.process import ROOT

_BOOT: Final = Path(__file__).with_name("boot.sh")
_SECONDS: Final = 60.0
_MASKED: Final = ("etc/systemd/system", "usr/lib/systemd/system-generators", "lib/systemd/system-generators")
"""What this machine would start is none of the copy's business."""

_ENVIRONMENT: Final = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive"}


class Machine:
    """This machine's files with a layer of memory above them, and systemd after `boot`.

    Entering it mounts the copy, and raises CalledProcessError where this user may not.
    """

    def __init__(self) -> None:
        self._directory = Path(tempfile.mkdtemp(prefix="bgpd-machine-"))
        self.root = self._directory / "root"
        self._cgroups = self._directory / "cgroups"
        self._systemd: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self._mount()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(self, script: str, *, seconds: float = 300) -> str:
        """Run a script in the checkout of the copy and return what it prints; raises RuntimeError."""
        done = subprocess.run(
            [*self._inside(), "/bin/bash", "-euo", "pipefail", "-c", f"cd '{ROOT}'\n{script}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=seconds,
            env=os.environ | _ENVIRONMENT,
        )
        if done.returncode:
            raise RuntimeError(f"status {done.returncode} of\n{script}\n{done.stdout}")
        return done.stdout

    def boot(self) -> None:
        """Boot systemd, in namespaces of its own, and wait until it takes orders; raises RuntimeError."""
        group = self._cgroups / self._directory.name
        group.mkdir()
        self._systemd = subprocess.Popen([_BOOT, self.root, group], stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + _SECONDS
        while True:
            try:
                self.run("systemctl is-system-running --quiet || test -S /run/systemd/private", seconds=10)
            except (RuntimeError, OSError) as error:
                if time.monotonic() > deadline or self._systemd.poll() is not None:
                    raise RuntimeError(f"systemd does not come up: {error}") from error
                time.sleep(0.1)
            else:
                return

    def close(self) -> None:
        """End all that runs in it and forget what was written. Safe to call twice."""
        if self._systemd is not None:
            self._systemd.kill()
            self._systemd.wait()
        if (own := self._cgroups / self._directory.name).exists():
            self._remove_groups(own)
        for mount in (self._cgroups, self.root / "proc", self.root, self._directory / "layer"):
            subprocess.run(["umount", "--lazy", mount], check=False, stderr=subprocess.DEVNULL)
        for directory in (self._cgroups, self.root, self._directory / "layer", self._directory):
            if directory.exists():
                directory.rmdir()

    def _mount(self) -> None:
        layer = self._directory / "layer"
        for directory in (self.root, layer, self._cgroups):
            directory.mkdir()
        _run("mount", "-t", "tmpfs", "tmpfs", layer)
        for name in ("upper", "work"):
            (layer / name).mkdir()
        options = f"lowerdir=/,upperdir={layer}/upper,workdir={layer}/work"
        _run("mount", "-t", "overlay", "overlay", "-o", options, self.root)
        _run("mount", "-t", "proc", "proc", self.root / "proc")
        _run("mount", "-t", "cgroup2", "cgroup2", self._cgroups)
        for directory in _MASKED:
            subprocess.run(["rm", "-rf", self.root / directory], check=True)
        (self.root / "etc/systemd/system").mkdir(parents=True)
        (self.root / "etc/apt/apt.conf.d/99yes").write_text('APT::Get::Assume-Yes "true";\n')
        self.run("dpkg --purge openbgpd")  # has programs of the same names

    def _inside(self) -> list[str]:
        if self._systemd is None:
            return ["chroot", str(self.root)]
        children = Path(f"/proc/{self._systemd.pid}/task/{self._systemd.pid}/children").read_text().split()
        if not children:
            raise RuntimeError("systemd is not there yet")
        return ["nsenter", "--target", children[0], "--all", "--root", "--wd=/"]

    def _remove_groups(self, own: Path) -> None:
        deadline = time.monotonic() + _SECONDS
        while time.monotonic() < deadline:
            groups = sorted((path for path in [own, *own.rglob("*")] if path.is_dir()), reverse=True)
            try:
                for group in groups:
                    group.rmdir()
            except OSError:  # a process of it is not gone yet
                time.sleep(0.1)
            else:
                return


def missing() -> str | None:
    """Say what this machine lacks for a copy; None when nothing."""
    if os.geteuid() != 0:
        return "only root can mount a copy of this machine"
    if not Path("/lib/systemd/systemd").exists():
        return "systemd is not installed"
    try:
        with Machine():
            return None
    except (OSError, RuntimeError, subprocess.CalledProcessError) as error:
        return f"no copy of this machine can be mounted ({error})"


def _run(*command: str | Path) -> None:
    subprocess.run(command, check=True, capture_output=True)
