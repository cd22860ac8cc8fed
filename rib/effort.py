"""How much work changes are: what bounds a run of the router, whatever the routes look like.

The unit is a prefix that shares its attributes with others: a microsecond or two. Work is counted, not
timed, so the same changes take the same number of runs.
"""

from collections.abc import Collection
from typing import Final, NamedTuple

from rib.path import Entry
from rib.transition import Transition

__all__ = ["FIB", "OTHER", "STEP", "Effort"]

OTHER: Final = 25
"""To export paths and to encode their attributes, for each update group: 20 to 40 us."""
FIB: Final = 40
"""To make kernel routes, the former and the present one: 20 to 100 us."""
STEP: Final = 256
"""Prefixes that are worked at before it is asked again whether that is enough for now."""


class Effort(NamedTuple):
    """What a change costs beside its prefixes, for all who are told of it."""

    usual: int = 0
    """Between usual attribute lists (`wire.decode_usual`)."""
    other: int = 0

    def of(self, before: Entry | None, now: Entry | None) -> int:
        """Return what a change from one entry to another costs."""
        return self.usual if _usual(before) and _usual(now) else self.other

    def whole(self, transition: Transition) -> int:
        """Return what a change costs with its prefixes."""
        before, now, prefixes = transition
        return len(prefixes) + self.of(before, now)

    def total(self, changes: Collection[Transition]) -> int:
        """Return what several changes cost."""
        if self.usual == self.other:
            return self.usual * len(changes)
        return sum([self.of(before, now) for before, now, _ in changes])


def _usual(entry: Entry | None) -> bool:
    path = entry[0] if isinstance(entry, tuple) else entry
    return path is None or isinstance(path.held, bytes)
