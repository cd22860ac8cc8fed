"""The route refreshes of the peer that are under way: BoRR to EoRR, or too long (RFC 7313, section 4)."""

from collections.abc import Collection, Iterable

import wire
from fsm.actions import Refresh


class Refreshing:
    """The families between their BoRR and EoRR, and how long each may take."""

    __slots__ = ("_deadlines", "_initial")

    def __init__(self) -> None:
        self._deadlines: dict[wire.Family, float] = {}
        self._initial: set[wire.Family] = set()

    @property
    def deadlines(self) -> Collection[float]:
        """When each of them has taken too long."""
        return self._deadlines.values()

    def expect_initial(self, families: Iterable[wire.Family]) -> None:
        """Take the beginning of the initial tables: until they are complete no refresh of them can begin."""
        self._initial.update(families)

    def end_of_rib(self, family: wire.Family) -> None:
        """Take the end of an initial table."""
        self._initial.discard(family)

    def begin(self, family: wire.Family, deadline: float) -> bool:
        """Take a BoRR, a second one anew; tell whether it counts: not before the initial End-of-RIB.

        Else its EoRR would sweep the paths that wait for the End-of-RIB of a peer that restarted.
        """
        if family in self._initial:
            return False
        self._deadlines[family] = deadline
        return True

    def end(self, family: wire.Family) -> bool:
        """Take an EoRR; tell whether there was a BoRR: without one it says nothing about any route."""
        return self._deadlines.pop(family, None) is not None

    def expire(self, now: float) -> list[Refresh]:
        """Return the EoRRs that did not come in time: stale routes must not be kept for ever."""
        due = [family for family, deadline in self._deadlines.items() if deadline <= now]
        return [Refresh(family, wire.RefreshKind.EORR) for family in due if self.end(family)]

    def clear(self) -> None:
        """Forget all: they fell with the session."""
        self._deadlines.clear()
        self._initial.clear()
