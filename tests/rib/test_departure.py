"""What leaves the AS, and what asks to be avoided."""

import pytest

from rib import PeerKind
from tests.rib.support import (
    Receiver,
    announce,
    attributes,
    communities,
    drain,
    prefix,
    router,
    settings,
)
from wire import WellKnownCommunity

PREFIX = "203.0.113.0/24"
SHUTDOWN = communities(WellKnownCommunity.GRACEFUL_SHUTDOWN)
TRANSITIVE, NON_TRANSITIVE = bytes.fromhex("0002fc0000000001"), bytes.fromhex("4004fc0000000002")


def sent(value, kind, **fields):
    """The router, the receiver, and what it has been sent of a route from an external peer."""
    of = router()
    of.add_peer(settings("source", PeerKind.EBGP, "10.0.0.1", 65001))
    target = Receiver(
        settings("target", kind, "10.0.0.2", 65002 if kind is PeerKind.EBGP else 64512, **fields)
    )
    of.add_peer(target.settings)
    of.receive("source", announce(value, PREFIX))
    drain(of, target)
    return of, target, target.table().get(prefix(PREFIX))


@pytest.mark.parametrize(
    ("kind", "left"), [(PeerKind.EBGP, TRANSITIVE), (PeerKind.IBGP, NON_TRANSITIVE + TRANSITIVE)]
)
def test_non_transitive_extended_communities_end_at_the_border(kind, left):
    """RFC 4360, section 6."""
    _, _, got = sent(attributes(65001, extended_communities=NON_TRANSITIVE + TRANSITIVE), kind)
    assert got.extended_communities == left


@pytest.mark.parametrize(("kind", "local_pref"), [(PeerKind.EBGP, None), (PeerKind.IBGP, 0)])
def test_graceful_shutdown_asks_for_any_other_way(kind, local_pref):
    """RFC 8326, section 4: the community for external peers, LOCAL_PREF 0 for internal ones."""
    _, _, got = sent(attributes(65001), kind, graceful_shutdown=True)
    assert got.communities == SHUTDOWN
    assert got.local_pref == local_pref


def test_graceful_shutdown_is_not_added_twice():
    _, _, got = sent(attributes(65001, communities=SHUTDOWN), PeerKind.EBGP, graceful_shutdown=True)
    assert got.communities == SHUTDOWN


def test_graceful_shutdown_of_a_live_session_is_told_at_once_and_taken_back():
    of, target, before = sent(attributes(65001), PeerKind.EBGP)
    fields = {"local_as": 64512, "graceful_shutdown": True}
    of.update_peer(settings("target", PeerKind.EBGP, "10.0.0.2", 65002, **fields))
    drain(of, target)
    assert target.table()[prefix(PREFIX)].communities == SHUTDOWN

    of.update_peer(target.settings)
    drain(of, target)
    assert target.table()[prefix(PREFIX)] == before
