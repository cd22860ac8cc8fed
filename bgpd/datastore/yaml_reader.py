"""One YAML 1.2 document as plain values, with the line of every field; nothing but DocumentError is raised.

YAML 1.2 keeps `64512:10` a string where YAML 1.1 reads a number in base 60. Timestamps stay strings, as in
JSON. Values are made from ruamel's node graph by hand, because the graph knows the lines and because its size
can be bounded: aliases of aliases would otherwise grow a small file to gigabytes.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from bgpd.datastore import plain_yaml
from records import field, record

MAX_NODES = 200_000
MAX_DEPTH = 60

Path = str

_TOO_DEEP = re.compile(rf"(?:[\[{{]\s*){{{MAX_DEPTH + 1}}}")


class DocumentError(ValueError):
    """A text that is no document; `line` counts from 1 within the text, 0 when unknown."""

    def __init__(self, message: str, line: int = 0) -> None:
        self.line = line
        super().__init__(message)


@record
class Document:
    """A value and the lines (from 1) at which its fields begin, by path as in Problem."""

    value: object
    lines: Mapping[Path, int] = field(default_factory=dict)

    def line_of(self, path: Path) -> int:
        """Return the line of a field, or of the nearest field around it; 0 when unknown."""
        while path and path not in self.lines:
            cut = max(path.rfind("."), path.rfind("["))
            path = path[:cut] if cut > 0 else ""
        return self.lines.get(path, 0)


def read_document(text: str) -> Document | None:
    """Read one document, None for nothing but comments. Raises DocumentError."""
    if text.lstrip().startswith(("{", "[")):
        try:
            return Document(json.loads(text))  # several times as fast, and most JSON is written by programs
        except (ValueError, RecursionError):
            pass  # flow style of YAML may begin like this too
    plain = plain_yaml.read(text)
    if plain is not None:
        return Document(*plain)
    if _TOO_DEEP.search(text):  # ruamel's scanner needs quadratic time for these
        raise DocumentError(f"nested deeper than {MAX_DEPTH} levels")
    try:
        return _read_yaml(text)
    except RecursionError:
        raise DocumentError(f"nested deeper than {MAX_DEPTH} levels") from None


def _read_yaml(text: str) -> Document | None:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        root = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = error.problem or error.context or "no YAML"
        raise DocumentError(f"no valid YAML: {reason}", mark.line + 1 if mark else 0) from None
    except (YAMLError, ValueError, TypeError, AttributeError, KeyError, IndexError, AssertionError) as error:
        # ruamel's scanner lets a few foreign exceptions through on garbage; all of them mean the same.
        raise DocumentError(f"no valid YAML: {str(error) or type(error).__name__}".splitlines()[0]) from None
    if root is None:
        return None
    builder = _Builder()
    return Document(builder.value(root, "", 0), builder.lines)


def _integer(text: str) -> int:
    digits = text.replace("_", "")
    if len(digits) > 100:  # Python refuses to convert thousands of digits
        raise ValueError(text)
    return int(digits, 0) if digits.lstrip("+-")[:2].lower() in {"0x", "0o", "0b"} else int(digits)


_SCALARS: dict[str, Callable[[str], object]] = {
    "tag:yaml.org,2002:null": lambda _text: None,
    "tag:yaml.org,2002:bool": lambda text: text.lower() in {"true", "yes", "on"},
    "tag:yaml.org,2002:int": _integer,
    "tag:yaml.org,2002:float": lambda text: float(re.sub(r"_|\.(?=[inIN])", "", text)),
}


class _Builder:
    """Turns a node graph into values and notes the lines."""

    def __init__(self) -> None:
        self.lines: dict[Path, int] = {}
        self.nodes = 0

    def value(self, node: Any, path: Path, depth: int) -> object:
        line = node.start_mark.line + 1
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise DocumentError(f"more than {MAX_NODES} values once aliases are followed", line)
        if depth > MAX_DEPTH:
            raise DocumentError(f"nested deeper than {MAX_DEPTH} levels", line)
        self.lines.setdefault(path, line)
        if node.id == "mapping":
            return self.mapping(node, path, depth)
        if node.id == "sequence":
            return [self.value(item, f"{path}[{index}]", depth + 1) for index, item in enumerate(node.value)]
        return self.scalar(node, line)

    def scalar(self, node: Any, line: int) -> object:
        read = _SCALARS.get(str(node.tag))
        try:
            return read(node.value) if read else node.value
        except (ValueError, OverflowError):
            raise DocumentError(f"no number: {node.value[:40]!r}", line) from None

    def mapping(self, node: Any, path: Path, depth: int) -> dict[str, object]:
        result: dict[str, object] = {}
        for key_node, value_node in node.value:
            key, line = key_node.value, key_node.start_mark.line + 1
            if not isinstance(key, str):
                raise DocumentError("a key must be a plain word", line)
            if key in result:
                raise DocumentError(f"the key {key!r} stands there twice", line)
            inner = f"{path}.{key}" if path and key.isalnum() else f"{path}[{key}]" if path else key
            self.lines[inner] = line
            result[key] = self.value(value_node, inner, depth + 1)
        return result
