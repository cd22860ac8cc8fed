"""The lab itself: wires carry packets, losses are counted, and nothing is left, however it ends."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from lab import rundir
from lab.ping import Loss, ping
from lab.process import ROOT, run
from lab.routes import kernel_routes
from lab.topology import Lab, add_route, set_link
from lab.wait import NotInTimeError, wait_until
from tests.support.needs import need_namespaces

pytestmark = pytest.mark.netns

KILLED_LAB = """
import os, signal
from lab.topology import Lab
lab = Lab()
process = lab.start(lab.namespace("n1"), ["sleep", "600"], name="sleep")
print(process.pid, lab.directory, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(autouse=True)
def _namespaces() -> None:
    need_namespaces()


def test_pings_are_answered_over_a_bridge_and_lost_over_a_pulled_cable() -> None:
    with Lab() as lab:
        switch, left, right = lab.bridge("switch"), lab.namespace("left"), lab.namespace("right")
        lab.plug(switch, left, "eth0", "192.0.2.1/24", "2001:db8::1/64")
        lab.plug(switch, right, "eth0", "192.0.2.2/24", "2001:db8::2/64")
        assert ping(left, "192.0.2.2") == Loss(sent=3, received=3)
        assert ping(left, "2001:db8::2") == Loss(sent=3, received=3)
        set_link(right, "eth0", up=False)
        assert ping(left, "192.0.2.2", count=2).lost == 2


def test_routes_are_read_as_the_kernel_has_them() -> None:
    with Lab() as lab:
        switch, router = lab.bridge("switch"), lab.namespace("router")
        lab.plug(switch, router, "eth0", "192.0.2.1/24")
        add_route(router, "198.51.100.0/24", gateway="192.0.2.9", proto=186, priority=1024)
        add_route(router, "203.0.113.0/24", type="blackhole", proto=4)
        assert [str(route) for route in kernel_routes(router)] == [
            "192.0.2.0/24 dev eth0 proto kernel",
            "198.51.100.0/24 via 192.0.2.9 dev eth0 proto bgp metric 1024",
            "blackhole 203.0.113.0/24 proto static",
        ]
        assert [route.prefix for route in kernel_routes(router, protocol=186)] == ["198.51.100.0/24"]


def test_commands_see_the_network_of_their_namespace() -> None:
    with Lab() as lab:
        lab.plug(lab.bridge("switch"), lab.namespace("n1"), "eth0", "192.0.2.1/24")
        assert "eth0" in run(lab.namespaces["n1"], ["cat", "/proc/net/dev"])
        assert "eth0" not in run(lab.namespace("n2"), ["cat", "/proc/net/dev"])


def test_closing_ends_processes_and_removes_files() -> None:
    with Lab() as lab:
        directory = lab.directory
        process = lab.start(lab.namespace("n1"), ["sleep", "600"], name="sleep")
        assert directory in rundir.running()
    assert process.status == -signal.SIGTERM
    assert not directory.exists()


def test_a_killed_lab_leaves_no_process_and_its_files_go_with_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # labs of other tests sweep the usual place
    killed = subprocess.run(
        [sys.executable, "-c", KILLED_LAB],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)},
    )
    pid, directory = killed.stdout.split()
    assert killed.returncode == -signal.SIGKILL
    wait_until(lambda: not Path("/proc", pid).exists(), f"process {pid} ended with its lab")
    assert Path(directory).exists()
    with Lab():
        assert not Path(directory).exists()


def test_waiting_in_vain_says_for_what() -> None:
    with pytest.raises(NotInTimeError, match=r"not within 0\.1 s: the moon"):
        wait_until(lambda: False, "the moon", seconds=0.1)
