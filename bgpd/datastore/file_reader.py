"""One file of the directory: its resources and its faults. Never raises for content."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bgpd.datastore import chunks
from bgpd.datastore.yaml_reader import Document, DocumentError, read_document
from bgpd.resources import (
    Fault,
    Resource,
    ResourceError,
    examine,
    expand,
    is_unread,
    parse_resource,
)

Identity = tuple[str, str]
KEY_FILE = "key file"
"""The kind in the identity of a file `secrets/<name>/<key>`: one value of a Secret, and no document."""


def version_of(resource: Resource) -> str:
    """Return a resource's version: a hash of its content, the bookkeeping of the datastore left out."""
    document = resource.document()
    document["metadata"].pop("resourceVersion", None)
    text = json.dumps(document, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:16]


class Stored(NamedTuple):
    """A resource and where it stands: file, chunk of the file, place in the chunk's list, line.

    `identity` is kind and key: what makes two documents the same resource.
    """

    identity: Identity
    resource: Resource
    file: str
    chunk: int = 0
    item: int = 0
    line: int = 0

    @property
    def version(self) -> str:
        """The resource's version."""
        return version_of(self.resource)


class FileContent(NamedTuple):
    """What a file holds; `complete` unless a document in it could not be read, whichever that was."""

    stored: tuple[Stored, ...] = ()
    faults: tuple[Fault, ...] = ()
    complete: bool = True


def read_file(text: str, where: str, *, strict: bool = False) -> FileContent:
    """Read all documents of a file's text, `strict` as parse_resource does; `where` names it in faults."""
    stored: list[Stored] = []
    faults: list[Fault] = []
    complete = True
    for index, chunk in enumerate(chunks.split(text)):
        for found in _read_chunk(chunk, index, where, strict=strict):
            faults += found.faults
            if isinstance(found, _Good):
                stored.append(found.stored)
            else:
                complete = False
    return FileContent(tuple(stored), tuple(faults), complete)


def read_secret_key(text: str, where: str, name: str, key: str) -> FileContent:
    """Read a file `secrets/<name>/<key>`; the newline at its end is not part of the value."""
    head = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}}
    try:
        resource = parse_resource({**head, "stringData": {key: text.removesuffix("\n")}}, where)
    except ResourceError as error:
        return FileContent(faults=error.faults(), complete=False)
    return FileContent((Stored((KEY_FILE, f"{name}/{key}"), resource, where),))


class _Good(NamedTuple):
    stored: Stored
    faults: Sequence[Fault]


class _Broken(NamedTuple):
    faults: Sequence[Fault]


def _read_chunk(chunk: chunks.Chunk, index: int, where: str, *, strict: bool) -> Iterator[_Good | _Broken]:
    try:
        document = read_document(chunk.text)
    except DocumentError as error:
        line = chunk.line + error.line - 1 if error.line else chunk.line
        yield _Broken((Fault(where, str(error), line=line),))
        return
    for item, value in enumerate(expand(document.value) if document else ()):
        if not is_unread(value):
            place = _Place(document or Document(None), chunk.line, index, item, where)
            yield _read_item(value, place, strict=strict)


class _Place(NamedTuple):
    document: Document
    first_line: int
    chunk: int
    item: int
    where: str

    def line_of(self, path: str) -> int:
        """Return the line in the file of a field of this item."""
        return line_of_item(self.document, self.first_line, self.item, path)


def line_of_item(document: Document, first_line: int, item: int, path: str = "") -> int:
    """Return the line in the file of an item of a document, or of a field of it; 0 when it is unknown."""
    value = document.value
    prefix = f"[{item}]" if isinstance(value, list) else ""
    if isinstance(value, dict) and str(value.get("kind", "")).endswith("List") and "items" in value:
        prefix = f"items[{item}]"
    line = document.line_of(f"{prefix}.{path}" if prefix and path else prefix or path)
    return first_line + line - 1 if line else 0


def _read_item(value: object, place: _Place, *, strict: bool) -> _Good | _Broken:
    try:
        resource, advice = examine(value, place.where, strict=strict)
    except ResourceError as error:
        found = (
            Fault.of(place.where, error.resource, problem, place.line_of(problem.path))
            for problem in error.problems
        )
        return _Broken(sorted(found, key=lambda fault: fault.line))
    if resource.metadata.resource_version:  # another datastore's, from a document that was fetched there
        resource = resource.with_metadata(resource_version=None)
    line = place.line_of("")
    stored = Stored((resource.kind, resource.key), resource, place.where, place.chunk, place.item, line)
    return _Good(stored, [Fault.of(place.where, str(resource), problem, line) for problem in advice])
