"""Every session has an explicit policy for each family in both directions (RFC 8212, sections 2 and 3)."""

from rib.policy import Verdict
from tests.bgpd.intent.support import compiled, configuration, node, peer, pool
from wire import Family


def test_every_session_has_a_policy_in_both_directions() -> None:
    both = {"bgpd.io/families": "ipv4-unicast,ipv6-unicast"}
    intent = compiled(
        "n1",
        configuration(),
        pool("pods", "10.244.0.0/16"),
        node("n1", "10.0.0.1/24", ipv6Address="fd00::1/64"),
        node("n2", "10.0.0.2/24"),
        peer("tor", peerIP="10.0.0.254", asNumber=65001, annotations=both),
        peer("clients", asNumber=65002, annotations={"bgpd.io/listen-range": "10.9.0.0/16"}),
    )
    assert len(intent.sessions) == 3
    for session in intent.sessions:
        assert set(session.import_policy) == set(session.export_policy) == set(session.families)
        for family in session.families:
            assert session.export_policy[family].default is Verdict.REJECT
            assert session.import_policy[family].default is Verdict.ACCEPT
    assert {family for session in intent.sessions for family in session.families} == set(Family)
