"""plan, and the guard of every command that writes: --safe, questions, --confirm-within."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bgpd.cli.conftest import Run

CLUSTER = """\
apiVersion: projectcalico.org/v3
kind: BGPConfiguration
metadata: {name: default}
spec: {nodeToNodeMeshEnabled: true}
---
apiVersion: projectcalico.org/v3
kind: NodeList
items:
- {apiVersion: projectcalico.org/v3, kind: Node, metadata: {name: a}, spec: {bgp: {ipv4Address: 10.0.0.1/24}}}
- {apiVersion: projectcalico.org/v3, kind: Node, metadata: {name: b}, spec: {bgp: {ipv4Address: 10.0.0.2/24}}}
---
apiVersion: projectcalico.org/v3
kind: BlockAffinity
metadata: {name: a-1}
spec: {node: a, state: confirmed, cidr: 10.244.1.0/26, deleted: "false"}
"""
MESH_OFF = '{"spec": {"nodeToNodeMeshEnabled": false}}'
PATCH = ("patch", "bgpconfig", "default", "-p", MESH_OFF)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    directory = tmp_path / "resources"
    directory.mkdir()
    (directory / "cluster.yaml").write_text(CLUSTER)
    return directory


def mesh(offline: Run) -> bool:
    stored = json.loads(offline("get", "bgpconfig", "default", "-o", "json").stdout)
    return bool(stored["spec"]["nodeToNodeMeshEnabled"])


def test_plan_of_a_patch_breaks(offline: Run) -> None:
    result = offline("plan", "bgpconfig", "default", "-p", MESH_OFF)
    assert result.exit_code == 3
    assert "- remove Mesh_10_0_0_2 with b (mesh)" in result.stdout
    assert "break: disabling the mesh leaves b without routes to a" in result.stdout
    assert mesh(offline), "a plan writes nothing"


def test_plan_of_a_file_and_of_a_removal(offline: Run, tmp_path: Path) -> None:
    file = tmp_path / "tor.yaml"
    file.write_text(
        "{apiVersion: projectcalico.org/v3, kind: BGPPeer, metadata: {name: tor},"
        " spec: {peerIP: 10.9.0.1, asNumber: 65010}}"
    )
    result = offline("plan", "-f", str(file), "-o", "json")
    assert result.exit_code == 2
    document = json.loads(result.stdout)
    assert document["totals"] == {"add": 2, "remove": 0, "reset": 0, "change": 0}
    assert offline("apply", "-f", str(file)).exit_code == 0
    assert offline("plan", "-f", str(file)).exit_code == 0
    gone = offline("plan", "--delete", "bgppeer", "tor", "-o", "yaml")
    assert gone.exit_code == 2
    assert "action: remove" in gone.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("node", "a"),
        ("-f", "x.yaml", "node", "a"),
        ("-f", "x.yaml", "-p", "{}"),
        ("node", "a", "--delete", "-p", "{}"),
    ],
)
def test_plan_wants_one_change(offline: Run, arguments: tuple[str, ...]) -> None:
    result = offline("plan", *arguments)
    assert result.exit_code == 2
    assert "Error" in result.stderr


def test_plan_of_what_is_not_there(offline: Run) -> None:
    result = offline("plan", "bgppeer", "nobody", "-p", "{}")
    assert result.exit_code == 1
    assert "bgppeer/nobody does not exist" in result.stderr


@pytest.mark.parametrize("write", [PATCH, ("delete", "node", "a"), ("label", "node", "a", "rack=1")])
def test_safe_refuses_only_what_breaks(offline: Run, write: tuple[str, ...]) -> None:
    result = offline(*write, "--safe")
    breaks = write == PATCH
    assert result.exit_code == (3 if breaks else 0)
    assert ("nothing was written" in result.stderr) is breaks
    assert mesh(offline)


def test_without_a_terminal_the_break_is_told_and_written(offline: Run) -> None:
    result = offline(*PATCH)
    assert result.exit_code == 0
    assert "break: disabling the mesh" in result.stderr
    assert not mesh(offline)


@pytest.mark.parametrize("answer", ["y", "n"])
def test_on_a_terminal_it_asks(offline: Run, store: Path, answer: str) -> None:
    terminal, inside = os.openpty()
    run = "from bgpd.cli.main import main; main()"
    command = [sys.executable, "-c", run, "--datastore", f"file://{store}", *PATCH]
    with subprocess.Popen(command, stdin=inside, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        os.close(inside)
        os.write(terminal, f"{answer}\n".encode())
        _, error = process.communicate(timeout=60)
    os.close(terminal)
    assert b"Write it all the same? [y/N]" in error
    assert process.returncode == (0 if answer == "y" else 1)
    assert mesh(offline) is (answer == "n")


def test_what_cannot_be_planned_is_refused_by_the_write(offline: Run) -> None:
    result = offline("patch", "bgppeer", "nobody", "-p", "{}", "--safe")
    assert result.exit_code == 1
    assert "nobody" in result.stderr


@pytest.mark.parametrize("time", ["soon", "0s", "-5s"])
def test_a_time_to_confirm_in_must_be_one(offline: Run, time: str) -> None:
    assert offline(*PATCH, "--confirm-within", time).exit_code == 2


def confirming(store: Path, *arguments: str, within: str = "30s") -> subprocess.Popen[str]:
    run = "from bgpd.cli.main import main; main()"
    command = [sys.executable, "-c", run, "--datastore", f"file://{store}", *arguments]
    return subprocess.Popen(
        [*command, "--confirm-within", within],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )


def written(process: subprocess.Popen[str]) -> None:
    """Wait until the change is in force and the question stands."""
    assert process.stdout is not None
    assert "Successfully" in process.stdout.readline()


def test_confirmed_changes_stay(offline: Run, store: Path) -> None:
    process = confirming(store, *PATCH)
    out, _ = process.communicate("yes\n")
    assert process.returncode == 0
    assert out.splitlines()[-1] == "Confirmed."
    assert not mesh(offline)


@pytest.mark.parametrize("ending", ["no", "end of input", "hangup", "time"])
def test_unconfirmed_changes_are_taken_back(offline: Run, store: Path, ending: str) -> None:
    process = confirming(store, *PATCH, within="1s" if ending == "time" else "30s")
    written(process)
    assert not mesh(offline)
    if ending == "hangup":
        process.send_signal(signal.SIGHUP)
    if ending == "time":
        process.wait(20)
    _, error = process.communicate("no\n" if ending == "no" else None)
    assert process.returncode == 1
    assert "everything is as it was before" in error
    assert mesh(offline)


def test_created_and_deleted_resources_are_taken_back(offline: Run, store: Path, tmp_path: Path) -> None:
    before = offline("get", "nodes", "-o", "json").stdout
    file = tmp_path / "new.yaml"
    file.write_text("{apiVersion: projectcalico.org/v3, kind: Node, metadata: {name: c}}")
    for arguments in (("apply", "-f", str(file)), ("delete", "node", "b")):
        confirming(store, *arguments).communicate("no\n")
        assert json.loads(offline("get", "nodes", "-o", "json").stdout) == json.loads(before)


def test_what_somebody_else_changed_meanwhile_is_left_and_told(offline: Run, store: Path) -> None:
    process = confirming(store, *PATCH)
    written(process)
    assert offline("patch", "bgpconfig", "default", "-p", '{"spec": {"asNumber": 65000}}').exit_code == 0
    _, error = process.communicate("no\n")
    assert process.returncode == 1
    assert "not all could be taken back" in error
    assert not mesh(offline)
