"""`-o custom-columns=`: by the headings of the table, as calicoctl has it, or by paths, as kubectl does."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import click

PREFIX = "custom-columns="

_STEP = re.compile(r"\.((?:\\.|[^.\[\]\\])+)|\[(\*|[0-9]{1,6})\]")
_EXAMPLE = "write NAME,ASN (headings of the table) or NAME:.metadata.name,AS:.spec.asNumber (paths)"

Step = str | int
"""A key of an object, a place in a list, or ALL its places."""
ALL = "[*]"


class OutputFormat(click.Choice[str]):
    """One of some formats or, where these are of a list, custom columns."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Accept a format; the columns are judged here as far as they can be without their list."""
        if value == "ps" and "table" in self.choices:  # calicoctl's word
            return "table"
        if not str(value).startswith(PREFIX) or "wide" not in self.choices:
            return super().convert(value, param, ctx)
        for _, path in columns_of(str(value)):
            if path is not None:
                steps_of(path)
        return value


def columns_of(output: str) -> list[tuple[str, str | None]]:
    """Read the columns: heading and path, None where the heading is one of the table's."""
    entries = [entry.partition(":") for entry in output.removeprefix(PREFIX).split(",")]
    if not all(heading for heading, _, _ in entries):
        raise click.BadParameter(f"{output!r} names no column: {_EXAMPLE}")
    return [(heading, path if colon else None) for heading, colon, path in entries]


def steps_of(path: str) -> list[Step]:
    r"""Read a path such as `.spec.serviceClusterIPs[*].cidr`; a dot inside a key is written `\.`."""
    rooted = path if path.startswith((".", "[")) else f".{path}"
    found = list(_STEP.finditer(rooted))
    if not found or "".join(step[0] for step in found) != rooted:
        raise click.BadParameter(f"{path!r} is no path: {_EXAMPLE}")
    return [re.sub(r"\\(.)", r"\1", step[1]) if step[1] else _place(step[2]) for step in found]


def _place(text: str) -> Step:
    return ALL if text == "*" else int(text)


def value_at(document: object, steps: Sequence[Step]) -> str:
    """Show what a path leads to: several values by commas, `<none>` where there is nothing."""
    return ",".join(_shown(value) for value in _found(document, steps)) or "<none>"


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _found(value: object, steps: Sequence[Step]) -> Iterator[object]:
    if not steps:
        if value is not None:
            yield value
        return
    match value, steps[0]:
        case list(), "[*]":
            for one in value:
                yield from _found(one, steps[1:])
        case list(), int(place) if place < len(value):
            yield from _found(value[place], steps[1:])
        case dict(), str(key) if key in value:
            yield from _found(value[key], steps[1:])
