import grp
import os
import socket
import stat
from pathlib import Path

import pytest

from bgpd.api import unix_socket
from bgpd.api.unix_socket import SocketError, bind_unix_socket, unlink_own


def test_the_socket_is_for_its_owner_and_group(tmp_path: Path) -> None:
    path = tmp_path / "s"
    listening, inode = bind_unix_socket(str(path))
    with listening:
        assert stat.S_IMODE(path.stat().st_mode) == 0o660
        assert path.stat().st_ino == inode


def test_the_group_is_given_where_it_exists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root gives files to other groups")
    if Path("/proc/self/gid_map").read_text().split()[2] == "1":
        pytest.skip("this user namespace has one group")
    group = next(entry for entry in grp.getgrall() if entry.gr_gid != os.getegid())
    monkeypatch.setattr(unix_socket, "GROUP", group.gr_name)
    listening, _ = bind_unix_socket(str(tmp_path / "s"))
    with listening:
        assert (tmp_path / "s").stat().st_gid == group.gr_gid


def test_a_stale_socket_is_replaced(tmp_path: Path) -> None:
    path = str(tmp_path / "s")
    bind_unix_socket(path)[0].close()
    listening, _ = bind_unix_socket(path)
    with listening, socket.socket(socket.AF_UNIX) as client:
        client.connect(path)


def test_a_socket_somebody_serves_is_left_alone(tmp_path: Path) -> None:
    path = str(tmp_path / "s")
    first, inode = bind_unix_socket(path)
    with first:
        with pytest.raises(SocketError, match=r"another process serves .*--socket"):
            bind_unix_socket(path)
        assert Path(path).stat().st_ino == inode


def test_a_file_is_never_removed(tmp_path: Path) -> None:
    path = tmp_path / "s"
    path.write_text("precious")
    with pytest.raises(SocketError, match="is no socket"):
        bind_unix_socket(str(path))
    assert path.read_text() == "precious"


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SocketError, match=r"cannot listen on .*: No such file or directory; create"):
        bind_unix_socket(str(tmp_path / "missing" / "s"))


def test_only_our_own_socket_is_removed(tmp_path: Path) -> None:
    path = str(tmp_path / "s")
    listening, inode = bind_unix_socket(path)
    with listening:
        unlink_own(path, inode + 1)
        assert Path(path).exists()
        unlink_own(path, inode)
        assert not Path(path).exists()
        unlink_own(path, inode)
