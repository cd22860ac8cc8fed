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
BEFORE_BOOT: Final = (
    "As a service",
    "As a Debian package",
    "Into the tree of a package",
    "With pipx",
    "Completion",
)
"""Whose first script is run on a machine that has a network and no service yet."""
CAPABILITIES: Final = 1 << 12 | 1 << 10
"""CAP_NET_ADMIN and CAP_NET_BIND_SERVICE."""

pytestmark = [pytest.mark.machine, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    """A machine with bgpd installed and its service running, both as the page says."""
    if reason := missing():
        pytest.skip(reason)
    with Machine() as machine:
        for section in BEFORE_BOOT:
            machine.run(SCRIPTS[section][0])
        machine.boot()
        machine.run(SCRIPTS["As a service"][1])
        yield machine


def show(machine: Machine, name: str) -> str:
    """Ask systemd for a property of the service."""
    return machine.run(f"systemctl show bgpd --value --property {name}").strip()


def process(machine: Machine) -> dict[str, str]:
    """Read what the kernel says of the daemon."""
    status = machine.run(f"cat /proc/{show(machine, 'MainPID')}/status")
    return dict(re.findall(r"(\w+):\s+(.*)", status))


def test_every_script_of_the_page_is_run() -> None:
    run = dict.fromkeys(BEFORE_BOOT, 1) | {"As a service": 2, "As a Debian package": 2}
    assert {section: len(found) for section, found in SCRIPTS.items()} == run


def test_service_says_that_it_is_ready(machine: Machine) -> None:
    assert (show(machine, "Type"), show(machine, "ActiveState")) == ("notify", "active")
    assert "10.0.0.2" in machine.run("bgpctl node status")


def test_daemon_is_its_own_user_with_two_capabilities(machine: Machine) -> None:
    status = process(machine)
    user = machine.run("id -u bgpd").strip()
    assert set(status["Uid"].split()) == {user} != {"0"}
    for kind in ("CapEff", "CapBnd", "CapAmb"):
        assert int(status[kind], 16) == CAPABILITIES, kind
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")


def test_daemon_sees_a_read_only_system(machine: Machine) -> None:
    inside = f"nsenter --target {show(machine, 'MainPID')} --mount"
    with pytest.raises(RuntimeError, match="Read-only file system"):
        machine.run(f"{inside} touch /usr/lib/bgpd/x /etc/x")
    machine.run(
        f"{inside} touch /etc/bgpd/resources/x /var/lib/bgpd/x && rm /etc/bgpd/resources/x /var/lib/bgpd/x"
    )


def test_reload_keeps_the_process(machine: Machine) -> None:
    before = show(machine, "MainPID")
    machine.run("systemctl reload bgpd")
    assert (show(machine, "MainPID"), show(machine, "ActiveState")) == (before, "active")


def test_daemon_that_hangs_is_restarted(machine: Machine) -> None:
    machine.run(
        "mkdir -p /run/systemd/system/bgpd.service.d && cd /run/systemd/system/bgpd.service.d\n"
        "printf '[Service]\\nWatchdogSec=2s\\nRestartSec=0\\n' > short.conf\n"
        "systemctl daemon-reload && systemctl restart bgpd"
    )
    before = show(machine, "MainPID")
    machine.run(f"sleep 3; test $(systemctl show bgpd --value --property MainPID) = {before}")
    machine.run(f"kill -STOP {before}")
    wait_until(lambda: show(machine, "MainPID") not in {before, "0"}, "another process", seconds=30)
    wait_until(lambda: show(machine, "ActiveState") == "active", "the service is back", seconds=30)


def test_manuals_and_completion_are_there(machine: Machine) -> None:
    machine.run("test -s /usr/share/man/man8/bgpd.8 && test -s /usr/share/man/man1/bgpctl.1")
    assert "bgpctl" in machine.run("cat ~/.local/share/bash-completion/completions/bgpctl")


def test_package_takes_the_place_and_goes_without_a_trace(machine: Machine) -> None:
    machine.run("systemctl disable --now bgpd; make uninstall; test ! -e /usr/sbin/bgpd")
    machine.run(SCRIPTS["As a Debian package"][1])
    assert show(machine, "ActiveState") == "active"
    before = show(machine, "MainPID")
    machine.run("dpkg --install dist/bgpd_*.deb")
    assert show(machine, "MainPID") not in {before, "0"}
    machine.run("apt-get purge -y bgpd")
    machine.run(
        "test ! -e /usr/lib/bgpd && test ! -e /var/lib/bgpd && test -e /etc/bgpd/resources/nodes/n1.yaml"
    )
