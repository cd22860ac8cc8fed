"""`policy check` as a dialogue: answers in order, malformed requests named, thousands in seconds."""

import time
from typing import Any

import pytest

from bgpd.intent import PolicyRequestError, policy_check

from .support import block, compiled, node, pool, requests, route

CLUSTER = (
    node("n1", "10.0.0.1/24"),
    node("n2", "10.0.0.2/24"),
    pool("p", "10.1.0.0/16"),
    block("n1", "10.1.0.0/26"),
)
GOOD = requests("Mesh_10_0_0_2", "export", [route("10.1.0.0/26")])[0]


def test_answers_come_in_the_order_of_the_requests() -> None:
    nets = [f"10.{second}.0.0/16" for second in (1, 2, 1)]
    answers = policy_check(compiled("n1", *CLUSTER), requests("Mesh_10_0_0_2", "export", map(route, nets)))
    assert [answer["accept"] for answer in answers] == [True, False, True]


def test_null_says_as_much_as_no_field() -> None:
    plain = route("10.1.0.0/26")
    nulls = plain | dict.fromkeys(
        ("as_path", "communities", "large_communities", "next_hop", "ifname", "metric")
    )
    one, other = policy_check(compiled("n1", *CLUSTER), requests("Mesh_10_0_0_2", "export", [plain, nulls]))
    assert one == other


def test_an_unknown_session_accepts_nothing() -> None:
    answers = policy_check(compiled("n1", *CLUSTER), [GOOD | {"session": "Mesh_10_0_0_9"}])
    assert answers == [{"accept": False, "rule": "no such session", "changes": {}}]


def test_a_family_the_session_does_not_carry() -> None:
    asked = requests("Mesh_10_0_0_2", "export", [route("fd00::/64")])
    assert policy_check(compiled("n1", *CLUSTER), asked)[0]["rule"] == "family not carried"


def test_nothing_is_accepted_into_the_kernel_of_an_absent_node() -> None:
    asked = requests(None, "kernel", [route("10.1.0.0/26")])
    assert policy_check(compiled("gone"), asked)[0]["accept"] is False


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"family": "ipx"}, "request 1: family is 'ipx', give one of: ipv4, ipv6"),
        ({"direction": "sideways"}, "request 1: direction is 'sideways', give one of: export, import"),
        ({"route": route("10.1.0.0/26", "rip")}, "request 1: source is 'rip', give one of: static"),
        ({"route": route("fd00::/64")}, "request 1: net fd00::/64 is not ipv4"),
        ({"route": {"net": "10.0.0.0/8"}}, "request 1: 'source' is missing"),
        ({"route": route("10.1.0.0/26", communities=[[1, 70000]])}, "request 1: "),
        ({"route": None}, "request 1: "),
    ],
)
def test_a_malformed_request_is_named(change: dict[str, Any], text: str) -> None:
    with pytest.raises(PolicyRequestError) as caught:
        policy_check(compiled("n1", *CLUSTER), [GOOD, GOOD | change])
    assert str(caught.value).startswith(text)


def test_a_missing_field_is_named() -> None:
    with pytest.raises(PolicyRequestError, match="request 0: 'session' is missing"):
        policy_check(compiled("n1", *CLUSTER), [{k: v for k, v in GOOD.items() if k != "session"}])


def test_ten_thousand_decisions_take_seconds() -> None:
    routes = [route(f"10.{n >> 8}.{n & 255}.0/24", "bgp", local_pref=100) for n in range(10_000)]
    intent = compiled("n1", *CLUSTER)
    started = time.process_time()
    assert len(policy_check(intent, requests("Mesh_10_0_0_2", "export", routes))) == 10_000
    assert time.process_time() - started < 10
