"""The examples of bgpctl's help, which docs/reference/bgpctl.md shows, are commands that bgpctl takes."""

import re
import shlex
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from bgpd.cli.main import bgpctl


def examples(command: click.Command, path: str) -> Iterator[str]:
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from examples(inner, f"{path} {name}")
    yield from re.findall(r"(?<!`)\bbgpctl [^|\n]+", command.epilog or "")


@pytest.mark.parametrize("example", sorted(set(examples(bgpctl, "bgpctl"))))
def test_bgpctl_takes_it(example: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(click.Command, "invoke", lambda *_: None)  # groups have an `invoke` of their own
    words, *_ = re.split(r" {2,}| >", example)
    result = CliRunner().invoke(bgpctl, shlex.split(words, comments=True)[1:])
    assert result.exit_code == 0, result.output
