"""Routes that programs ask for, from the request to a peer's table."""

import pytest

from bgpd import api
from bgpd.originator import Originator
from bgpd.standing import StandingOrders
from tests.bgpd.speaker.cluster import Cluster, until
from wire import parse_prefix


def originator_of(member, directory):
    return Originator(
        member.speaker, member.events, StandingOrders(directory, "/run/bgpd/bgpd.sock", member.events)
    )


def communities(member, prefix):
    family, octets = parse_prefix(prefix)
    (row,) = member.speaker.tables.router.routes(family, prefix=octets)
    return (
        row.attributes.describe()["communities"],
        row.attributes.describe()["large_communities"],
        row.next_hop,
    )


async def test_a_requested_route_reaches_the_peers_and_leaves_them(tmp_path):
    cluster = Cluster(2)
    try:
        await cluster.up()
        first, second = cluster.members.values()
        originator = originator_of(first, tmp_path)
        wanted = api.Origination(prefix="192.0.2.10/32", communities=((64512, 80), (64512, 1, 2)))
        originator.originate(wanted)
        await until(lambda: second.sources("192.0.2.10/32"))
        assert communities(second, "192.0.2.10/32")[:2] == (["64512:80"], ["64512:1:2"])
        with pytest.raises(api.RefusedError):
            originator.originate(api.Origination(prefix="192.0.2.10/32"))
        originator.withdraw("192.0.2.10/32")
        await until(lambda: not second.sources("192.0.2.10/32"))
        with pytest.raises(api.NotFoundError):
            originator.withdraw("192.0.2.10/32")
        assert originator.originations() == []
    finally:
        await cluster.close()


async def test_a_route_asked_for_before_there_is_a_router_and_with_a_next_hop_of_its_own(tmp_path):
    cluster = Cluster(2)
    try:
        first, second = cluster.members.values()
        originator_of(first, tmp_path).originate(
            api.Origination(prefix="192.0.2.0/24", next_hop="127.1.0.77")
        )
        await cluster.up()
        await until(lambda: second.sources("192.0.2.0/24"))
        assert communities(second, "192.0.2.0/24")[2] == (bytes([127, 1, 0, 77]),)
    finally:
        await cluster.close()


async def test_a_permanent_route_outlasts_the_daemon_and_a_lease_does_not(tmp_path):
    cluster = Cluster(2)
    try:
        first, second = cluster.members.values()
        before = originator_of(second, tmp_path)
        wanted = api.Origination(
            prefix="192.0.2.0/24", next_hop="127.1.0.77", communities=((64512, 80),), permanent=True
        )
        before.originate(wanted)
        before.originate(api.Origination(prefix="192.0.2.10/32"))
        after = originator_of(first, tmp_path)
        after.restore()
        assert after.originations() == [wanted]
        after.withdraw("192.0.2.0/24")
        assert list(tmp_path.iterdir()) == []
    finally:
        await cluster.close()
