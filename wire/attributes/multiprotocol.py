"""MP_REACH_NLRI and MP_UNREACH_NLRI (RFC 4760); faults in them reset the session (RFC 7606, section 5.3)."""

from collections.abc import Container
from typing import Final, NamedTuple

from wire.attributes.decode import (
    AttributeOverrunError,
    attribute_name,
    update_error,
    walk,
)
from wire.attributes.descriptors import OPTIONAL, OPTIONAL_TRANSITIVE
from wire.codes import AttributeType, UpdateError
from wire.family import AnyFamily, family_of
from wire.notification import NotificationError

_REACH: Final = int(AttributeType.MP_REACH_NLRI)
_UNREACH: Final = int(AttributeType.MP_UNREACH_NLRI)


class Reach(NamedTuple):
    """Value of MP_REACH_NLRI (RFC 4760, section 3)."""

    family: AnyFamily
    next_hop: bytes
    nlri: bytes
    octets: bytes
    """The whole attribute as it came: what a NOTIFICATION about it holds (RFC 4271, section 6.3)."""


class Unreach(NamedTuple):
    """Value of MP_UNREACH_NLRI (RFC 4760, section 4)."""

    family: AnyFamily
    withdrawn: bytes
    octets: bytes
    """The whole attribute as it came."""


class Multiprotocol(NamedTuple):
    """A path attribute list, its multiprotocol attributes taken out."""

    reach: Reach | None
    unreach: Unreach | None
    rest: bytes


def split_multiprotocol(block: bytes) -> Multiprotocol:
    """Take the multiprotocol attributes out of a path attribute list.

    NotificationError when one is there twice, or does not parse (RFC 7606, sections 3 g and 5.3). A list that
    breaks off elsewhere is left for `parse_attributes` to judge.
    """
    if (
        _REACH not in block and _UNREACH not in block
    ):  # neither octet is there: that saves most lists the walk
        return Multiprotocol(None, None, block)
    found: dict[int, tuple[bytes, bytes]] = {}
    kept: list[bytes] = []
    end = 0
    try:
        for start, first, stop in walk(block):
            if block[start + 1] in (_REACH, _UNREACH):
                _check(found, block[start:stop])
                found[block[start + 1]] = block[start:stop], block[first:stop]
                kept.append(block[end:start])
                end = stop
    except AttributeOverrunError as error:
        if error.code in (_REACH, _UNREACH):
            raise update_error(UpdateError.OPTIONAL_ATTRIBUTE_ERROR, str(error)) from None
    reach, unreach = found.get(_REACH), found.get(_UNREACH)
    return Multiprotocol(
        None if reach is None else _parse_reach(*reach),
        None if unreach is None else _parse_unreach(*unreach),
        b"".join([*kept, block[end:]]),
    )


def _check(found: Container[int], octets: bytes) -> None:
    flags, code = octets[0], octets[1]
    if code in found:
        text = f"{attribute_name(code)} is there more than once"
        raise update_error(UpdateError.MALFORMED_ATTRIBUTE_LIST, text)
    if flags & OPTIONAL_TRANSITIVE != OPTIONAL:
        text = f"{attribute_name(code)} has flags {flags:#04x}"
        raise update_error(UpdateError.ATTRIBUTE_FLAGS_ERROR, text, octets)


def _parse_reach(octets: bytes, value: bytes) -> Reach:
    if len(value) < 5 or len(value) < 5 + value[3]:
        raise malformed(octets, f"{len(value)} octets cannot hold it")
    stop = 4 + value[3]  # the octet after the next hop is reserved and ignored
    return Reach(family_of(value[0] << 8 | value[1], value[2]), value[4:stop], value[stop + 1 :], octets)


def _parse_unreach(octets: bytes, value: bytes) -> Unreach:
    if len(value) < 3:
        raise malformed(octets, f"{len(value)} octets cannot hold it")
    return Unreach(family_of(value[0] << 8 | value[1], value[2]), value[3:], octets)


def malformed(octets: bytes, text: str) -> NotificationError:
    """Return the error that resets the session for a whole multiprotocol attribute (RFC 4760, section 7)."""
    name = attribute_name(octets[1])
    return update_error(UpdateError.OPTIONAL_ATTRIBUTE_ERROR, f"{name}: {text}", octets)
