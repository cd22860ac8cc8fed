"""Each attribute, each way to be wrong, and what becomes of the UPDATE (RFC 7606)."""

import pytest

from wire import AttributeType, Codec, Family, NotificationError, Update, UpdateError, Verdict, parse_prefix

DISCARD, WITHDRAW = Verdict.DISCARD, Verdict.TREAT_AS_WITHDRAW
PREFIX = parse_prefix("192.0.2.0/24")[1]

ORIGIN = "400101 00"
AS_PATH = "400206 02010000fbf0"
NEXT_HOP = "400304 0a000001"
GOOD = ORIGIN + AS_PATH + NEXT_HOP


def decode(
    attributes: str, *, ibgp: bool = False, four_octet_as: bool = True, nlri: bytes = PREFIX
) -> Update:
    codec = Codec(families=frozenset(Family), four_octet_as=four_octet_as, ibgp=ibgp)
    block = bytes.fromhex(attributes)
    return codec.decode_update(bytes(2) + len(block).to_bytes(2, "big") + block + nlri)


def verdict_of(update: Update) -> Verdict | None:
    if not update.announced:
        assert [withdrawal.prefixes for withdrawal in update.withdrawn] == [[PREFIX]]
        assert WITHDRAW in [fault.verdict for fault in update.faults]
        return WITHDRAW
    assert update.withdrawn == []
    return DISCARD if update.faults else None


def test_a_good_list_has_no_verdict() -> None:
    assert verdict_of(decode(GOOD)) is None


@pytest.mark.parametrize(
    ("wrong", "verdict"),
    [
        ("400100" + AS_PATH + NEXT_HOP, WITHDRAW),
        ("4001020000" + AS_PATH + NEXT_HOP, WITHDRAW),
        ("40010103" + AS_PATH + NEXT_HOP, WITHDRAW),
        (ORIGIN + "400205 02010000fb" + NEXT_HOP, WITHDRAW),
        (ORIGIN + "400206 020200000001" + NEXT_HOP, WITHDRAW),
        (ORIGIN + "400206 020100000000" + NEXT_HOP, WITHDRAW),
        (ORIGIN + "400206 03010000fbf0" + NEXT_HOP, WITHDRAW),
        (ORIGIN + AS_PATH + "400303 0a0000", WITHDRAW),
        (ORIGIN + AS_PATH + "400305 0a00000100", WITHDRAW),
        (ORIGIN + AS_PATH + "400304 00000000", WITHDRAW),
        (ORIGIN + AS_PATH + "400304 e0000001", WITHDRAW),
        (GOOD + "800403 000000", WITHDRAW),
        (GOOD + "400601 00", DISCARD),
        (GOOD + "c00706 fbf00a000001", DISCARD),
        (GOOD + "c00708 000000000a000001", DISCARD),  # RFC 7607
        (GOOD + "c00803 000000", WITHDRAW),
        (GOOD + "c00800", WITHDRAW),
        (GOOD + "c01007 00000000000000", WITHDRAW),
        (GOOD + "c01000", WITHDRAW),
        (GOOD + "c02008 0000000000000000", WITHDRAW),
        (GOOD + "c02000", WITHDRAW),
        (GOOD + "c02303 000000", WITHDRAW),
        (GOOD + "c01106 02010000fbf0", DISCARD),  # RFC 6793, section 4.1: not between 4-octet speakers
        (GOOD + "c01208 0000fbf00a000001", DISCARD),
    ],
)
def test_a_wrong_value(wrong: str, verdict: Verdict) -> None:
    assert verdict_of(decode(wrong)) is verdict


@pytest.mark.parametrize(
    "attribute", ["400504 00000064", "800904 0a000001", "800a04 0a000001", "400503 000000"]
)
def test_what_an_external_peer_must_not_send_is_discarded(attribute: str) -> None:
    update = decode(GOOD + attribute)
    assert verdict_of(update) is DISCARD
    value = update.announced[0].attributes
    assert (value.local_pref, value.originator_id, value.cluster_list) == (None, None, b"")


