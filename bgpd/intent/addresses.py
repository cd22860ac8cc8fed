"""Addresses and CIDRs of resources (text) as keys of tables and as prefixes."""

from wire import Family, Prefix, format_address, parse_address, parse_prefix

_MAPPED = bytes(10) + b"\xff\xff"


def canonical_address(text: str) -> str | None:
    """Return an address as RFC 5952 spells it, IPv4-mapped ones as IPv4; None if it is no address.

    IPv4-mapped IPv6 (RFC 4291, section 2.5.5.2) would otherwise make two keys of one peer.
    """
    try:
        address = parse_address(text)
    except ValueError:
        return None
    return format_address(address[12:] if address.startswith(_MAPPED) else address)


def family_of(text: str) -> Family:
    """Return the unicast family of an address or CIDR."""
    return Family.IPV6_UNICAST if ":" in text else Family.IPV4_UNICAST


def network(text: str) -> tuple[Family, Prefix] | None:
    """Return family and prefix of a CIDR or an address, host bits cleared; None if it is neither."""
    try:
        return parse_prefix(text)
    except ValueError:
        return None


def is_host(family: Family, prefix: Prefix) -> bool:
    """Tell whether a prefix is a single address."""
    return prefix[0] == family.bits


def is_link_local(address: str) -> bool:
    """Tell whether a canonical address is IPv6 link-local: no use without a link (RFC 4291, 2.5.6)."""
    return address[:3] in {"fe8", "fe9", "fea", "feb"} and address[4:5] == ":"
