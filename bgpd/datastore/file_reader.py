"""One file of the directory: its resources and its faults. Never raises for content."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass

from bgpd.datastore import chunks
from bgpd.datastore.yaml_reader import Document, DocumentError, read_document
from bgpd.resources import (
    Fault,
    Resource,
    ResourceError,
    expand,
    is_unread,
    parse_resource,
    warnings,
)

Identity = tuple[str, str]
KEY_FILE = "key file"
"""The kind in the identity of a file `secrets/<name>/<key>`: one value of a Secret, and no document."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A resource and where it stands: chunk of the file, place in the chunk's list, line, content hash.

    `identity` is kind and key: what makes two documents the same resource.
    """

    identity: Identity
    resource: Resource
    version: str
    chunk: int = 0
    item: int = 0
    line: int = 0


@dataclass(frozen=True, slots=True)
class FileContent:
    """What a file holds; `complete` unless a document in it could not be read, whichever that was."""

    stored: tuple[Stored, ...] = ()
    faults: tuple[Fault, ...] = ()
    complete: bool = True


def version_of(resource: Resource) -> str:
    """Return a resource's version: a hash of its content, the bookkeeping of the datastore left out."""
    document = resource.document()
    document["metadata"].pop("resourceVersion", None)
    text = json.dumps(document, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:16]


def read_file(text: str, where: str, *, strict: bool = False) -> FileContent:
    """Read all documents of a file's text, `strict` as parse_resource does; `where` names it in faults."""
    stored: list[Stored] = []
    faults: list[Fault] = []
    complete = True
    for index, chunk in enumerate(chunks.split(text)):
        for found in _read_chunk(chunk, index, where, strict=strict):
            if isinstance(found, Stored):
                stored.append(found)
                faults += _advice(found, where)
            else:
                faults += found.faults
                complete = False
    return FileContent(tuple(stored), tuple(faults), complete)


def read_secret_key(text: str, where: str, name: str, key: str) -> FileContent:
    """Read a file `secrets/<name>/<key>`; the newline at its end is not part of the value."""
    head = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}}
    try:
        resource = parse_resource({**head, "stringData": {key: text.removesuffix("\n")}}, where)
    except ResourceError as error:
        faults = tuple(Fault.of(where, error.resource, problem) for problem in error.problems)
        return FileContent(faults=faults, complete=False)
    return FileContent((Stored((KEY_FILE, f"{name}/{key}"), resource, version_of(resource)),))


@dataclass(frozen=True, slots=True)
class _Broken:
    faults: tuple[Fault, ...]


def _read_chunk(chunk: chunks.Chunk, index: int, where: str, *, strict: bool) -> Iterator[Stored | _Broken]:
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


@dataclass(frozen=True, slots=True)
class _Place:
    document: Document
    first_line: int
    chunk: int
    item: int
    where: str

    def line_of(self, path: str) -> int:
        """Return the line in the file of a field of this item."""
        value = self.document.value
        prefix = f"[{self.item}]" if isinstance(value, list) else ""
        if isinstance(value, dict) and str(value.get("kind", "")).endswith("List") and "items" in value:
            prefix = f"items[{self.item}]"
        line = self.document.line_of(f"{prefix}.{path}" if prefix and path else prefix or path)
        return self.first_line + line - 1 if line else 0


def _read_item(value: object, place: _Place, *, strict: bool) -> Stored | _Broken:
    try:
        resource = parse_resource(value, place.where, strict=strict)
    except ResourceError as error:
        found = (
            Fault.of(place.where, error.resource, problem, place.line_of(problem.path))
            for problem in error.problems
        )
        return _Broken(tuple(sorted(found, key=lambda fault: fault.line)))
    identity = (resource.kind, resource.key)
    return Stored(identity, resource, version_of(resource), place.chunk, place.item, place.line_of(""))


def _advice(stored: Stored, where: str) -> list[Fault]:
    subject = str(stored.resource)
    return [Fault.of(where, subject, problem, stored.line) for problem in warnings(stored.resource)]
