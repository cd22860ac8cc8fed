"""Faults in an UPDATE that the session survives (RFC 7606); those it does not are a NotificationError."""

import enum
from typing import NamedTuple


class Verdict(enum.Enum):
    """How a fault is handled short of a session reset (RFC 7606, section 2)."""

    DISCARD = "attribute discard"
    TREAT_AS_WITHDRAW = "treat-as-withdraw"


class AttributeFault(NamedTuple):
    """A fault in one UPDATE."""

    attribute: int
    """Attribute type code; 0 for the fields outside the attribute list."""
    verdict: Verdict
    text: str