@pytest.mark.parametrize(
    ("attribute", "verdict"),
    [
        ("400504 00000064", None),
        ("400503 000064", WITHDRAW),
        ("800904 0a000001", None),
        ("800903 0a0000", WITHDRAW),
        ("800a08 0a0000010a000002", None),
        ("800a03 0a0000", WITHDRAW),
        ("800a00", WITHDRAW),
    ],
)
def test_the_same_from_an_internal_peer(attribute: str, verdict: Verdict | None) -> None:
    assert verdict_of(decode(GOOD + attribute, ibgp=True)) is verdict


def test_confederation_segments_from_an_internal_peer() -> None:
    assert verdict_of(decode(ORIGIN + "400206 03010000fbf0" + NEXT_HOP, ibgp=True)) is None


@pytest.mark.parametrize(
    ("attribute", "good", "wrong"),
    [
        (ORIGIN, "40", "c0 80 00"),
        (AS_PATH, "40", "c0 80 00"),
        (NEXT_HOP, "40", "c0 80 00"),
        ("800404 00000001", "80", "c0 40 00"),
        ("400504 00000001", "40", "c0 80 00"),
        ("400600", "40", "c0 80 00"),
        ("c00708 000000010a000001", "c0", "80 40 00"),
        ("c00804 00000001", "c0", "80 40 00"),
        ("800904 00000001", "80", "c0 40 00"),
        ("800a04 00000001", "80", "c0 40 00"),
        ("c01008 0000000000000001", "c0", "80 40 00"),
        ("c0200c 000000000000000000000001", "c0", "80 40 00"),
        ("c02304 00000001", "c0", "80 40 00"),
    ],
)
def test_conflicting_flags_are_treat_as_withdraw(attribute: str, good: str, wrong: str) -> None:
    # RFC 7606, section 3 c. The Partial bit and the unused bits do not conflict.
    others = [one for one in (ORIGIN, AS_PATH, NEXT_HOP) if one != attribute]
    assert verdict_of(decode("".join([attribute, *others]), ibgp=True)) is None
    for flags in wrong.split():
        assert verdict_of(decode("".join([flags + attribute[2:], *others]), ibgp=True)) is WITHDRAW
    unused = f"{int(good, 16) | 0x2F:02x}"
    assert verdict_of(decode("".join([unused + attribute[2:], *others]), ibgp=True)) is None


@pytest.mark.parametrize(
    ("attributes", "missing"),
    [
        (AS_PATH + NEXT_HOP, "ORIGIN"),
        (ORIGIN + NEXT_HOP, "AS_PATH"),
        (ORIGIN + AS_PATH, "NEXT_HOP"),
        ("", "ORIGIN"),
    ],
)
def test_a_missing_attribute_is_treat_as_withdraw(attributes: str, missing: str) -> None:
    # RFC 7606, section 3 d.
    update = decode(attributes)
    assert verdict_of(update) is WITHDRAW
    assert f"{missing} is missing" in [fault.text for fault in update.faults]


def test_of_several_the_first_counts() -> None:
    # RFC 7606, section 3 g; unrecognized attributes as well.
    update = decode(GOOD + "800404 00000001" + "800404 00000002" + "c05001 01" + "c05001 02")
    assert verdict_of(update) is DISCARD
    assert update.announced[0].attributes.med == 1
    assert update.announced[0].attributes.unknown == ((0xC0, 0x50, b"\x01"),)
    assert [fault.attribute for fault in update.faults] == [AttributeType.MULTI_EXIT_DISC, 0x50]


def test_the_strongest_verdict_counts() -> None:
    # RFC 7606, section 3 h.
    update = decode(GOOD + "400601 00" + "800403 000000")
    assert verdict_of(update) is WITHDRAW
    assert [fault.verdict for fault in update.faults] == [DISCARD, WITHDRAW]


@pytest.mark.parametrize("overrun", ["800405 00000001", "8004", "80", "90040000"[:6], "c008ff 00000000"])
def test_an_attribute_that_overruns_the_list_is_treat_as_withdraw(overrun: str) -> None:
    # RFC 7606, section 4.
    assert verdict_of(decode(GOOD + overrun)) is WITHDRAW


def test_unrecognized_attributes_pass_or_vanish_by_their_flags() -> None:
    # RFC 4271, section 5.
    update = decode(GOOD + "c06303 010203" + "806401 00" + "f0650001 ff")
    assert verdict_of(update) is None
    assert update.announced[0].attributes.unknown == ((0xC0, 0x63, b"\1\2\3"), (0xE0, 0x65, b"\xff"))


