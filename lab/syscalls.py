"""The three system calls that Python 3.11 does not offer: unshare(2), setns(2), prctl(2)."""

import ctypes
import os
from typing import Final

CLONE_NEWUSER: Final = 0x10000000
CLONE_NEWNET: Final = 0x40000000

_PR_SET_PDEATHSIG: Final = 1

_libc = ctypes.CDLL(None, use_errno=True)


def unshare(flags: int) -> None:
    """Move the calling thread into new namespaces; raises OSError."""
    _check(_libc.unshare(flags), "unshare")


def setns(descriptor: int, kind: int) -> None:
    """Move the calling thread into the namespace, of this kind (CLONE_NEW...); raises OSError."""
    _check(_libc.setns(descriptor, kind), "setns")


def die_with_parent(signal: int) -> None:
    """Have the kernel send `signal` to this process when the thread that started it ends; raises OSError."""
    _check(_libc.prctl(_PR_SET_PDEATHSIG, signal, 0, 0, 0), "prctl")


def _check(result: int, call: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{call}: {os.strerror(number)}")
