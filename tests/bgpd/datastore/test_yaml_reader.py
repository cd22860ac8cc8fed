"""YAML 1.2 as values with lines; whatever the text, nothing but DocumentError."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bgpd.datastore import chunks
from bgpd.datastore.yaml_reader import Document, DocumentError, read_document

TEXT = """\
# a comment
metadata:
  name: x
  labels: {rack: "1", b/c: d}
spec:
  filters:
  - a
  - b
  community: 64512:10
"""


def read(text: str) -> object:
    document = read_document(text)
    assert document is not None
    return document.value


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("64512:10", "64512:10"),
        ("12:30:45", "12:30:45"),
        ("yes", "yes"),
        ("on", "on"),
        ("true", True),
        ("~", None),
        ("", None),
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
        ("1.10", 1.1),
        ('"1.10"', "1.10"),
        ("0x10", 16),
        ("0o17", 15),
        ("-1_000", -1000),
        ("4294967295", 4294967295),
        ("[1, a]", [1, "a"]),
        ("{}", {}),
    ],
)
def test_scalars_are_those_of_yaml_1_2(written: str, value: object) -> None:
    assert read(f"key: {written}") == {"key": value}


def test_every_field_knows_its_line() -> None:
    document = read_document(TEXT)
    assert document is not None
    lines = {"metadata.name": 3, "metadata.labels[b/c]": 4, "spec.filters[1]": 8, "spec.community": 9}
    assert {path: document.line_of(path) for path in lines} == lines
    assert document.line_of("spec.filters[7].deep") == 6
    assert document.line_of("nowhere") == 2


def test_anchors_are_followed() -> None:
    assert read("a: &x {b: 1}\nc: *x") == {"a": {"b": 1}, "c": {"b": 1}}


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("a: [", "no valid YAML", 1),
        ("a: 1\nb: 'x", "no valid YAML", 2),
        ("a: 1\na: 2", "the key 'a' stands there twice", 2),
        ("? [a]\n: 1", "a key must be a plain word", 1),
        ("a: &x [*x]", "nested deeper", 1),
        ("a: *nobody", "no valid YAML", 1),
        ("\0", "no valid YAML", 0),
        ("a: !!int abc", "no number", 1),
        ("a: " + "9" * 5000, "no number", 1),
        ("[" * 5000, "nested deeper", 0),
        ("a: 1\n...\nb: 2", "no valid YAML", 3),
    ],
)
def test_what_is_wrong_and_in_which_line(text: str, message: str, line: int) -> None:
    with pytest.raises(DocumentError, match=message) as caught:
        read_document(text)
    assert caught.value.line == line


def test_aliases_cannot_blow_up() -> None:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    with pytest.raises(DocumentError, match="once aliases are followed"):
        read_document("\n".join(rows))


def test_json_is_read_as_json_and_flow_style_as_yaml() -> None:
    assert read('{"a": [1, "64512:10"]}') == {"a": [1, "64512:10"]}
    assert read("{a: [1, 64512:10]}") == {"a": [1, "64512:10"]}


def test_comments_alone_are_no_document() -> None:
    assert read_document("# nothing\n") is None


alphabet = st.sampled_from(list("ab:-?[]{}&*!|>'\"%@`#,\n \t0.~<=\\")) | st.characters()


@given(st.text(alphabet, max_size=80))
def test_any_text_is_a_document_or_a_document_error(text: str) -> None:
    for chunk in chunks.split(text):
        try:
            document = read_document(chunk.text)
        except DocumentError as error:
            assert str(error)  # noqa: PT017  (either outcome is right)
        else:
            assert document is None or isinstance(document, Document)


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="ascii"), max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc/.-:", min_size=1), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(st.dictionaries(st.text("abcXYZ", min_size=1), plain, min_size=1, max_size=4), st.booleans())
def test_what_is_written_is_read_back(value: dict[str, object], as_json: bool) -> None:
    assert read(chunks.write(value, as_json=as_json)) == json.loads(json.dumps(value))