def test_an_unrecognized_well_known_attribute_resets_the_session() -> None:
    # RFC 4271, section 6.3.
    with pytest.raises(NotificationError) as caught:
        decode(GOOD + "406301 07")
    assert caught.value.subcode == UpdateError.UNRECOGNIZED_WELL_KNOWN_ATTRIBUTE
    assert caught.value.data == bytes.fromhex("40630107")


@pytest.mark.parametrize("attributes", ["40010103", "800403 000000", "400101", "c00800"])
def test_a_fault_in_a_list_without_routes_resets_the_session(attributes: str) -> None:
    # RFC 7606, section 5.2.
    with pytest.raises(NotificationError) as caught:
        decode(attributes, nlri=b"")
    assert caught.value.subcode == UpdateError.MALFORMED_ATTRIBUTE_LIST


def test_a_discarded_attribute_does_not_need_routes() -> None:
    update = decode("400601 00", nlri=b"")
    assert [fault.verdict for fault in update.faults] == [DISCARD]
    assert (update.announced, update.withdrawn, update.end_of_rib) == ([], [], None)


def test_the_partial_bit_of_what_is_merged_goes_with_it() -> None:
    # The same route with and without it is one set of attributes.
    as_path, as4_path = "400204 02015ba0", "110a 0202ee6b28000000fbf1"
    one, other = (
        decode(ORIGIN + as_path + NEXT_HOP + flags + as4_path, four_octet_as=False) for flags in ("c0", "e0")
    )
    assert one.announced == other.announced


@pytest.mark.parametrize(
    ("attributes", "path", "aggregator", "faults"),
    [
        # RFC 6793, section 4.2.3
        ("400204 0201fbf0", [64496], None, 0),
        ("400206 02025ba0fbf1 c0110a 0202ee6b28000000fbf1", [4000000000, 64497], None, 0),
        ("400204 02015ba0 c00706 5ba00a000001 c01208 ee6b28000a000001", [23456], 4000000000, 0),
        (
            "400204 02015ba0 c00706 fbf00a000001 c01208 ee6b28000a000001 c01106 0201ee6b2800",
            [23456],
            64496,
            0,
        ),
        ("400204 02015ba0 c00706 fbf00a000001 c01106 0201ee6b2800", [4000000000], 64496, 0),
        # section 6: malformed ones are discarded
        ("400204 02015ba0 c01105 0201ee6b28", [23456], None, 1),
        ("400204 02015ba0 c01106 020100000000", [23456], None, 1),
        ("400204 02015ba0 c01106 0202ee6b2800", [23456], None, 1),
        ("400204 02015ba0 c00706 5ba00a000001 c01207 ee6b28000a0000", [23456], 23456, 1),
        ("400204 02015ba0 c00706 5ba00a000001 c01208 000000000a000001", [23456], 23456, 1),
    ],
)
def test_a_peer_of_two_octet_ases(
    attributes: str, path: list[int], aggregator: int | None, faults: int
) -> None:
    update = decode(ORIGIN + NEXT_HOP + attributes, four_octet_as=False)
    value = update.announced[0].attributes
    assert value.as_path_segments == [(2, path)]
    assert value.aggregator == (None if aggregator is None else aggregator.to_bytes(4, "big") + b"\x0a\0\0\1")
    assert len(update.faults) == faults


def test_as_zero_from_a_peer_of_two_octet_ases() -> None:
    assert verdict_of(decode(ORIGIN + NEXT_HOP + "400206 0202fbf00000", four_octet_as=False)) is WITHDRAW


def test_faults_name_the_attribute_and_the_reason() -> None:
    update = decode(GOOD + "c00803 000000")
    assert [(fault.attribute, fault.text) for fault in update.faults] == [(8, "COMMUNITIES has length 3")]


@pytest.mark.parametrize("as_path", [AS_PATH, "400206 01010000fbf0"])
def test_repeated_large_communities_are_removed_silently(as_path: str) -> None:
    # RFC 8092, section 3; by the quick way through the codec and by the thorough one.
    first, second = "0000fbf00000000100000002", "0000fbf00000000100000003"
    update = decode(ORIGIN + as_path + NEXT_HOP + "c02024" + first + second + first)
    assert verdict_of(update) is None
    assert update.announced[0].attributes.large_communities == bytes.fromhex(first + second)
