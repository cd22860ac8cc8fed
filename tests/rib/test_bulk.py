"""Routes taken in bulk come out as those taken one by one, whatever policies and peers there are."""

from collections.abc import Sequence

import pytest

from rib import (
    AddCommunity,
    MaxPrefixes,
    PeerKind,
    Policy,
    PrefixMatch,
    PrefixOperator,
    Refusal,
    Router,
    Rule,
    Verdict,
)
from rib.next_hop import Resolution
from rib.path import Path, Terms
from rib.steps import late, med, rank
from tests.rib.support import IPV4, IPV6, OUR_AS, Receiver, drain, prefix, router, settings, source
from wire import (
    Bulk,
    Codec,
    Family,
    PathAttributes,
    WellKnownCommunity,
    encode_attributes,
    join_as_path,
    pack_announcements,
    parse_address,
)

HOPS = {IPV4: parse_address("10.0.0.1"), IPV6: parse_address("2001:db8::1")}
NETS = {
    IPV4: ("10.1.0.0/16", "10.2.0.0/24", "192.0.2.0/24", "10.1.4.0/26"),
    IPV6: ("2001:db8:1::/48", "2001:db8:2::/48", "2001:db8:3::/64", "2001:db8:1:4::/64"),
}
FROM = settings("from", PeerKind.EBGP, "10.0.0.1", 65001, families=frozenset(Family))


LLGR_STALE = WellKnownCommunity.LLGR_STALE.to_bytes(4, "big")


def communities(*values: int) -> bytes:
    return b"".join(value.to_bytes(4, "big") for value in values)


def value(*ases: int, **fields: object) -> PathAttributes:
    return PathAttributes(origin=0, as_path=join_as_path([(2, [65001, *ases])]), **fields)  # type: ignore[arg-type]


TABLE = (
    value(100, 200, med=7),
    value(100, communities=communities(65001 << 16 | 1)),
    value(300, atomic_aggregate=True, aggregator=bytes.fromhex("0000012c0a000009")),
    value(400),
)
LOOPED = (TABLE[0], value(OUR_AS, 500), TABLE[2], TABLE[3])
WELL_KNOWN = (
    TABLE[0],
    value(1, communities=communities(WellKnownCommunity.NO_EXPORT)),
    value(2, communities=communities(WellKnownCommunity.GRACEFUL_SHUTDOWN)),
    value(3, communities=communities(0x1FFFF02)),
)


def policy(family: Family, *rules: Rule, default: Verdict = Verdict.ACCEPT) -> Policy:
    return Policy(name="p", family=family, rules=rules, default=default)


def inside(family: Family, verdict: Verdict) -> Rule:
    return Rule(
        name="inside",
        verdict=verdict,
        prefixes=(PrefixMatch(operator=PrefixOperator.IN, prefix=prefix(NETS[family][0])),),
    )


MARK = Rule(name="mark", verdict=Verdict.ACCEPT, operations=(AddCommunity(65000 << 16 | 9),))

ENTRANCES = {
    "no policy": lambda family: {},
    "all accepted": lambda family: {"import_policy": {family: policy(family)}},
    "all rejected": lambda family: {"import_policy": {family: policy(family, default=Verdict.REJECT)}},
    "by prefix": lambda family: {"import_policy": {family: policy(family, inside(family, Verdict.REJECT))}},
    "changed": lambda family: {"import_policy": {family: policy(family, MARK)}},
    "marked by role": lambda family: {"role": 3},
    "own AS allowed": lambda family: {"allow_local_as": 1},
}
EXITS = {
    "external": lambda family: (PeerKind.EBGP, {}),
    "external, next hop kept": lambda family: (PeerKind.EBGP, {"next_hop": "keep"}),
    "external, 2-octet ASes": lambda family: (PeerKind.EBGP, {"four_octet_as": False}),
    "external, shutting down": lambda family: (PeerKind.EBGP, {"graceful_shutdown": True}),
    "external, some by prefix": lambda family: (
        PeerKind.EBGP,
        {"export_policy": {family: policy(family, inside(family, Verdict.REJECT))}},
    ),
    "external, changed": lambda family: (PeerKind.EBGP, {"export_policy": {family: policy(family, MARK)}}),
    "external, every path": lambda family: (PeerKind.EBGP, {"add_path_send": frozenset({family})}),
    "internal": lambda family: (PeerKind.IBGP, {}),
}


