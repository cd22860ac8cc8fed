"""Into a namespace of a lab that runs in another terminal."""

import json
import os
from pathlib import Path
from typing import Final, NoReturn

from lab.daemon import BIN
from lab.netns import Namespace
from lab.rundir import running
from lab.syscalls import CLONE_NEWNET, CLONE_NEWUSER, setns
from lab.topology import Lab

_DOORS: Final = "namespaces.json"


class NoLabError(Exception):
    """There is no such lab or namespace; the text says what there is."""


def open_doors(lab: Lab) -> None:
    """Write down, in the lab's directory, where its namespaces can be entered."""
    descriptors = {name: namespace.descriptor for name, namespace in lab.namespaces.items()}
    (lab.directory / _DOORS).write_text(json.dumps({"pid": os.getpid(), "namespaces": descriptors}))


def enter(name: str, command: list[str]) -> NoReturn:
    """Become `command`, or a shell, in a namespace of the lab that was started last; raises NoLabError."""
    directory, namespace = find(name)
    setns(namespace.descriptor, CLONE_NEWNET)
    words = command or [os.environ.get("SHELL", "/bin/sh")]
    os.execvpe(words[0], words, _environment(directory, name))  # noqa: S606 - the user's own words


def find(name: str) -> tuple[Path, Namespace]:
    """Find the directory and a namespace of the lab that was started last, with the right to enter it.

    Raises:
        NoLabError: when no lab runs, or it has no such namespace.

    """
    directories = [path for path in running() if (path / _DOORS).exists()]
    if not directories:
        raise NoLabError("no lab is running: start one with `make lab` in another terminal")
    doors = json.loads((directories[-1] / _DOORS).read_text())
    if name not in doors["namespaces"]:
        raise NoLabError(f"no namespace {name}; there are: {' '.join(doors['namespaces'])}")
    process = Path("/proc", str(doors["pid"]))
    descriptor = os.open(process / "fd" / str(doors["namespaces"][name]), os.O_RDONLY)
    user = process / "ns" / "user"
    if not user.samefile("/proc/self/ns/user"):  # an ordinary user's lab: its root is root in there alone
        setns(os.open(user, os.O_RDONLY), CLONE_NEWUSER)
    return directories[-1], Namespace(name, descriptor)


def _environment(directory: Path, name: str) -> dict[str, str]:
    """Let bgpctl find the daemon of the node it is called on."""
    own = {"BGPD_SOCKET": f"{directory}/{name}.sock", "BGPD_DATASTORE": f"file://{directory}/resources"}
    return {**os.environ, **own, "PATH": f"{BIN}:{os.environ.get('PATH', '')}", "PS1": f"{name}# "}
