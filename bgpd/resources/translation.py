"""From pydantic's errors to problems in the words of the API, with a remedy for each."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bgpd.resources.meta import Model, models_in
from bgpd.resources.problems import Problem

Location = tuple[str | int, ...]


def join(path: str, field: str) -> str:
    """Put a field (or nothing) behind the path of its model."""
    return f"{path}.{field}" if path and field else path or field


def problems_of(error: ValidationError, model: type[Model]) -> list[Problem]:
    """Translate all errors of validating a document as `model`."""
    secret = "data" in model.model_fields  # a Secret's values are never repeated
    details = error.errors(include_url=False)
    return [_problem(each, model, secret=secret) for each in details if not _is_consequence(each, details)]


def unknown_fields(error: ValidationError, model: type[Model]) -> dict[Location, str]:
    """Return the fields that are no slip for one of `model`'s: where they stand, and the path for a user."""
    return {
        detail["loc"]: _path(detail["loc"])
        for detail in error.errors(include_url=False)
        if detail["type"] == "extra_forbidden" and not _meant(detail["loc"], model)
    }


def _is_consequence(detail: ErrorDetails, details: Iterable[ErrorDetails]) -> bool:
    """Tell whether a list has too few entries only because one of them is wrong."""
    place = detail["loc"]
    return detail["type"] == "too_short" and any(
        len(other["loc"]) > len(place) and other["loc"][: len(place)] == place for other in details
    )


def _problem(detail: ErrorDetails, model: type[Model], *, secret: bool) -> Problem:
    location = detail["loc"]
    if detail["type"] == "extra_forbidden":
        known = f"known here: {', '.join(_fields(_model_at(location[:-1], model)))}"
        return Problem(_path(location), "unknown field", remedy=_meant(location, model) or known)
    value = None if secret else detail["input"]
    rule, remedy = _words(detail, value)
    return Problem(_path(location), rule, value, remedy)


def _path(location: Location) -> str:
    """Write a location as a user writes it: `spec.communities[0].value`, `metadata.labels[a.b/c]`."""
    path = ""
    for step in location:
        if step == "[key]":
            continue
        plain = isinstance(step, str) and step.isalnum()
        path = join(path, str(step)) if plain else f"{path}[{step}]"
    return path


def _choices(context: Mapping[str, Any], value: object) -> str:
    choices = [choice.strip("'") for choice in context["expected"].replace(" or ", ", ").split(", ")]
    same = [choice for choice in choices if isinstance(value, str) and choice.lower() == value.lower()]
    return f"write {same[0]}" if same else f"write one of {', '.join(choices)}"


def _quoted(value: object) -> str:
    shown = {True: "true", False: "false"}.get(value, value) if isinstance(value, bool) else value
    plain = isinstance(value, (bool, int, float))
    return f'write it in quotes: "{shown}"' if plain else "write a text"


# pydantic's error type: the rule, and the remedy from (context, value).
_Words = tuple[str, Callable[[Mapping[str, Any], object], str]]
_WORDS: dict[str, _Words] = {
    "missing": ("required field is missing", lambda _c, _v: "add it"),
    "literal_error": ("unsupported value", _choices),
    "string_type": ("must be a string", lambda _c, v: _quoted(v)),
    "bool_type": ("must be a boolean", lambda _c, _v: "write true or false, without quotes"),
    "bool_parsing": ("must be a boolean", lambda _c, _v: "write true or false"),
    "int_type": ("must be an integer", lambda _c, _v: "write a whole number without quotes"),
    "int_from_float": ("must be an integer", lambda _c, _v: "write a whole number without fraction"),
    "int_parsing": ("must be an integer", lambda _c, _v: "write a whole number without quotes"),
    "greater_than_equal": ("is too small", lambda c, _v: f"write {c['ge']} or more"),
    "less_than_equal": ("is too large", lambda c, _v: f"write {c['le']} or less"),
    "less_than": ("is too large", lambda c, _v: f"write less than {c['lt']}"),
    "string_too_long": ("is too long", lambda c, _v: f"use at most {c['max_length']} characters"),
    "too_long": ("has too many entries", lambda c, _v: f"write {c['max_length']} or less"),
    "too_short": ("has too few entries", lambda c, _v: f"write {c['min_length']} or more"),
    "model_type": ("must be a mapping", lambda _c, _v: "write fields with values below it"),
    "dict_type": ("must be a mapping", lambda _c, _v: "write keys with values below it"),
    "tuple_type": ("must be a list", lambda _c, _v: "write its entries with a leading '-'"),
}


def _words(detail: ErrorDetails, value: object) -> tuple[str, str]:
    context = detail.get("ctx", {})
    if detail["type"] == "rule":
        return context["rule"], context["remedy"]
    if detail["type"] not in _WORDS:
        return detail["msg"], ""
    rule, remedy = _WORDS[detail["type"]]
    return rule, remedy(context, value)


def _meant(location: Location, model: type[Model]) -> str:
    """Suggest the field that was meant: one spelt alike in this place, or of this name elsewhere; or ""."""
    from difflib import get_close_matches

    name = str(location[-1])
    here = _fields(_model_at(location[:-1], model))
    alike = {known.lower(): known for known in here}
    close = get_close_matches(name.lower(), alike, 1, 0.75)
    if close:
        return f"did you mean {alike[close[0]]}?"
    elsewhere = [path for path in _all_paths(model, "") if path.rpartition(".")[2] == name]
    if elsewhere:
        return f"it belongs to {elsewhere[0].rpartition('.')[0] or 'the top level'}"
    return ""


def _fields(model: type[Model] | None) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()] if model else []


def _model_at(location: Location, model: type[Model]) -> type[Model] | None:
    """Follow a location from field to field; None where it leaves the models."""
    current: type[Model] | None = model
    for step in location:
        if isinstance(step, int):
            continue
        inner = {field.alias: field for field in current.model_fields.values()} if current else {}
        current = next(models_in(inner[step].annotation), None) if step in inner else None
    return current


def _all_paths(model: type[Model], prefix: str) -> Iterator[str]:
    for name, field in model.model_fields.items():
        path = join(prefix, field.alias or name)
        yield path
        for inner in models_in(field.annotation):
            yield from _all_paths(inner, path)
