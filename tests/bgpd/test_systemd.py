"""sd_notify over real datagram sockets, named and abstract."""

import socket

import pytest

from bgpd.systemd import Notifier


@pytest.mark.parametrize("abstract", [False, True])
def test_assignments_arrive_in_one_datagram(abstract, tmp_path):
    name = f"@bgpd-test-{tmp_path.name}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(name.replace("@", "\0", 1) if abstract else name)
        Notifier({"NOTIFY_SOCKET": name}).notify("READY=1", "STATUS=fine")
        assert manager.recv(100) == b"READY=1\nSTATUS=fine"


def test_without_systemd_or_with_a_manager_that_is_gone_nothing_happens(tmp_path):
    Notifier({}).notify("READY=1")
    Notifier({"NOTIFY_SOCKET": str(tmp_path / "gone")}).notify("READY=1")


def test_watchdog_is_fed_at_half_its_interval():
    assert Notifier({"WATCHDOG_USEC": "30000000"}).watchdog_interval == 15
    assert Notifier({}).watchdog_interval is None
