"""The cluster as a small graph: what stands together, what is drawn, whose sessions are named."""

from typing import Any

import pytest

from bgpd.intent import compile_intent
from bgpd.intent.overview import FULLY_MESHED, MANY, MANY_OUTSIDE, overview
from tests.bgpd.intent.support import Document, configuration, node, peer, snapshot

MESH_OFF = configuration(nodeToNodeMeshEnabled=False)


def drawn(own: str, *documents: Document) -> dict[str, Any]:
    resources = snapshot(*documents)
    return overview(resources, {}, compile_intent(resources, own, {}))


def nodes(count: int, racks: int = 1) -> list[Document]:
    return [
        node(f"n{i:03}", f"10.0.{i // 250}.{i % 250 + 1}/16", labels={"rack": f"r{i % racks}"})
        for i in range(count)
    ]


def routers(racks: int) -> list[Document]:
    return [
        peer(
            f"rack{i}", nodeSelector=f"rack == 'r{i}'", peerIP=f"172.16.{i // 250}.{i % 250}", asNumber=65000
        )
        for i in range(racks)
    ]


def kinds(graph: dict[str, Any]) -> list[str]:
    return sorted(link["kind"] for link in graph["links"])


def test_a_mesh_is_drawn_between_all_and_the_own_sessions_are_named() -> None:
    graph = drawn("n001", *nodes(3))
    assert [vertex["name"] for vertex in graph["vertices"]] == ["n000", "n001", "n002"]
    assert [vertex["own"] for vertex in graph["vertices"]] == [False, True, False]
    assert kinds(graph) == ["mesh"] * 3
    named = [name for link in graph["links"] for name in link["sessions"]]
    assert sorted(named) == ["Mesh_10_0_0_1", "Mesh_10_0_0_3"]


def test_reflectors_clients_and_routers() -> None:
    reflector = node("rr", "10.0.9.1/16", labels={"rr": "true"}, routeReflectorClusterID="1.1.1.1")
    graph = drawn(
        "n000",
        *nodes(2),
        reflector,
        MESH_OFF,
        peer("reflectors", nodeSelector="has(rack)", peerSelector="has(rr)"),
        peer("tor", node="n000", peerIP="172.16.0.1", asNumber=65000),
    )
    assert [vertex["kind"] for vertex in graph["vertices"]] == ["node", "node", "reflector", "outside"]
    assert kinds(graph) == ["client", "client", "external"]


def test_nodes_that_are_alike_stand_together() -> None:
    graph = drawn("n000", *nodes(500, racks=20), *routers(20), MESH_OFF)
    groups = [vertex for vertex in graph["vertices"] if vertex["kind"] == "node"]
    assert len(groups) == 21, "twenty racks, and the own node"
    assert sum(vertex["count"] for vertex in groups) == 500
    assert sum(vertex["kind"] == "outside" for vertex in graph["vertices"]) == 20
    assert kinds(graph) == ["external"] * 21


@pytest.mark.parametrize("racks", [MANY + 5, 400])
def test_whatever_the_size_it_fits_a_screen(racks: int) -> None:
    graph = drawn("n000", *nodes(400, racks=racks), *routers(racks))
    assert len(graph["vertices"]) <= MANY + MANY_OUTSIDE
    assert sum(vertex["count"] for vertex in graph["vertices"] if vertex["kind"] == "node") == 400


def test_a_large_mesh_has_the_lines_of_the_own_node_alone() -> None:
    graph = drawn("n000", *nodes(FULLY_MESHED + 1))
    assert kinds(graph) == ["mesh"] * FULLY_MESHED
    assert all(len(link["sessions"]) == 1 for link in graph["links"])


def test_what_ran_before_is_drawn_although_its_peer_is_gone() -> None:
    old = snapshot(*nodes(3))
    intent = compile_intent(old, "n000", {})
    graph = overview(snapshot(*nodes(2)), {}, intent)
    assert [vertex["kind"] for vertex in graph["vertices"]] == ["node", "node", "outside"]


def test_no_node_no_links() -> None:
    assert drawn("nobody", MESH_OFF)["links"] == []
