import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import wire_strategies as some
from wire import (
    AttributeFault,
    AttributeType,
    Codec,
    Family,
    NotificationError,
    PathAttributes,
    Update,
    UpdateError,
    Verdict,
    encode_attributes,
    format_address,
    parse_prefix,
)
from wire.attributes import reader as attribute_reader

V4, V6 = Family.IPV4_UNICAST, Family.IPV6_UNICAST

ORIGIN_AND_PATH = "4001010040020602010000fbf0"
NEXT_HOP = "4003040a000001"
GLOBAL, LINK_LOCAL = "20010db8" + "00" * 11 + "01", "fe80" + "00" * 13 + "02"


def codec(**agreed: object) -> Codec:
    return Codec(**{"families": frozenset(Family), "four_octet_as": True, "ibgp": False} | agreed)  # type: ignore[arg-type]


def body(*, withdrawn: str = "", attributes: str = "", nlri: str = "") -> bytes:
    fields = [bytes.fromhex(text) for text in (withdrawn, attributes)]
    return b"".join(len(field).to_bytes(2, "big") + field for field in fields) + bytes.fromhex(nlri)


def reach(family: str, next_hop: str, nlri: str) -> str:
    value = bytes.fromhex(family) + bytes([len(next_hop) // 2]) + bytes.fromhex(next_hop + "00" + nlri)
    return f"800e{len(value):02x}{value.hex()}"


def unreach(family: str, withdrawn: str) -> str:
    value = bytes.fromhex(family + withdrawn)
    return f"800f{len(value):02x}{value.hex()}"


def octets(*texts: str) -> list[bytes]:
    return [parse_prefix(text)[1] for text in texts]


def routes(update: Update) -> list[tuple[Family, int, list[bytes]]]:
    return [(route.family, route.path_id, route.prefixes) for route in update.announced]


def withdrawals(update: Update) -> list[tuple[Family, int, list[bytes]]]:
    return [(route.family, route.path_id, route.prefixes) for route in update.withdrawn]


def reset_of(octets: bytes, **agreed: object) -> NotificationError:
    with pytest.raises(NotificationError) as caught:
        codec(**agreed).decode_update(octets)
    assert caught.value.code == 3
    return caught.value


def test_announced_and_withdrawn_in_one() -> None:
    update = codec().decode_update(
        body(withdrawn="080b10c633", attributes=ORIGIN_AND_PATH + NEXT_HOP, nlri="080a18c00002")
    )
    assert routes(update) == [(V4, 0, octets("10.0.0.0/8", "192.0.2.0/24"))]
    assert withdrawals(update) == [(V4, 0, octets("11.0.0.0/8", "198.51.0.0/16"))]
    assert update.announced[0].attributes == PathAttributes(
        0, bytes.fromhex("02010000fbf0"), bytes([10, 0, 0, 1])
    )
    assert update.faults == ()


def test_both_families_in_one() -> None:
    attributes = (
        reach("000201", GLOBAL + LINK_LOCAL, "2020010db8")
        + unreach("000201", "2020010db9")
        + ORIGIN_AND_PATH
        + NEXT_HOP
    )
    update = codec().decode_update(body(withdrawn="080b", attributes=attributes, nlri="080a"))
    assert routes(update) == [(V4, 0, octets("10.0.0.0/8")), (V6, 0, octets("2001:db8::/32"))]
    assert withdrawals(update) == [(V4, 0, octets("11.0.0.0/8")), (V6, 0, octets("2001:db9::/32"))]
    ipv4, ipv6 = (route.attributes for route in update.announced)
    assert ipv6 == ipv4.replace(next_hop=bytes.fromhex(GLOBAL + LINK_LOCAL))


@pytest.mark.parametrize("where", [0, 1, 2])
def test_multiprotocol_attributes_may_be_anywhere(where: int) -> None:
    attributes = [ORIGIN_AND_PATH, "c00804fde80001"]
    attributes.insert(where, reach("000201", GLOBAL, "2020010db8"))
    [route] = codec().decode_update(body(attributes="".join(attributes))).announced
    assert route.attributes.communities == bytes.fromhex("fde80001")
    assert format_address(route.attributes.next_hop) == "2001:db8::1"


def test_next_hop_is_ignored_without_classic_routes() -> None:
    # RFC 4760, section 3: some speakers send the attribute with nothing sensible in it.
    attributes = ORIGIN_AND_PATH + "40030400000000" + reach("000201", GLOBAL, "2020010db8")
    [route] = codec().decode_update(body(attributes=attributes)).announced
    assert format_address(route.attributes.next_hop) == "2001:db8::1"


@pytest.mark.parametrize(
    ("family", "octets", "expected"),
    [
        ("000101", "", V4),
        ("000201", "", V6),
        ("001946", "", None),
        ("000201", "2020010db8", None),
    ],
)
def test_end_of_rib_in_mp_unreach(family: str, octets: str, expected: Family | None) -> None:
    assert codec().decode_update(body(attributes=unreach(family, octets))).end_of_rib is expected


def test_what_looks_like_end_of_rib_and_is_not() -> None:
    assert codec().decode_update(body()).end_of_rib is V4
    assert codec(families=frozenset({V6})).decode_update(body()).end_of_rib is None
    assert codec().decode_update(body(withdrawn="080a")).end_of_rib is None
    assert codec().decode_update(body(withdrawn="080a", attributes=unreach("000201", ""))).end_of_rib is None
    assert codec().decode_update(body(attributes=unreach("000201", "") + ORIGIN_AND_PATH)).end_of_rib is None
    assert codec().decode_update(body(attributes=reach("000201", GLOBAL, ""))).end_of_rib is None


@pytest.mark.parametrize(
    "octets",
    [
        "",
        "000000",
        "0001",
        "00010000",
        "0005 080a 0000",
        "0000 0005",
        "0000 0001",
        "ffff 0000",
        "0000 ffff 40010100",
    ],
)
def test_lengths_that_do_not_agree_reset_the_session(octets: str) -> None:
    # RFC 4271, section 6.3; RFC 7606, section 3 a.
    assert reset_of(bytes.fromhex(octets)).subcode == UpdateError.MALFORMED_ATTRIBUTE_LIST


@pytest.mark.parametrize("field", ["21000000000000", "18c000", "080a18", "ff"])
def test_nlri_that_does_not_parse_resets_the_session(field: str) -> None:
    # RFC 7606, section 5.3.
    good = ORIGIN_AND_PATH + NEXT_HOP
    assert reset_of(body(attributes=good, nlri=field)).subcode == UpdateError.INVALID_NETWORK_FIELD
    assert reset_of(body(withdrawn=field)).subcode == UpdateError.INVALID_NETWORK_FIELD
    for attribute in (reach("000101", "0a000001", field), unreach("000101", field)):
        error = reset_of(body(attributes=ORIGIN_AND_PATH + attribute))
        assert error.subcode == UpdateError.OPTIONAL_ATTRIBUTE_ERROR


@pytest.mark.parametrize(
    ("attribute", "subcode"),
    [
        ("800e04 00020100", UpdateError.OPTIONAL_ATTRIBUTE_ERROR),
        ("800e05 0002011000", UpdateError.OPTIONAL_ATTRIBUTE_ERROR),
        (reach("000201", "0a000001", "2020010db8"), UpdateError.OPTIONAL_ATTRIBUTE_ERROR),
        (reach("000201", "", "2020010db8"), UpdateError.OPTIONAL_ATTRIBUTE_ERROR),
        (reach("000201", GLOBAL + "00", "2020010db8"), UpdateError.OPTIONAL_ATTRIBUTE_ERROR),
        (reach("000101", "0a0000", "080a"), UpdateError.OPTIONAL_ATTRIBUTE_ERROR),
        ("800f02 0002", UpdateError.OPTIONAL_ATTRIBUTE_ERROR),
        ("800eff 0002", UpdateError.OPTIONAL_ATTRIBUTE_ERROR),
        ("800f", UpdateError.OPTIONAL_ATTRIBUTE_ERROR),
        ("c00f03 000201", UpdateError.ATTRIBUTE_FLAGS_ERROR),
        ("400f03 000201", UpdateError.ATTRIBUTE_FLAGS_ERROR),
        (unreach("000201", "") * 2, UpdateError.MALFORMED_ATTRIBUTE_LIST),
        (reach("000201", GLOBAL, "2020010db8") * 2, UpdateError.MALFORMED_ATTRIBUTE_LIST),
    ],
)
def test_a_wrong_multiprotocol_attribute_resets_the_session(attribute: str, subcode: UpdateError) -> None:
    # RFC 7606, sections 3 g, 5.3 and 7.11.
    assert reset_of(body(attributes=ORIGIN_AND_PATH + attribute)).subcode == subcode


@pytest.mark.parametrize(
    "attribute",
    [
        "800e04 00020100",
        "900e0004 00020100",
        "800f02 0002",
        "c00f03 000201",
        "500e001a 000201 10" + GLOBAL + "00 2020010db8",
        reach("000201", "0a000001", "2020010db8"),
        reach("000201", GLOBAL[:-2], ""),
        reach("000201", GLOBAL, "81" + "00" * 17),
        unreach("000201", "4020"),
    ],
)
def test_the_notification_holds_the_whole_attribute_as_it_came(attribute: str) -> None:
    # RFC 4271, section 6.3: "type, length, and value".
    assert reset_of(body(attributes=ORIGIN_AND_PATH + attribute)).data == bytes.fromhex(attribute)


@pytest.mark.parametrize("next_hop", ["00" * 16, "ff02" + "00" * 13 + "01", "00" * 32, "ff" * 32])
def test_an_ipv6_next_hop_that_is_none_is_treat_as_withdraw(next_hop: str) -> None:
    update = codec().decode_update(body(attributes=ORIGIN_AND_PATH + reach("000201", next_hop, "2020010db8")))
    assert (routes(update), withdrawals(update)) == ([], [(V6, 0, octets("2001:db8::/32"))])


def test_a_link_local_address_alone_is_a_next_hop() -> None:
    attributes = ORIGIN_AND_PATH + reach("000201", "00" * 16 + LINK_LOCAL, "2020010db8")
    assert routes(codec().decode_update(body(attributes=attributes))) == [(V6, 0, octets("2001:db8::/32"))]


def test_a_fault_withdraws_all_routes_of_the_update() -> None:
    attributes = reach("000201", GLOBAL, "2020010db8") + ORIGIN_AND_PATH + NEXT_HOP + "c00803000000"
    update = codec().decode_update(body(attributes=attributes, nlri="080a"))
    assert routes(update) == []
    assert withdrawals(update) == [(V4, 0, octets("10.0.0.0/8")), (V6, 0, octets("2001:db8::/32"))]
    assert [fault.text for fault in update.faults] == ["COMMUNITIES has length 3"]


@pytest.mark.parametrize("family", ["001946", "000180", "000202", "000201"])
def test_routes_of_a_family_that_was_not_agreed_on_are_ignored(family: str) -> None:
    # RFC 4760, section 7.
    attributes = reach(family, "0a000001" * 3, "0123") + unreach(family, "4567") + ORIGIN_AND_PATH
    update = codec(families=frozenset({V4})).decode_update(body(attributes=attributes))
    assert (update.announced, update.withdrawn) == ([], [])
    assert [(fault.attribute, fault.verdict) for fault in update.faults] == [
        (AttributeType.MP_UNREACH_NLRI, Verdict.DISCARD),
        (AttributeType.MP_REACH_NLRI, Verdict.DISCARD),
    ]


def test_classic_routes_are_ignored_where_ipv4_was_not_agreed_on() -> None:
    update = codec(families=frozenset({V6})).decode_update(
        body(withdrawn="080b", attributes=ORIGIN_AND_PATH + NEXT_HOP, nlri="080a")
    )
    assert (update.announced, update.withdrawn) == ([], [])
    assert update.faults == (AttributeFault(0, Verdict.DISCARD, "routes of ipv4-unicast were not agreed on"),)


def test_ipv4_routes_over_an_ipv6_next_hop() -> None:
    # RFC 8950.
    octets_ = body(attributes=reach("000101", GLOBAL, "080a") + ORIGIN_AND_PATH)
    agreed = codec(extended_next_hop=frozenset({V4})).decode_update(octets_)
    assert routes(agreed) == [(V4, 0, octets("10.0.0.0/8"))]
    assert format_address(agreed.announced[0].attributes.next_hop) == "2001:db8::1"
    assert withdrawals(codec().decode_update(octets_)) == [(V4, 0, octets("10.0.0.0/8"))]


def test_a_next_hop_judged_for_one_family_is_judged_again_for_the_other() -> None:
    reader = codec()
    ipv6 = body(attributes=reach("000201", GLOBAL, "2020010db8") + ORIGIN_AND_PATH)
    assert routes(reader.decode_update(ipv6))
    ipv4 = body(attributes=reach("000101", GLOBAL, "080a") + ORIGIN_AND_PATH)
    assert routes(reader.decode_update(ipv4)) == []


def test_several_paths_per_prefix() -> None:
    # RFC 7911, section 3.
    reader = codec(add_path_receive=frozenset({V4}))
    nlri = "00000001 080a00000002 080a00000001 18c00002"
    update = reader.decode_update(
        body(withdrawn="00000009 080b", attributes=ORIGIN_AND_PATH + NEXT_HOP, nlri=nlri)
    )
    assert routes(update) == [(V4, 1, octets("10.0.0.0/8", "192.0.2.0/24")), (V4, 2, octets("10.0.0.0/8"))]
    assert withdrawals(update) == [(V4, 9, octets("11.0.0.0/8"))]
    assert update.announced[0].attributes is update.announced[1].attributes
    ipv6 = reader.decode_update(body(attributes=reach("000201", GLOBAL, "2020010db8") + ORIGIN_AND_PATH))
    assert routes(ipv6) == [(V6, 0, octets("2001:db8::/32"))]


def test_multicast_prefixes_are_ignored_and_named() -> None:
    update = codec().decode_update(body(attributes=ORIGIN_AND_PATH + NEXT_HOP, nlri="080a 04e0"))
    assert routes(update) == [(V4, 0, octets("10.0.0.0/8"))]
    assert update.faults == (AttributeFault(0, Verdict.DISCARD, "224.0.0.0/4 is not unicast"),)
    update = codec().decode_update(body(attributes=ORIGIN_AND_PATH + NEXT_HOP, nlri="04e0"))
    assert routes(update) == []


@pytest.mark.parametrize("four_octet_as", [True, False])
def test_equal_lists_give_one_object(four_octet_as: bool) -> None:
    reader = codec(four_octet_as=four_octet_as)
    path = "40020602010000fbf0" if four_octet_as else "4002040201fbf0"
    first = reader.decode_update(body(attributes="40010100" + path + NEXT_HOP, nlri="080a"))
    second = reader.decode_update(body(attributes="40010100" + path + NEXT_HOP, nlri="080b"))
    assert first.announced[0].attributes is second.announced[0].attributes
    ipv6 = [
        reader.decode_update(body(attributes="40010100" + path + reach("000201", GLOBAL, nlri)))
        for nlri in ("2020010db8", "2020010db9")
    ]
    assert ipv6[0].announced[0].attributes is ipv6[1].announced[0].attributes


def test_memory_of_lists_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attribute_reader, "_BLOCKS", 10)
    monkeypatch.setattr(attribute_reader, "_NEXT_HOPS", 4)
    reader = codec()
    for n in range(100):
        list_of_n = ORIGIN_AND_PATH + f"4003040a0000{n:02x}"
        [route] = reader.decode_update(body(attributes=list_of_n, nlri="080a")).announced
        assert route.attributes.next_hop[3] == n
        assert len(reader._attributes._blocks) <= 10
        assert len(reader._attributes._next_hops) <= 4


def test_a_list_with_a_fault_reports_it_each_time() -> None:
    reader = codec()
    octets_ = body(attributes=ORIGIN_AND_PATH + NEXT_HOP + "40060100", nlri="080a")
    assert reader.decode_update(octets_).faults == reader.decode_update(octets_).faults != ()


@given(some.path_attributes(), st.booleans(), st.data())
def test_the_quick_way_and_the_full_way_agree(
    attributes: PathAttributes, ibgp: bool, data: st.DataObject
) -> None:
    block = data.draw(
        st.just(encode_attributes(attributes)) | some.mutations(st.just(encode_attributes(attributes)))
    )
    quick = attribute_reader.AttributeReader(four_octet_as=True, ibgp=ibgp)
    quick._next_hops[attributes.next_hop] = attributes.next_hop
    plain = quick.read_plain(block, None)
    full = attribute_reader.AttributeReader(four_octet_as=True, ibgp=ibgp)
    full._pattern = None
    if plain is not None:
        faults: list[AttributeFault] = []
        assert full.read(block, None, faults) == plain
        assert faults == []


def test_message_limit_follows_extended_messages() -> None:
    assert codec().message_limit == 4096
    assert codec(extended_message=True).message_limit == 65535
