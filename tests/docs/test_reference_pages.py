"""The reference of resources and extensions says what the code says, of every field, and names real tests."""

import re
from pathlib import Path

import pytest

from bgpd.intent import FIELD_EFFECTS, NODE_FIELD_EFFECTS
from bgpd.resources import KINDS
from bgpd.resources.annotations import ANNOTATIONS
from docs.generators.extension_notes import EXTENSIONS
from docs.generators.field_notes import NODE_LABEL, NOTES
from docs.generators.resources_page import described, live

_TESTS = Path(__file__).parent.parent / "bgpd"
_ALL_NOTES = [note for notes in NOTES.values() for note in notes.values()] + [NODE_LABEL]
_NAMED = sorted({note.test for note in (*_ALL_NOTES, *EXTENSIONS.values())})


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_has_a_note_and_every_note_a_field(kind):
    noted = {field.path.removesuffix("[]"): note for field, note in described(KINDS[kind])}
    assert [path for path, note in noted.items() if note is None] == []
    assert NOTES[kind].keys() <= noted.keys()


def test_every_annotation_has_its_row():
    assert list(EXTENSIONS) == list(ANNOTATIONS)
    assert all(live((annotation.field,)) for annotation in ANNOTATIONS.values())


@pytest.mark.parametrize("name", _NAMED)
def test_the_test_exists(name):
    file, _, function = name.partition("::")
    function, _, case = function.partition("[")
    text = (_TESTS / file).read_text()
    assert re.search(rf"^(async def|def|class) {function}\b", text, re.MULTILINE)
    assert f'"{case.removesuffix("]")}"' in text or not case


def test_what_a_field_becomes_is_part_of_an_intent():
    known = FIELD_EFFECTS.keys() | NODE_FIELD_EFFECTS.keys()
    assert {name for note in _ALL_NOTES for name in note.becomes} <= known
