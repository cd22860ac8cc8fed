"""How lists are shown: plain columns, JSON, YAML or names; colours on a terminal only."""

import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import click

Document = dict[str, Any]
F = TypeVar("F", bound=Callable[..., Any])

FORMATS = ("table", "wide", "json", "yaml", "name")
WATCH_SECONDS = 2.0

_COLOURS = {"Established": "green", "up": "green", "Active": "yellow", "Connect": "yellow", "Idle": "red"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading and what it shows of a document; `wide` ones come with -o wide only."""

    heading: str
    read: Callable[[Document], object]
    wide: bool = False


def output_option(*formats: str) -> Callable[[F], F]:
    """Add `-o FORMAT` to a command; the first format is the default."""
    choices = formats or FORMATS
    return click.option(
        "-o",
        "--output",
        type=click.Choice(choices),
        default=choices[0],
        show_default=True,
        help="How to show it.",
    )


def watch_option(command: F) -> F:
    """Add `--watch` to a command."""
    return click.option("--watch", "-w", is_flag=True, help="Show it again every 2 seconds, until Ctrl-C.")(
        command
    )


def show(render: Callable[[], str], *, watch: bool = False) -> None:
    """Print what `render` gives: once, or again and again on a cleared screen."""
    while True:
        text = render()
        if watch:
            click.clear()
        click.echo(text)
        if not watch:
            return
        try:
            time.sleep(WATCH_SECONDS)
        except KeyboardInterrupt:
            return


def listing(
    output: str,
    documents: Sequence[Document],
    columns: Sequence[Column],
    name: Callable[[Document], str] = lambda document: str(document["name"]),
) -> str:
    """Render documents in one of `FORMATS`."""
    if output == "name":
        return "\n".join(map(name, documents))
    if output in {"json", "yaml"}:
        return structured(output, documents)
    shown = [column for column in columns if output == "wide" or not column.wide]
    rows = [[cell(column.read(document)) for column in shown] for document in documents]
    return plain_table([column.heading for column in shown], rows)


def structured(output: str, document: object) -> str:
    """Render anything as "json" or "yaml"."""
    if output == "json":
        return json.dumps(document, indent=2)
    from bgpd.datastore.chunks import write

    return write(document).rstrip("\n")


def plain_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns of equal width, two spaces apart, as kubectl and calicoctl print them."""
    widths = _widths(headings, rows)
    return "\n".join(_line(line, widths) for line in [headings, *rows])


def boxed_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Draw a frame of + - | with centred headings, as calicoctl's `node status` does."""
    widths = _widths(headings, rows)
    rule = "+".join(["", *("-" * (width + 2) for width in widths), ""])
    titles = [_centred(heading, width) for heading, width in zip(headings, widths, strict=True)]
    body = [[_padded(text, width) for text, width in zip(row, widths, strict=True)] for row in rows]
    lines = ["|".join(["", *(f" {text} " for text in row), ""]) for row in [titles, *body]]
    return "\n".join([rule, lines[0], rule, *lines[1:], rule])


def cell(value: object) -> str:
    """Show one value in a table: "-" for nothing, lists by commas, yes or no."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        value = ",".join(str(item) for item in value)
    return str(value) if value not in {None, ""} else "-"


def duration(seconds: float) -> str:
    """Show a time span as routers do: 00:00:29, 3d04h, 12w3d."""
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    if days >= 7:
        return f"{days // 7}w{days % 7}d"
    return f"{days}d{hour:02}h" if days else f"{hour:02}:{minute:02}:{second:02}"


def as_path_text(as_path: Sequence[int | list[int]]) -> str:
    """Show an AS path as routers do; the members of an AS_SET stand in braces."""
    return " ".join(
        "{" + ",".join(map(str, part)) + "}" if isinstance(part, list) else str(part) for part in as_path
    )


def _widths(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> list[int]:
    widths = [len(heading) for heading in headings]
    for row in rows:
        widths = [max(width, len(text)) for width, text in zip(widths, row, strict=True)]
    return widths


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(_padded(text, width) for text, width in zip(cells, widths, strict=True)).rstrip()


def _padded(text: str, width: int) -> str:
    # Coloured after measuring: escape sequences have no width. click strips them when no terminal reads.
    colour = _COLOURS.get(text.partition(" ")[0])
    return (click.style(text, fg=colour) if colour else text) + " " * (width - len(text))


def _centred(text: str, width: int) -> str:
    left = (width - len(text)) // 2
    return " " * left + text + " " * (width - len(text) - left)
