"""A peering seen from this node's side: AS, reflection, next hop, timers, and what cannot work."""

from typing import Any

import pytest

from bgpd.intent import NextHopMode, SessionIntent

from .support import by_name, compiled, configuration, messages, names, node, peer, resource, secret

NO_MESH = configuration(nodeToNodeMeshEnabled=False)
N1, N2 = node("n1", "10.0.0.1/24"), node("n2", "10.0.0.2/24")


def session_of(**spec: Any) -> SessionIntent:
    """The session of a peer of n1 outside the cluster."""
    tor = peer("tor", **({"node": "n1", "peerIP": "192.0.2.1", "asNumber": 64567} | spec))
    return compiled("n1", N1, NO_MESH, tor).sessions[0]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, NextHopMode.AUTO),
        ({"nextHopMode": "Self"}, NextHopMode.SELF),
        ({"nextHopMode": "Keep"}, NextHopMode.KEEP),
        ({"nextHopMode": "Auto"}, NextHopMode.AUTO),
        ({"keepOriginalNextHop": True}, NextHopMode.KEEP),
        ({"keepOriginalNextHop": True, "asNumber": 64512}, NextHopMode.AUTO),
        ({"keepOriginalNextHop": True, "localASNumber": 64567}, NextHopMode.AUTO),
        ({"nextHopMode": "Keep", "asNumber": 64512}, NextHopMode.KEEP),
    ],
)
def test_next_hop(spec: dict[str, Any], expected: NextHopMode) -> None:
    assert session_of(**spec).next_hop is expected


@pytest.mark.parametrize(
    ("spec", "field", "expected"),
    [
        ({"ttlSecurity": 1}, "ttl_security", 1),
        ({"ttlSecurity": 0}, "ttl_security", None),
        ({"sourceAddress": "None"}, "source_address", None),
        ({"sourceAddress": "UseNodeIP"}, "source_address", "10.0.0.1"),
        ({"keepaliveTime": "20s"}, "keepalive_time", 20),
        ({"keepaliveTime": "0s"}, "keepalive_time", None),
        ({"maxRestartTime": "10s"}, "graceful_restart_time", 10),
        ({"maxRestartTime": "1500ms"}, "graceful_restart_time", 2),
        ({"localASNumber": 65001}, "local_as", 65001),
        ({"numAllowedLocalASNumbers": 3}, "allow_local_as", 3),
        ({"numAllowedLocalASNumbers": -1}, "allow_local_as", 0),
        ({"asNumber": "1.10"}, "peer_as", 65546),
        ({"asNumber": 4294967295}, "peer_as", 4294967295),
        ({"asNumber": "4294967295"}, "peer_as", 4294967295),
    ],
)
def test_field(spec: dict[str, Any], field: str, expected: object) -> None:
    assert getattr(session_of(**spec), field) == expected


def test_as_0_is_none() -> None:
    nobody = configuration(asNumber=0)
    here, there = node("n1", "10.0.0.1", asNumber=0), node("n2", "10.0.0.2")
    named = peer("p", node="n1", peerIP="192.0.2.1", asNumber=65000, localASNumber=0)
    sessions = compiled("n1", nobody, here, there, named).sessions
    assert {(session.local_as, session.peer_as) for session in sessions} == {(64512, 64512), (64512, 65000)}


def test_a_restart_time_that_does_not_fit_is_cut() -> None:
    tor = peer("tor", node="n1", peerIP="192.0.2.1", asNumber=1, maxRestartTime="2h")
    intent = compiled("n1", N1, NO_MESH, tor)
    assert intent.sessions[0].graceful_restart_time == 4095
    assert "7200 s" in intent.problems[0].message


def test_global_peers_that_are_nodes_obey_the_passive_rule() -> None:
    everyone = (N1, N2, NO_MESH, peer("p", peerIP="10.0.0.2", asNumber=64512, reversePeering="Manual"))
    assert compiled("n1", *everyone).sessions[0].passive
    smaller = (N1, N2, NO_MESH, peer("p", peerIP="10.0.0.1", asNumber=64512, reversePeering="Manual"))
    assert not compiled("n2", *smaller).sessions[0].passive


