"""Attribute lists of one session, each distinct one parsed once."""

from typing import Final

from wire.attributes import as4
from wire.attributes.decode import ParsedBlock, parse_attributes, update_error
from wire.attributes.descriptors import descriptors
from wire.attributes.plain import parse_plain, plain_pattern
from wire.attributes.value import PathAttributes
from wire.codes import AttributeType, UpdateError
from wire.faults import AttributeFault, Verdict
from wire.next_hop import find_next_hop_fault

_BLOCKS: Final = 8_192
"""Attribute lists remembered: room for a table's worth of churn in a few MiB."""

_NEXT_HOPS: Final = 1_024
"""Next hops remembered as being in order, and shared by the values that have them."""

_MANDATORY: Final[tuple[AttributeType, ...]] = (AttributeType.ORIGIN, AttributeType.AS_PATH)
_MANDATORY_CLASSIC: Final = (*_MANDATORY, AttributeType.NEXT_HOP)

_Key = bytes | tuple[bytes, bytes]
"""An attribute list, or the next hop of MP_REACH_NLRI and the list without it."""


class AttributeReader:
    """Turns path attribute lists into values; equal lists give one object as long as it is remembered.

    There are two ways through: `parse_plain` is quick and knows only what is right, `parse_attributes` finds
    each fault. Lists with a fault are not remembered: a peer that sends many must not push the others out.
    """

    __slots__ = ("_blocks", "_next_hops", "_pattern", "_rows")

    def __init__(self, *, four_octet_as: bool, ibgp: bool) -> None:
        self._rows = descriptors(four_octet_as=four_octet_as, ibgp=ibgp)
        self._pattern = plain_pattern(ibgp=ibgp) if four_octet_as else None
        self._blocks: dict[_Key, PathAttributes] = {}
        self._next_hops: dict[bytes, bytes] = {}

    def read_plain(self, block: bytes, next_hop: bytes | None) -> PathAttributes | None:
        """Return the attributes of a list that is known, or plainly in order; None for one to be judged.

        `next_hop` is that of MP_REACH_NLRI, None when the attribute NEXT_HOP has to give it.
        """
        key = block if next_hop is None else (next_hop, block)
        attributes = self._blocks.get(key)
        if attributes is None and self._pattern is not None:
            attributes = parse_plain(self._pattern, block, next_hop, self._next_hops)
            if attributes is not None:
                self._remember(key, attributes)
        return attributes

    def read(self, block: bytes, next_hop: bytes | None, faults: list[AttributeFault]) -> PathAttributes:
        """Return the attributes of a list without multiprotocol attributes; append what is wrong to `faults`.

        `next_hop` as for `read_plain`; NotificationError as for `parse_attributes`.
        """
        attributes = self.read_plain(block, next_hop)
        if attributes is None:
            parsed = parse_attributes(block, self._rows)
            attributes = _judge(parsed, next_hop)
            faults += parsed.faults
            if not parsed.faults:
                self._remember(block if next_hop is None else (next_hop, block), attributes)
                self._admit(attributes.next_hop)
        return attributes

    def check_without_routes(self, block: bytes, faults: list[AttributeFault]) -> None:
        """Judge a list that announces nothing.

        NotificationError for a fault that would be treat-as-withdraw: perhaps there are routes that could not
        be found, and they cannot be withdrawn then (RFC 7606, section 5.2).
        """
        parsed = parse_attributes(block, self._rows)
        for fault in parsed.faults:
            if fault.verdict is Verdict.TREAT_AS_WITHDRAW:
                text = f"{fault.text}, and no route is announced"
                raise update_error(UpdateError.MALFORMED_ATTRIBUTE_LIST, text)
        faults += parsed.faults

    def _remember(self, key: _Key, attributes: PathAttributes) -> None:
        if len(self._blocks) >= _BLOCKS:
            self._blocks.clear()
        self._blocks[key] = attributes

    def _admit(self, next_hop: bytes) -> None:
        if len(self._next_hops) >= _NEXT_HOPS:
            self._next_hops.clear()
        self._next_hops[next_hop] = next_hop


def _judge(parsed: ParsedBlock, next_hop: bytes | None) -> PathAttributes:
    """Check what spans attributes, and make the value."""
    as4.merge(parsed.values)
    mandatory = _MANDATORY_CLASSIC
    if next_hop is not None:
        mandatory = _MANDATORY
        parsed.values["next_hop"] = next_hop
    for code in mandatory:
        if code not in parsed.seen:  # RFC 7606, section 3 d
            parsed.add_fault(code, Verdict.TREAT_AS_WITHDRAW, "is missing")
    attributes = PathAttributes(**parsed.values)
    fault = find_next_hop_fault(attributes.next_hop) if attributes.next_hop else None
    if fault is not None:
        parsed.add_fault(AttributeType.NEXT_HOP, Verdict.TREAT_AS_WITHDRAW, fault)
    return attributes
