"""Peerings with workloads of this node."""

from typing import Any

from bgpd.intent import Intent, SessionType, compile_intent

from .support import configuration, node, peer, resource, secret, snapshot

HERE = node("n1", "10.0.0.1/24", ipv6Address="fd00::1/64")
NO_MESH = configuration(nodeToNodeMeshEnabled=False)
FILTER = resource("BGPFilter", "f", {"importV4": [{"action": "Reject"}]})


def intent_of(status: dict[str, Any], *documents: dict[str, Any]) -> Intent:
    return compile_intent(
        snapshot(HERE, NO_MESH, FILTER, *documents, endpoint_status={"w": status}), "n1", {}
    )


def status(bgp_peer: str = "vm", **fields: Any) -> dict[str, Any]:
    nets = {"ipv4Nets": ["10.1.0.5/32", "10.1.0.6/32"], "ipv6Nets": ["fd00:1::5/128"]}
    return {"ifaceName": "cali1", "bgpPeerName": bgp_peer} | nets | fields


def workload_peer(**spec: Any) -> dict[str, Any]:
    return peer("vm", localWorkloadSelector="app == 'router'", asNumber=64516, **spec)


def test_the_first_address_of_each_family_is_a_peer() -> None:
    sessions = intent_of(status(), workload_peer()).sessions
    assert [session.name for session in sessions] == [
        "Local_Workload_10_1_0_5",
        "Local_Workload_fd00_1__5",
    ]
    session = sessions[0]
    assert (session.type, session.passive, session.source_address) == (SessionType.WORKLOAD, True, None)
    assert (session.peer_as, session.local_as) == (64516, 64512)


def test_only_as_numbers_and_filters_are_taken() -> None:
    settings = workload_peer(
        node="n1",
        localASNumber=65001,
        filters=["f"],
        ttlSecurity=1,
        keepaliveTime="5s",
        maxRestartTime="5s",
        nextHopMode="Self",
        password={"secretKeyRef": {"name": "s", "key": "k"}},
    )
    session = intent_of(status(), settings, secret("s", k="x")).sessions[0]
    assert (session.local_as, session.filters) == (65001, ("f",))
    assert (session.password, session.ttl_security, session.keepalive_time) == (None, None, None)
    assert (session.graceful_restart_time, session.next_hop.value) == (120, "auto")


def test_workloads_of_other_peers_and_other_nodes_are_not_ours() -> None:
    assert intent_of(status("other"), workload_peer()).sessions == ()
    assert intent_of(status(), workload_peer(node="n2")).sessions == ()


def test_a_workload_without_addresses_is_no_peer() -> None:
    assert intent_of(status(ipv4Nets=[], ipv6Nets=["garbage"]), workload_peer()).sessions == ()
