"""Attribute lists of one session, each distinct one parsed once."""

from collections.abc import Mapping
from typing import Final

from wire.attributes import as4
from wire.attributes.decode import ParsedBlock, parse_attributes, update_error
from wire.attributes.descriptors import Descriptor
from wire.attributes.value import PathAttributes
from wire.codes import AttributeType, UpdateError
from wire.faults import AttributeFault, Verdict
from wire.next_hop import find_next_hop_fault

_CAPACITY: Final = 16_384
"""Attribute lists remembered: room for a table's worth of churn in a few MiB."""

_MANDATORY: Final = (AttributeType.ORIGIN, AttributeType.AS_PATH)
_MANDATORY_CLASSIC: Final[tuple[AttributeType, ...]] = (*_MANDATORY, AttributeType.NEXT_HOP)


class AttributeReader:
    """Turns path attribute lists into values; equal lists give one object as long as it is remembered.

    Lists with a fault are not remembered: a peer that sends many of them must not push the others out.
    """

    __slots__ = ("_known", "_rows")

    def __init__(self, rows: Mapping[int, Descriptor]) -> None:
        self._rows = rows
        self._known: dict[bytes | tuple[bytes, bytes], PathAttributes] = {}

    def read(self, block: bytes, next_hop: bytes | None, faults: list[AttributeFault]) -> PathAttributes:
        """Return the attributes of routes that are announced with this list.

        The list is without multiprotocol attributes; `next_hop` is that of MP_REACH_NLRI, None when the attribute
        NEXT_HOP has to give it. What is wrong is appended to `faults`; NotificationError as `parse_attributes`.
        """
        key = block if next_hop is None else (next_hop, block)
        attributes = self._known.get(key)
        if attributes is None:
            parsed = parse_attributes(block, self._rows)
            attributes = _judge(parsed, next_hop)
            if parsed.faults:
                faults += parsed.faults
            else:
                self._remember(key, attributes)
        return attributes

    def check_without_routes(self, block: bytes, faults: list[AttributeFault]) -> None:
        """Judge a list that announces nothing.

        NotificationError for a fault that would be treat-as-withdraw: perhaps there are routes that could not be
        found, and they cannot be withdrawn then (RFC 7606, section 5.2).
        """
        parsed = parse_attributes(block, self._rows)
        for fault in parsed.faults:
            if fault.verdict is Verdict.TREAT_AS_WITHDRAW:
                raise update_error(
                    UpdateError.MALFORMED_ATTRIBUTE_LIST, f"{fault.text}, and no route is announced"
                )
        faults += parsed.faults

    def _remember(self, key: bytes | tuple[bytes, bytes], attributes: PathAttributes) -> None:
        if len(self._known) >= _CAPACITY:
            self._known.clear()
        self._known[key] = attributes


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
