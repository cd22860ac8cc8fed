"""`make demo` as its users see it: what it prints, how it ends, and that it cleans up."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from lab.process import ROOT
from tests.support.needs import need, need_namespaces
from tests.support.peers import Bird

pytestmark = pytest.mark.netns


VISITS = {
    "network": ("shell", "n1", "cat", "/proc/net/dev"),
    "bgpctl": ("shell", "n1", "bgpctl", "peers"),
    "ping": ("ping", "pod1", "10.244.2.2"),
    "nowhere": ("shell", "n9", "true"),
}


@pytest.fixture(autouse=True)
def directory() -> Iterator[Path]:
    """Where the lab keeps its files: a short path, for there are Unix sockets; nothing may be left in it."""
    need_namespaces()
    with TemporaryDirectory() as name:
        yield Path(name)
        assert list(Path(name).iterdir()) == []


def demo(
    directory: Path, *options: str, stdin: int = subprocess.DEVNULL, **environment: str
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "lab", *options],
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "120", "TMPDIR": str(directory), **environment},
    )


@pytest.mark.parametrize("router", ["bgpd", pytest.param("bird", marks=pytest.mark.interop)])
def test_the_demo_shows_sessions_routes_and_packets(directory: Path, router: str) -> None:
    if router == "bird":
        need(Bird)
    process = demo(directory, "demo", "--router", router)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    for shown in (
        "node-to-node mesh",
        "Established",
        "10.244.2.0/26 via 10.0.0.2 dev eth0 proto bgp metric 1024",
        "blackhole 10.244.1.0/26 proto bgp",
        "172.20.0.10      5 of 5 answered",
        "stayed Established throughout",
    ):
        assert shown in output, output


def test_the_demo_fails_and_shows_the_log_when_a_daemon_does_not_come_up(directory: Path) -> None:
    process = demo(directory, "demo", BGPD_METRICS="nowhere")
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 1, output
    assert "--metrics nowhere" in output
    assert "ended with status 2" in output


@pytest.fixture
def in_the_foreground() -> Iterator[None]:
    """Let what is started notice SIGINT, which the background jobs of a shell, and their children, ignore."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("in_the_foreground")
def test_ctrl_c_ends_the_demo_at_once(directory: Path) -> None:
    process = demo(directory, "demo")
    assert process.stdout is not None
    process.stdout.readline()  # an empty line, and then the title: it is under way
    assert "Three nodes" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=20)
    assert process.returncode == 130, output


def test_the_lab_stays_until_the_end_of_input_and_lets_one_in(directory: Path) -> None:
    process = demo(directory, "up", stdin=subprocess.PIPE)
    assert process.stdout is not None
    for line in process.stdout:
        if "ends the lab" in line:
            break
    inside = {name: demo(directory, *words) for name, words in VISITS.items()}
    outputs = {name: shell.communicate(timeout=20)[0] for name, shell in inside.items()}
    process.communicate(timeout=20)

    assert process.returncode == 0
    assert "eth0" in outputs["network"]
    assert outputs["bgpctl"].count("Established") == 5
    assert "3 of 3 answered" in outputs["ping"]
    assert inside["nowhere"].returncode == 1
    assert "no namespace n9; there are: fabric n1 pod1" in outputs["nowhere"]


@pytest.mark.parametrize(
    ("options", "nodes"), [(("--empty",), []), (("--mesh", "--nodes", "2"), ["node/n1", "node/n2"])]
)
def test_the_lab_can_be_bare(directory: Path, options: tuple[str, ...], nodes: list[str]) -> None:
    process = demo(directory, "up", *options, stdin=subprocess.PIPE)
    assert process.stdout is not None
    for line in process.stdout:
        if "ends the lab" in line:
            break
    shell = demo(directory, "shell", "n1", "bgpctl", "get", "nodes", "-o", "name")
    output, _ = shell.communicate(timeout=20)
    process.communicate(timeout=20)

    assert process.returncode == 0
    assert output.split() == nodes
