"""Only to Customer: every rule of RFC 9234, section 5, in both directions."""

import pytest

from rib import PeerKind
from tests.rib.support import IPV4, Receiver, announce, attributes, drain, prefix, router, settings
from wire import BgpRole

PROVIDER, SERVER, SERVER_CLIENT, CUSTOMER, PEER = BgpRole
PREFIX = "203.0.113.0/24"
OUR_AS, THEIR_AS = 64512, 65001


def external(name, address, peer_as, role):
    return settings(name, PeerKind.EBGP, address, peer_as, role=role)


def received(role, otc):
    """What becomes of a route from a peer towards which our role is this one."""
    of = router()
    of.add_peer(external("them", "10.0.0.1", THEIR_AS, role))
    of.receive("them", announce(attributes(THEIR_AS, only_to_customer=otc), PREFIX))
    drain(of)
    (row,) = of.routes(IPV4, prefix=prefix(PREFIX))
    return row


@pytest.mark.parametrize("role", [PROVIDER, SERVER])
def test_marked_route_from_a_customer_is_a_leak(role):
    row = received(role, 65009)
    assert not row.best
    assert "RFC 9234" in row.rejected


@pytest.mark.parametrize(("otc", "best"), [(THEIR_AS, True), (65009, False)])
def test_route_from_a_peer_must_be_marked_by_itself(otc, best):
    assert received(PEER, otc).best is best


@pytest.mark.parametrize("role", [CUSTOMER, PEER, SERVER_CLIENT])
def test_unmarked_route_from_above_or_beside_is_marked_with_their_as(role):
    assert received(role, None).attributes.only_to_customer == THEIR_AS


@pytest.mark.parametrize(
    ("role", "otc"), [(CUSTOMER, 65009), (SERVER_CLIENT, 65009), (None, 65009), (None, None)]
)
def test_mark_stays_as_it_came(role, otc):
    row = received(role, otc)
    assert row.best
    assert row.attributes.only_to_customer == otc


@pytest.mark.parametrize("role", [PROVIDER, SERVER])
def test_unmarked_route_from_a_customer_stays_unmarked(role):
    assert received(role, None).attributes.only_to_customer is None


def sent(role, otc):
    """What a peer is sent towards which our role is this one, None when it is sent nothing."""
    of = router()
    of.add_peer(external("source", "10.0.0.1", THEIR_AS, None))
    target = Receiver(external("target", "10.0.0.2", 65002, role))
    of.add_peer(target.settings)
    of.receive("source", announce(attributes(THEIR_AS, only_to_customer=otc), PREFIX))
    drain(of, target)
    return target.table().get(prefix(PREFIX))


@pytest.mark.parametrize("role", [CUSTOMER, PEER, SERVER_CLIENT])
def test_marked_route_goes_neither_up_nor_sideways(role):
    assert sent(role, 65009) is None


@pytest.mark.parametrize("role", [PROVIDER, SERVER, None])
def test_marked_route_goes_down_with_its_mark(role):
    assert sent(role, 65009).only_to_customer == 65009


@pytest.mark.parametrize("role", [PROVIDER, PEER, SERVER])
def test_unmarked_route_is_marked_with_our_as_on_the_way_down_or_sideways(role):
    assert sent(role, None).only_to_customer == OUR_AS


@pytest.mark.parametrize("role", [CUSTOMER, SERVER_CLIENT, None])
def test_unmarked_route_goes_up_unmarked(role):
    assert sent(role, None).only_to_customer is None


def test_mark_crosses_our_own_as():
    of = router()
    of.add_peer(external("provider", "10.0.0.1", THEIR_AS, CUSTOMER))
    inside = Receiver(settings("inside", PeerKind.IBGP, "10.0.0.2"))
    of.add_peer(inside.settings)
    of.receive("provider", announce(attributes(THEIR_AS), PREFIX))
    drain(of, inside)
    assert inside.table()[prefix(PREFIX)].only_to_customer == THEIR_AS
