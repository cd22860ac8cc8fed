"""What a Tab offers, asked as a shell asks."""

import pytest
from click.shell_completion import ShellComplete

from bgpd.cli.main import bgpctl
from tests.bgpd.cli.conftest import Daemon, Path


def offered(line: str) -> list[str]:
    """Give what is offered for the last word of a line."""
    *words, incomplete = line.split(" ")
    found = ShellComplete(bgpctl, {}, "bgpctl", "_BGPCTL_COMPLETE").get_completions(words, incomplete)
    return [item.value for item in found]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("get bgp", ["bgpconfigurations", "bgppeers", "bgpfilters"]),
        ("get poo", ["pool", "pools"]),
        ("get nowhere", []),
        ("get bgppeer ", ["to-reflector", "tor"]),
        ("get bgppeer tor t", ["to-reflector"]),
        ("patch node n", ["n1", "n2"]),
        ("plan --delete bgpp tor", ["tor"]),
        ("get nothing ", []),
        ("topology --node r", ["rr1"]),
        ("get nodes -o js", ["json"]),
    ],
)
def test_kinds_and_names(store: Path, line: str, expected: list[str]) -> None:
    assert offered(f"--datastore file://{store} {line}") == expected


@pytest.mark.parametrize("line", ["peers ", "session reset ", "routes --received-from ", "get nodes "])
def test_who_does_not_answer_is_left_out(line: str, tmp_path: Path) -> None:
    assert offered(f"--socket {tmp_path}/none --datastore nothing://at-all {line}") == []


@pytest.mark.parametrize("line", ["peers Mesh", "session shutdown Mesh", "routes --advertised-to Mesh"])
def test_sessions(daemon: Daemon, line: str) -> None:
    names = offered(f"--socket {daemon.path} {line}")
    assert names
    assert all(name.startswith("Mesh_") for name in names)


def test_files_are_left_to_the_shell() -> None:
    command = ShellComplete(bgpctl, {}, "bgpctl", "_BGPCTL_COMPLETE")
    assert [item.type for item in command.get_completions(["apply", "-f"], "")] == ["file"]
