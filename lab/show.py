"""What the demo prints: progress while something comes up, tables of what came up."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from lab.topology import Lab

_INTERVAL: Final = 0.1


class LabError(Exception):
    """The lab is not as it should be; the text says what is wrong."""


class Show:
    """A console on which every wait is a line with a bar."""

    def __init__(self, lab: Lab, console: Console) -> None:
        self.console = console
        self._lab = lab

    def title(self, text: str) -> None:
        """Begin a new part."""
        self.console.print(f"\n[bold]{text}[/bold]")

    def until(self, what: str, total: int, count: Callable[[], int], *, seconds: float) -> None:
        """Show `count` grow to `total`; raises LabError when time is up or a daemon has ended."""
        deadline = time.monotonic() + seconds
        with self._progress() as progress:
            bar = progress.add_task(what, total=total)
            while (done := count()) != total:
                progress.update(bar, completed=done)
                self._check_daemons()
                if time.monotonic() > deadline:
                    raise LabError(f"{what}: {done} of {total} after {seconds:g} s")
                time.sleep(_INTERVAL)
            progress.update(bar, completed=done)

    @contextmanager
    def doing(self, what: str) -> Iterator[None]:
        """Show that something is being done, and that it is done."""
        with self._progress() as progress:
            bar = progress.add_task(what, total=1)
            yield
            progress.update(bar, completed=1)

    def line(self, text: str) -> None:
        """Show a line as it is."""
        self.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def output(self, command: str, text: str) -> None:
        """Show a command and what it printed."""
        self.console.print(f"\n[cyan]$ {escape(command)}[/cyan]", highlight=False, soft_wrap=True)
        self.line(text.rstrip())

    def table(self, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Show a table."""
        table = Table(*headings, box=None, pad_edge=False, header_style="bold")
        for row in rows:
            table.add_row(*row)
        self.console.print(table)

    def failure(self, error: Exception) -> None:
        """Say what is wrong and show the end of every daemon's log."""
        for process in self._lab.processes:
            self.console.print(f"\n[bold]{process.log.name}[/bold]")
            self.line(process.tail())
        self.console.print(f"\n[red]{error}[/red]")

    def _check_daemons(self) -> None:
        for process in self._lab.processes:
            if process.status is not None:
                raise LabError(f"{process.log.stem} ended with status {process.status}")

    def _progress(self) -> Progress:
        text = TextColumn("{task.description:<44}")
        return Progress(
            SpinnerColumn(finished_text="[green]✓[/green]"),
            text,
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self.console,
        )
