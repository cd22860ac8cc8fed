"""A file's text as a row of documents that can be read, replaced and removed one by one."""

import json
import re
from collections.abc import Iterator, Mapping
from io import StringIO
from itertools import pairwise
from typing import Any, NamedTuple

_SEPARATOR = re.compile(r"^---(?=\s|$)", re.MULTILINE)
_DIRECTIVES = re.compile(r"\A(?:[ \t]*(?:#[^\n]*)?\n|%[^\n]*\n?)*\Z")


class Chunk(NamedTuple):
    """One document's text, from its `---` (or the file's beginning) up to the next; `line` counts from 1."""

    text: str
    line: int

    @property
    def is_json(self) -> bool:
        """Whether the document is written as JSON."""
        return self.text.lstrip().startswith(("{", "["))


def split(text: str) -> list[Chunk]:
    """Cut a file before every `---`: an error in one document then leaves the others readable."""
    cuts = [match.start() for match in _SEPARATOR.finditer(text)]
    bounds = [*([] if cuts and not text[: cuts[0]].strip() else [0]), *cuts, len(text)]
    return list(_chunks(text, bounds))


def _chunks(text: str, bounds: list[int]) -> Iterator[Chunk]:
    line = text.count("\n", 0, bounds[0]) + 1
    for start, end in pairwise(bounds):
        chunk = text[start:end]
        if not _DIRECTIVES.match(chunk):
            yield Chunk(chunk, line)
        line += chunk.count("\n")


def replace(text: str, index: int, document: object | None) -> str:
    """Return the text with document number `index` replaced, or removed (None); all else stays as it is."""
    chunks = split(text)
    old = chunks[index].text
    start = _offset(text, chunks[index].line)
    if document is None:
        return text[:start] + text[start + len(old) :]
    new = write(document, as_json=chunks[index].is_json)
    head = "---\n" if old.startswith("---") else ""
    return text[:start] + head + new + text[start + len(old) :]


def _offset(text: str, line: int) -> int:
    offset = 0
    for _ in range(line - 1):
        offset = text.index("\n", offset) + 1
    return offset


def write(document: object, *, as_json: bool = False) -> str:
    """Write a document as YAML (or JSON) text that ends with a newline."""
    if as_json:
        return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    from ruamel.yaml import YAML

    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.width = 4096
    yaml.representer.add_representer(
        _Quoted, _represent_quoted
    )  # last: it takes the settings above as they are
    stream = StringIO()
    yaml.dump(_plain(document), stream)
    return stream.getvalue()


class _Quoted(str):
    """A text that is written in quotes."""

    __slots__ = ()


def _represent_quoted(representer: Any, text: str) -> Any:
    return representer.represent_scalar("tag:yaml.org,2002:str", str(text), style="'")


# Go's YAML (calicoctl, kubectl) still takes these words of YAML 1.1 for booleans.
_BOOLEANS_ELSEWHERE = frozenset({"y", "n", "yes", "no", "on", "off"})


def _plain(value: object) -> Any:
    """Make plain containers of any, so that the safe writer takes them."""
    if isinstance(value, str) and value.lower() in _BOOLEANS_ELSEWHERE:
        return _Quoted(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
