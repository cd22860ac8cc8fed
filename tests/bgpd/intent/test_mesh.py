"""The node-to-node mesh: who meshes with whom, in which AS, and who connects."""

import pytest

from bgpd.intent import SessionType

from .support import by_name, compiled, configuration, names, node, secret

N1, N2, N3 = node("n1", "10.0.0.1/24"), node("n2", "10.0.0.2/24"), node("n3", "10.0.0.3/24")


def test_every_node_meshes_with_every_other_without_any_configuration() -> None:
    intent = compiled("n1", N1, N2, N3)
    assert names(intent) == ["Mesh_10_0_0_2", "Mesh_10_0_0_3"]
    session = intent.sessions[0]
    assert (session.type, session.resource, session.peer_node) == (SessionType.MESH, "mesh", "n2")
    assert (session.peer_as, session.local_as, session.source_address) == (64512, 64512, "10.0.0.1")
    assert (session.graceful_restart_time, session.keepalive_time, session.ttl_security) == (120, None, None)
    assert session.multihop
    assert not session.rr_client
    assert intent.mesh


def test_each_family_has_its_own_session() -> None:
    both = node("n2", "10.0.0.2", ipv6Address="fd00::2/64")
    intent = compiled("n1", node("n1", "10.0.0.1", ipv6Address="fd00::1/64"), both, N3)
    assert names(intent) == ["Mesh_10_0_0_2", "Mesh_10_0_0_3", "Mesh_fd00__2"]


def test_a_family_the_node_has_no_address_of_is_off() -> None:
    assert names(compiled("n1", N1, node("n2", "10.0.0.2", ipv6Address="fd00::2"))) == ["Mesh_10_0_0_2"]


def test_no_mesh_when_switched_off() -> None:
    intent = compiled("n1", N1, N2, configuration(nodeToNodeMeshEnabled=False))
    assert intent.sessions == ()
    assert not intent.mesh


@pytest.mark.parametrize("at", ["n1", "n2"])
def test_route_reflectors_are_not_in_the_mesh(at: str) -> None:
    intent = compiled(at, N1, node("n2", "10.0.0.2", routeReflectorClusterID="244.0.0.1"))
    assert intent.sessions == ()
    assert intent.mesh == (at == "n1")


@pytest.mark.parametrize(
    ("own", "peer_address", "passive"),
    [("10.0.0.1", "10.0.0.2", True), ("10.0.0.2", "10.0.0.1", False), ("10.0.0.10", "10.0.0.9", True)],
)
def test_the_smaller_text_waits(own: str, peer_address: str, passive: bool) -> None:
    intent = compiled("a", node("a", own), node("b", peer_address))
    assert [session.passive for session in intent.sessions] == [passive]


def test_as_of_the_peer_is_its_own_or_the_clusters() -> None:
    own_as, other_as = node("n1", "10.0.0.1", asNumber=65001), node("n2", "10.0.0.2", asNumber=65002)
    sessions = by_name(compiled("n1", own_as, other_as, N3, configuration(asNumber="64513")))
    assert {s.local_as for s in sessions.values()} == {65001}
    assert sessions["Mesh_10_0_0_2"].peer_as == 65002
    assert sessions["Mesh_10_0_0_3"].peer_as == 64513


def test_compat_mesh_as_expects_a_peer_without_as_in_our_own() -> None:
    intent = compiled("n1", node("n1", "10.0.0.1", asNumber=65001), N2, BGPD_COMPAT="mesh-as")
    assert intent.sessions[0].peer_as == 65001


def test_listen_port_is_the_remote_port_and_not_part_of_the_name() -> None:
    ports = (configuration(listenPort=1790), configuration("node.n3", listenPort=1793))
    sessions = by_name(compiled("n1", N1, N2, N3, *ports))
    assert sessions["Mesh_10_0_0_2"].peer_port == 1790
    assert sessions["Mesh_10_0_0_3"].peer_port == 1793


def test_password_and_restart_time_are_the_meshs() -> None:
    settings = configuration(
        nodeMeshPassword={"secretKeyRef": {"name": "bgp", "key": "mesh"}}, nodeMeshMaxRestartTime="1m30s"
    )
    session = compiled("n1", N1, N2, settings, secret("bgp", mesh="s3cret")).sessions[0]
    assert (session.password, session.graceful_restart_time) == ("s3cret", 90)
    assert "s3cret" not in repr(session)


def test_a_node_with_our_own_address_is_no_peer() -> None:
    intent = compiled("n1", N1, node("twin", "10.0.0.1/24"), N2)
    assert names(intent) == ["Mesh_10_0_0_2"]
    assert any("more than one Node" in problem.message for problem in intent.problems)


def test_two_peers_with_one_address_are_one_session_and_a_problem() -> None:
    intent = compiled("n1", N1, N2, node("twin", "10.0.0.2/24"))
    assert names(intent) == ["Mesh_10_0_0_2"]
    assert [p.resource for p in intent.problems] == ["Node/twin"]
