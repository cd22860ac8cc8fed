import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire import format_address, parse_address


@given(st.binary(min_size=4, max_size=4))
def test_ipv4_agrees_with_the_standard_library(address: bytes) -> None:
    text = str(ipaddress.IPv4Address(address))
    assert format_address(address) == text
    assert parse_address(text) == address


@given(st.lists(st.sampled_from([0, 0, 0, 1, 0xDB8, 0xFFFF]), min_size=8, max_size=8))
def test_ipv6_agrees_with_the_standard_library(groups: list[int]) -> None:
    address = b"".join(group.to_bytes(2, "big") for group in groups)
    parsed = ipaddress.IPv6Address(address)
    assert parse_address(parsed.exploded) == address
    assert parse_address(parsed.compressed) == address
    assert parse_address(format_address(address)) == address
    if parsed.ipv4_mapped is None:
        assert format_address(address) == parsed.compressed


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2001:DB8::1", "2001:db8::1"),
        ("::", "::"),
        ("1::", "1::"),
        ("::ffff:10.0.0.1", "::ffff:10.0.0.1"),  # RFC 5952, section 5
        ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),  # section 4.2.2: a single group is not shortened
        ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),  # section 4.2.3: the longest run
        ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),  # the first of equal runs
    ],
)
def test_ipv6_is_written_as_rfc_5952_wants(text: str, written: str) -> None:
    assert format_address(parse_address(text)) == written


@pytest.mark.parametrize(
    "text",
    [
        "10.0.0",
        "10.0.0.256",
        "10.0.0.01",
        "10.0.0.-1",
        "\u0661.0.0.0",
        "1::2::3",
        ":::",
        ":1",
        "1:",
        "1:::2",
        "12345::",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1:2:3:4:5:6:7::8:9",
        "fe80::1%eth0",
        "::10.0.0",
        "10.0.0.0::",
        "1.2.3.4::",
        "g::",
        "",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not an IP"):
        parse_address(text)


@given(st.text(alphabet="0123456789abcdef:./", max_size=24))
def test_accepts_what_the_standard_library_accepts(text: str) -> None:
    try:
        expected = ipaddress.ip_address(text).packed
    except ValueError:
        with pytest.raises(ValueError):
            parse_address(text)
    else:
        assert parse_address(text) == expected


def test_an_address_of_another_length_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="4 or 16 octets, not 5"):
        format_address(bytes(5))
