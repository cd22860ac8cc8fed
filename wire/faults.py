"""Faults in an UPDATE that the session survives (RFC 7606); those it does not are a NotificationError."""

import enum
from dataclasses import dataclass


class Verdict(enum.Enum):
    """How a fault is handled short of a session reset (RFC 7606, section 2)."""

    DISCARD = "attribute discard"
    TREAT_AS_WITHDRAW = "treat-as-withdraw"


@dataclass(frozen=True, slots=True)
class AttributeFault:
    """A fault in one UPDATE."""

    attribute: int
    """Attribute type code; 0 for the fields outside the attribute list."""
    verdict: Verdict
    text: str
