"""What changes of the resources do to running sessions."""

from dataclasses import fields
from typing import Any

import pytest

from bgpd.intent import (
    FIELD_EFFECTS,
    NODE_FIELD_EFFECTS,
    Effect,
    Intent,
    NodeChanged,
    SessionAdded,
    SessionChanged,
    SessionIntent,
    SessionRemoved,
    diff_intents,
    session_effect,
)

from .support import block, compiled, configuration, node, peer, pool, resource, secret

NODES = (node("n1", "10.0.0.1"), node("n2", "10.0.0.2"))
SECRETS = (secret("s", k="one"), secret("t", k="two"))
REJECT = resource("BGPFilter", "f", {"exportV4": [{"action": "Reject"}]})


def with_tor(**spec: Any) -> Intent:
    annotations = spec.pop("annotations", None)
    tor = peer(
        "tor", annotations=annotations, **({"node": "n1", "peerIP": "192.0.2.1", "asNumber": 1} | spec)
    )
    return compiled("n1", *NODES, *SECRETS, REJECT, tor)


def test_every_field_has_an_effect() -> None:
    assert FIELD_EFFECTS.keys() == {field.name for field in fields(SessionIntent)}
    assert NODE_FIELD_EFFECTS.keys() == {field.name for field in fields(Intent)}


def test_nothing_changed_nothing_to_do() -> None:
    assert diff_intents(with_tor(), with_tor()) == []


@pytest.mark.parametrize(
    ("spec", "changed", "effect"),
    [
        ({"filters": ["f"]}, {"filters", "export_policy"}, Effect.POLICY),
        ({"nextHopMode": "Self"}, {"next_hop"}, Effect.POLICY),
        ({"annotations": {"bgpd.io/max-prefixes": "10"}}, {"max_prefixes"}, Effect.POLICY),
        ({"annotations": {"bgpd.io/graceful-shutdown": "true"}}, {"graceful_shutdown"}, Effect.POLICY),
        ({"annotations": {"bgpd.io/passive": "true"}}, {"passive"}, Effect.NONE),
        ({"annotations": {"bgpd.io/bfd": "true"}}, {"bfd"}, Effect.NONE),
        ({"reachableBy": "10.0.0.254"}, {"reachable_by"}, Effect.NONE),
        ({"numAllowedLocalASNumbers": 1}, {"allow_local_as"}, Effect.REFRESH),
        ({"asNumber": 2}, {"peer_as"}, Effect.RESET),
        ({"localASNumber": 7}, {"local_as"}, Effect.RESET),
        ({"sourceAddress": "None"}, {"source_address"}, Effect.RESET),
        ({"ttlSecurity": 1}, {"ttl_security"}, Effect.RESET),
        ({"maxRestartTime": "9s"}, {"graceful_restart_time"}, Effect.NONE),
        ({"keepaliveTime": "9s"}, {"keepalive_time"}, Effect.NONE),
        ({"password": {"secretKeyRef": {"name": "s", "key": "k"}}}, {"password"}, Effect.RESET),
        ({"password": {"secretKeyRef": {"name": "s", "key": "?"}}}, {"password_problem"}, Effect.RESET),
        ({"annotations": {"bgpd.io/hold-time": "9s"}}, {"hold_time"}, Effect.RESET),
    ],
)
def test_effect_of_a_change(spec: dict[str, Any], changed: set[str], effect: Effect) -> None:
    changes = diff_intents(with_tor(), with_tor(**spec))
    sessions = [change for change in changes if isinstance(change, SessionChanged)]
    assert [change.new.name for change in sessions] == ["Node_192_0_2_1"]
    assert set(sessions[0].changed) == changed
    assert sessions[0].effect is effect
    assert session_effect(sessions[0].old, sessions[0].new) is effect


def test_an_edit_of_labels_that_selects_the_same_touches_nothing() -> None:
    relabelled = (node("n1", "10.0.0.1", labels={"colour": "blue"}), NODES[1])
    assert diff_intents(compiled("n1", *NODES), compiled("n1", *relabelled)) == []


def test_a_session_is_handed_over_from_the_mesh_to_a_bgp_peer() -> None:
    mesh = compiled("n1", *NODES)
    explicit = compiled("n1", *NODES, peer("p", node="n1", peerSelector="all()"))
    changes = [c for c in diff_intents(mesh, explicit) if not isinstance(c, NodeChanged)]
    assert len(changes) == 1
    assert isinstance(changes[0], SessionChanged)
    assert (changes[0].old.name, changes[0].new.name) == ("Mesh_10_0_0_2", "Node_10_0_0_2")
    assert changes[0].effect is Effect.NONE


def test_becoming_a_reflector_resets_no_session() -> None:
    before = compiled("n2", *NODES, peer("p", nodeSelector="all()", peerSelector="has(rr)"))
    reflector = node("n2", "10.0.0.2", routeReflectorClusterID="244.0.0.1", labels={"rr": "true"})
    after = compiled("n2", NODES[0], reflector, peer("p", nodeSelector="all()", peerSelector="has(rr)"))
    changes = diff_intents(before, after)
    assert not any(isinstance(change, SessionAdded | SessionRemoved) for change in changes)
    assert [c.effect for c in changes if isinstance(c, SessionChanged)] == [Effect.POLICY]


def test_order_makes_before_it_breaks() -> None:
    before = compiled(
        "n1",
        *NODES,
        REJECT,
        peer("a", node="n1", peerIP="192.0.2.1", asNumber=1),
        peer("b", node="n1", peerIP="192.0.2.2", asNumber=1),
    )
    after = compiled(
        "n1",
        *NODES,
        REJECT,
        configuration(nodeToNodeMeshEnabled=False),
        pool("p", "10.1.0.0/16"),
        block("n1", "10.1.0.0/26"),
        peer("a", node="n1", peerIP="192.0.2.1", asNumber=2),
        peer("b", node="n1", peerIP="192.0.2.2", asNumber=1, filters=["f"]),
        peer("c", node="n1", peerIP="192.0.2.3", asNumber=1),
    )
    changes = diff_intents(before, after)
    kinds = [type(change) for change in changes]
    assert kinds == [NodeChanged, SessionChanged, SessionAdded, SessionChanged, SessionRemoved]
    node_changed = changes[0]
    assert isinstance(node_changed, NodeChanged)
    assert set(node_changed.changed) == {"mesh", "originated", "kernel_policies"}
    assert node_changed.effect is Effect.POLICY


def test_from_nothing_everything_is_new() -> None:
    changes = diff_intents(None, with_tor())
    assert [type(change) for change in changes] == [SessionAdded, SessionAdded]


def test_another_router_id_concerns_every_session() -> None:
    moved = diff_intents(compiled("n1", *NODES), compiled("n1", *NODES, CALICO_ROUTER_ID="10.9.9.9"))
    assert moved == [NodeChanged(("router_id",), Effect.RESET)]
