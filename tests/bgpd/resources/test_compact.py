"""Resources take little memory, and are none the worse for it."""

import tracemalloc
from typing import Any

import pytest

from bgpd.resources import KINDS, BlockAffinity, Node, Resource, parse_resource

from .documents import affinity, configuration, document, filter_rule, node, peer, pool

EXAMPLES: list[dict[str, Any]] = [affinity(), filter_rule(), configuration(), node(), peer(), pool()]


def whole(document: dict[str, Any]) -> Resource:
    """Make a resource as pydantic does, in all its size."""
    return KINDS[document["kind"]].model.model_validate(document)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: str(example["kind"]))
def test_a_compact_resource_is_like_the_one_that_pydantic_makes(example: dict[str, Any]) -> None:
    small, large = parse_resource(example), whole(example)
    assert small == large
    assert small.document() == large.document()
    assert repr(small) == repr(large)
    assert small.model_fields_set == large.model_fields_set
    with pytest.raises(ValueError, match="frozen"):
        small.kind = "x"


def test_what_is_made_of_one_does_not_change_its_likes() -> None:
    first, second = parse_resource(affinity()), parse_resource(affinity())
    changed = first.with_metadata(resource_version="7")
    assert changed.metadata.model_fields_set == {"name", "resource_version"}
    assert second.metadata.model_fields_set == first.metadata.model_fields_set == {"name"}
    assert changed.document()["metadata"] == {"name": first.name, "resourceVersion": "7"}


@pytest.mark.parametrize(("model", "most"), [(BlockAffinity, 1000), (Node, 1700)])
def test_memory_per_resource(model: type[Resource], most: int) -> None:
    """pydantic makes them twice to three times as large."""
    make = {BlockAffinity: numbered_affinity, Node: numbered_node}[model]
    parse_resource(make(0))
    tracemalloc.start()
    kept = [parse_resource(make(number)) for number in range(1000)]
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len({each.name for each in kept}) == 1000
    assert used / 1000 < most


def numbered_affinity(number: int) -> dict[str, Any]:
    cidr = f"10.{number >> 8}.{number & 255}.0/26"
    name = f"node-{number // 10}-{cidr.replace('.', '-').replace('/', '-')}"
    return document(
        "BlockAffinity", name, {"node": f"node-{number // 10}", "cidr": cidr, "state": "confirmed"}
    )


def numbered_node(number: int) -> dict[str, Any]:
    found = node(f"node-{number}", ipv4Address=f"10.{number >> 8}.{number & 255}.1/24")
    found["metadata"]["labels"] = {"rack": f"r{number // 40}", "kubernetes.io/hostname": f"node-{number}"}
    return found