def bodies(family: Family, table: Sequence[PathAttributes]) -> list[bytes]:
    packed = []
    for attributes, net in zip(table, NETS[family], strict=True):
        there = attributes.replace(next_hop=HOPS[family])
        packed += pack_announcements(family, encode_attributes(there), there.next_hop, [prefix(net)])
    return [message[19:] for message in packed]


def in_bulk(of: Router, octets: list[bytes], name: str = "from") -> None:
    bulk = Codec(families=FROM.families, four_octet_as=True, ibgp=False).read_bulk(
        [(2, body) for body in octets], 0
    )
    assert isinstance(bulk, Bulk)
    assert len(bulk.routes) == len(octets)
    of.receive_bulk(name, bulk)


def one_by_one(of: Router, octets: list[bytes], name: str = "from") -> None:
    codec = Codec(families=FROM.families, four_octet_as=True, ibgp=False)
    for body in octets:
        of.receive(name, codec.decode_update(body))


def outcome(take, family, table, entrance, leaving, *, late=False):
    """All that can be seen after a table came in: rows, counts, refusals, and what another peer was sent."""
    kind, fields = leaving
    of = router()
    of.add_peer(settings("from", PeerKind.EBGP, "10.0.0.1", 65001, families=FROM.families, **entrance))
    addresses = {"local_addresses": {IPV6: parse_address("2001:db8::99")}}
    to = settings(
        "to",
        kind,
        "10.0.0.2",
        65002 if kind is PeerKind.EBGP else OUR_AS,
        families=FROM.families,
        **addresses,
        **fields,
    )
    receiver = Receiver(to)
    if not late:
        of.add_peer(to)
        drain(of, receiver)
    take(of, bodies(family, table))
    if late:
        of.add_peer(to)
    drain(of, receiver)
    rows = list(of.routes(family))
    assert [row.attributes for row in of.routes(family, advertised_to="to")] == list(receiver.routes.values())
    return (
        rows,
        of.counts("from"),
        of.counts("to"),
        of.refused("from"),
        receiver.routes,
        receiver.withdrawn_unknown,
    )


@pytest.mark.parametrize("family", Family, ids=str)
@pytest.mark.parametrize("table", [TABLE, LOOPED, WELL_KNOWN], ids=["plain", "looped", "well-known"])
@pytest.mark.parametrize("entrance", ENTRANCES)
@pytest.mark.parametrize("leaving", EXITS)
def test_in_bulk_as_one_by_one(family, table, entrance, leaving):
    way = family, table, ENTRANCES[entrance](family), EXITS[leaving](family)
    assert outcome(in_bulk, *way) == outcome(one_by_one, *way)


@pytest.mark.parametrize("leaving", EXITS)
def test_a_peer_that_comes_later_gets_the_same(leaving):
    way = IPV4, TABLE, {}, EXITS[leaving](IPV4)
    assert outcome(in_bulk, *way, late=True)[4] == outcome(in_bulk, *way)[4]


@pytest.mark.parametrize("attributes", [*TABLE, *WELL_KNOWN, value(1, med=4, communities=LLGR_STALE)])
def test_octets_rank_as_the_attributes_they_stand_for(attributes):
    there = attributes.replace(next_hop=HOPS[IPV4])
    of = source("from", PeerKind.EBGP)
    terms = Terms(of, there.next_hop, resolution=Resolution(there.next_hop, "eth0", 7))
    octets, looked_into = Path(terms, encode_attributes(there)), Path(terms, there)
    assert octets.attributes == there
    assert [take(octets) for take in (rank, med, late)] == [take(looked_into) for take in (rank, med, late)]


