"""MRT: what is written is what a reader of RFC 6396 and RFC 8050 finds."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

import wire
from tests.support import wire_strategies as some
from tests.support.mrt_reader import Bgp4mp, Entry, read_attributes, read_records, read_table, read_updates
from wire import AS_TRANS, Family, mrt

times = st.integers(0, 0xFFFFFFFF * 1_000_000)
ipv4, ipv6 = some.octets4, st.binary(min_size=16, max_size=16)
pairs = st.tuples(ipv4, ipv4) | st.tuples(ipv6, ipv6)


@given(some.as_numbers, some.as_numbers, pairs, times, some.messages, st.booleans(), st.booleans())
def test_messages_come_with_their_session(
    peer_as, local_as, addresses, time, message, four_octet_as, add_path
):
    peer_address, local_address = addresses
    session = mrt.encode_session_header(
        peer_as=peer_as,
        local_as=local_as,
        peer_address=peer_address,
        local_address=local_address,
        four_octet_as=four_octet_as,
    )
    data = mrt.encode_message(session, time, message, four_octet_as=four_octet_as, add_path=add_path)
    if not four_octet_as:
        peer_as, local_as = (AS_TRANS if number > 0xFFFF else number for number in (peer_as, local_as))
    expected = Bgp4mp(time, peer_as, local_as, peer_address, local_address, None, message, add_path)
    assert read_updates(data) == [expected]


@given(some.as_numbers, pairs, times, st.integers(1, 6), st.integers(1, 6))
def test_transitions_between_states(peer_as, addresses, time, old, new):
    peer_address, local_address = addresses
    session = mrt.encode_session_header(
        peer_as=peer_as, local_as=64512, peer_address=peer_address, local_address=local_address
    )
    data = mrt.encode_state_change(session, time, old, new)
    assert read_updates(data) == [Bgp4mp(time, peer_as, 64512, *addresses, states=(old, new))]


@st.composite
def tables(draw):
    """Peers, and prefixes with (peer, path id, attributes) of their routes."""
    peers = draw(st.lists(st.tuples(ipv4, ipv4 | ipv6, some.as_numbers), min_size=1, max_size=4))
    routes = []
    for family in Family:
        hops = some.ipv4_next_hops if family is Family.IPV4_UNICAST else some.ipv6_next_hops
        entry = st.tuples(
            st.integers(0, len(peers) - 1), st.integers(0, 0xFFFFFFFF), some.path_attributes(next_hop=hops)
        )
        row = st.tuples(st.just(family), some.prefixes(family), st.booleans(), st.lists(entry, max_size=3))
        routes += draw(st.lists(row, max_size=3))
    return peers, routes


@given(tables())
def test_table_has_every_route_of_every_peer(table):
    peers, routes = table
    data = mrt.encode_peer_index_table(1_700_000_000, b"\x0a\0\0\1", peers)
    for sequence, (family, prefix, add_path, entries) in enumerate(routes):
        encoded = [
            mrt.encode_rib_entry(
                index, 7, mrt.encode_rib_attributes(attributes), path_id if add_path else None
            )
            for index, path_id, attributes in entries
        ]
        data += mrt.encode_rib(family, 1_700_000_000, sequence, prefix, encoded, add_path=add_path)
    dump = read_table(data)
    assert (dump.bgp_identifier, dump.peers) == (b"\x0a\0\0\1", peers)
    assert {record.time for record in read_records(data)} == {1_700_000_000_000_000}
    for sequence, (found, (family, prefix, add_path, entries)) in enumerate(
        zip(dump.routes, routes, strict=True)
    ):
        assert (found.afi, found.sequence, found.prefix) == (family.afi, sequence, prefix)
        assert [with_attributes(entry, family) for entry in found.entries] == [
            (index, path_id if add_path else None, attributes) for index, path_id, attributes in entries
        ]


def with_attributes(entry: Entry, family: Family) -> tuple[int, int | None, wire.PathAttributes]:
    """Read the attributes with the codec, after giving MP_REACH_NLRI back what a dump leaves out."""
    assert entry.originated == 7
    block = b"".join(
        bytes((flags | 0x10, code)) + len(value).to_bytes(2, "big") + value
        for flags, code, value in with_whole_reach(read_attributes(entry.attributes))
    )
    codec = wire.Codec(families=frozenset(Family), four_octet_as=True, ibgp=True)
    nlri = b"\0" if family is Family.IPV4_UNICAST else b""
    update = codec.decode_update(b"\0\0" + len(block).to_bytes(2, "big") + block + nlri)
    assert not update.faults
    return entry.peer_index, entry.path_id, update.announced[0].attributes


def with_whole_reach(attributes: list[tuple[int, int, bytes]]) -> Iterator[tuple[int, int, bytes]]:
    for flags, code, value in attributes:
        yield flags, code, b"\0\2\1" + value + b"\0\0" if code == 14 else value


@pytest.mark.parametrize(
    ("four_octet_as", "add_path", "subtype"), [(0, 0, 1), (1, 0, 4), (0, 1, 8), (1, 1, 9)]
)
def test_subtypes(four_octet_as, add_path, subtype):
    data = mrt.encode_message(
        b"", 0, wire.encode_keepalive(), four_octet_as=bool(four_octet_as), add_path=bool(add_path)
    )
    assert [record.subtype for record in read_records(data)] == [subtype]