class TestReflection:
    REFLECTOR = node("r1", "10.0.0.9", routeReflectorClusterID="244.0.0.1", labels={"rr": "true"})
    PEER = peer("rr", nodeSelector="all()", peerSelector="has(rr)")

    def test_the_seeds_procedure(self) -> None:
        second = node("r2", "10.0.0.8", routeReflectorClusterID="244.0.0.1", labels={"rr": "true"})
        cluster = (N1, N2, self.REFLECTOR, second, self.PEER)
        worker = by_name(compiled("n1", *cluster))
        assert list(worker) == ["Mesh_10_0_0_2", "Node_10_0_0_8", "Node_10_0_0_9"]
        assert not any(session.rr_client for session in worker.values())
        reflector = by_name(compiled("r1", *cluster))
        clients = {name: session.rr_client for name, session in reflector.items()}
        assert clients == {"Node_10_0_0_1": True, "Node_10_0_0_2": True, "Node_10_0_0_8": False}
        assert reflector["Node_10_0_0_1"].cluster_id == bytes([244, 0, 0, 1])
        assert reflector["Node_10_0_0_8"].cluster_id is None

    def test_a_reflector_of_another_cluster_is_a_client(self) -> None:
        other = node("r2", "10.0.0.8", routeReflectorClusterID="244.0.0.2", labels={"rr": "true"})
        session = compiled("r1", self.REFLECTOR, other, NO_MESH, self.PEER).sessions[0]
        assert (session.peer_node, session.rr_client) == ("r2", True)

    def test_a_fellow_reflector_named_by_address_is_no_client(self) -> None:
        fellow = node("r2", "10.0.0.8", routeReflectorClusterID="244.0.0.1")
        named = peer("p", node="r1", peerIP="10.0.0.8", asNumber=64512)
        assert not compiled("r1", self.REFLECTOR, fellow, NO_MESH, named).sessions[0].rr_client

    def test_external_peers_are_no_clients(self) -> None:
        tor = peer("p", node="r1", peerIP="192.0.2.1", asNumber=64567)
        assert not compiled("r1", self.REFLECTOR, NO_MESH, tor).sessions[0].rr_client

    def test_internal_is_judged_by_the_local_as_of_the_session(self) -> None:
        tor = peer("p", node="r1", peerIP="192.0.2.1", asNumber=64567, localASNumber=64567)
        assert compiled("r1", self.REFLECTOR, NO_MESH, tor).sessions[0].rr_client


class TestPasswords:
    PEER = peer(
        "tor",
        node="n1",
        peerIP="192.0.2.1",
        asNumber=1,
        password={"secretKeyRef": {"name": "bgp", "key": "tor"}},
    )

    def test_is_read_from_the_secret(self) -> None:
        session = compiled("n1", N1, NO_MESH, self.PEER, secret("bgp", tor="pass word\n")).sessions[0]
        assert (session.password, session.enabled) == ("pass word\n", True)

    @pytest.mark.parametrize("found", [[], [secret("bgp", other="x")], [secret("bgp", tor="")]])
    def test_missing_keeps_the_session_closed(self, found: list[dict[str, Any]]) -> None:
        intent = compiled("n1", N1, NO_MESH, self.PEER, *found)
        session = intent.sessions[0]
        assert (session.password, session.enabled) == (None, False)
        assert session.password_problem == "waiting for the password in Secret bgp, key tor"
        assert (intent.problems[0].session, intent.problems[0].severity) == ("Node_192_0_2_1", "error")

    def test_too_long_for_the_kernel_keeps_it_closed(self) -> None:
        intent = compiled("n1", N1, NO_MESH, self.PEER, secret("bgp", tor="x" * 81))
        assert not intent.sessions[0].enabled

    def test_compat_opens_it_unauthenticated(self) -> None:
        intent = compiled("n1", N1, NO_MESH, self.PEER, BGPD_COMPAT="open-without-password")
        assert (intent.sessions[0].enabled, intent.sessions[0].password) == (True, None)
        assert intent.problems[0].severity == "warning"


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"peerIP": "192.0.2.9"}, "no AS number for the peer 192.0.2.9"),
        ({"peerIP": "192.0.2.9", "asNumber": 0}, "no AS number for the peer 192.0.2.9"),
        ({"peerIP": "fe80::9", "asNumber": 1}, "fe80::9 is link-local and names no interface"),
        ({"peerIP": "0.0.0.0", "asNumber": 1}, "0.0.0.0 is nobody's address"),
    ],
)
def test_one_bad_peer_is_reported_and_touches_no_other(spec: dict[str, Any], message: str) -> None:
    good = peer("good", node="n1", peerIP="192.0.2.1", asNumber=1)
    here = node("n1", "10.0.0.1", ipv6Address="fd00::1")
    intent = compiled("n1", here, NO_MESH, good, peer("bad", node="n1", **spec))
    assert names(intent) == ["Node_192_0_2_1"]
    assert messages(intent) == [message]
    assert intent.problems[0].resource == "BGPPeer/bad"


def test_filters_that_say_something_about_the_family_are_named() -> None:
    only_v4 = resource("BGPFilter", "v4", {"exportV4": [{"action": "Reject"}]})
    tor = peer("tor", node="n1", peerIP="192.0.2.1", asNumber=1, filters=["v4", "gone"])
    tor_v6 = peer("tor6", node="n1", peerIP="2001:db8::1", asNumber=1, filters=["v4"])
    here = node("n1", "10.0.0.1", ipv6Address="fd00::1")
    intent = compiled("n1", here, NO_MESH, only_v4, tor, tor_v6)
    assert [session.filters for session in intent.sessions] == [("v4",), ()]
    assert [p.resource for p in intent.problems] == ["BGPFilter/gone"]
