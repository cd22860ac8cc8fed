"""The Unix socket: who may use it, and whose it is when it already exists."""

import contextlib
import errno
import grp
import os
import socket
import stat
from pathlib import Path

GROUP = "bgpd"
MODE = 0o660


class SocketError(Exception):
    """The socket cannot be had; the text says why and what to do."""


def bind_unix_socket(path: str) -> tuple[socket.socket, int]:
    """Listen on `path`, mode 0660, group `bgpd` where that group exists; gives the socket and its inode.

    A socket nobody answers on was left behind by a daemon that died, and is replaced.

    Raises:
        SocketError: when somebody answers on it, when it is something else, or when the directory refuses.

    """
    _remove_stale(path)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    try:
        _bind(listening, path)
    except OSError as error:
        listening.close()
        raise SocketError(_refusal(path, error)) from error
    return listening, Path(path).stat().st_ino


def unlink_own(path: str, inode: int) -> None:
    """Remove the socket unless another daemon has put its own (another inode) in its place."""
    with contextlib.suppress(OSError):
        if Path(path).stat().st_ino == inode:
            Path(path).unlink()


def _bind(listening: socket.socket, path: str) -> None:
    # The permissions stand before the first client can connect: nothing connects until listen(2).
    listening.bind(path)
    Path(path).chmod(MODE)
    with contextlib.suppress(KeyError, PermissionError):
        os.chown(path, -1, grp.getgrnam(GROUP).gr_gid)
    listening.listen(64)


def _remove_stale(path: str) -> None:
    try:
        mode = Path(path).lstat().st_mode
    except FileNotFoundError:
        return
    except OSError as error:
        raise SocketError(_refusal(path, error)) from error
    if not stat.S_ISSOCK(mode):
        raise SocketError(f"{path} exists and is no socket; move it away, or choose another with --socket")
    if _answers(path):
        raise SocketError(f"another process serves {path}; stop it, or choose another path with --socket")
    with contextlib.suppress(FileNotFoundError):
        Path(path).unlink()


def _answers(path: str) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK) as probe:
        code = probe.connect_ex(path)
    # EAGAIN: its backlog is full, so somebody is there, however busy.
    return code in {0, errno.EAGAIN, errno.EACCES}


def _refusal(path: str, error: OSError) -> str:
    reason = error.strerror or str(error)
    return f"cannot listen on {path}: {reason}; create its directory, or choose another path with --socket"
