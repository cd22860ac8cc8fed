"""A run of UPDATEs read at a glance says what each of them says when it is read in full."""

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import wire_strategies as some
from wire import (
    Announcement,
    Bulk,
    Codec,
    Family,
    Frame,
    Framer,
    PathAttributes,
    decode_usual,
    encode_attributes,
    forward_usual,
    join_as_path,
    pack_announcements,
    pack_bulk,
    pack_withdrawals,
    parse_prefix,
    prepend_as_path,
)

V4, V6 = Family.IPV4_UNICAST, Family.IPV6_UNICAST
HOPS = {V4: bytes.fromhex("0a000001"), V6: bytes.fromhex("20010db8" + "00" * 11 + "01")}
OTHER_HOP = bytes.fromhex("0a000002")
AS_PATH = join_as_path([(2, [64601, 3320])])
LONGEST = join_as_path([(2, list(range(70000, 70063)))])

usual_attributes = st.fixed_dictionaries(
    {
        "origin": st.integers(0, 2),
        "as_path": st.sampled_from([b"", AS_PATH, join_as_path([(2, list(range(1, 63)))]), LONGEST]),
        "med": st.none() | some.numbers,
        "atomic_aggregate": st.booleans(),
        "aggregator": st.none() | st.just(bytes.fromhex("0000fc590a000009")),
        "communities": some.multiples(4),
    }
).map(lambda fields: PathAttributes(**fields))


def usual_prefixes(family: Family) -> st.SearchStrategy[list[bytes]]:
    """Without the odd lengths above 64 bits, which no table has."""
    return st.lists(some.prefixes(family).filter(lambda prefix: prefix[0] <= 64), min_size=1, max_size=4)


def codec(**agreed: object) -> Codec:
    return Codec(**{"families": frozenset(Family), "four_octet_as": True, "ibgp": False} | agreed)  # type: ignore[arg-type]


def frames(*messages: bytes) -> list[Frame]:
    return Framer().feed(b"".join(messages))


def update(family: Family, attributes: PathAttributes, *prefixes: str) -> bytes:
    octets = [parse_prefix(text)[1] for text in prefixes]
    (message,) = pack_announcements(family, encode_attributes(attributes), attributes.next_hop, octets)
    return message


def looked_into(bulk: Bulk) -> list[Announcement]:
    return [
        Announcement(bulk.family, 0, decode_usual(octets, bulk.next_hop), prefixes)
        for octets, prefixes in bulk.routes
    ]


@given(st.sampled_from(Family), st.data())
def test_each_route_is_what_its_update_says(family: Family, data: st.DataObject) -> None:
    messages = []
    for attributes in data.draw(st.lists(usual_attributes, min_size=1, max_size=2)):
        there = attributes.replace(next_hop=HOPS[family])
        prefixes = data.draw(usual_prefixes(family))
        messages += pack_announcements(family, encode_attributes(there), there.next_hop, prefixes)
    run = frames(*messages)
    bulk = codec().read_bulk(run, 0)
    in_full = [codec().decode_update(body).announced for _, body in run]
    assert bulk is not None
    assert [[route] for route in looked_into(bulk)] == in_full


@given(some.mutations(some.updates().map(lambda packed: packed[0][19:])))
def test_what_is_read_at_a_glance_has_no_fault(body: bytes) -> None:
    bulk = codec().read_bulk([(2, body)], 0)
    if bulk is not None:
        in_full = codec().decode_update(body)
        assert (in_full.announced, in_full.withdrawn, in_full.faults) == (looked_into(bulk), [], ())


PLAIN = PathAttributes(origin=0, as_path=AS_PATH, next_hop=HOPS[V4])


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(pack_withdrawals(V4, [parse_prefix("10.9.0.0/16")[1]])[0], id="a withdrawal"),
        pytest.param(update(V4, PLAIN.replace(next_hop=OTHER_HOP), "10.2.0.0/16"), id="another next hop"),
        pytest.param(
            update(V4, PLAIN.replace(large_communities=b"c" * 12), "10.2.0.0/16"), id="an unusual attribute"
        ),
        pytest.param(update(V6, PLAIN.replace(next_hop=HOPS[V6]), "2001:db8::/32"), id="another family"),
        pytest.param(update(V4, PLAIN, "10.2.0.0/15")[:-1] + b"\3", id="a bit behind the prefix"),
    ],
)
def test_a_run_ends_before_what_is_different(other: bytes) -> None:
    other = other[:16] + len(other).to_bytes(2, "big") + other[18:]
    run = frames(update(V4, PLAIN, "10.1.0.0/24"), update(V4, PLAIN, "10.1.1.0/24"), other)
    bulk = codec().read_bulk(run, 0)
    assert bulk is not None
    assert [prefixes for _, prefixes in bulk.routes] == [[b"\x18\n\1\0"], [b"\x18\n\1\1"]]


