import os
import subprocess
import sys
from importlib import import_module

import click
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from bgpd.cli import main
from bgpd.cli.main import COMMANDS, bgpctl

FLAT = [(name, module, text) for section in COMMANDS.values() for name, (module, text) in section.items()]


@pytest.mark.parametrize(("name", "module", "text"), FLAT, ids=[row[0] for row in FLAT])
def test_the_table_says_what_the_command_says(name: str, module: str, text: str) -> None:
    command = getattr(import_module(f"bgpd.cli.{module}"), name)
    assert isinstance(command, click.Command)
    assert command.help is not None
    assert command.help.splitlines()[0] == text


def leaves(command: click.Command, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], click.Command]]:
    if not isinstance(command, click.Group):
        return [(path, command)]
    context = click.Context(command)
    names = command.list_commands(context)
    found = [(name, command.get_command(context, name)) for name in names]
    return [leaf for name, inner in found if inner for leaf in leaves(inner, (*path, name))]


ALL = [path for path, _ in leaves(bgpctl)]


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_command_has_help(path: tuple[str, ...]) -> None:
    result = CliRunner().invoke(bgpctl, [*path, "--help"])
    assert result.exit_code == 0
    assert f"Usage: bgpctl {' '.join(path)}" in result.output


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_help_has_examples(path: tuple[str, ...]) -> None:
    text = CliRunner().invoke(bgpctl, [*path, "--help"]).output
    assert "Example" in text
    assert f"bgpctl {' '.join(path)}" in text


def test_help_shows_the_sections_in_order() -> None:
    text = CliRunner().invoke(bgpctl, ["--help"]).output
    places = [text.index(f"{title}:") for title in COMMANDS]
    assert places == sorted(places)


def test_an_unknown_command_is_wrong_usage() -> None:
    result = CliRunner().invoke(bgpctl, ["frobnicate"])
    assert result.exit_code == 2
    assert "No such command 'frobnicate'" in result.output


def test_a_slip_of_the_pen_in_a_command() -> None:
    result = CliRunner().invoke(bgpctl, ["peer"])
    assert result.exit_code == 2
    assert "No such command 'peer'; did you mean peers?" in result.stderr


def test_help_imports_nothing_heavy() -> None:
    heavy = "{'asyncio', 'pydantic', 'http.client', 'ruamel.yaml', 'rich', 'wire', 'h11'}"
    code = (
        "import sys; from bgpd.cli.main import bgpctl\n"
        "try: bgpctl.main(['--help'])\n"
        f"except SystemExit: sys.exit(repr({heavy} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == "set()"


def test_completion_knows_the_commands() -> None:
    complete = ShellComplete(bgpctl, {}, "bgpctl", "_BGPCTL_COMPLETE")
    assert {item.value for item in complete.get_completions([], "")} >= {name for name, _, _ in FLAT}
    assert [item.value for item in complete.get_completions([], "pee")] == ["peers"]
    assert {item.value for item in complete.get_completions(["session"], "re")} == {"reset", "refresh"}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(shell: str) -> None:
    result = CliRunner().invoke(bgpctl, ["completion", shell])
    assert result.exit_code == 0
    assert "_BGPCTL_COMPLETE" in result.output


def test_a_fault_of_ours_shows_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bgpctl, "main", lambda **_: 1 / 0)
    with pytest.raises(SystemExit) as caught:
        main.main()
    assert caught.value.code == 1
    assert capsys.readouterr().err.startswith("bgpctl: internal error: ZeroDivisionError: division by zero\n")
    monkeypatch.setenv("BGPCTL_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        main.main()


def test_a_reader_that_has_seen_enough() -> None:
    source = "from bgpd.cli.main import main; import sys; sys.argv = ['bgpctl', '--help']; main()"
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-c", source], stdout=writing, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")
