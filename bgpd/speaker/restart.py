"""After our own restart: when to decide, and when to sweep the routes of the earlier run (RFC 4724, 4.1)."""

from collections.abc import Set as AbstractSet

from wire import Family

Route = tuple[str, Family]
"""One direction of route exchange: a session's key and a family."""

QUIET = 5.0
"""Seconds without another session coming up after which those that are up are taken for all there will be.

RFC 4724 waits for every peer; one dead peer would then keep the whole node from learning anything new for
minutes (BIRD's recovery wait is 240 s). Kernel and peers forward by what they have meanwhile.
"""
LIMIT = 30.0
"""Seconds after which routes are decided in any case."""


class Restart:
    """Follows the sessions after a start until everybody has told us everything, or it took long enough."""

    def __init__(self, now: float) -> None:
        self._begun = now
        self._last_up = now
        self._up: dict[str, AbstractSet[Family]] = {}
        self._heard: set[Route] = set()

    def up(self, key: str, families: AbstractSet[Family], now: float) -> None:
        """Take note of an Established session."""
        self._up[key] = families
        self._last_up = now

    def down(self, key: str) -> None:
        """Take note that a session fell: nobody waits for what it might have said."""
        self._up.pop(key, None)

    def end_of_rib(self, key: str, family: Family) -> None:
        """Take note that a peer has told us all its routes of a family."""
        self._heard.add((key, family))

    @property
    def heard(self) -> int:
        """How many End-of-RIBs came."""
        return len(self._heard)

    def complete(self, awaited: AbstractSet[Route]) -> bool:
        """Tell whether every one of the intended sessions has sent its End-of-RIB."""
        return awaited <= self._heard

    def decidable(self, awaited: AbstractSet[Route], now: float) -> bool:
        """Tell whether route selection need not be deferred any longer."""
        if self.complete(awaited) or now >= self._begun + LIMIT:
            return True
        if now < self._last_up + QUIET:
            return False
        return all((key, family) in self._heard for key, families in self._up.items() for family in families)