@pytest.mark.parametrize(
    "agreed",
    [
        {"ibgp": True},
        {"four_octet_as": False},
        {"families": frozenset({V6})},
        {"add_path_receive": frozenset({V4})},
    ],
)
def test_sessions_that_take_a_closer_look(agreed: dict[str, object]) -> None:
    assert codec(**agreed).read_bulk(frames(update(V4, PLAIN, "10.1.0.0/24")), 0) is None


def test_a_second_next_hop_takes_a_closer_look() -> None:
    attributes = PLAIN.replace(next_hop=HOPS[V4])
    reach = pack_announcements(
        V6, encode_attributes(attributes), HOPS[V6], [parse_prefix("2001:db8::/32")[1]]
    )
    assert codec().read_bulk(frames(*reach), 0) is None


def test_as_zero_takes_a_closer_look_and_zero_elsewhere_does_not() -> None:
    with_med = update(V4, PLAIN.replace(med=0), "10.1.0.0/24")
    with_zero = update(V4, PLAIN.replace(as_path=join_as_path([(2, [64601, 0])])), "10.1.1.0/24")
    bulk = codec().read_bulk(frames(with_med, with_med, with_zero), 0)
    assert bulk is not None
    assert len(bulk.routes) == 2


@pytest.mark.parametrize("next_hop", ["00000001", "e0000001"])
def test_a_next_hop_that_is_no_host_takes_a_closer_look(next_hop: str) -> None:
    attributes = PLAIN.replace(next_hop=bytes.fromhex(next_hop))
    assert codec().read_bulk(frames(update(V4, attributes, "10.1.0.0/24")), 0) is None


@given(st.sampled_from(Family), usual_attributes, st.integers(1, 0xFFFFFFFF))
def test_forwarding_changes_what_an_external_peer_must_not_see_as_it_is(
    family: Family, attributes: PathAttributes, own_as: int
) -> None:
    in_list = family is V4
    octets = encode_attributes(attributes.replace(next_hop=HOPS[V4]), ipv4_next_hop=in_list)
    there = attributes.replace(
        as_path=prepend_as_path(attributes.as_path, [own_as]), med=None, next_hop=OTHER_HOP
    )
    next_hop = b"\x40\x03\x04" + OTHER_HOP if in_list else b""
    expected = encode_attributes(there, ipv4_next_hop=in_list)
    assert forward_usual(octets, own_as.to_bytes(4, "big"), next_hop) == expected


def test_forwarding_a_path_with_extended_length() -> None:
    octets = bytes.fromhex("40010100" + "5002000602010000fbf0" + "4003040a000001")
    expected = bytes.fromhex("40010100" + "40020a02020000fc000000fbf0" + "4003040a000002")
    assert forward_usual(octets, (64512).to_bytes(4, "big"), b"\x40\x03\x04" + OTHER_HOP) == expected


def test_other_lists_are_not_looked_into() -> None:
    with pytest.raises(ValueError, match="not a usual attribute list"):
        decode_usual(b"\x40\x01\x01\x03", HOPS[V4])


@given(st.sampled_from(Family), st.data())
def test_packing_in_bulk_is_packing_one_by_one(family: Family, data: st.DataObject) -> None:
    lists = [
        encode_attributes(some_list, ipv4_next_hop=False)
        for some_list in data.draw(st.lists(usual_attributes, max_size=3))
    ]
    routes = [(octets, data.draw(usual_prefixes(family))) for octets in lists]
    routes += [(b"", [parse_prefix("10.0.0.0/8")[1]] * 3000)]
    one_by_one = [pack_announcements(family, octets, HOPS[family], prefixes) for octets, prefixes in routes]
    assert pack_bulk(family, HOPS[family], routes) == list(chain.from_iterable(one_by_one))
