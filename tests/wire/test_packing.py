import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import wire_strategies as some
from wire import (
    Codec,
    Family,
    PathAttributes,
    encode_attributes,
    encode_end_of_rib,
    make_prefix,
    pack_announcements,
    pack_withdrawals,
    parse_address,
    parse_prefix,
)

V4, V6 = Family.IPV4_UNICAST, Family.IPV6_UNICAST
LIMITS = st.sampled_from([200, 300, 4096])


def codec(*, add_path: bool = False) -> Codec:
    families = frozenset(Family)
    return Codec(
        families=families,
        four_octet_as=True,
        ibgp=True,
        add_path_receive=families if add_path else frozenset(),
        extended_next_hop=frozenset({V4}),
    )


def octets(*texts: str) -> list[bytes]:
    return [parse_prefix(text)[1] for text in texts]


def test_ipv4_in_the_classic_fields() -> None:
    block = bytes.fromhex("400101004002004003040a000001")
    [message] = pack_announcements(V4, block, bytes([10, 0, 0, 1]), octets("10.0.0.0/8", "192.0.2.0/24"))
    assert message[16:] == bytes.fromhex("002b020000000e") + block + bytes.fromhex("080a18c00002")
    [message] = pack_withdrawals(V4, octets("10.0.0.0/8"))
    assert message[16:] == bytes.fromhex("0019020002080a0000")


def test_ipv6_in_multiprotocol_attributes_put_first() -> None:
    # RFC 7606, section 5.1.
    block = bytes.fromhex("40010100400200")
    next_hop = parse_address("2001:db8::1")
    [message] = pack_announcements(V6, block, next_hop, octets("2001:db8::/32"))
    reach = bytes.fromhex("900e001a00020110") + next_hop + bytes.fromhex("002020010db8")
    assert message[19:] == bytes.fromhex("00000025") + reach + block
    [message] = pack_withdrawals(V6, octets("2001:db8::/32"))
    assert message[19:] == bytes.fromhex("0000000c900f00080002012020010db8")


@pytest.mark.parametrize(("family", "body"), [(V4, "00000000"), (V6, "00000006800f03000201")])
def test_end_of_rib(family: Family, body: str) -> None:
    # RFC 4724, section 2.
    message = encode_end_of_rib(family)
    assert message[19:] == bytes.fromhex(body)
    update = codec().decode_update(message[19:])
    assert (update.end_of_rib, update.announced, update.withdrawn) == (family, [], [])


CASES = some.families.flatmap(
    lambda family: st.tuples(
        st.just(family),
        some.path_attributes(
            next_hop=some.ipv6_next_hops if family is V6 else some.ipv4_next_hops | some.ipv6_next_hops
        ),
        some.prefix_lists(family, max_size=120),
    )
)


@given(CASES, st.none() | st.integers(0, 0xFFFFFFFF), LIMITS)
def test_announcements_arrive_whole(
    case: tuple[Family, PathAttributes, list[bytes]], path_id: int | None, limit: int
) -> None:
    family, attributes, prefixes = case
    block = encode_attributes(attributes)
    messages = pack_announcements(family, block, attributes.next_hop, prefixes, path_id=path_id, limit=limit)
    reader = codec(add_path=path_id is not None)
    arrived = []
    for message in messages:
        assert len(message) <= limit
        [announcement] = reader.decode_update(message[19:]).announced
        assert (announcement.family, announcement.path_id) == (family, path_id or 0)
        assert announcement.attributes.next_hop == attributes.next_hop
        arrived += announcement.prefixes
    assert arrived == (prefixes if messages else [])


@given(
    some.families.flatmap(lambda family: st.tuples(st.just(family), some.prefix_lists(family, max_size=120))),
    st.booleans(),
    LIMITS,
)
def test_withdrawals_arrive_whole(case: tuple[Family, list[bytes]], add_path: bool, limit: int) -> None:
    family, prefixes = case
    path_ids = list(range(len(prefixes))) if add_path else None
    reader = codec(add_path=add_path)
    arrived = []
    for message in pack_withdrawals(family, prefixes, path_ids=path_ids, limit=limit):
        assert len(message) <= limit
        update = reader.decode_update(message[19:])
        assert (update.announced, update.end_of_rib) == ([], None)
        arrived += [(one.path_id, prefix) for one in update.withdrawn for prefix in one.prefixes]
    assert arrived == list(zip(path_ids or [0] * len(prefixes), prefixes, strict=True))


@pytest.mark.parametrize("family", Family)
@pytest.mark.parametrize("limit", [4096, 65535])
def test_messages_are_filled(family: Family, limit: int) -> None:
    prefixes = [make_prefix(n.to_bytes(3, "big") + bytes(13), 24) for n in range(40_000)]
    attributes = PathAttributes(
        next_hop=bytes([10, 0, 0, 1]) if family is V4 else parse_address("2001:db8::1")
    )
    packings = [
        pack_announcements(family, encode_attributes(attributes), attributes.next_hop, prefixes, limit=limit),
        pack_withdrawals(family, prefixes, limit=limit),
    ]
    for messages in packings:
        assert all(limit - 4 < len(message) <= limit for message in messages[:-1])


def test_no_room_for_a_single_prefix() -> None:
    # RFC 8654, section 4: such a route cannot be sent.
    assert pack_announcements(V4, bytes(4071), bytes([10, 0, 0, 1]), octets("10.0.0.0/16")) == []
    assert pack_announcements(V4, bytes(4070), bytes([10, 0, 0, 1]), octets("10.0.0.0/16")) != []


def test_nothing_to_say_takes_no_message() -> None:
    assert pack_announcements(V4, b"", bytes(4), []) == []
    assert pack_withdrawals(V6, []) == []
