"""Run a command as root of a user namespace: `python -m lab.userns COMMAND [ARGUMENT...]`.

Somebody who is root already, or whom the machine grants no user namespace, gets the plain command; what needs
namespaces then says so itself (lab.netns.unavailable).
"""

import os
import sys
from pathlib import Path

from lab.netns import unavailable
from lab.syscalls import CLONE_NEWNET, CLONE_NEWUSER, unshare


def become_root_of_namespace() -> None:
    """Move this process, still of one thread, into a user namespace where it is root; raises OSError."""
    uid, gid = os.getuid(), os.getgid()
    unshare(CLONE_NEWUSER | CLONE_NEWNET)
    Path("/proc/self/setgroups").write_text("deny")  # user_namespaces(7): before an unprivileged gid_map
    Path("/proc/self/uid_map").write_text(f"0 {uid} 1")
    Path("/proc/self/gid_map").write_text(f"0 {gid} 1")


def main(command: list[str]) -> None:
    """Replace this process by the command, with the right to make network namespaces where possible."""
    if unavailable() is not None:
        try:
            become_root_of_namespace()
        except OSError as error:
            sys.stderr.write(f"no user namespaces for an ordinary user here: {error}\n")
    os.execvp(command[0], command)  # noqa: S606 - no shell is the point


if __name__ == "__main__":
    main(sys.argv[1:])
