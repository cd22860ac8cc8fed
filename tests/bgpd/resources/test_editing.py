"""apply, replace, patch and label, as calicoctl does them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bgpd.resources import Resource, ResourceError, parse_resource
from bgpd.resources.editing import exported, for_create, for_label, for_patch, for_replace, merge

from .documents import node_status, peer


def stored(**labels: str) -> Resource:
    metadata = {
        "labels": labels,
        "uid": "u1",
        "resourceVersion": "7",
        "creationTimestamp": "2026-01-01T00:00:00Z",
    }
    return parse_resource(peer(metadata=metadata, filters=["a", "b"]))


def test_create_clears_what_the_datastore_sets() -> None:
    created = for_create(peer(metadata={"uid": "x", "resourceVersion": "1", "labels": {"a": "b"}}))
    assert created.document()["metadata"] == {"name": "rack-1", "labels": {"a": "b"}}


def test_replace_takes_spec_and_labels_from_the_input_and_the_rest_from_the_store() -> None:
    replaced = for_replace(stored(old="x"), peer(metadata={"labels": {"new": "y"}}, asNumber=1)).document()
    assert replaced["spec"] == {"peerIP": "10.0.0.1", "asNumber": 1}
    assert replaced["metadata"]["labels"] == {"new": "y"}
    assert (replaced["metadata"]["uid"], replaced["metadata"]["resourceVersion"]) == ("u1", "7")


def test_replace_without_labels_removes_them() -> None:
    assert for_replace(stored(old="x"), peer()).metadata.labels == {}


def test_replace_keeps_a_given_resource_version_for_the_comparison() -> None:
    assert for_replace(stored(), peer(metadata={"resourceVersion": "6"})).metadata.resource_version == "6"


def test_replace_keeps_a_status_that_the_input_leaves_out() -> None:
    with_status = parse_resource({**node_status(), "status": {"lastUpdated": "2026-01-01T00:00:00Z"}})
    replaced = for_replace(with_status, node_status(classes=["Agent"])).document()
    assert replaced["status"] == {"lastUpdated": "2026-01-01T00:00:00Z"}
    assert replaced["spec"]["classes"] == ["Agent"]


def test_patch_merges_mappings_replaces_lists_and_deletes_with_null() -> None:
    patch = {"metadata": {"labels": {"b": "2"}}, "spec": {"filters": ["c"], "asNumber": None, "node": "n1"}}
    patched = for_patch(stored(a="1"), patch).document()
    assert patched["metadata"]["labels"] == {"a": "1", "b": "2"}
    assert patched["spec"] == {"peerIP": "10.0.0.1", "filters": ["c"], "node": "n1"}


@pytest.mark.parametrize(
    ("patch", "field"),
    [
        ({"spec": {"peerIp": "x"}}, "spec.peerIp"),
        ({"spec": {"asNumber": "x"}}, "spec.asNumber"),
        ({"kind": "Node"}, "kind"),
        ({"metadata": {"name": "other"}}, "metadata.name"),
    ],
)
def test_a_patch_is_judged_strictly(patch: dict[str, object], field: str) -> None:
    with pytest.raises(ResourceError) as caught:
        for_patch(stored(), patch)
    assert [problem.path for problem in caught.value.problems] == [field]


def test_labels_are_set_and_removed() -> None:
    labelled = for_label(stored(a="1", b="2"), {"c": "3", "a": None, "b": "2"})
    assert labelled.metadata.labels == {"b": "2", "c": "3"}
    assert for_label(stored(a="1"), {"a": "2"}, overwrite=True).metadata.labels == {"a": "2"}


@pytest.mark.parametrize(
    ("change", "rule"),
    [({"a": "2"}, "the label is '1' already"), ({"x": None}, "no such label"), ({"": "1"}, "invalid")],
)
def test_labels_are_not_overwritten_by_accident(change: dict[str, str | None], rule: str) -> None:
    with pytest.raises(ResourceError, match=rule):
        for_label(stored(a="1"), change)


def test_export_strips_what_belongs_to_one_datastore() -> None:
    assert exported(stored(a="1").document())["metadata"] == {"name": "rack-1", "labels": {"a": "1"}}


documents = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)
mappings = st.dictionaries(st.sampled_from("abc"), documents, max_size=3)


@given(target=mappings, patch=mappings)
def test_merging_twice_is_merging_once(target: dict[str, object], patch: dict[str, object]) -> None:
    once = merge(target, patch)
    assert merge(once, patch) == once
    assert not [key for key, value in patch.items() if value is None and key in once]
    assert merge(target, {}) == target
