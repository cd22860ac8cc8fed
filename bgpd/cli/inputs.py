"""Resources from files: `-f FILE`, a directory, or `-` for standard input."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import click

from bgpd.cli.state import Failure
from records import record

F = TypeVar("F", bound=Callable[..., Any])

_SUFFIXES = (".yaml", ".yml", ".json")
_BELOW = "-R looks into the directory's directories, too; "


@record
class Input:
    """One document as it was given: `where` names the file for messages, `line` is 0 when unknown."""

    document: dict[str, Any]
    where: str
    line: int = 0

    @property
    def metadata(self) -> dict[str, Any]:
        """The document's metadata, empty when there is none."""
        metadata = self.document.get("metadata")
        return metadata if isinstance(metadata, dict) else {}


def file_options(*, required: bool = True) -> Callable[[F], F]:
    """Add `-f`, `-R` and `--skip-empty` to a command."""

    def add(command: F) -> F:
        for option in (
            click.option(
                "-f",
                "--filename",
                "files",
                multiple=True,
                required=required,
                type=click.Path(),
                metavar="FILE",
                help="A file, a directory, or - for standard input; may be repeated.",
            ),
            click.option(
                "-R", "--recursive", is_flag=True, help="Look into the directory's directories, too."
            ),
            click.option("--skip-empty", is_flag=True, help="Files without resources are no failure."),
        ):
            command = option(command)
        return command

    return add


def read_texts(files: tuple[str, ...], *, recursive: bool) -> Iterator[tuple[str, str]]:
    """Give the name and text of every file meant; raises Failure when one cannot be read."""
    for name in files:
        if name == "-":
            yield "standard input", sys.stdin.read()
            continue
        for path in _files(Path(name), recursive=recursive):
            yield str(path), _read(path)


def nothing_in(files: tuple[str, ...]) -> Failure:
    """Say that no resource was found, and what to do about it."""
    below = any(Path(name).is_dir() for name in files)
    return Failure("No resources specified in file", f"{_BELOW if below else ''}--skip-empty allows that")


def read_inputs(files: tuple[str, ...], *, recursive: bool, skip_empty: bool) -> list[Input]:
    """Read all documents of the files, lists taken apart. Raises Failure."""
    inputs = [
        found for name, text in read_texts(files, recursive=recursive) for found in _documents(name, text)
    ]
    if not inputs and not skip_empty:
        raise nothing_in(files)
    return inputs


def _files(path: Path, *, recursive: bool) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = path.rglob("*") if recursive else path.glob("*")
    return sorted(file for file in found if file.suffix in _SUFFIXES and file.is_file())


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise Failure(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise Failure(f"cannot read {path}: no UTF-8 text (octet {error.start})") from error


def _documents(name: str, text: str) -> Iterator[Input]:
    from bgpd.datastore.chunks import split
    from bgpd.datastore.file_reader import line_of_item
    from bgpd.datastore.yaml_reader import DocumentError, read_document
    from bgpd.resources import expand, is_unread, subject_of

    for chunk in split(text):
        try:
            document = read_document(chunk.text)
        except DocumentError as error:
            line = chunk.line + max(error.line - 1, 0)
            raise Failure(f"{name}:{line}: {error}") from error
        if document is None:
            continue
        for item, value in enumerate(expand(document.value)):
            if is_unread(value):
                click.echo(f"skipped {subject_of(value)}: it has no say in BGP", err=True)
            elif isinstance(value, dict):
                yield Input(value, name, line_of_item(document, chunk.line, item))
            else:
                raise Failure(f"{name}:{chunk.line}: {value!r} is no resource")
