"""What a plan says of interruptions that BGP cannot avoid."""

import pytest

from bgpd.intent.plan_document import plan_text
from tests.bgpd.intent.support import Document, block, configuration, node, peer, resource
from tests.bgpd.intent.test_plan import cluster, plan

TOR = peer("tor", peerIP="10.9.0.1", asNumber=65010)
KEPT = "4 session ends between nodes are reset, and their routes are kept meanwhile"


@pytest.mark.parametrize(
    ("change", "severity", "text"),
    [
        (configuration(asNumber=65000), "note", "6 session ends between nodes are reset"),
        (node("n1", "10.0.0.1/24", asNumber=65001), "note", KEPT),
        (
            configuration(asNumber=65000),
            "warning",
            "3 session ends with 10.9.0.1 get other AS numbers: they stay down until the router",
        ),
        (
            peer("tor", peerIP="10.9.0.1", asNumber=65011),
            "warning",
            "and their routes are lost after 120 s, or at once where it does not know RFC 8538",
        ),
        (
            peer("tor", peerIP="10.9.0.1", asNumber=65010, sourceAddress="None"),
            "warning",
            "3 session ends with 10.9.0.1 are reset: what only they carry is lost for some seconds, unless",
        ),
        (
            peer("tor", peerIP="10.9.0.1", asNumber=65010, sourceAddress="None", maxRestartTime="0s"),
            "warning",
            "3 session ends are reset without graceful restart",
        ),
        (
            peer("tor", peerIP="10.9.0.1:1790", asNumber=65010),
            "warning",
            "3 session ends with 10.9.0.1 move to another port",
        ),
        (
            node("n1", "10.0.0.77/24", labels={"rack": "1"}),
            "warning",
            "n1 get another router id and begin anew as other routers",
        ),
    ],
    ids=str,
)
def test_a_plan_tells_what_is_lost(change: Document, severity: str, text: str) -> None:
    found = plan([*cluster(3), TOR], change)
    assert [one.severity for one in found.findings if text in one.text] == [severity]
    assert any(text in line for line in plan_text(found))


def test_a_router_that_is_no_longer_a_peer_is_named() -> None:
    found = plan([*cluster(2), TOR], removed=(("BGPPeer", "tor"),))
    assert [(one.severity, one.text) for one in found.findings] == [
        ("note", "2 session ends with 10.9.0.1 end: what only routers there announce is lost")
    ]


@pytest.mark.parametrize(
    "change",
    [
        peer("tor", peerIP="10.9.0.1", asNumber=65010, keepOriginalNextHop=True),
        peer("tor", peerIP="10.9.0.1", asNumber=65010, nextHopMode="Keep"),
        block("n1", "10.244.99.0/26"),
        resource("IPPool", "pods", {"cidr": "10.244.0.0/16", "ipipMode": "CrossSubnet"}),
    ],
    ids=str,
)
def test_what_changes_on_the_live_session_interrupts_nothing(change: Document) -> None:
    assert plan([*cluster(3), TOR], change).findings == ()
