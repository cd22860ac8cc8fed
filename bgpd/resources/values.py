"""Numbers, durations, communities and names as Calico writes them (calico-reference.md section 1)."""

import re
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

MAX_AS_NUMBER = 0xFFFFFFFF

_DECIMAL = re.compile(r"[0-9]{1,10}")
_DOTTED = re.compile(r"([0-9]{1,5})\.([0-9]{1,5})")
_DURATION = re.compile(r"[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+|[+-]?0")
_DURATION_PART = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)")
_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_LONGEST = 2**63 / 1e9  # Go counts nanoseconds in 64 bits
_COMMUNITY = re.compile(r"[0-9]{1,10}(?::[0-9]{1,10}){1,2}")
_MAC = re.compile(r"[0-9a-fA-F]{2}(?:[:-][0-9a-fA-F]{2}){5}")
_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_WORD = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?")
_INTERFACE = re.compile(r"[a-zA-Z0-9_.*-]{1,15}")


class RuleError(ValueError):
    """A value that breaks a rule of its type, with the way out."""

    def __init__(self, rule: str, remedy: str = "") -> None:
        self.rule = rule
        self.remedy = remedy
        super().__init__(f"{rule}; {remedy}" if remedy else rule)


def parse_as_number(value: object) -> int:
    """Read an AS number: a number, "64513", or dotted "1.10" (RFC 5396). Raises RuleError."""
    if isinstance(value, float):
        raise RuleError(
            "invalid AS Number format", 'YAML reads it as a fraction, write it in quotes like "1.10"'
        )
    if isinstance(value, int) and not isinstance(value, bool):
        return _as_in_range(value)
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return _as_in_range(int(value))
    dotted = _DOTTED.fullmatch(value) if isinstance(value, str) else None
    if dotted and max(int(dotted[1]), int(dotted[2])) <= 0xFFFF:
        return int(dotted[1]) << 16 | int(dotted[2])
    raise RuleError("invalid AS Number format", 'write 64512, "64512" or "1.10" (two parts of 0 to 65535)')


def _as_in_range(number: int) -> int:
    if 0 <= number <= MAX_AS_NUMBER:
        return number
    raise RuleError("invalid AS Number format", f"an AS number is 0 to {MAX_AS_NUMBER}")


def parse_duration(text: str) -> float:
    """Read a Go duration ("1m30s") as seconds. Raises RuleError."""
    if not _DURATION.fullmatch(text):
        raise RuleError(
            "invalid duration", 'write a number and a unit (ms, s, m, h), for instance "120s" or "1m30s"'
        )
    seconds = sum(float(number) * _UNITS[unit] for number, unit in _DURATION_PART.findall(text))
    if seconds >= _LONGEST:
        raise RuleError("invalid duration", "it is longer than 292 years")
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
        return core_schema.no_info_plain_validator_function(
            checked(cls.read), serialization=core_schema.to_string_ser_schema()
        )

    @classmethod
    def read(cls, text: object) -> "Duration":
        """Make a Duration of a text. Raises RuleError, also for a number, which has no unit."""
        if not isinstance(text, str):
            raise RuleError("invalid duration", 'write a text with a unit, for instance "120s"')
        parse_duration(text)
        return cls(text)


def parse_community(text: str) -> tuple[int, ...]:
    """Read `aa:nn` (RFC 1997) or `aa:nn:mm` (RFC 8092) into its two or three numbers. Raises RuleError."""
    if not _COMMUNITY.fullmatch(text):
        raise RuleError("invalid community value", 'write "64512:10" or, for a large community, "64512:1:10"')
    parts = tuple(int(part) for part in text.split(":"))
    bits = 16 if len(parts) == 2 else 32
    if max(parts) >> bits:
        raise RuleError(
            f"invalid community value, expected {bits} bit value", f"every part is 0 to {2**bits - 1}"
        )
    return parts


def is_community(text: str) -> bool:
    """Tell whether a text is a community's value (and not the name of one)."""
    try:
        return bool(parse_community(text))
    except RuleError:
        return False


def _community(text: str) -> str:
    return ":".join(str(part) for part in parse_community(text))


def _name(text: str) -> str:
    if len(text) > 253 or not _NAME.fullmatch(text):
        raise RuleError("invalid name", "use lower-case letters, digits, '-' and '.', at most 253 characters")
    return text


def _qualified_name(text: str) -> str:
    prefix, slash, name = text.rpartition("/")
    if slash and (len(prefix) > 253 or not _NAME.fullmatch(prefix)):
        raise RuleError(
            "invalid prefix of a qualified name", "write a DNS name before the '/', like example.com/rack"
        )
    if len(name) > 63 or not _WORD.fullmatch(name):
        raise RuleError("invalid qualified name", "use 1 to 63 letters, digits, '-', '_' and '.'")
    return text


def _annotation_key(text: str) -> str:
    _qualified_name(text.lower())
    return text


def _label_value(text: str) -> str:
    if text and (len(text) > 63 or not _WORD.fullmatch(text)):
        raise RuleError("invalid label value", "use at most 63 letters, digits, '-', '_' and '.'")
    return text


def _interface(text: str) -> str:
    if not _INTERFACE.fullmatch(text):
        raise RuleError(
            "invalid interface name", "use 1 to 15 letters, digits, '_', '.', '-' and the wildcard '*'"
        )
    return text


def checked(check: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Turn RuleError into pydantic's error, so that it arrives with its place and its remedy."""

    def wrapped(value: Any) -> Any:
        try:
            return check(value)
        except RuleError as broken:
            raise PydanticCustomError(
                "rule", "{rule}", {"rule": broken.rule, "remedy": broken.remedy}
            ) from None

    return wrapped


def validated(check: Callable[[str], str]) -> AfterValidator:
    """Make a field's validator of a function that raises RuleError."""
    return AfterValidator(checked(check))


def _unset_zero(value: object) -> int | None:
    return parse_as_number(value) or None


def _mac(text: str) -> str:
    if not _MAC.fullmatch(text):
        raise RuleError("not a MAC address", "write one like ee:ee:ee:00:00:01")
    return text.lower()


Flag = Annotated[bool, Field(strict=True)]
ASNumber = Annotated[int, BeforeValidator(checked(parse_as_number))]
OptionalASNumber = Annotated[int | None, BeforeValidator(checked(_unset_zero))]
"""An AS number where 0 says "not set", as in BGPPeer."""
Name = Annotated[str, validated(_name)]
QualifiedName = Annotated[str, validated(_qualified_name)]
AnnotationKey = Annotated[str, validated(_annotation_key)]
LabelValue = Annotated[str, validated(_label_value)]
MAC = Annotated[str, validated(_mac)]
Community = Annotated[str, validated(_community)]
InterfaceGlob = Annotated[str, validated(_interface)]
Priority = Annotated[int, Field(strict=True, ge=1, le=2147483646)]
"""A route metric as Felix and BGPFilter count it."""
