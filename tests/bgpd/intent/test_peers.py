"""BGPPeers: global, of one node, by selectors, and the other end of each."""

import pytest

from bgpd.intent import SessionType

from .support import by_name, compiled, configuration, messages, names, node, peer

NO_MESH = configuration(nodeToNodeMeshEnabled=False)
N1 = node("n1", "10.0.0.1/24", labels={"rack": "a"})
N2 = node("n2", "10.0.0.2/24", labels={"rack": "b"})
N3 = node("n3", "10.0.0.3/24", labels={"rack": "b"})
NODES = (N1, N2, N3, NO_MESH)


def test_global_peer_is_on_every_node() -> None:
    tor = peer("tor", peerIP="192.0.2.1", asNumber=64567)
    for at in ("n1", "n2", "n3"):
        session = compiled(at, *NODES, tor).sessions[0]
        assert (session.name, session.type) == ("Global_192_0_2_1", SessionType.GLOBAL)
        assert (session.resource, session.peer_as, session.peer_node) == ("BGPPeer/tor", 64567, None)
        assert not session.passive


@pytest.mark.parametrize("where", [{"node": "n1"}, {"nodeSelector": "rack == 'a'"}])
def test_peer_of_some_nodes(where: dict[str, str]) -> None:
    tor = peer("tor", peerIP="192.0.2.1", asNumber=64567, **where)
    session = compiled("n1", *NODES, tor).sessions[0]
    assert (session.name, session.type) == ("Node_192_0_2_1", SessionType.NODE)
    assert compiled("n2", *NODES, tor).sessions == ()


def test_a_node_that_does_not_exist_has_no_effect() -> None:
    assert compiled("n1", *NODES, peer("x", node="gone", peerIP="192.0.2.1", asNumber=1)).sessions == ()


@pytest.mark.parametrize(
    ("address", "name", "port"),
    [
        ("192.0.2.1:1790", "Node_192_0_2_1_port_1790", 1790),
        ("192.0.2.1:179", "Node_192_0_2_1", 179),
        ("[2001:db8::1]:500", "Node_2001_db8__1_port_500", 500),
        ("2001:db8::1", "Node_2001_db8__1", 179),
        ("2001:0DB8::0001", "Node_2001_db8__1", 179),
    ],
)
def test_port_of_the_address(address: str, name: str, port: int) -> None:
    here = node("n1", "10.0.0.1", ipv6Address="fd00::1")
    session = compiled("n1", here, NO_MESH, peer("p", node="n1", peerIP=address, asNumber=1)).sessions[0]
    assert (session.name, session.peer_port) == (name, port)


def test_a_node_named_by_address_is_met_on_its_listen_port() -> None:
    ports = configuration("node.n2", listenPort=1792)
    by_address = peer("p", node="n1", peerIP="10.0.0.2", asNumber=64512)
    assert names(compiled("n1", *NODES, ports, by_address)) == ["Node_10_0_0_2_port_1792"]
    other_as = peer("p", node="n1", peerIP="10.0.0.2", asNumber=65000)
    assert names(compiled("n1", *NODES, ports, other_as)) == ["Node_10_0_0_2"]


def test_a_peer_without_any_peer_is_reported() -> None:
    assert messages(compiled("n1", *NODES, peer("empty", node="n1"))) == ["names no peer"]


