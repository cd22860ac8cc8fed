"""How lists are shown: plain columns, JSON, YAML or names; colours on a terminal only."""

import json
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol, TypeVar

import click

from bgpd.cli.custom import PREFIX, OutputFormat, columns_of, steps_of, value_at
from records import record

Document = dict[str, Any]
F = TypeVar("F", bound=Callable[..., Any])
C = TypeVar("C", bound="Headed")

FORMATS = ("table", "wide", "json", "yaml", "name")
WATCH_SECONDS = 2.0
_LEAST = 20
"""Characters that are left of prose, however narrow the terminal."""

_COLOURS = {"Established": "green", "up": "green", "Active": "yellow", "Connect": "yellow", "Idle": "red"}


class Headed(Protocol):
    """Anything with a heading."""

    @property
    def heading(self) -> str:
        """What stands above it."""
        ...


@record
class Column:
    """One column: its heading and what it shows of a document; `wide` ones come with -o wide only."""

    heading: str
    read: Callable[[Document], object]
    wide: bool = False
    text: bool = False
    """Prose, which is cut where a terminal has no room for it; a pipe gets all."""


def output_option(*formats: str) -> Callable[[F], F]:
    """Add `-o FORMAT` to a command; the first format is the default."""
    choices = formats or FORMATS
    more = "; of a list also custom-columns=NAME,... or NAME:.path,..." if "wide" in choices else ""
    return click.option(
        "-o",
        "--output",
        type=OutputFormat(choices),
        default=choices[0],
        show_default=True,
        help=f"How to show it{more}.",
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
    """Render documents in one of `FORMATS` or by custom columns."""
    if output == "name":
        return "\n".join(map(name, documents))
    if output in {"json", "yaml"}:
        return structured(output, documents)
    shown = chosen(output, columns)
    rows = [[cell(column.read(document)) for column in shown] for document in documents]
    return plain_table(
        [column.heading for column in shown], rows, [column.heading for column in shown if column.text]
    )


def chosen(output: str, columns: Sequence[Column]) -> list[Column]:
    """Give the columns of "table", "wide" or `custom-columns=`."""
    if not output.startswith(PREFIX):
        return [column for column in columns if output == "wide" or not column.wide]
    return [
        by_heading(heading, columns) if path is None else _by_path(heading, path)
        for heading, path in columns_of(output)
    ]


def by_heading(heading: str, columns: Sequence[C]) -> C:
    """Find the column that a heading means, in any case and with or without its blanks."""
    found = {column.heading.replace(" ", "").upper(): column for column in columns}
    wanted = heading.replace(" ", "").replace("_", "").upper()
    if wanted not in found:
        known = ", ".join(found)
        raise click.UsageError(
            f"no column {heading!r} here; known: {known}. Paths are written {heading}:.path"
        )
    return found[wanted]


def _by_path(heading: str, path: str) -> Column:
    steps = steps_of(path)
    return Column(heading, lambda document: value_at(document, steps))


def structured(output: str, document: object) -> str:
    """Render anything as "json" or "yaml"."""
    if output == "json":
        return json.dumps(document, indent=2)
    from bgpd.datastore.chunks import write

    return write(document).rstrip("\n")


def plain_table(headings: Sequence[str], rows: Sequence[Sequence[str]], texts: Sequence[str] = ()) -> str:
    """Columns of equal width, two spaces apart, as kubectl and calicoctl print them.

    `texts` are the headings of prose, which is cut on a terminal that is too narrow.
    """
    rows = _fitting(headings, rows, texts, 2 * len(headings) - 2)
    widths = _widths(headings, rows)
    return "\n".join(_line(line, widths) for line in [headings, *rows])


def boxed_table(headings: Sequence[str], rows: Sequence[Sequence[str]], texts: Sequence[str] = ()) -> str:
    """Draw a frame of + - | with centred headings, as calicoctl's `node status` does."""
    rows = _fitting(headings, rows, texts, 3 * len(headings) + 1)
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


def _fitting(
    headings: Sequence[str], rows: Sequence[Sequence[str]], texts: Sequence[str], between: int
) -> Sequence[Sequence[str]]:
    """Cut the columns of prose, the widest first, until a line fits the terminal, if there is one."""
    if not texts or not sys.stdout.isatty():
        return rows
    widths = _widths(headings, rows)
    room = shutil.get_terminal_size().columns - between
    cuttable = [headings.index(heading) for heading in texts]
    for place in sorted(cuttable, key=widths.__getitem__, reverse=True):
        widths[place] = max(_LEAST, widths[place] - max(0, sum(widths) - room))
    return [[_cut(text, width) for text, width in zip(row, widths, strict=True)] for row in rows]


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(_padded(text, width) for text, width in zip(cells, widths, strict=True)).rstrip()


def _padded(text: str, width: int) -> str:
    # Coloured after measuring: escape sequences have no width. click strips them when no terminal reads.
    colour = _COLOURS.get(text.partition(" ")[0])
    return (click.style(text, fg=colour) if colour else text) + " " * (width - len(text))


def _centred(text: str, width: int) -> str:
    left = (width - len(text)) // 2
    return " " * left + text + " " * (width - len(text) - left)
