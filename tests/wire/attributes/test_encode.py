import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import wire_strategies as some
from wire import AS_TRANS, Codec, Family, PathAttributes, Update, encode_attributes, join_as_path
from wire.attributes.decode import walk
from wire.codes import AttributeType

BASE = PathAttributes(origin=0, as_path=join_as_path([(2, [64496])]), next_hop=bytes([10, 0, 0, 1]))


def decode(block: bytes, *, ibgp: bool, four_octet_as: bool = True) -> Update:
    codec = Codec(families=frozenset(Family), four_octet_as=four_octet_as, ibgp=ibgp)
    return codec.decode_update(bytes(2) + len(block).to_bytes(2, "big") + block + b"\x00")


@pytest.mark.parametrize(
    ("changes", "octets"),
    [
        ({}, ""),
        ({"med": 0}, "800404 00000000"),
        ({"local_pref": 100}, "400504 00000064"),
        ({"atomic_aggregate": True}, "400600"),
        ({"aggregator": bytes.fromhex("0000fbf00a000001")}, "c00708 0000fbf00a000001"),
        ({"communities": bytes.fromhex("fde80001")}, "c00804 fde80001"),
        ({"originator_id": bytes([10, 0, 0, 9])}, "800904 0a000009"),
        ({"cluster_list": bytes([10, 0, 0, 8])}, "800a04 0a000008"),
        ({"extended_communities": bytes(range(8))}, "c01008 0001020304050607"),
        ({"large_communities": bytes(range(12))}, "c0200c 000102030405060708090a0b"),
        ({"only_to_customer": 64496}, "c02304 0000fbf0"),
        ({"unknown": ((0xC0, 99, b"\x07"),)}, "e06301 07"),  # RFC 4271, section 5: now it is Partial
        ({"communities": bytes(4), "partial": (8,)}, "e00804 00000000"),
        ({"communities": bytes(256)}, "d0080100" + "00" * 256),
    ],
)
def test_value_and_octets(changes: dict[str, object], octets: str) -> None:
    head = "40010100" + "4002060201" + "0000fbf0" + "4003040a000001"
    assert encode_attributes(BASE.replace(**changes)) == bytes.fromhex(head + octets)


def test_next_hop_is_left_to_mp_reach() -> None:
    assert encode_attributes(BASE, ipv4_next_hop=False) == bytes.fromhex("4001010040020602010000fbf0")
    assert encode_attributes(BASE.replace(next_hop=bytes(16))) == bytes.fromhex("4001010040020602010000fbf0")


@given(some.path_attributes(), st.booleans())
def test_round_trip(attributes: PathAttributes, four_octet_as: bool) -> None:
    update = decode(
        encode_attributes(attributes, four_octet_as=four_octet_as), ibgp=True, four_octet_as=four_octet_as
    )
    assert update.faults == ()
    decoded = update.announced[0].attributes
    assert _flat(decoded) == _flat(attributes)
    assert decoded.replace(as_path=b"") == attributes.replace(as_path=b"")


def _flat(attributes: PathAttributes) -> list[tuple[int, int]]:
    """ASes with their kind of segment; where two segments of a kind meet is not kept by RFC 6793."""
    return [(kind, number) for kind, numbers in attributes.as_path_segments for number in numbers]


@given(some.path_attributes(), st.booleans())
def test_in_the_order_of_type_codes(attributes: PathAttributes, four_octet_as: bool) -> None:
    block = encode_attributes(attributes, four_octet_as=four_octet_as)
    codes = [block[start + 1] for start, _, _ in walk(block)]
    assert codes == sorted(set(codes))


def test_toward_a_peer_of_two_octet_ases() -> None:
    # RFC 6793, section 4.2.2; confederation segments stay out of AS4_PATH.
    path = [(3, [65001]), (2, [64496, 4200000000])]
    attributes = BASE.replace(as_path=join_as_path(path), aggregator=bytes.fromhex("fa56ea000a000001"))
    octets = encode_attributes(attributes, four_octet_as=False)
    values = {octets[start + 1]: octets[first:stop] for start, first, stop in walk(octets)}
    assert values[2] == bytes.fromhex("0301fde90202fbf0") + AS_TRANS.to_bytes(2, "big")
    assert values[17] == bytes.fromhex("02020000fbf0fa56ea00")
    assert values[7] == AS_TRANS.to_bytes(2, "big") + bytes([10, 0, 0, 1])
    assert values[18] == bytes.fromhex("fa56ea000a000001")


def test_no_as4_path_for_what_it_must_not_hold() -> None:
    # RFC 6793, section 4.2.2: without its confederation segments it would be empty, and so malformed.
    attributes = BASE.replace(as_path=join_as_path([(3, [4200000000]), (2, [64496])]))
    octets = encode_attributes(attributes, four_octet_as=False)
    assert AttributeType.AS4_PATH not in [octets[start + 1] for start, _, _ in walk(octets)]


def test_as4_attributes_only_where_two_octets_do_not_do() -> None:
    attributes = BASE.replace(aggregator=bytes.fromhex("0000fbf00a000001"))
    octets = encode_attributes(attributes, four_octet_as=False)
    assert [octets[start + 1] for start, _, _ in walk(octets)] == [1, 2, 3, 7]
    assert octets.endswith(bytes.fromhex("c00706 fbf00a000001"))


def test_the_partial_bit_survives() -> None:
    block = encode_attributes(BASE) + bytes.fromhex("e00804 fde80001")
    attributes = decode(block, ibgp=False).announced[0].attributes
    assert attributes.partial == (8,)
    assert encode_attributes(attributes) == block
