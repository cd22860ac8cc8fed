"""The `bgpd.io/` annotations as sessions carry them."""

from typing import Any

import pytest

from bgpd.intent import SessionIntent
from bgpd.resources import Bfd, MaxPrefixes, Role
from wire import Family

from .support import compiled, configuration, names, node, peer

NO_MESH = configuration(nodeToNodeMeshEnabled=False)
V4, V6 = Family.IPV4_UNICAST, Family.IPV6_UNICAST
BOTH = {"bgpd.io/families": "ipv4-unicast,ipv6-unicast"}


def session_of(annotations: dict[str, str], **spec: Any) -> SessionIntent:
    fields = {"node": "n1", "peerIP": "192.0.2.1", "asNumber": 64567} | spec
    return compiled(
        "n1", node("n1", "10.0.0.1"), NO_MESH, peer("p", annotations=annotations, **fields)
    ).sessions[0]


def test_without_annotations() -> None:
    session = session_of({})
    assert (session.passive, session.hold_time, session.bfd, session.max_prefixes) == (
        False,
        None,
        None,
        None,
    )
    assert (session.families, session.listen_range, session.graceful_shutdown) == ({V4}, None, False)
    assert session.add_paths == {"send", "receive"}


def test_each_annotation() -> None:
    session = session_of(
        {
            "bgpd.io/passive": "true",
            "bgpd.io/hold-time": "9s",
            "bgpd.io/bfd": "100ms x5",
            "bgpd.io/max-prefixes": "1000,restart=5m",
            "bgpd.io/add-paths": "receive",
            "bgpd.io/graceful-shutdown": "true",
        }
        | BOTH
    )
    assert session.passive
    assert (session.hold_time, session.bfd) == (9, Bfd(100, 5))
    assert session.max_prefixes == MaxPrefixes(1000, restart_after=300)
    assert session.add_paths == {"receive"}
    assert session.graceful_shutdown
    assert session.families == session.import_policy.keys() == session.export_policy.keys() == {V4, V6}


def test_add_paths_can_be_switched_off() -> None:
    assert session_of({"bgpd.io/add-paths": "false"}).add_paths == frozenset()


def test_only_the_side_that_has_the_resource_waits() -> None:
    documents = (
        node("n1", "10.0.0.1"),
        node("n2", "10.0.0.2"),
        NO_MESH,
        peer("p", annotations={"bgpd.io/passive": "true"}, node="n1", peerSelector="all()"),
    )
    assert [compiled(at, *documents).sessions[0].passive for at in ("n1", "n2")] == [True, False]


def test_those_of_the_configuration_are_for_the_mesh() -> None:
    mesh = configuration(annotations={"bgpd.io/bfd": "true", "bgpd.io/hold-time": "12s"})
    tor = peer("p", node="n1", peerIP="192.0.2.1", asNumber=1)
    sessions = compiled("n1", node("n1", "10.0.0.1"), node("n2", "10.0.0.2"), mesh, tor).sessions
    assert [(s.name, s.bfd, s.hold_time) for s in sessions] == [
        ("Mesh_10_0_0_2", Bfd(), 12),
        ("Node_192_0_2_1", None, None),
    ]


def test_with_both_families_two_nodes_have_one_session() -> None:
    dual = [node(f"n{n}", f"10.0.0.{n}", ipv6Address=f"fd00::{n}") for n in (1, 2)]
    only_v6 = node("n3", ipv6Address="fd00::3")
    mesh = configuration(annotations=BOTH)
    intent = compiled("n1", *dual, only_v6, mesh)
    assert names(intent) == ["Mesh_10_0_0_2", "Mesh_fd00__3"]
    assert {session.families for session in intent.sessions} == {frozenset({V4, V6})}


def test_an_ipv6_peer_named_by_address_keeps_its_session() -> None:
    dual = [node(f"n{n}", f"10.0.0.{n}", ipv6Address=f"fd00::{n}") for n in (1, 2)]
    named = peer("p", annotations=BOTH, node="n1", peerIP="fd00::2", asNumber=64512)
    assert names(compiled("n1", *dual, NO_MESH, named)) == ["Node_fd00__2"]
    assert names(compiled("n2", *dual, NO_MESH, named)) == ["Node_fd00__1"]


def test_listen_range() -> None:
    dynamic = peer("p", annotations={"bgpd.io/listen-range": "10.9.0.0/16"}, asNumber=65010)
    session = compiled("n1", node("n1", "10.0.0.1"), NO_MESH, dynamic).sessions[0]
    assert (session.name, session.peer_ip, session.passive) == ("Global_10_9_0_0_16", "10.9.0.0/16", True)
    assert (session.listen_range, session.peer_as) == (bytes([16, 10, 9]), 65010)
    any_as = peer("p", annotations={"bgpd.io/listen-range": "10.9.0.0/16"})
    assert compiled("n1", node("n1", "10.0.0.1"), NO_MESH, any_as).sessions[0].peer_as == 0


def test_a_node_that_is_drained() -> None:
    drained = node("n1", "10.0.0.1")
    drained["metadata"]["annotations"] = {"bgpd.io/graceful-shutdown": "true"}
    assert compiled("n1", drained).graceful_shutdown
    assert not compiled("n1", node("n1", "10.0.0.1")).graceful_shutdown


@pytest.mark.parametrize(
    ("here", "there"),
    [("provider", "customer"), ("route-server-client", "route-server"), ("peer", "peer")],
)
def test_the_other_end_of_a_peering_has_the_opposite_role(here: str, there: str) -> None:
    nodes = node("n1", "10.0.0.1"), node("n2", "10.0.0.2", asNumber=64567)
    named = peer(
        "p", annotations={"bgpd.io/role": f"{here},strict"}, node="n1", peerIP="10.0.0.2", asNumber=64567
    )
    roles = [compiled(name, *nodes, NO_MESH, named).sessions[0].role for name in ("n1", "n2")]
    assert roles == [Role(here, strict=True), Role(there, strict=True)]
