"""Addresses, CIDRs and ports as Calico writes them (calico-reference.md section 1.4).

Everything is kept as text in canonical form (RFC 5952), so that equal values compare equal.
"""

import re
from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Annotated

from bgpd.resources.values import RuleError, validated

_DECIMAL = "(0|[1-9][0-9]{0,2})"
_PLAIN_CIDR = re.compile(r"\.".join([_DECIMAL] * 4) + "/" + _DECIMAL)


def _number(digits: str, low: int, high: int, what: str) -> int:
    """Read a decimal number within bounds. Raises RuleError."""
    if digits.isascii() and digits.isdigit() and len(digits) <= 5 and low <= int(digits) <= high:
        return int(digits)
    raise RuleError(f"invalid {what}", f"it is {low} to {high}")


def parse_ip(text: str) -> IPv4Address | IPv6Address:
    """Read an IPv4 or IPv6 address without zone. Raises RuleError."""
    try:
        if "%" not in text:
            return ip_address(text)
    except ValueError:
        pass
    raise RuleError("not an IP address", "write one like 10.0.0.1 or fd00::1")


def _unmapped(text: str) -> IPv4Address | IPv6Address:
    """Read an address, an IPv4-mapped one (RFC 4291, section 2.5.5.2) as the IPv4 address that it means."""
    address = parse_ip(text)
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def canonical_ip(text: str) -> str:
    """Return an address as RFC 5952 spells it, an IPv4-mapped one as IPv4. Raises RuleError."""
    return str(_unmapped(text))


def _of_version(version: int) -> Callable[[str], str]:
    def check(text: str) -> str:
        address = _unmapped(text)
        if address.version != version:
            raise RuleError(f"not an IPv{version} address")
        return str(address)

    return check


def parse_cidr(text: str) -> IPv4Network | IPv6Network:
    """Read a strictly masked CIDR; a bare address counts as /32 or /128 (Q24). Raises RuleError."""
    address, slash, length = text.partition("/")
    ip = parse_ip(address)
    bits = _number(length, 0, ip.max_prefixlen, "prefix length") if slash else ip.max_prefixlen
    network = ip_network((ip, bits), strict=False)
    if network.network_address != ip:
        raise RuleError("CIDR is not strictly masked", f"did you mean {network}?")
    return network


def canonical_cidr(text: str) -> str:
    """Return a strictly masked CIDR in canonical form. Raises RuleError."""
    return text if _needs_no_change(text) else str(parse_cidr(text))


def _needs_no_change(text: str) -> bool:
    """Tell quickly of an IPv4 CIDR that it surely is canonical, as all blocks of a large cluster are."""
    found = _PLAIN_CIDR.fullmatch(text)
    if found is None:
        return False
    *octets, length = map(int, found.groups())
    if max(octets) > 255 or length > 32:
        return False
    return not int.from_bytes(octets) << length & 0xFFFFFFFF


def split_ip_port(text: str) -> tuple[str, int | None]:
    """Split `IPv4`, `IPv6`, `IPv4:port` or `[IPv6]:port` into address and port. Raises RuleError."""
    address, port = text, ""
    if text.startswith("["):
        address, bracket, port = text[1:].partition("]:")
        if not bracket:
            raise RuleError("not an IP address with port", "write it like [fd00::1]:1790")
    elif text.count(":") == 1:
        address, _, port = text.partition(":")
    else:
        return canonical_ip(text), None
    return canonical_ip(address), _number(port, 1, 65535, "port")


def canonical_ip_port(text: str) -> str:
    """Return an address with optional port in canonical form. Raises RuleError."""
    address, port = split_ip_port(text)
    if port is None:
        return address
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def _address_with_length(version: int) -> Callable[[str], str]:
    """Check an address with or without a length; host bits stay: it is what a Node says of itself."""

    def check(text: str) -> str:
        address, slash, length = text.partition("/")
        ip = _of_version(version)(address)
        return f"{ip}/{_number(length, 0, 32 if version == 4 else 128, 'prefix length')}" if slash else ip

    return check


IPv4 = Annotated[str, validated(_of_version(4))]
IPv6 = Annotated[str, validated(_of_version(6))]
IP = Annotated[str, validated(canonical_ip)]
IPPort = Annotated[str, validated(canonical_ip_port)]
IPv4Interface = Annotated[str, validated(_address_with_length(4))]
IPv6Interface = Annotated[str, validated(_address_with_length(6))]
CIDR = Annotated[str, validated(canonical_cidr)]
