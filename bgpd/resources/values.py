"""The value formats that all resources share (calico-reference.md sections 1.2 to 1.5)."""

import re
from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

MAX_AS_NUMBER = 0xFFFFFFFF

_DECIMAL = re.compile(r"[0-9]{1,10}")
_DOTTED = re.compile(r"([0-9]{1,5})\.([0-9]{1,5})")
_DURATION = re.compile(r"[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+|[+-]?0")
_DURATION_PART = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)")
_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_COMMUNITY = re.compile(r"[0-9]+(?::[0-9]+){1,2}")
_MAC = re.compile(r"[0-9a-fA-F]{2}(?:[:-][0-9a-fA-F]{2}){5}")
NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
INTERFACE = re.compile(r"[a-zA-Z0-9_.*-]{1,15}")


class Broken(ValueError):
    """A value that breaks a rule of its type, with the way out."""

    def __init__(self, rule: str, remedy: str = "") -> None:
        self.rule = rule
        self.remedy = remedy
        super().__init__(f"{rule}; {remedy}" if remedy else rule)


def parse_as_number(value: object) -> int:
    """Read an AS number: a number, "64513", or dotted "1.10" (RFC 5396). Raises Broken."""
    if isinstance(value, float):
        raise Broken(
            "invalid AS Number format", f'YAML reads it as a fraction, write it in quotes: "{value}"'
        )
    if isinstance(value, int) and not isinstance(value, bool):
        return _as_in_range(value)
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return _as_in_range(int(value))
    dotted = _DOTTED.fullmatch(value) if isinstance(value, str) else None
    if dotted and max(int(dotted[1]), int(dotted[2])) <= 0xFFFF:
        return int(dotted[1]) << 16 | int(dotted[2])
    raise Broken("invalid AS Number format", 'write 64512, "64512" or "1.10" (two parts of 0 to 65535)')


def _as_in_range(number: int) -> int:
    if 0 <= number <= MAX_AS_NUMBER:
        return number
    raise Broken("invalid AS Number format", f"an AS number is 0 to {MAX_AS_NUMBER}")


def parse_duration(text: str) -> float:
    """Read a Go duration ("1m30s") as seconds. Raises Broken."""
    if not _DURATION.fullmatch(text):
        raise Broken(
            "invalid duration", 'write a number and a unit (ms, s, m, h), for instance "120s" or "1m30s"'
        )
    seconds = sum(float(number) * _UNITS[unit] for number, unit in _DURATION_PART.findall(text))
    return -seconds if text.startswith("-") else seconds


