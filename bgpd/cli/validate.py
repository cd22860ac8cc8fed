"""`bgpctl validate`: files of resources, judged offline."""

from collections.abc import Iterable, Iterator

import click

from bgpd.cli.duplicates import Duplicates
from bgpd.cli.inputs import file_options, nothing_in, read_texts
from bgpd.cli.state import Failure
from bgpd.datastore.file_reader import Stored, read_file
from bgpd.resources import Fault

_COLOURS = {"error": "red", "warning": "yellow"}


@click.command(
    epilog="""\
\b
Examples:
  bgpctl validate -f bgppeer.yaml
  bgpctl validate -f /etc/bgpd/resources -R
"""
)
@file_options()
def validate(files: tuple[str, ...], *, recursive: bool, skip_empty: bool) -> None:
    """Check files of resources without writing.

    Errors name the file, the line, the field and the remedy; a resource that stands twice is one. Warnings
    are what is valid and probably not meant; they do not fail the command.
    """
    contents = [read_file(text, name, strict=True) for name, text in read_texts(files, recursive=recursive)]
    faults = [fault for content in contents for fault in content.faults]
    faults += _twice(stored for content in contents for stored in content.stored)
    for fault in faults:
        click.echo(f"{click.style(f'{fault.severity}:', fg=_COLOURS[fault.severity])} {fault}")
    valid = len({stored.identity for content in contents for stored in content.stored})
    errors = sum(fault.severity == "error" for fault in faults)
    if errors:
        raise Failure(f"{errors} error(s); {valid} resource(s) are valid")
    if not valid and not skip_empty:
        raise nothing_in(files)
    click.echo(f"{valid} resource(s) are valid")


def _twice(found: Iterable[Stored]) -> Iterator[Fault]:
    duplicates = Duplicates()
    for stored in found:
        fault = duplicates.meet(stored.identity, str(stored.resource), stored.file, stored.line)
        if fault is not None:
            yield fault
