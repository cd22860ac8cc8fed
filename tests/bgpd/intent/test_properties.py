"""What holds for every set of resources."""

import json
from collections.abc import Iterator
from dataclasses import fields

from hypothesis import given, settings
from hypothesis import strategies as st

from bgpd.intent import (
    Intent,
    SessionIntent,
    compile_cluster,
    compile_intent,
    diff_intents,
    policy_check,
    topology_document,
    topology_dot,
    topology_rows,
)
from bgpd.resources import Snapshot

from .strategies import NAMES, clusters, selector_clusters
from .support import requests, route

_ROUTES = [
    route("10.1.0.0/26"),
    route("10.1.0.5/32", "inherit", metric=0, ifname="cali1"),
    route("10.9.0.0/16", "bgp", as_path=[64513], communities=[[1, 2]], next_hop="10.0.0.2"),
]


@given(clusters(), st.sampled_from((*NAMES, "absent")))
@settings(max_examples=50, deadline=None)
def test_no_set_of_resources_makes_it_raise(cluster: Snapshot, name: str) -> None:
    intent = compile_intent(cluster, name, {})
    assert json.dumps(topology_document(intent))
    for session in intent.sessions:
        for direction in ("export", "import"):
            assert len(policy_check(intent, requests(session.name, direction, _ROUTES))) == len(_ROUTES)
    assert len(policy_check(intent, requests(None, "kernel", _ROUTES))) == len(_ROUTES)
    assert len(diff_intents(None, intent)) <= len(intent.sessions)
    intents = compile_cluster(cluster, {})
    assert topology_dot(intents)
    assert len(topology_rows(intents)) == sum(len(each.sessions) for each in intents)


@given(clusters())
@settings(max_examples=30, deadline=None)
def test_the_answer_is_always_the_same(cluster: Snapshot) -> None:
    reordered = Snapshot(
        resources={kind: cluster.resources[kind] for kind in reversed(cluster.resources)},
        secrets=cluster.secrets,
        endpoint_status=cluster.endpoint_status,
    )
    for name in NAMES:
        one, other = compile_intent(cluster, name, {}), compile_intent(reordered, name, {})
        assert diff_intents(one, other) == []
        assert all(getattr(one, field.name) == getattr(other, field.name) for field in fields(Intent))


@given(clusters())
@settings(max_examples=30, deadline=None)
def test_sessions_are_named_once_and_endpoints_run_once(cluster: Snapshot) -> None:
    for intent in compile_cluster(cluster, {}):
        names = [session.name for session in intent.sessions]
        assert names == sorted(set(names))
        running = [(s.peer_ip, s.peer_port) for s in intent.sessions if s.shadowed_by is None]
        assert len(running) == len(set(running))
        assert all(s.peer_as > 0 for s in intent.sessions)
        own = set(intent.addresses.values())
        assert not any(s.peer_ip in own for s in intent.sessions)


def _between_nodes(intents: tuple[Intent, ...]) -> Iterator[tuple[Intent, SessionIntent]]:
    for intent in intents:
        for session in intent.sessions:
            if session.peer_node is not None and session.shadowed_by is None:
                yield intent, session


@given(selector_clusters())
@settings(max_examples=50, deadline=None)
def test_a_session_from_here_to_there_is_one_from_there_to_here(cluster: Snapshot) -> None:
    intents = compile_cluster(cluster, {})
    by_node = {intent.node: intent for intent in intents}
    for here, session in _between_nodes(intents):
        there = by_node[session.peer_node or ""]
        back = [
            other
            for other in there.sessions
            if other.peer_node == here.node and other.family is session.family and other.shadowed_by is None
        ]
        assert len(back) == 1
        assert (back[0].local_as, back[0].peer_as) == (session.peer_as, session.local_as)
        assert (back[0].password, back[0].enabled) == (session.password, session.enabled)
        assert not (back[0].passive and session.passive)
        assert back[0].peer_port == here.listen.port
        assert session.peer_ip == there.addresses[session.family]
        assert not (back[0].rr_client and session.rr_client) or here.cluster_id != there.cluster_id
