"""The fast reader says what the general one says, or nothing."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bgpd.datastore import chunks, plain_yaml
from bgpd.datastore.yaml_reader import Document, DocumentError, _read_yaml

_EXAMPLES = sorted((Path(__file__).parents[3] / "examples").rglob("*.yaml"))

NODE = """\
---
# a node
apiVersion: projectcalico.org/v3
kind: Node
metadata:
  name: n1
  labels: {}

  annotations:
    bgpd.io/families: "ipv4-unicast,ipv6-unicast"
spec:
  bgp:
    asNumber: 64512
    ipv4Address: 10.0.0.1/24
  addresses:
  - address: 10.0.0.1
    type: InternalIP
  - address: '10.0.0.2'
  wireguard:
status: {}
"""


def general(text: str) -> Document | None:
    try:
        return _read_yaml(text)
    except DocumentError:
        return None


def agrees(text: str) -> bool:
    """Compare both readers; true when the fast one had something to say."""
    found = plain_yaml.read(text)
    if found is None:
        return False
    expected = general(text)
    assert expected is not None, text
    assert (found[0], type(found[0])) == (expected.value, type(expected.value)), text
    assert dict(found[1]) == dict(expected.lines), text
    assert repr(found[0]) == repr(expected.value), "True is not 1"
    return True


def test_a_resource_is_read() -> None:
    assert agrees(NODE)


@pytest.mark.parametrize("path", _EXAMPLES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_examples(path: Path) -> None:
    for chunk in chunks.split(path.read_text()):
        agrees(chunk.text)


@pytest.mark.parametrize(
    "text",
    [
        "a: 1.10\n",
        "a: 0x10\n",
        "a: 010\n",
        "a: 1e3\n",
        "a: ~\n",
        "a: Null\n",
        "a: yes\n",
        "a: &x b\n",
        "a: *x\n",
        "a: !!str b\n",
        "a: |\n  text\n",
        "a: >\n  text\n",
        "a: b\n  c\n",
        "a: b # comment\n",
        "a: b: c\n",
        "a: [b]\n",
        "a: {b: c}\n",
        "a: 'it''s'\n",
        'a: "x\\n"\n',
        "a: ä\n",
        "a:\tb\n",
        "a: b\na: c\n",
        "a:\n  b: 1\n c: 2\n",
        "- a\n-\n",
        "a: 2026-11-21\n",
        "? a\n: b\n",
        "a\n",
        "",
        "# nothing\n",
    ],
)
def test_what_is_not_plain_is_left_to_the_general_reader(text: str) -> None:
    assert plain_yaml.read(text) is None


_WORDS = (
    "a, kind, ipv4-x, b.c/d, true, null, No, ~, 12, 0, 007, 1.5, 10.0.0.1/8, 64512:10, '', 'x y', \"# :\", "
    "{}, [], x: y, x:y, rack == 'a' && !b, - a, -, #, a #b, a  b"
)
_WORD = st.sampled_from(_WORDS.split(", "))
_LINE = st.builds(
    lambda indent, dash, key, value: f"{' ' * indent}{dash}{key}{value}",
    st.integers(0, 5),
    st.sampled_from(["", "", "- ", "-   ", "- - "]),
    st.sampled_from(["", "a:", "b: ", "c:  ", "d.e/f: ", "g :", "h:"]),
    _WORD | st.just(""),
)


@given(st.lists(_LINE, max_size=7).map("\n".join), st.sampled_from(["", "\n", " \n", "\n# end\n"]))
def test_no_text_is_read_differently(text: str, end: str) -> None:
    agrees(text + end)


_VALUE = st.recursive(
    st.booleans() | st.integers(0, 2**32) | st.text("abz01./-: ", max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("abcIP", min_size=1, max_size=5), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from(["kind", "spec", "metadata"]), _VALUE, min_size=1))
def test_what_is_written_is_read_alike(document: dict[str, object]) -> None:
    agrees(chunks.write(document))
