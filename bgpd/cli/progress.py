"""A bar on standard error while something long is done; none where no terminal shows it."""

import sys
from collections.abc import Collection, Iterator
from typing import TypeVar

import click

T = TypeVar("T")

MANY = 500
"""Fewer are done before anybody wonders."""


def watched(items: Collection[T], label: str) -> Iterator[T]:
    """Yield the items, with a bar beside them if they are many and somebody looks on."""
    if len(items) < MANY or not sys.stderr.isatty():
        yield from items
        return
    with click.progressbar(items, label=label, file=sys.stderr, show_pos=True) as bar:
        yield from bar