class TestSelectors:
    def test_peers_are_the_selected_nodes(self) -> None:
        selected = peer("p", nodeSelector="rack == 'a'", peerSelector="rack == 'b'")
        sessions = by_name(compiled("n1", *NODES, selected))
        assert list(sessions) == ["Node_10_0_0_2", "Node_10_0_0_3"]
        session = sessions["Node_10_0_0_2"]
        assert (session.peer_node, session.peer_as, session.resource) == ("n2", 64512, "BGPPeer/p")

    def test_the_other_end_has_the_session_too(self) -> None:
        selected = peer("p", nodeSelector="rack == 'a'", peerSelector="rack == 'b'")
        session = compiled("n2", *NODES, selected).sessions[0]
        assert (session.name, session.type, session.peer_node) == ("Node_10_0_0_1", SessionType.NODE, "n1")

    def test_unless_it_shall_not(self) -> None:
        selected = peer("p", nodeSelector="rack == 'a'", peerSelector="rack == 'b'", reversePeering="Manual")
        assert compiled("n2", *NODES, selected).sessions == ()

    def test_a_node_is_no_peer_of_itself(self) -> None:
        everyone = peer("p", nodeSelector="all()", peerSelector="all()")
        assert names(compiled("n1", *NODES, everyone)) == ["Node_10_0_0_2", "Node_10_0_0_3"]

    def test_both_families_and_each_nodes_port_and_as(self) -> None:
        here = node("n1", "10.0.0.1", ipv6Address="fd00::1")
        there = node("n2", "10.0.0.2", ipv6Address="fd00::2", asNumber=65002)
        port = configuration("node.n2", listenPort=1792)
        sessions = compiled(
            "n1", here, there, NO_MESH, port, peer("p", node="n1", peerSelector="all()")
        ).sessions
        assert [s.name for s in sessions] == ["Node_10_0_0_2_port_1792", "Node_fd00__2_port_1792"]
        assert {(s.peer_as, s.peer_port) for s in sessions} == {(65002, 1792)}

    def test_global_selector_peers_never_wait(self) -> None:
        assert [s.passive for s in compiled("n1", *NODES, peer("p", peerSelector="all()")).sessions] == [
            False,
            False,
        ]

    def test_local_as_and_allowed_local_as_are_for_addresses_only(self) -> None:
        settings = {"localASNumber": 65009, "numAllowedLocalASNumbers": 2}
        session = compiled(
            "n1", *NODES, peer("p", node="n1", peerSelector="rack == 'b'", **settings)
        ).sessions[0]
        assert (session.local_as, session.allow_local_as) == (64512, 0)
        named = peer("p", node="n1", peerIP="192.0.2.1", asNumber=1, **settings)
        session = compiled("n1", *NODES, named).sessions[0]
        assert (session.local_as, session.allow_local_as) == (65009, 2)

    def test_compat_selector_local_as(self) -> None:
        settings = {"localASNumber": 65009, "numAllowedLocalASNumbers": 2}
        selected = peer("p", node="n1", peerSelector="rack == 'b'", **settings)
        here = compiled("n1", *NODES, selected, BGPD_COMPAT="selector-local-as").sessions[0]
        there = compiled("n2", *NODES, selected, BGPD_COMPAT="selector-local-as").sessions[0]
        assert (here.local_as, here.allow_local_as, there.peer_as) == (65009, 2, 65009)


class TestReverseOfAnAddress:
    def test_the_node_with_that_address_has_the_session_too(self) -> None:
        named = peer("p", node="n1", peerIP="10.0.0.2", asNumber=64512)
        session = compiled("n2", *NODES, named).sessions[0]
        assert (session.name, session.peer_node) == ("Node_10_0_0_1", "n1")

    def test_of_a_global_peer_towards_all_nodes(self) -> None:
        named = peer("p", peerIP="10.0.0.2", asNumber=64512)
        assert names(compiled("n2", *NODES, named)) == ["Node_10_0_0_1", "Node_10_0_0_3"]
        assert names(compiled("n1", *NODES, named)) == ["Global_10_0_0_2"]

    def test_not_if_the_as_is_another(self) -> None:
        assert compiled("n2", *NODES, peer("p", node="n1", peerIP="10.0.0.2", asNumber=65000)).sessions == ()

    @pytest.mark.parametrize(("port", "found"), [(1792, ["Node_10_0_0_1_port_1790"]), (1790, []), (179, [])])
    def test_the_port_must_be_the_one_it_listens_on(self, port: int, found: list[str]) -> None:
        ports = (
            configuration("node.n2", listenPort=1792),
            configuration(listenPort=1790, nodeToNodeMeshEnabled=False),
        )
        named = peer("p", node="n1", peerIP=f"10.0.0.2:{port}", asNumber=64512)
        assert names(compiled("n2", N1, N2, N3, *ports, named)) == found

    def test_an_ipv4_mapped_address_is_the_ipv4_address(self) -> None:
        named = peer("p", node="n1", peerIP="::ffff:10.0.0.2", asNumber=64512, reachableBy="10.0.0.254")
        assert names(compiled("n1", *NODES, named)) == ["Node_10_0_0_2"]
        assert names(compiled("n2", *NODES, named)) == ["Node_10_0_0_1"]

    def test_only_in_the_family_of_the_address(self) -> None:
        here = node("n1", "10.0.0.1", ipv6Address="fd00::1")
        there = node("n2", "10.0.0.2", ipv6Address="fd00::2")
        named = peer("p", node="n1", peerIP="fd00::2", asNumber=64512)
        assert names(compiled("n2", here, there, NO_MESH, named)) == ["Node_fd00__1"]


