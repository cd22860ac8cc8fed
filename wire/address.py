"""Addresses as 4 or 16 octets, and their text forms."""

import functools
import re
from typing import Final

_DECIMAL: Final = re.compile(r"0|[1-9][0-9]{0,2}")
_GROUP: Final = re.compile(r"[0-9A-Fa-f]{1,4}")
_ZERO_RUN: Final = re.compile(r"(?:^|:)0(?::0)+(?=:|$)")


@functools.lru_cache(4096)
def parse_address(text: str) -> bytes:
    """Return the octets of an IPv4 or IPv6 address; ValueError says what is wrong with the text."""
    return _parse_ipv6(text) if ":" in text else _parse_ipv4(text)


def format_address(address: bytes) -> str:
    """Return dotted decimal for 4 octets, RFC 5952 for 16; ValueError for any other length."""
    if len(address) == 4:
        return ".".join(map(str, address))
    if len(address) == 16:
        return _format_ipv6(address)
    raise ValueError(f"an address has 4 or 16 octets, not {len(address)}")


def _parse_ipv4(text: str) -> bytes:
    parts = text.split(".")
    if len(parts) != 4 or not all(_DECIMAL.fullmatch(part) and int(part) < 256 for part in parts):
        raise ValueError(f"{text!r} is not an IP address")
    return bytes(map(int, parts))


def _parse_ipv6(text: str) -> bytes:
    start, _, last = text.rpartition(":")
    if "." in last:  # the low 32 bits in dotted decimal: RFC 4291, section 2.2
        octets = _parse_ipv4(last)
        text = f"{start}:{octets[:2].hex()}:{octets[2:].hex()}"
    head, gap, tail = text.partition("::")
    before, after = _groups(head), _groups(tail)
    missing = 8 - len(before) - len(after)
    if not all(map(_GROUP.fullmatch, before + after)) or (missing < 1 if gap else missing != 0):
        raise ValueError(f"{text!r} is not an IP address")
    return bytes.fromhex("".join(group.zfill(4) for group in [*before, *["0"] * missing, *after]))


def _groups(part: str) -> list[str]:
    return part.split(":") if part else []


def _format_ipv6(address: bytes) -> str:
    if address[:12] == b"\0" * 10 + b"\xff\xff":  # RFC 5952, section 5
        return f"::ffff:{format_address(address[12:])}"
    text = ":".join(f"{address[n] << 8 | address[n + 1]:x}" for n in range(0, 16, 2))
    runs = _ZERO_RUN.findall(text)
    if not runs:
        return text
    longest = max(_ZERO_RUN.finditer(text), key=lambda run: run.group().count("0"))
    return f"{text[: longest.start()]}::{text[longest.end() :].removeprefix(':')}"
