"""docs/install.md on a copy of this machine: installed as the page says, under a systemd that runs."""

import re
from collections.abc import Iterator
from typing import Final

import pytest

from lab.process import ROOT
from lab.wait import wait_until
from tests.docs.blocks import sections
from tests.machine.machine import Machine, missing

PAGE: Final = ROOT / "docs" / "install.md"
SCRIPTS: Final = {section: [block.text for block in found] for section, found in sections(PAGE).items()}
CAPABILITIES: Final = 1 << 12 | 1 << 10
"""CAP_NET_ADMIN and CAP_NET_BIND_SERVICE."""

pytestmark = [pytest.mark.machine, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def workshop() -> Iterator[Machine]:
    """A machine that has a network and no bgpd of anybody."""
    with _machine() as machine:
        yield machine


@pytest.fixture(scope="module")
def node() -> Iterator[Machine]:
    """A machine with bgpd installed and its service running, both as the page says."""
    with _machine() as machine:
        machine.run(SCRIPTS["As a service"][0])
        machine.boot()
        machine.run(SCRIPTS["As a service"][1])
        yield machine


def _machine() -> Machine:
    if reason := missing():
        pytest.skip(reason)
    return Machine()


def show(machine: Machine, name: str) -> str:
    """Ask systemd for a property of the service."""
    return machine.run(f"systemctl show bgpd --value --property {name}").strip()


def process(machine: Machine) -> dict[str, str]:
    """Read what the kernel says of the daemon."""
    status = machine.run(f"cat /proc/{show(machine, 'MainPID')}/status")
    return dict(re.findall(r"(\w+):\s+(.*)", status))


def test_service_says_that_it_is_ready(node: Machine) -> None:
    assert (show(node, "Type"), show(node, "ActiveState")) == ("notify", "active")
    assert "10.0.0.2" in node.run("bgpctl node status")


def test_daemon_is_its_own_user_with_two_capabilities(node: Machine) -> None:
    status = process(node)
    user = node.run("id -u bgpd").strip()
    assert set(status["Uid"].split()) == {user} != {"0"}
    for kind in ("CapEff", "CapBnd", "CapAmb"):
        assert int(status[kind], 16) == CAPABILITIES, kind
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")


def test_daemon_sees_a_read_only_system(node: Machine) -> None:
    inside = f"nsenter --target {show(node, 'MainPID')} --mount"
    with pytest.raises(RuntimeError, match="Read-only file system"):
        node.run(f"{inside} touch /usr/lib/bgpd/x /etc/x")
    node.run(
        f"{inside} touch /etc/bgpd/resources/x /var/lib/bgpd/x && rm /etc/bgpd/resources/x /var/lib/bgpd/x"
    )


def test_reload_keeps_the_process(node: Machine) -> None:
    before = show(node, "MainPID")
    node.run("systemctl reload bgpd")
    assert (show(node, "MainPID"), show(node, "ActiveState")) == (before, "active")


def test_daemon_that_hangs_is_restarted(node: Machine) -> None:
    node.run(
        "mkdir -p /run/systemd/system/bgpd.service.d && cd /run/systemd/system/bgpd.service.d\n"
        "printf '[Service]\\nWatchdogSec=2s\\nRestartSec=0\\n' > short.conf\n"
        "systemctl daemon-reload && systemctl restart bgpd"
    )
    before = show(node, "MainPID")
    node.run(f"sleep 3; test $(systemctl show bgpd --value --property MainPID) = {before}")
    node.run(f"kill -STOP {before}")
    wait_until(lambda: show(node, "MainPID") not in {before, "0"}, "another process", seconds=30)
    wait_until(lambda: show(node, "ActiveState") == "active", "the service is back", seconds=30)


def test_manuals_and_completion_are_there(node: Machine) -> None:
    node.run("test -s /usr/share/man/man8/bgpd.8 && test -s /usr/share/man/man1/bgpctl.1")
    node.run(SCRIPTS["Completion"][0])
    assert "bgpctl" in node.run("cat ~/.local/share/bash-completion/completions/bgpctl")


def test_uninstall_leaves_resources_alone(node: Machine) -> None:
    node.run("systemctl disable --now bgpd; make uninstall; test ! -e /usr/sbin/bgpd")
    node.run("test -e /etc/bgpd/resources/nodes/n1.yaml")


def test_tree_of_a_package_remembers_nothing(workshop: Machine) -> None:
    workshop.run(SCRIPTS["Into the tree of a package"][0])
    workshop.run("! grep -rlI /tmp/tree /tmp/tree")


def test_programs_come_with_pipx(workshop: Machine) -> None:
    assert "Mesh_10_0_0_2" in workshop.run(SCRIPTS["With pipx"][0])


def test_package_is_installed_upgraded_and_purged(workshop: Machine) -> None:
    build, install = SCRIPTS["As a Debian package"]
    workshop.run(build)
    workshop.boot()
    workshop.run(install)
    assert show(workshop, "ActiveState") == "active"
    before = show(workshop, "MainPID")
    workshop.run("cp -r examples/mesh/*/ /etc/bgpd/resources/ && dpkg --install dist/bgpd_*.deb")
    assert show(workshop, "ActiveState") == "active"
    assert show(workshop, "MainPID") != before
    workshop.run("apt-get purge bgpd && test ! -e /usr/lib/bgpd && test ! -e /var/lib/bgpd")
    workshop.run("test -e /etc/bgpd/resources/nodes/n1.yaml")


def test_every_script_of_the_page_is_run_here() -> None:
    run = {"As a service": 2, "As a Debian package": 2, "Into the tree of a package": 1, "With pipx": 1}
    assert {section: len(found) for section, found in SCRIPTS.items()} == run | {"Completion": 1}
