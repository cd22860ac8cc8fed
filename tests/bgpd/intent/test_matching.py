"""Selectors over the nodes of a cluster: the same nodes as one by one, asked as seldom as can be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bgpd.intent.compile import read_cluster
from bgpd.resources import parse_selector
from bgpd.resources.selector import Selector
from tests.bgpd.intent.support import node, snapshot

LABELS = st.dictionaries(st.sampled_from(["rack", "rr", "zone"]), st.sampled_from(["a", "b", "c"]))
SELECTORS = [
    "all()",
    "",
    "rack == 'a'",
    "rack != 'a' && has(rr)",
    "!has(zone) || zone in {'a', 'b'}",
    "rr starts with 'c'",
    "!(rack == 'b' && zone == rr",
]


def is_selected(selector: str, labels: dict[str, str]) -> bool:
    try:
        return parse_selector(selector).matches(labels)
    except ValueError:
        return False


@given(st.lists(LABELS, max_size=12), st.sampled_from(SELECTORS))
def test_the_same_nodes_in_order_as_one_by_one(labels: list[dict[str, str]], selector: str) -> None:
    nodes = [node(f"n{i:02}", f"10.0.0.{i + 1}/24", labels=own) for i, own in enumerate(labels)]
    cluster = read_cluster(snapshot(*nodes), {})
    expected = [f"n{i:02}" for i, own in enumerate(labels) if is_selected(selector, own)]
    assert [found.name for found in cluster.matching(selector)] == expected


def test_a_selector_is_asked_once_for_nodes_that_agree_in_its_labels(monkeypatch: pytest.MonkeyPatch) -> None:
    racks, size = 20, 10
    nodes = [
        node(f"n{i:03}", f"10.0.0.{i + 1}/24", labels={"rack": f"r{i % racks}", "host": f"n{i}"})
        for i in range(racks * size)
    ]
    cluster = read_cluster(snapshot(*nodes), {})
    asked = []
    matches = Selector.matches
    monkeypatch.setattr(Selector, "matches", lambda self, labels: asked.append(self) or matches(self, labels))
    for rack in range(racks):
        assert len(cluster.matching(f"rack == 'r{rack}'")) == size
    assert len(asked) == racks * racks
