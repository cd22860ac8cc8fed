"""The fields of a model in words: path, what may be written, what counts when nothing is."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from annotated_types import Ge, Le, Lt, MaxLen, MinLen
from pydantic.fields import FieldInfo

from bgpd.resources import bgp_filter, values
from bgpd.resources.addresses import CIDR, IP, IPPort, IPv4, IPv4Interface, IPv6, IPv6Interface
from bgpd.resources.meta import Model
from bgpd.resources.selector import SelectorText
from bgpd.resources.values import Duration

_TYPES: Final[tuple[tuple[object, str], ...]] = (
    (values.ASNumber, 'AS number: 64512, "64512" or "1.10"'),
    (values.OptionalASNumber, "AS number, 0 for none"),
    (values.Name, "name"),
    (values.Community, "community `aa:nn` or `aa:nn:mm`"),
    (bgp_filter.PlainCommunity, "community `aa:nn` or `aa:nn:mm`"),
    (values.InterfaceGlob, "interface name with `*`"),
    (values.Priority, "1 to 2147483646"),
    (values.MAC, "MAC address"),
    (values.Flag, "true or false"),
    (IPv4, "IPv4 address"),
    (IPv6, "IPv6 address"),
    (IP, "IP address"),
    (IPPort, "IP address, or with port `10.0.0.1:1790`, `[fd00::1]:1790`"),
    (IPv4Interface, "IPv4 address, with or without length"),
    (IPv6Interface, "IPv6 address, with or without length"),
    (CIDR, "CIDR, strictly masked"),
    (SelectorText, "selector"),
    (Duration, "duration like 120s or 1m30s"),
    (str, "text"),
    (bool, "true or false"),
    (int, "whole number"),
)


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its path in JSON names, its values and its default in words, the model inside of it.

    The path of a list of models ends in `[]`.
    """

    path: str
    values: str
    default: str
    inner: type[Model] | None


def fields(model: type[Model], path: str = "") -> Iterator[Field]:
    """Yield the fields of a model itself, in order."""
    hints = get_type_hints(model, include_extras=True)
    for name, info in model.model_fields.items():
        alias = info.alias or name
        listed = get_origin(_without_none(hints[name])) is tuple
        inner = _model_in(hints[name])
        here = f"{path}.{alias}" if path else alias
        limits = _limits(info.metadata)
        shown = ", ".join(filter(None, (_words(hints[name]), limits)))
        yield Field(here + ("[]" if listed and inner else ""), shown, _default(info), inner)


def inside(model: type[Model]) -> str:
    """Name the fields of a model with their values, on one line."""
    return "; ".join(f"`{field.path.removesuffix('[]')}`: {with_inside(field)}" for field in fields(model))


def with_inside(field: Field) -> str:
    """Say what a field holds, down to the last."""
    return field.values if field.inner is None else f"{field.values} ({inside(field.inner)})"


def _without_none(hint: Any) -> Any:
    if get_origin(hint) not in {Union, UnionType}:
        return hint
    (only,) = (part for part in get_args(hint) if part is not NoneType)
    return only


def _model_in(hint: Any) -> type[Model] | None:
    if isinstance(hint, type) and issubclass(hint, Model):
        return hint
    return next((found for part in get_args(hint) if (found := _model_in(part))), None)


def _words(hint: Any) -> str:
    hint = _without_none(hint)
    known = next((words for known, words in _TYPES if known == hint), None)
    if known is not None:
        return known
    origin, parts = get_origin(hint), get_args(hint)
    if origin is tuple:
        return f"list of {_words(parts[0])}s" if _model_in(hint) else f"list: {_words(parts[0])}"
    if origin is Literal:
        return ", ".join(map(str, parts))
    if origin is Annotated:
        bounds = _bounds([constraint for part in parts[1:] for constraint in _constraints(part)])
        return bounds or _words(parts[0])
    return "mapping"


def _constraints(part: Any) -> list[Any]:
    return part.metadata if isinstance(part, FieldInfo) else [part]


def _bounds(constraints: list[Any]) -> str:
    low = next((c.ge for c in constraints if isinstance(c, Ge)), None)
    high = next((c.le for c in constraints if isinstance(c, Le)), None)
    below = next((c.lt for c in constraints if isinstance(c, Lt)), None)
    high = below - 1 if below is not None else high
    return "" if low is None else f"{low} to {high}"


def _limits(constraints: list[Any]) -> str:
    """Say how long a text or a list may be."""
    least = next((c.min_length for c in constraints if isinstance(c, MinLen)), None)
    most = next((c.max_length for c in constraints if isinstance(c, MaxLen)), None)
    if least is not None and least == most:
        return f"exactly {least}"
    return ", ".join(
        text for text in (f"at least {least}" if least else "", f"at most {most}" if most else "") if text
    )


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "required"
    value = info.get_default(call_default_factory=True)
    if value is None or isinstance(value, Model) or value in ((), {}):
        return "-"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return value if isinstance(value, str) else json.dumps(value)