class TestConflicts:
    def test_a_global_peering_hides_one_of_the_node(self) -> None:
        both = (
            peer("a", node="n1", peerIP="192.0.2.1", asNumber=1),
            peer("b", peerIP="192.0.2.1", asNumber=2),
        )
        intent = compiled("n1", *NODES, *both)
        assert names(intent) == ["Global_192_0_2_1"]
        assert intent.sessions[0].peer_as == 2
        assert [p.resource for p in intent.problems] == ["BGPPeer/a"]

    def test_the_first_by_name_wins(self) -> None:
        both = (peer("b", peerIP="192.0.2.1", asNumber=2), peer("a", peerIP="192.0.2.1:179", asNumber=1))
        intent = compiled("n1", *NODES, *both)
        assert (names(intent), intent.sessions[0].peer_as) == (["Global_192_0_2_1"], 1)
        assert intent.problems[0].resource == "BGPPeer/b"

    def test_other_ports_are_other_peers(self) -> None:
        both = (peer("a", peerIP="192.0.2.1", asNumber=1), peer("b", peerIP="192.0.2.1:1790", asNumber=2))
        assert names(compiled("n1", *NODES, *both)) == ["Global_192_0_2_1", "Global_192_0_2_1_port_1790"]

    def test_an_explicit_peering_beats_the_implied_one_silently(self) -> None:
        explicit = peer("z", node="n2", peerSelector="rack == 'a'", keepaliveTime="7s")
        implied = peer("a", node="n1", peerSelector="rack == 'b'", keepaliveTime="5s")
        intent = compiled("n2", *NODES, explicit, implied)
        assert [(s.keepalive_time, s.resource) for s in intent.sessions] == [(7, "BGPPeer/z")]
        assert intent.problems == ()

    def test_an_explicit_peering_runs_in_place_of_the_mesh(self) -> None:
        intent = compiled("n1", N1, N2, peer("p", node="n1", peerSelector="rack == 'b'"))
        sessions = by_name(intent)
        assert sessions["Mesh_10_0_0_2"].shadowed_by == "Node_10_0_0_2"
        assert not sessions["Mesh_10_0_0_2"].enabled
        assert sessions["Node_10_0_0_2"].enabled
        assert [p.severity for p in intent.problems] == ["warning"]


class TestReachableBy:
    def test_gives_a_host_route(self) -> None:
        behind = peer("p", peerIP="192.0.2.1", asNumber=1, reachableBy="10.0.0.254")
        intent = compiled("n1", *NODES, behind)
        assert intent.sessions[0].reachable_by == "10.0.0.254"
        route = intent.static_routes[0]
        assert (route.prefix, route.gateway) == (bytes([32, 192, 0, 2, 1]), "10.0.0.254")

    def test_and_none_on_nodes_without_the_peering(self) -> None:
        behind = peer("p", node="n2", peerIP="192.0.2.1", asNumber=1, reachableBy="10.0.0.254")
        assert compiled("n1", *NODES, behind).static_routes == ()

    def test_never_to_the_node_itself(self) -> None:
        """A peering of all nodes with one of them concerns that one too, as its own peer."""
        behind = peer("p", peerIP="10.0.0.2", asNumber=64512, reachableBy="10.0.0.254")
        assert compiled("n2", *NODES, behind).static_routes != ()
        routes = {route.prefix for route in compiled("n2", *NODES, behind).static_routes}
        assert bytes([32, 10, 0, 0, 2]) not in routes
