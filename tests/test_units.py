"""What systemd says about the unit, the drop-in and the lists of users and directories."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.tools

SYSTEMD = Path(__file__).parent.parent / "systemd"
EXPOSURE_LIMIT = 2.5


def run(program: str, *arguments: str | Path) -> str:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def settings(path: Path) -> list[tuple[str, str]]:
    lines = path.read_text().splitlines()
    return [
        (key, value) for key, _, value in (line.partition("=") for line in lines) if key.isalnum() and value
    ]


@pytest.mark.parametrize("drop_in", [False, True])
def test_systemd_has_nothing_to_say_about_the_unit(drop_in, tmp_path):
    text = (SYSTEMD / "bgpd.service").read_text()
    unit = tmp_path / "bgpd.service"
    unit.write_text(re.sub(r"(?m)^ExecStart=.*", "ExecStart=/bin/true", text))  # bgpd need not be installed
    if drop_in:
        (tmp_path / "bgpd.service.d").mkdir()
        shutil.copy(SYSTEMD / "drop-in.conf", tmp_path / "bgpd.service.d" / "local.conf")
    assert run("systemd-analyze", "verify", "--man=no", unit) == ""


def test_unit_exposes_little():
    report = run("systemd-analyze", "security", "--offline=true", "--no-pager", SYSTEMD / "bgpd.service")
    exposure = re.search(r"Overall exposure level for bgpd.service: ([\d.]+)", report)
    assert exposure is not None, report
    assert float(exposure[1]) < EXPOSURE_LIMIT


def test_unit_grants_two_capabilities_and_leaves_the_statistics_of_proc_readable():
    unit = dict(settings(SYSTEMD / "bgpd.service"))
    assert (
        unit["AmbientCapabilities"] == unit["CapabilityBoundingSet"] == "CAP_NET_ADMIN CAP_NET_BIND_SERVICE"
    )
    assert unit["ProcSubset"] == "all"


def test_variables_of_the_drop_in_are_those_of_the_daemon():
    source = (SYSTEMD.parent / "bgpd" / "settings.py").read_text()
    names = [
        value.partition("=")[0] for key, value in settings(SYSTEMD / "drop-in.conf") if key == "Environment"
    ]
    assert names
    assert [name for name in names if f'"{name}"' not in source] == []


def test_user_and_directories_are_made(tmp_path):
    (tmp_path / "etc").mkdir()
    run("systemd-sysusers", f"--root={tmp_path}", SYSTEMD / "sysusers.conf")
    user, *_ = (
        line.split(":") for line in (tmp_path / "etc/passwd").read_text().splitlines() if "bgpd" in line
    )
    assert user[0] == "bgpd"
    assert user[5:] == ["/var/lib/bgpd", "/usr/sbin/nologin"]
    try:
        run("systemd-tmpfiles", "--create", f"--root={tmp_path}", SYSTEMD / "tmpfiles.conf")
    except AssertionError as error:
        if "Operation not permitted" in str(error) or "Invalid argument" in str(error):
            pytest.skip("this user may not give directories away")
        raise
    resources = (tmp_path / "etc/bgpd/resources").stat()
    assert resources.st_uid == int(user[2])
    assert resources.st_mode & 0o777 == 0o750


def test_install_puts_things_where_the_page_says():
    page = (SYSTEMD.parent / "docs" / "install.md").read_text()
    told = re.findall(r"`(/usr/[^`]+)`", page.partition("| what | where |")[2].partition("\n\n")[0])
    steps = run("make", "--dry-run", "-C", SYSTEMD.parent, "install", "DESTDIR=/tree")
    assert "/usr/lib/bgpd" in told
    assert [path for path in told if f'"/tree{path}"' not in steps] == []
    assert 'install -D -m 644 docs/_build/man/bgpd.8 "/tree/usr/share/man/man8/bgpd.8"' in steps


@pytest.mark.parametrize("prefix", ["/usr", "/opt/net"])
def test_unit_starts_what_is_installed(prefix):
    steps = run("make", "--dry-run", "-C", SYSTEMD.parent, "install", f"PREFIX={prefix}")
    (edit,) = re.findall(r"sed '(\S+)' systemd/bgpd.service", steps)
    _, old, new, _ = edit.split("|")
    unit = (SYSTEMD / "bgpd.service").read_text()
    assert f"ExecStart={prefix}/lib/bgpd/bin/bgpd\n" in unit.replace(old, new)
