"""The 4 x 4 table of RFC 4456, and what reflection adds, seen from the wire."""

import pytest

from rib import PeerKind, Refusal
from rib.reflection import PROPAGATION, Propagation
from tests.rib.support import IPV4, OUR_ID, Receiver, announce, attributes, drain, prefix, router, settings
from wire import parse_address

KINDS = {
    PeerKind.EBGP: settings("ebgp", PeerKind.EBGP, "10.0.0.1", 65001),
    PeerKind.IBGP: settings("ibgp", PeerKind.IBGP, "10.0.0.2"),
    PeerKind.IBGP_CLIENT: settings("client", PeerKind.IBGP_CLIENT, "10.0.0.3"),
}
SECOND = {
    PeerKind.EBGP: settings("ebgp-2", PeerKind.EBGP, "10.0.1.1", 65002),
    PeerKind.IBGP: settings("ibgp-2", PeerKind.IBGP, "10.0.1.2"),
    PeerKind.IBGP_CLIENT: settings("client-2", PeerKind.IBGP_CLIENT, "10.0.1.3"),
}


def sent(source, target, value, **fields):
    """What the target gets of a route of the source."""
    of = router(**fields)
    of.add_peer(source)
    of.add_peer(target)
    receiver, back = Receiver(target), Receiver(source)
    of.receive(source.name, announce(value, "10.1.0.0/26"))
    drain(of, receiver, back)
    assert back.table() == {}  # never back to where it came from
    return receiver.table().get(prefix("10.1.0.0/26"))


@pytest.mark.parametrize("target", KINDS)
@pytest.mark.parametrize("source", KINDS)
def test_table_is_what_peers_get(source, target):
    value = sent(KINDS[source], SECOND[target], attributes(65001))
    propagation = PROPAGATION[source, target]
    assert (value is None) == (propagation is Propagation.NO)
    if value is not None:
        assert (value.cluster_list != b"") == (propagation is Propagation.REFLECTED)


def test_internal_routes_pass_only_from_or_to_clients():
    internal = [PeerKind.IBGP, PeerKind.IBGP_CLIENT]
    rows = {
        (source.value, target.value): PROPAGATION[source, target].value
        for source in internal
        for target in internal
    }
    assert rows == {
        ("ibgp", "ibgp"): "not sent",
        ("ibgp", "ibgp-client"): "reflected",
        ("ibgp-client", "ibgp"): "reflected",
        ("ibgp-client", "ibgp-client"): "reflected",
    }


@pytest.mark.parametrize(("source", "target"), [("IBGP_CLIENT", "IBGP"), ("IBGP", "IBGP_CLIENT")])
def test_reflection_names_originator_and_cluster(source, target):
    value = sent(
        KINDS[PeerKind[source]], SECOND[PeerKind[target]], attributes(), cluster_id=parse_address("244.0.0.1")
    )
    assert value.originator_id == KINDS[PeerKind[source]].bgp_identifier
    assert value.cluster_list == parse_address("244.0.0.1")
    assert value.next_hop == parse_address("10.0.0.1")


def test_originator_is_set_once_and_cluster_is_prepended():
    first = parse_address("10.7.7.7")
    value = sent(
        KINDS[PeerKind.IBGP_CLIENT],
        SECOND[PeerKind.IBGP],
        attributes(originator_id=first, cluster_list=b"\1\1\1\1"),
    )
    assert value.originator_id == first
    assert value.cluster_list == OUR_ID + b"\1\1\1\1"


def test_reflection_ends_at_the_border_of_the_as():
    value = sent(
        KINDS[PeerKind.IBGP],
        SECOND[PeerKind.EBGP],
        attributes(originator_id=b"\1\1\1\1", cluster_list=b"\2\2\2\2"),
    )
    assert value.originator_id is None
    assert value.cluster_list == b""


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (attributes(64512, 65001), "AS_PATH loop"),
        (attributes(originator_id=OUR_ID), "ORIGINATOR_ID"),
        (attributes(cluster_list=b"\1\1\1\1" + OUR_ID), "CLUSTER_LIST"),
    ],
)
def test_loops_are_kept_with_their_reason_and_go_nowhere(value, words):
    of = router()
    of.add_peer(KINDS[PeerKind.IBGP_CLIENT])
    of.receive("client", announce(value, "10.1.0.0/26"))
    assert [row.best for row in of.routes(IPV4)] == [False]
    [row] = of.routes(IPV4)
    assert words in row.rejected
    assert not row.best
    assert {reason: count for reason, count in of.refused("client").items() if count} == {row.rejected: 1}


def test_loops_are_counted_by_route_over_all_sessions_of_a_peer():
    of = router()
    for _ in range(2):
        of.add_peer(KINDS[PeerKind.IBGP_CLIENT])
        of.receive("client", announce(attributes(originator_id=OUR_ID), "10.1.0.0/26", "10.2.0.0/26"))
        of.receive("client", announce(attributes(), "10.3.0.0/26"))
        of.remove_peer("client")
    assert of.refused("client")[Refusal.ORIGINATOR_ID_LOOP] == 4
    assert of.refused("somebody else")[Refusal.ORIGINATOR_ID_LOOP] == 0


def test_cluster_id_is_found_only_where_one_begins():
    of = router()
    of.add_peer(KINDS[PeerKind.IBGP_CLIENT])
    shifted = b"\0" + OUR_ID + b"\0\0\0"
    of.receive("client", announce(attributes(cluster_list=shifted), "10.1.0.0/26"))
    assert [row.best for row in of.routes(IPV4)] == [True]


def test_allow_local_as_tolerates_that_many():
    peer = settings("ebgp", PeerKind.EBGP, "10.0.0.1", 65001, allow_local_as=1)
    of = router()
    of.add_peer(peer)
    of.receive("ebgp", announce(attributes(65001, 64512), "10.1.0.0/26"))
    of.receive("ebgp", announce(attributes(65001, 64512, 64512), "10.2.0.0/26"))
    assert {row.prefix: row.rejected is None for row in of.routes(IPV4)} == {
        prefix("10.1.0.0/26"): True,
        prefix("10.2.0.0/26"): False,
    }
