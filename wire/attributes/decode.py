"""From the octets of a path attribute list to values and faults (RFC 4271, section 4.3; RFC 7606)."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from records import field, record
from wire.attributes.descriptors import OPTIONAL, OPTIONAL_TRANSITIVE, Descriptor, MalformedAttributeError
from wire.codes import AttributeFlag, AttributeType, ErrorCode, UpdateError
from wire.faults import AttributeFault, Verdict
from wire.notification import NotificationError

_EXTENDED_LENGTH: Final = int(AttributeFlag.EXTENDED_LENGTH)
_PARTIAL: Final = int(AttributeFlag.PARTIAL)
_TRANSITIVE: Final = int(AttributeFlag.TRANSITIVE)
_MEANINGFUL: Final = OPTIONAL_TRANSITIVE | _PARTIAL


class AttributeOverrunError(ValueError):
    """An attribute overruns the list (RFC 7606, section 4); `code` is 0 if the list ends before it."""

    def __init__(self, code: int) -> None:
        super().__init__(f"attribute {code} overruns the attribute list")
        self.code = code


def walk(block: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield start, start of value and end of each attribute; AttributeOverrunError when one does not fit."""
    start, end = 0, len(block)
    while start < end:
        first = start + (4 if block[start] & _EXTENDED_LENGTH else 3)
        if first > end:
            raise AttributeOverrunError(block[start + 1] if end - start > 1 else 0)
        stop = first + (block[first - 1] if first == start + 3 else block[first - 2] << 8 | block[first - 1])
        if stop > end:
            raise AttributeOverrunError(block[start + 1])
        yield start, first, stop
        start = stop


@record(frozen=False)
class ParsedBlock:
    """What a path attribute list holds, and what is wrong with it."""

    values: dict[str, Any] = field(default_factory=dict)
    """Decoded values by `Descriptor.field`; unrecognized transitive attributes as `unknown`."""
    seen: set[int] = field(default_factory=set)
    """Type codes that are there, well-formed or not."""
    faults: list[AttributeFault] = field(default_factory=list)

    def add_fault(self, code: int, verdict: Verdict, text: str) -> None:
        """Note a fault of an attribute; `text` continues after its name."""
        self.faults.append(AttributeFault(code, verdict, f"{attribute_name(code)} {text}"))


def parse_attributes(block: bytes, rows: Mapping[int, Descriptor]) -> ParsedBlock:
    """Check each attribute of a list from which MP_REACH_NLRI and MP_UNREACH_NLRI were taken out.

    NotificationError for a well-known attribute that is not recognized (RFC 4271, section 6.3).
    """
    parsed = ParsedBlock()
    try:
        for start, first, stop in walk(block):
            flags, code = block[start], block[start + 1]
            if code in parsed.seen:  # RFC 7606, section 3 g: all but the first are discarded
                parsed.add_fault(code, Verdict.DISCARD, "is there more than once")
                continue
            parsed.seen.add(code)
            row = rows.get(code)
            if row is None:
                _take_unknown(parsed, flags, code, block[first:stop])
            else:
                _take(parsed, row, flags, block[first:stop])
    except AttributeOverrunError as error:
        parsed.seen.add(error.code)
        parsed.add_fault(error.code, Verdict.TREAT_AS_WITHDRAW, "overruns the attribute list")
    return parsed


def _take(parsed: ParsedBlock, row: Descriptor, flags: int, value: bytes) -> None:
    if row.unwanted:
        parsed.add_fault(row.code, Verdict.DISCARD, f"is discarded: {row.unwanted}")
    elif flags & OPTIONAL_TRANSITIVE != row.flags:
        parsed.add_fault(row.code, Verdict.TREAT_AS_WITHDRAW, f"has flags {flags:#04x}")
    elif len(value) not in row.lengths:
        parsed.add_fault(row.code, row.verdict, f"has length {len(value)}")
    else:
        try:
            parsed.values[row.field] = row.decode(value)
        except MalformedAttributeError as error:
            parsed.add_fault(row.code, row.verdict, f"is malformed: {error}")
            return
        if flags & _PARTIAL and row.flags == OPTIONAL_TRANSITIVE:
            parsed.values["partial"] = (*parsed.values.get("partial", ()), row.code.value)


def _take_unknown(parsed: ParsedBlock, flags: int, code: int, value: bytes) -> None:
    if not flags & OPTIONAL:
        data = attribute_octets(flags, code, value)
        text = f"well-known attribute {code} is not recognized"
        raise update_error(UpdateError.UNRECOGNIZED_WELL_KNOWN_ATTRIBUTE, text, data)
    if flags & _TRANSITIVE:  # RFC 4271, section 5: those that are not transitive are quietly ignored
        attribute = (flags & _MEANINGFUL, code, value)
        parsed.values["unknown"] = (*parsed.values.get("unknown", ()), attribute)


def attribute_name(code: int) -> str:
    """Return the registry's name of an attribute type, or its number."""
    try:
        return AttributeType(code).name
    except ValueError:
        return f"attribute {code}"


def attribute_octets(flags: int, code: int, value: bytes) -> bytes:
    """Return a whole attribute: what the Data field of a NOTIFICATION holds (RFC 4271, section 6.3)."""
    if len(value) > 255 or flags & _EXTENDED_LENGTH:
        return bytes([flags | _EXTENDED_LENGTH, code]) + len(value).to_bytes(2, "big") + value
    return bytes([flags, code, len(value)]) + value


def update_error(subcode: UpdateError, text: str, data: bytes = b"") -> NotificationError:
    """Return the error that resets the session for an UPDATE."""
    return NotificationError(ErrorCode.UPDATE_MESSAGE_ERROR, subcode, data, text)
