"""Run a command as root of a user namespace: `python -m lab.userns COMMAND [ARGUMENT...]`.

Somebody who is root already, or whom the machine grants no user namespace, gets the plain command; what needs
namespaces then says so itself (lab.netns.unavailable).
"""

import contextlib
import fcntl
import os
import re
import socket
import struct
import sys
from pathlib import Path
from typing import Final

from lab.syscalls import CLONE_NEWNET, CLONE_NEWUSER, unshare

_CAP_SYS_ADMIN: Final = 21  # linux/capability.h
_SIOCSIFFLAGS: Final = 0x8914  # linux/sockios.h
_IFF_UP: Final = 1  # linux/if.h


def become_administrator() -> None:
    """Move this process, while it has one thread, into a user namespace where it is root, if it is not yet.

    Raises:
        OSError: when the machine does not let ordinary users do that.

    """
    if _is_administrator():
        return
    uid, gid = os.getuid(), os.getgid()
    unshare(CLONE_NEWUSER | CLONE_NEWNET)
    Path("/proc/self/setgroups").write_text("deny")  # user_namespaces(7): before an unprivileged gid_map
    Path("/proc/self/uid_map").write_text(f"0 {uid} 1")
    Path("/proc/self/gid_map").write_text(f"0 {gid} 1")
    _raise_loopback()


def _raise_loopback() -> None:
    """Set the loopback interface up: a new namespace begins without a way to itself (netdevice(7))."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sh14x", b"lo", _IFF_UP)
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, request)


def main(command: list[str]) -> None:
    """Replace this process by the command, with the right to make network namespaces where possible."""
    with contextlib.suppress(OSError):
        become_administrator()
    os.execvp(command[0], command)  # noqa: S606 - no shell is the point


def _is_administrator() -> bool:
    """Look for the capability that namespaces need: root in a container may lack it."""
    effective = re.search(r"^CapEff:\s*(\w+)", Path("/proc/self/status").read_text(), re.MULTILINE)
    return effective is not None and bool(int(effective[1], 16) >> _CAP_SYS_ADMIN & 1)


if __name__ == "__main__":
    main(sys.argv[1:])
