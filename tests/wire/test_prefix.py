import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import wire_strategies as some
from wire import Family, format_prefix, make_prefix, parse_prefix


@pytest.mark.parametrize(
    ("text", "family", "prefix"),
    [
        ("0.0.0.0/0", Family.IPV4_UNICAST, "00"),
        ("10.0.0.0/8", Family.IPV4_UNICAST, "080a"),
        ("10.1.2.64/26", Family.IPV4_UNICAST, "1a0a010240"),
        ("192.0.2.1", Family.IPV4_UNICAST, "20c0000201"),
        ("::/0", Family.IPV6_UNICAST, "00"),
        ("2001:db8::/32", Family.IPV6_UNICAST, "2020010db8"),
        ("2001:db8::1", Family.IPV6_UNICAST, "80" + "20010db8" + "00" * 11 + "01"),
    ],
)
def test_text_and_octets(text: str, family: Family, prefix: str) -> None:
    assert parse_prefix(text) == (family, bytes.fromhex(prefix))
    assert format_prefix(family, bytes.fromhex(prefix)).startswith(text)


def test_host_bits_are_cleared() -> None:
    assert parse_prefix("10.1.2.3/15") == parse_prefix("10.0.0.0/15")


@given(some.families.flatmap(lambda family: st.tuples(st.just(family), some.prefixes(family))))
def test_text_leads_back_to_the_prefix(case: tuple[Family, bytes]) -> None:
    family, prefix = case
    text = format_prefix(family, prefix)
    assert parse_prefix(text) == case
    assert ipaddress.ip_network(text).prefixlen == prefix[0]


@given(st.binary(min_size=16, max_size=16), st.integers(0, 128))
def test_make_prefix_agrees_with_the_standard_library(address: bytes, length: int) -> None:
    network = ipaddress.IPv6Network((address, length), strict=False)
    prefix = make_prefix(address, length)
    assert prefix[0] == length
    assert prefix[1:].ljust(16, b"\0") == network.network_address.packed
    assert len(prefix) == 1 + (length + 7) // 8


@pytest.mark.parametrize(
    "text", ["10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/a", "10.0.0.0/-1", "10.0.0.0/0008"]
)
def test_a_wrong_length_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a prefix"):
        parse_prefix(text)