RIVALS = (
    PathAttributes(origin=0, as_path=join_as_path([(2, [65003])])),
    PathAttributes(origin=0, as_path=join_as_path([(2, [65003, 100, 200, 300])])),
    PathAttributes(origin=2, as_path=join_as_path([(2, [65003])]), med=9),
    PathAttributes(origin=0, as_path=b"", communities=communities(WellKnownCommunity.NO_EXPORT)),
)
"""Better, worse, better, and better but not to be told."""


def rivalry(take, table, leaving, *, together):
    """What three peers hold after the tables of two of them came, in one turn or one after the other."""
    kind, fields = leaving
    of = router()
    peers = [FROM, settings("rival", PeerKind.EBGP, "10.0.0.3", 65003, families=FROM.families)]
    to = "to", kind, "10.0.0.2", 65002 if kind is PeerKind.EBGP else OUR_AS
    receivers = [Receiver(each) for each in (*peers, settings(*to, families=FROM.families, **fields))]
    for receiver in receivers:
        of.add_peer(receiver.settings)
    drain(of, *receivers)
    for name, lists in (("from", table), ("rival", RIVALS), ("from", table[::-1])):
        take(of, bodies(IPV4, lists), name)
        if not together:
            drain(of, *receivers)
    drain(of, *receivers)
    return [receiver.routes for receiver in receivers], list(of.routes(IPV4))


@pytest.mark.parametrize("together", [False, True], ids=["in turn", "together"])
@pytest.mark.parametrize("table", [TABLE, LOOPED, WELL_KNOWN], ids=["plain", "looped", "well-known"])
@pytest.mark.parametrize("leaving", EXITS)
def test_rivals_in_bulk_as_one_by_one(leaving, table, together):
    way = table, EXITS[leaving](IPV4)
    taken = rivalry(in_bulk, *way, together=together)
    assert taken == rivalry(one_by_one, *way, together=together)
    in_other_turns, _ = rivalry(in_bulk, *way, together=not together)
    assert taken[0][:2] == in_other_turns[:2]  # path identifiers are given as paths come
    assert any(route.source == "rival" for route in taken[1] if route.best)


def test_the_source_gets_nothing_of_its_own():
    of = router()
    of.add_peer(FROM)
    receiver = Receiver(FROM)
    drain(of, receiver)
    in_bulk(of, bodies(IPV4, TABLE))
    drain(of, receiver)
    assert receiver.routes == {}


def test_a_loop_is_refused_and_counted():
    of = router()
    of.add_peer(FROM)
    in_bulk(of, bodies(IPV4, LOOPED))
    assert of.refused("from")[Refusal.AS_PATH_LOOP] == 1


def test_equal_lists_share_a_path_and_another_list_takes_its_place():
    of = router()
    of.add_peer(FROM)
    in_bulk(of, bodies(IPV4, [TABLE[0]] * 4))
    assert len({id(path) for _, paths in of.candidates(IPV4) for path in paths}) == 1
    in_bulk(of, bodies(IPV4, [TABLE[1]] * 4))
    assert {path.attributes.communities for _, paths in of.candidates(IPV4) for path in paths} == {
        TABLE[1].communities
    }
    assert of.counts("from")[IPV4].received == 4


def test_the_maximum_of_prefixes_counts_for_bulk_too():
    of = router()
    limit = {IPV4: MaxPrefixes(3)}
    of.add_peer(
        settings("from", PeerKind.EBGP, "10.0.0.1", 65001, families=FROM.families, max_prefixes=limit)
    )
    in_bulk(of, bodies(IPV4, TABLE))
    assert [event.kind for event in of.run().limit_events] == ["exceeded"]
