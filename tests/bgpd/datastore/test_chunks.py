"""Documents of one file, one by one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bgpd.datastore import chunks

THREE = """\
# about the first
a: 1
---
b: 2
# about the third
---
c: 3
"""


def texts(text: str) -> list[str]:
    return [chunk.text for chunk in chunks.split(text)]


def test_a_file_is_cut_before_every_separator() -> None:
    assert texts(THREE) == ["# about the first\na: 1\n", "---\nb: 2\n# about the third\n", "---\nc: 3\n"]
    assert [chunk.line for chunk in chunks.split(THREE)] == [1, 3, 6]


@pytest.mark.parametrize("nothing", ["", "\n", "# x\n", "---\n", "---", "---\n---\n", "%YAML 1.2\n---\n"])
def test_nothing_has_no_resources(nothing: str) -> None:
    from bgpd.datastore.file_reader import read_file

    assert read_file(nothing, "f").stored == ()
    assert read_file(nothing, "f").faults == ()


def test_dashes_inside_a_document_do_not_cut() -> None:
    assert len(texts("a: |\n  ---\n  x\nb: ----\n")) == 1


@pytest.mark.parametrize("index", [0, 1, 2])
def test_replacing_one_document_leaves_the_others_alone(index: int) -> None:
    before, after = texts(THREE), texts(chunks.replace(THREE, index, {"new": "x"}))
    assert after[index].endswith("new: x\n")
    assert [text for i, text in enumerate(after) if i != index] == [
        text for i, text in enumerate(before) if i != index
    ]


@pytest.mark.parametrize("index", [0, 1, 2])
def test_removing_one_document_leaves_the_others_alone(index: int) -> None:
    before = texts(THREE)
    assert texts(chunks.replace(THREE, index, None)) == before[:index] + before[index + 1 :]


def test_json_stays_json() -> None:
    assert chunks.replace('{"a": 1}\n', 0, {"b": 2}) == '{\n  "b": 2\n}\n'


def test_a_document_keeps_the_order_of_its_fields() -> None:
    text = chunks.write({"kind": "BGPPeer", "apiVersion": "x", "spec": {"filters": ("b", "a")}})
    assert text == "kind: BGPPeer\napiVersion: x\nspec:\n  filters:\n  - b\n  - a\n"


pieces = st.lists(
    st.sampled_from(["---\n", "a: 1\n", "# c\n", "\n", "- x\n", "--- {}\n", "%YAML 1.2\n", "---"])
)


@given(pieces)
def test_chunks_are_the_text_at_their_lines(parts: list[str]) -> None:
    text = "".join(parts)
    for chunk in chunks.split(text):
        assert "".join(text.splitlines(keepends=True)[chunk.line - 1 :]).startswith(chunk.text)


@pytest.mark.parametrize("text", ["yes", "No", "on", "OFF", "y"])
def test_words_that_are_booleans_to_other_readers_are_quoted(text: str) -> None:
    assert chunks.write({"rr": text}) == f"rr: '{text}'\n"
