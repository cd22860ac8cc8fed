"""The list of commands in docs/reference/bgpctl.md, made from the commands themselves."""

from collections.abc import Iterator
from inspect import cleandoc
from typing import Final

import click

from bgpd.cli.main import COMMANDS, bgpctl

BEGIN: Final = "<!-- Made by `make reference` from the commands' own help. -->"
END: Final = "<!-- End of what `make reference` makes. -->"


def with_commands(page: str) -> str:
    """Return the page with what stands between BEGIN and END made anew."""
    head, _, rest = page.partition(BEGIN)
    _, _, tail = rest.partition(END)
    commands = "\n".join(_lines())
    return f"{head}{BEGIN}\n\n{commands}\n{END}{tail}"


def _lines() -> Iterator[str]:
    context = click.Context(bgpctl, info_name="bgpctl")
    yield "## Global options\n"
    yield from _options(bgpctl)
    for title, section in COMMANDS.items():
        yield f"## {title}\n"
        for name in section:
            if command := bgpctl.get_command(context, name):
                yield from _command(command, f"bgpctl {name}")


def _command(command: click.Command, path: str) -> Iterator[str]:
    """Describe a command; of a group, each of its commands."""
    if isinstance(command, click.Group):
        for name, inner in sorted(command.commands.items()):
            yield from _command(inner, f"{path} {name}")
        return
    arguments = [
        _argument(parameter) for parameter in command.params if isinstance(parameter, click.Argument)
    ]
    yield f"### {' '.join([path, *arguments])}\n"
    yield f"{_text(command.help)}\n"
    yield from _options(command)
    if command.epilog:
        yield f"```text\n{_text(command.epilog)}\n```\n"


def _options(command: click.Command) -> Iterator[str]:
    options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    for option in options:
        yield f"- `{', '.join(sorted(option.opts, key=len))}{_value(option)}`: {_text(option.help)}"
    if options:
        yield ""


def _value(option: click.Option) -> str:
    if option.is_flag or option.count:
        return ""
    if isinstance(option.type, click.Choice):
        return f" {'|'.join(map(str, option.type.choices))}"
    return f" {option.metavar or option.type.name.upper()}"


def _argument(argument: click.Argument) -> str:
    if isinstance(argument.type, click.Choice):
        return "|".join(map(str, argument.type.choices))
    name = argument.metavar or (argument.name or "").upper()
    return name if argument.required or name.startswith("[") else f"[{name}]"


def _text(text: str | None) -> str:
    r"""Take click's marks out: `\b` keeps the line breaks of a paragraph."""
    return cleandoc((text or "").replace("\b\n", "")).strip()
