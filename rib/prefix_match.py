"""Matching prefixes, given as NLRI bytes, against prefixes and ranges of lengths."""

from enum import Enum

from records import record
from wire import Prefix, make_prefix

__all__ = ["PrefixMatch", "PrefixOperator", "contains", "truncate"]


def truncate(prefix: Prefix, length: int) -> Prefix:
    """Return the network of `length` bits around `prefix`, which is at least that long."""
    return make_prefix(prefix[1:], length)


def contains(outer: Prefix, inner: Prefix) -> bool:
    """Whether `inner` is `outer` or a more specific prefix of it."""
    return inner[0] >= outer[0] and truncate(inner, outer[0]) == outer


class PrefixOperator(Enum):
    """How a rule compares a route's prefix with its own; words of Calico's BGPFilter."""

    EQUAL = "Equal"
    NOT_EQUAL = "NotEqual"
    IN = "In"
    NOT_IN = "NotIn"


@record
class PrefixMatch:
    """One condition on a prefix.

    With `min_length` or `max_length` (bits) IN means: inside `prefix` and of a length in that range; NOT_IN
    is the contrary. EQUAL with lengths never holds and NOT_EQUAL always does, as a prefix is no set of
    prefixes (BIRD's semantics of the filters that Calico writes).
    """

    operator: PrefixOperator
    prefix: Prefix
    min_length: int | None = None
    max_length: int | None = None

    def matches(self, prefix: Prefix) -> bool:
        """Whether the condition holds for `prefix`."""
        return self._inside(prefix) == (self.operator in {PrefixOperator.EQUAL, PrefixOperator.IN})

    def _inside(self, prefix: Prefix) -> bool:
        ranged = self.min_length is not None or self.max_length is not None
        if self.operator in {PrefixOperator.EQUAL, PrefixOperator.NOT_EQUAL}:
            return not ranged and prefix == self.prefix
        shortest = self.prefix[0] if self.min_length is None else self.min_length
        longest = 128 if self.max_length is None else self.max_length
        return shortest <= prefix[0] <= longest and contains(self.prefix, prefix)
