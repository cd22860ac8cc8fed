"""The plain part of YAML, read fast: block mappings and sequences of one-line scalars.

A general YAML reader in Python needs milliseconds for a small document, which makes the first look at a
directory of thousands of nodes a matter of many seconds. This one reads what nearly all resources consist of,
and gives up (None) at the first line beyond it, so that the general reader decides: what it returns is always
what that one would have returned. A differential test holds it to that.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

MAX_DEPTH = 60
MAX_LINES = 50_000
_REMEMBERED = 4096
"""Lines and words whose meaning is remembered: most stand in thousands of documents."""

_KEY = r"([A-Za-z][A-Za-z0-9_./-]*):(?: +(.*))?"
_MAPPING_LINE = re.compile(_KEY)
_ITEM_LINE = re.compile(r"-(?: +(.*))?")
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,15}")
_WORDS = re.compile(r"[A-Za-z/](?:[A-Za-z0-9_./=()'|&!+@,-]| (?!#)|:(?=[A-Za-z0-9]))*")
_ADDRESS = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+(?:[/:][0-9]+)?")
_QUOTED = re.compile(r"\"[^\"\\]*\"|'[^']*'")
_FLAGS: Mapping[str, bool] = {"true": True, "false": False}
_EMPTY: Mapping[str, Callable[[], object]] = {"{}": dict, "[]": list}
_AMBIGUOUS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})

Line = tuple[int, str, int]
"""Indentation, content without blanks around it, number from 1."""


class _NotPlainError(Exception):
    """Something that only the general reader can judge."""


def read(text: str) -> tuple[object, Mapping[str, int]] | None:
    """Return the value and the lines of its fields (as `yaml_reader.Document`); None for all else."""
    try:
        reader = _Reader(_lines(text))
        value = reader.block(reader.lines[0][0], "", 0)
        return (value, reader.numbers) if reader.position == len(reader.lines) else None
    except (_NotPlainError, IndexError):
        return None


def _lines(text: str) -> list[Line]:
    if not text.isascii() or "\t" in text or "\r" in text or text.count("\n") > MAX_LINES:
        raise _NotPlainError
    rows = text.removeprefix("---\n").split("\n")
    first = text.startswith("---\n") + 1
    found = []
    for number, row in enumerate(rows, first):
        content = row.strip(" ")
        if content and not content.startswith("#"):
            found.append((len(row) - len(row.lstrip(" ")), content, number))
    return found


def _scalar(text: str) -> object:
    """Return what a scalar means, a new object where it can be changed."""
    return _EMPTY[text]() if text in _EMPTY else _word(text)


@lru_cache(_REMEMBERED)
def _word(text: str) -> object:
    """Return what one word means; what could mean anything but a text is left to the general reader."""
    if text in _FLAGS:
        return _FLAGS[text]
    if _DECIMAL.fullmatch(text):
        return int(text)
    if _QUOTED.fullmatch(text):
        return text[1:-1]
    if _ADDRESS.fullmatch(text) or (_WORDS.fullmatch(text) and text.lower() not in _AMBIGUOUS):
        return text
    raise _NotPlainError


@lru_cache(_REMEMBERED)
def _pair(content: str) -> tuple[str, str]:
    """Take a mapping's line apart: its key, and what stands behind it."""
    match = _MAPPING_LINE.fullmatch(content)
    if match is None:
        raise _NotPlainError
    return match[1], match[2] or ""


class _Reader:
    """Walks the lines; a block is a run of lines of one indentation with what is deeper below each."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = list(lines)
        self.position = 0
        self.numbers: dict[str, int] = {}

    def block(self, indent: int, path: str, depth: int) -> object:
        if depth > MAX_DEPTH:
            raise _NotPlainError
        _, content, number = self.lines[self.position]
        self.numbers.setdefault(path, number)
        read = self.sequence if content == "-" or content.startswith("- ") else self.mapping
        return read(indent, path, depth)

    def at(self, indent: int) -> bool:
        """Tell whether the next line belongs to a block of this indentation."""
        if self.position == len(self.lines) or self.lines[self.position][0] < indent:
            return False
        if self.lines[self.position][0] > indent:
            raise _NotPlainError
        return True

    def mapping(self, indent: int, path: str, depth: int) -> dict[str, object]:
        result: dict[str, object] = {}
        while self.at(indent):
            _, content, number = self.lines[self.position]
            key, rest = _pair(content)
            if key in result:
                raise _NotPlainError
            inner = f"{path}.{key}" if path and key.isalnum() else f"{path}[{key}]" if path else key
            self.numbers[inner] = number
            self.position += 1
            result[key] = _scalar(rest) if rest else self.below(indent, inner, depth)
        return result

    def below(self, indent: int, path: str, depth: int) -> object:
        """Read what stands below a key: a deeper block, a sequence that is not indented, or nothing."""
        if self.position < len(self.lines):
            deeper, content, _ = self.lines[self.position]
            if deeper > indent or (deeper == indent and (content == "-" or content.startswith("- "))):
                return self.block(deeper, path, depth + 1)
        return None

    def sequence(self, indent: int, path: str, depth: int) -> list[object]:
        result: list[object] = []
        while self.at(indent):
            _, content, number = self.lines[self.position]
            match = _ITEM_LINE.fullmatch(content)
            if match is None:
                break  # the next key of the mapping around a sequence that is not indented
            inner = f"{path}[{len(result)}]"
            self.numbers.setdefault(inner, number)
            result.append(self.item(match[1], indent, inner, depth))
        return result

    def item(self, rest: str | None, indent: int, path: str, depth: int) -> object:
        if not rest:
            raise _NotPlainError
        if _QUOTED.fullmatch(rest) is None and _MAPPING_LINE.fullmatch(rest):
            # A mapping that begins behind the dash: its first line, as if the dash were a blank.
            _, content, number = self.lines[self.position]
            deeper = indent + len(content) - len(rest)
            self.lines[self.position] = (deeper, rest, number)
            return self.block(deeper, path, depth + 1)
        self.position += 1
        return _scalar(rest)
