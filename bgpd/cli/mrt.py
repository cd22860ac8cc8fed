"""`bgpctl mrt`: the table as a file that other tools read."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from bgpd.cli.state import Failure, State

_EXAMPLES = """\
\b
Examples:
  bgpctl mrt dump rib.mrt
  bgpctl mrt dump - | bgpdump -m -              one route per line
"""


@click.group(epilog=_EXAMPLES)
def mrt() -> None:
    """Write routes as MRT files (RFC 6396)."""


@mrt.command(epilog=_EXAMPLES)
@click.argument("file")
@click.pass_obj
def dump(state: State, file: str) -> None:
    """Write all routes received, as they came, to FILE; - is standard output."""
    with state.daemon() as daemon:
        pieces = daemon.octets("/v1/mrt/table")
        if file == "-":
            sys.stdout.buffer.writelines(pieces)
        else:
            click.echo(f"{file}: {_write(Path(file), pieces)} octets")


def _write(path: Path, pieces: Iterator[bytes]) -> int:
    """Write the file, which is there when it is complete; return its size."""
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as opened:
            opened.writelines(pieces)
        part.replace(path)
    except OSError as error:
        raise Failure(f"{path}: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)
    return path.stat().st_size