class Duration(str):
    """A Go duration as it was written, with its length."""

    __slots__ = ()

    @property
    def seconds(self) -> int:
        """Whole seconds, rounded half away from zero as Calico does."""
        exact = parse_duration(self)
        return int(exact + 0.5) if exact >= 0 else -int(0.5 - exact)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Validate as a string, keep the text."""
        return core_schema.no_info_after_validator_function(
            _checked(cls.read), core_schema.str_schema(), serialization=core_schema.to_string_ser_schema()
        )

    @classmethod
    def read(cls, text: str) -> "Duration":
        """Make a Duration of a text. Raises Broken."""
        parse_duration(text)
        return cls(text)


def parse_ip(text: str) -> IPv4Address | IPv6Address:
    """Read an IPv4 or IPv6 address without zone. Raises Broken."""
    try:
        if "%" not in text:
            return ip_address(text)
    except ValueError:
        pass
    raise Broken("not an IP address", "write one like 10.0.0.1 or fd00::1")


def canonical_ip(text: str) -> str:
    """Return an address as RFC 5952 spells it. Raises Broken."""
    return str(parse_ip(text))


def _of_version(version: int) -> Callable[[str], str]:
    def check(text: str) -> str:
        address = parse_ip(text)
        if address.version != version:
            raise Broken(f"not an IPv{version} address")
        return str(address)

    return check


def parse_cidr(text: str) -> IPv4Network | IPv6Network:
    """Read a strictly masked CIDR; a bare address counts as /32 or /128 (section 17, Q24). Raises Broken."""
    address, slash, length = text.partition("/")
    ip = parse_ip(address)
    if slash and not (length.isascii() and length.isdigit() and int(length) <= ip.max_prefixlen):
        raise Broken("invalid prefix length", f"it is 0 to {ip.max_prefixlen}")
    network = ip_network((ip, int(length) if slash else ip.max_prefixlen), strict=False)
    if network.network_address != ip:
        raise Broken("CIDR is not strictly masked", f"did you mean {network}?")
    return network


def canonical_cidr(text: str) -> str:
    """Return a strictly masked CIDR in canonical form. Raises Broken."""
    return str(parse_cidr(text))


def split_ip_port(text: str) -> tuple[str, int | None]:
    """Split `IPv4`, `IPv6`, `IPv4:port` or `[IPv6]:port` into address and port. Raises Broken."""
    address, port = text, ""
    if text.startswith("["):
        address, bracket, port = text[1:].partition("]:")
        if not bracket:
            raise Broken("not an IP address with port", "write it like [fd00::1]:1790")
    elif text.count(":") == 1:
        address, _, port = text.partition(":")
    elif ":" not in text or text.count(":") > 1:
        return canonical_ip(text), None
    if not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65535):
        raise Broken("invalid port", "a port is 1 to 65535")
    return canonical_ip(address), int(port)


def canonical_ip_port(text: str) -> str:
    """Return an address with optional port in canonical form. Raises Broken."""
    address, port = split_ip_port(text)
    if port is None:
        return address
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def _interface_address(version: int) -> Callable[[str], str]:
    """An address with or without a length, host bits kept: what a Node says of itself."""

    def check(text: str) -> str:
        address, slash, length = text.partition("/")
        ip = _of_version(version)(address)
        if slash and not (
            length.isascii() and length.isdigit() and int(length) <= (32 if version == 4 else 128)
        ):
            raise Broken("invalid prefix length", f"it is 0 to {32 if version == 4 else 128}")
        return f"{ip}/{int(length)}" if slash else ip

    return check


def parse_community(text: str) -> tuple[int, ...]:
    """Read `aa:nn` (RFC 1997) or `aa:nn:mm` (RFC 8092) into its two or three numbers. Raises Broken."""
    if not _COMMUNITY.fullmatch(text):
        raise Broken("invalid community value", 'write "64512:10" or, for a large community, "64512:1:10"')
    parts = tuple(int(part) for part in text.split(":"))
    bits = 16 if len(parts) == 2 else 32
    if max(parts) >> bits:
        raise Broken(
            f"invalid community value, expected {bits} bit value", f"every part is 0 to {2**bits - 1}"
        )
    return parts


def is_community(text: str) -> bool:
    """Tell whether a text is a community's value (and not the name of one)."""
    try:
        return bool(parse_community(text))
    except Broken:
        return False


def _community(text: str) -> str:
    return ":".join(str(part) for part in parse_community(text))


def _name(text: str) -> str:
    if len(text) > 253 or not NAME.fullmatch(text):
        raise Broken("invalid name", "use lower-case letters, digits, '-' and '.', at most 253 characters")
    return text


def _interface(text: str) -> str:
    if not INTERFACE.fullmatch(text):
        raise Broken(
            "invalid interface name", "use 1 to 15 letters, digits, '_', '.', '-' and the wildcard '*'"
        )
    return text


def _checked(check: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Turn Broken into pydantic's error, so that it arrives with its place and its remedy."""

    def wrapped(value: Any) -> Any:
        try:
            return check(value)
        except Broken as broken:
            raise PydanticCustomError(
                "broken", "{rule}", {"rule": broken.rule, "remedy": broken.remedy}
            ) from None

    return wrapped


def validated(check: Callable[[str], str]) -> AfterValidator:
    """Make a field's validator of a function that raises Broken."""
    return AfterValidator(_checked(check))


def _unset_zero(value: object) -> int | None:
    return parse_as_number(value) or None


def _mac(text: str) -> str:
    if not _MAC.fullmatch(text):
        raise Broken("not a MAC address", "write one like ee:ee:ee:00:00:01")
    return text.lower()


ASNumber = Annotated[int, BeforeValidator(_checked(parse_as_number))]
OptionalASNumber = Annotated[int | None, BeforeValidator(_checked(_unset_zero))]
"""An AS number where 0 says "not set", as in BGPPeer."""
Name = Annotated[str, validated(_name)]
IPv4 = Annotated[str, validated(_of_version(4))]
IPv6 = Annotated[str, validated(_of_version(6))]
IP = Annotated[str, validated(canonical_ip)]
IPPort = Annotated[str, validated(canonical_ip_port)]
IPv4Interface = Annotated[str, validated(_interface_address(4))]
IPv6Interface = Annotated[str, validated(_interface_address(6))]
CIDR = Annotated[str, validated(canonical_cidr)]
MAC = Annotated[str, validated(_mac)]
Community = Annotated[str, validated(_community)]
InterfaceGlob = Annotated[str, validated(_interface)]
Port = Annotated[int, Field(strict=True, ge=1, le=65535)]
