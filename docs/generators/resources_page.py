"""docs/reference/resources.md and extensions.md, made from the models, the tables and the notes.

`make reference` writes them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from bgpd.intent import FIELD_EFFECTS, NODE_FIELD_EFFECTS, Effect
from bgpd.resources import KINDS, FilterRule, KindInfo
from bgpd.resources.annotations import ANNOTATIONS
from bgpd.resources.meta import Model
from bgpd.resources.rules import Rule
from docs.generators.extension_notes import EXTENSIONS, EXTENSIONS_INTRODUCTION
from docs.generators.field_notes import NODE_LABEL, NOTES, Note
from docs.generators.field_types import Field, fields, with_inside

_ENVELOPE: Final = frozenset({"apiVersion", "kind", "metadata"})

_INTRODUCTION: Final = """\
# Resources

<!-- Made by `make reference` from bgpd/resources, bgpd/intent/diff.py and docs/generators/field_notes.py. -->

Every field of every kind that bgpd knows: what may be written, what counts when nothing is, what it does,
what a change does while the daemon runs, and the test that shows it (below tests/bgpd).

All kinds share the envelope: `apiVersion`, `kind` and `metadata` with `name` (lower-case letters, digits,
`-` and `.`, at most 253), `labels`, `annotations` (at most 262144 bytes) and what a datastore adds. Labels
of a Node are what selectors look at; annotations beginning with `bgpd.io/` are [extensions](extensions.md).
An unknown field is an error. `null`, and an empty text inside `spec`, mean that the field is not set.

How bgpd differs from Calico is on [a page of its own](deviations.md).

## What a change does

| | |
|---|---|
| sessions | sessions are opened, ended, or handed over to another resource; all others stay |
| reset | the sessions concerned end (Cease / Other Configuration Change) and open anew; all others stay |
| refresh | routes are evaluated anew, and the peer is asked for its own again; every session stays |
| routes | routes are evaluated anew, in and out; every session stays |
| at once | what runs goes by the new value at once, or tells it in its next OPEN; nothing is touched |
| - | nothing |
"""

_OTHER_LISTS: Final = """\
Rules of `importV4`, `exportV6` and `importV6` have the same fields; `cidr` is of the address family of the
list, and lengths go up to 128 for IPv6."""

_EFFECTS: Final = {
    Effect.NONE: "at once",
    Effect.POLICY: "routes",
    Effect.REFRESH: "refresh",
    Effect.RESET: "reset",
}


def resources_page() -> str:
    """Return the page about resources."""
    return "\n".join([_INTRODUCTION, *(line for info in KINDS.values() for line in _kind(info))])


def extensions_page() -> str:
    """Return the page about the `bgpd.io/` annotations."""
    rows = (
        f"| `{name}` | {', '.join(annotation.kinds)} | {EXTENSIONS[name].values} | {annotation.meaning}. "
        f"{EXTENSIONS[name].effect} | {live((annotation.field,))} | `{EXTENSIONS[name].test}` |"
        for name, annotation in ANNOTATIONS.items()
    )
    head = ("| annotation | on | values | effect | a change | test |", "|---|---|---|---|---|---|")
    return "\n".join([EXTENSIONS_INTRODUCTION, *head, *rows, ""])


def live(becomes: Iterable[str]) -> str:
    """Say what a change does of a field that becomes these fields of an intent."""
    names = tuple(becomes)
    if not names:
        return "-"
    if "sessions" in names:
        return "sessions"
    effects = [FIELD_EFFECTS.get(name) or NODE_FIELD_EFFECTS[name] for name in names]
    return _EFFECTS[max(effects, key=lambda effect: effect.rank)]


def described(info: KindInfo) -> Iterator[tuple[Field, Note | None]]:
    """Yield the fields of a kind with their notes, down to where a note speaks for all that is inside."""
    notes = NOTES[info.kind]
    for field in fields(info.model):
        if field.path not in _ENVELOPE:
            yield from _below(field, notes)


def _below(field: Field, notes: dict[str, Note]) -> Iterator[tuple[Field, Note | None]]:
    path = field.path.removesuffix("[]")
    note = notes.get(path)
    goes_on = any(known.startswith((f"{path}.", f"{path}[].")) for known in notes)
    if note is not None or not goes_on:
        told_elsewhere = goes_on or (field.inner is not None and issubclass(field.inner, FilterRule))
        yield field if told_elsewhere else replace(field, values=with_inside(field)), note
    if field.inner is not None and goes_on:
        for inner in fields(field.inner, field.path):
            yield from _below(inner, notes)


def _kind(info: KindInfo) -> Iterator[str]:
    yield f"\n## {info.kind}\n"
    yield f"`{info.api_version}`. {_first_line(info.model)}\n"
    yield "| field | values | default | effect | a change | test |"
    yield "|---|---|---|---|---|---|"
    for field, note in described(info):
        yield _row(field, note)
    if info.kind == "Node":
        yield _row(Field("metadata.labels", "text", "-", None), NODE_LABEL)
    if info.kind == "BGPFilter":
        yield f"\n{_OTHER_LISTS}"
    yield from _rules(info)


def _row(field: Field, note: Note | None) -> str:
    path = field.path.removesuffix("[]")
    if note is None:
        return f"| {path} | {field.values} | {field.default} | | | |"
    default = note.default or field.default
    return f"| {path} | {field.values} | {default} | {note.effect} | {live(note.becomes)} | `{note.test}` |"


def _rules(info: KindInfo) -> Iterator[str]:
    rows = [*_rules_of(info.model, "", set())]
    if rows:
        yield "\n| between fields | | remedy |"
        yield "|---|---|---|"
        yield from rows


def _rules_of(model: type[Model], path: str, seen: set[Rule]) -> Iterator[str]:
    for rule in (rule for rule in model.rules if rule not in seen):
        seen.add(rule)
        place = ".".join(filter(None, (path, rule.field)))
        yield f"| {place}: {_escaped(rule.message)} | {_outcome(rule)} | {_escaped(rule.remedy)} |"
    for field in fields(model, path):
        if field.inner is not None and field.path != "metadata":
            yield from _rules_of(field.inner, field.path, seen)


def _outcome(rule: Rule) -> str:
    if rule.severity == "warning":
        return "warning"
    return "refused; a warning where it is stored" if rule.tolerated else "refused"


def _escaped(text: str) -> str:
    return text.replace("{value}", "…").replace("|", "\\|").replace("*", "\\*")


def _first_line(model: type[Model]) -> str:
    return (model.__doc__ or "").strip().splitlines()[0]
