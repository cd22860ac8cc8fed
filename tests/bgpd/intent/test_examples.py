"""The example clusters are valid, give what their READMEs say, and have nothing to report."""

from pathlib import Path

import pytest

from bgpd.datastore import open_datastore
from bgpd.intent import Intent, compile_cluster
from bgpd.resources import Snapshot

_EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
_SESSIONS = {
    "mesh": {"n1": ["Mesh_10_0_0_2", "Mesh_10_0_0_3"], "n3": ["Mesh_10_0_0_1", "Mesh_10_0_0_2"]},
    "route-reflectors": {
        "n1": ["Node_10_0_0_11", "Node_10_0_0_12"],
        "r1": ["Node_10_0_0_1", "Node_10_0_0_12", "Node_10_0_0_2", "Node_10_0_0_3"],
    },
    "top-of-rack": {"n1": ["Mesh_10_0_0_2", "Mesh_10_0_0_3", "Node_10_0_0_254"]},
}


async def _read(name: str) -> Snapshot:
    datastore = open_datastore(f"file://{_EXAMPLES / name}")
    try:
        return await datastore.snapshot()
    finally:
        await datastore.close()


@pytest.mark.parametrize("name", sorted(_SESSIONS))
async def test_example(name: str) -> None:
    snapshot = await _read(name)
    assert snapshot.faults == ()
    intents: dict[str, Intent] = {intent.node: intent for intent in compile_cluster(snapshot, {})}
    assert [problem for intent in intents.values() for problem in intent.problems] == []
    for node, sessions in _SESSIONS[name].items():
        assert [session.name for session in intents[node].sessions] == sessions


async def test_reflectors_have_the_workers_as_clients() -> None:
    intents = {intent.node: intent for intent in compile_cluster(await _read("route-reflectors"), {})}
    clients = {session.peer_node: session.rr_client for session in intents["r1"].sessions}
    assert clients == {"n1": True, "n2": True, "n3": True, "r2": False}


async def test_the_first_node_of_the_mesh_waits() -> None:
    intents = {intent.node: intent for intent in compile_cluster(await _read("mesh"), {})}
    assert [session.passive for session in intents["n1"].sessions] == [True, True]


def test_every_example_is_tested() -> None:
    assert {path.name for path in _EXAMPLES.iterdir() if path.is_dir()} == _SESSIONS.keys()
