"""Numbers, durations, addresses: every form the reference allows."""

from ipaddress import IPv4Network, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bgpd.resources import Duration, parse_community, parse_duration, split_ip_port
from bgpd.resources.addresses import canonical_cidr, canonical_ip, canonical_ip_port, parse_cidr
from bgpd.resources.meta import json_name
from bgpd.resources.values import RuleError, parse_as_number


@pytest.mark.parametrize(
    ("written", "number"),
    [(64512, 64512), ("64513", 64513), ("4294.566", 281412150), ("0.1", 1), (0, 0), (4294967295, 4294967295)],
)
def test_as_numbers_in_every_form(written: object, number: int) -> None:
    assert parse_as_number(written) == number


@given(st.integers(0, 2**32 - 1))
def test_an_as_number_means_the_same_in_all_its_forms(number: int) -> None:
    forms = [number, str(number), f"{number >> 16}.{number & 0xFFFF}"]
    assert {parse_as_number(form) for form in forms} == {number}


@pytest.mark.parametrize(
    "wrong", [-1, 2**32, "", "1.2.3", "65536.1", "1.65536", "0x1", " 1", "٣", None, 1.5, False]
)
def test_other_as_numbers_are_refused(wrong: object) -> None:
    with pytest.raises(RuleError, match="invalid AS Number format"):
        parse_as_number(wrong)


@pytest.mark.parametrize(
    ("text", "seconds", "whole"),
    [
        ("120s", 120, 120),
        ("1m30s", 90, 90),
        ("1.5h", 5400, 5400),
        ("300ms", 0.3, 0),
        ("500ms", 0.5, 1),
        ("-500ms", -0.5, -1),
        ("-1s", -1, -1),
        ("1h2m3s4ms", 3723.004, 3723),
        (".5s", 0.5, 1),
        ("0", 0, 0),
        ("1us", 1e-6, 0),
    ],
)
def test_durations_are_rounded_half_away_from_zero(text: str, seconds: float, whole: int) -> None:
    assert parse_duration(text) == pytest.approx(seconds)
    assert Duration(text).seconds == whole


@pytest.mark.parametrize("wrong", ["", "10", "s", "1 s", "1d", "1s ", "--1s", ".s", "1e3s", "300000h" * 10])
def test_other_durations_are_refused(wrong: str) -> None:
    with pytest.raises(RuleError, match="invalid duration"):
        parse_duration(wrong)


@pytest.mark.parametrize(
    ("text", "address", "port"),
    [
        ("10.0.0.1", "10.0.0.1", None),
        ("10.0.0.1:179", "10.0.0.1", 179),
        ("FD00:0::1", "fd00::1", None),
        ("[fd00::1]:1790", "fd00::1", 1790),
        ("::ffff:10.0.0.1", "10.0.0.1", None),
        ("[::FFFF:a00:1]:1790", "10.0.0.1", 1790),
    ],
)
def test_peer_addresses_with_and_without_port(text: str, address: str, port: int | None) -> None:
    assert split_ip_port(text) == (address, port)
    assert split_ip_port(canonical_ip_port(text)) == (address, port)


@given(st.ip_addresses())
def test_every_address_has_one_canonical_form(address: object) -> None:
    exploded = ip_address(str(address)).exploded.upper()
    expected = str(getattr(address, "ipv4_mapped", None) or address)
    assert canonical_ip(exploded) == expected
    assert canonical_ip(str(address)) == expected


@pytest.mark.parametrize(
    ("text", "cidr"), [("10.0.0.1", "10.0.0.1/32"), ("fd00::/8", "fd00::/8"), ("::1", "::1/128")]
)
def test_a_bare_address_is_a_host_cidr(text: str, cidr: str) -> None:
    assert canonical_cidr(text) == cidr


def test_communities_are_two_or_three_numbers() -> None:
    assert parse_community("64512:10") == (64512, 10)
    assert parse_community("64512:1:4294967295") == (64512, 1, 4294967295)
    for wrong in ("64512", "1:2:3:4", "65536:1", "1:4294967296:1", "a:b", "-1:1", "1:" + "9" * 5000):
        with pytest.raises(RuleError, match="invalid community value"):
            parse_community(wrong)


@given(st.text(max_size=30) | st.text(alphabet="0123456789.:/[]%smh", max_size=30))
def test_no_text_raises_anything_else(text: str) -> None:
    for read in (parse_as_number, parse_duration, canonical_cidr, canonical_ip_port, parse_community):
        try:
            read(text)
        except RuleError as error:
            assert error.rule  # noqa: PT017  (either outcome is right)


@pytest.mark.parametrize(
    "name",
    [
        "peerIP",
        "numAllowedLocalASNumbers",
        "serviceClusterIPs",
        "ipv4IPIPTunnelAddr",
        "vxlanTunnelMACAddrV6",
        "localWorkloadPeeringIPV4",
        "interfaceIPv4Address",
        "routeReflectorClusterID",
        "prependASPath",
        "disableBGPExport",
        "exportV4",
        "podCIDRs",
        "peersV6",
    ],
)
def test_json_names_are_calicos(name: str) -> None:
    from bgpd.resources import KINDS
    from bgpd.resources.translation import _all_paths

    known = {path.rpartition(".")[2] for info in KINDS.values() for path in _all_paths(info.model, "")}
    assert name in known | {json_name("interface_ipv4_address")}


OCTET = st.integers(0, 260).map(str) | st.sampled_from(["00", "01", "010", ""])
CIDR = st.tuples(st.lists(OCTET, min_size=3, max_size=5).map(".".join), st.integers(0, 40)).map(
    lambda parts: f"{parts[0]}/{parts[1]}"
)
NETWORK = st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 32)).map(
    lambda p: str(IPv4Network(p, strict=False))
)


@given(CIDR | NETWORK | st.text("0123456789./:f", max_size=20))
def test_cidrs_in_canonical_form_are_known_at_a_glance(text: str) -> None:
    """The quick look must agree with the thorough one on every text."""
    try:
        thorough = str(parse_cidr(text))
    except RuleError:
        with pytest.raises(RuleError):
            canonical_cidr(text)
    else:
        assert canonical_cidr(text) == thorough
