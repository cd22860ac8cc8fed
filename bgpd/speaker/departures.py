"""Make before break: a session that the configuration removes stays until its routes come another way.

Going from the full mesh to route reflectors removes sessions whose routes the reflectors are only about
to send. Removing them at once leaves nodes without routes for seconds; so they leave when everything learned
over them is covered, and not later than `LIMIT`. The neighbour may still wait for its own replacements when
ours have come, hence `GRACE`.

One change of the cluster comes as several resources, in any order and some milliseconds apart. So a session
that nothing seems to replace stays for `SETTLE` after the last of them: what replaces it may be in the next.
"""

from collections.abc import Iterable

from bgpd.intent import Intent, SessionIntent
from records import record

LIMIT = 30.0
"""Seconds after which a removed session ends though some of its routes are not covered."""
SETTLE = 0.5
"""Seconds that a removed session of the AS stays though nothing takes its place; an edit acts in a second."""
GRACE = 2.0
"""Seconds between the last route covered and the end of the session."""
RETIREMENT = 10.0
"""Seconds that a reflector goes on reflecting to a client it shall have no longer: clients need that long, at
most, to open the sessions that replace it."""


@record(frozen=False)
class Departure:
    """A session on its way out. Times are monotonic seconds."""

    begun: float
    earliest: float
    deadline: float
    covered_at: float | None = None


class Departures:
    """The sessions on their way out, by key."""

    def __init__(self) -> None:
        self._leaving: dict[str, Departure] = {}

    def __bool__(self) -> bool:
        """Whether any session is leaving."""
        return bool(self._leaving)

    def __contains__(self, key: str) -> bool:
        """Whether this session is leaving."""
        return key in self._leaving

    @property
    def keys(self) -> frozenset[str]:
        """Sessions that are leaving."""
        return frozenset(self._leaving)

    def begin(self, key: str, session: SessionIntent, now: float) -> None:
        """Let a session leave when it may, and soon if there is no `expect_replacement`."""
        patience = RETIREMENT if session.rr_client else 0.0
        self._leaving[key] = Departure(begun=now, earliest=now + patience, deadline=now + SETTLE)

    def unsettle(self, now: float) -> None:
        """Let sessions that leave see what more comes: the resources are changing."""
        for departure in self._leaving.values():
            latest = departure.begun + LIMIT
            departure.deadline = max(departure.deadline, min(now + SETTLE, latest))

    def expect_replacement(self, key: str) -> None:
        """Let a session that leaves wait for what replaces it."""
        departure = self._leaving[key]
        departure.deadline = departure.begun + LIMIT

    def cancel(self, key: str) -> None:
        """Keep a session: it is configured again, or gone by itself."""
        self._leaving.pop(key, None)

    def due(self, *, covered: bool, now: float) -> list[str]:
        """Give the sessions that may end now; `covered`: nothing would be lost with all that are leaving."""
        for departure in self._leaving.values():
            if not covered:
                departure.covered_at = None
            elif departure.covered_at is None:
                departure.covered_at = now
        return [key for key, departure in self._leaving.items() if _is_due(departure, now)]

    def remaining(self, key: str, now: float) -> float:
        """Seconds until the session ends in any case."""
        return max(0.0, self._leaving[key].deadline - now)


def _is_due(departure: Departure, now: float) -> bool:
    if now >= departure.deadline:
        return True
    covered = departure.covered_at is not None and now >= departure.covered_at + GRACE
    return covered and now >= departure.earliest


def may_be_replaced(session: SessionIntent, intent: Intent, fresh: Iterable[SessionIntent]) -> bool:
    """Tell whether the new intent can bring the routes of a removed internal session another way.

    Reflectors can, and new sessions inside the AS. Where a node has just become a reflector, the sessions
    that follow from it may yet have to be configured.
    """
    rest = [other for other in intent.sessions if other.enabled and other.is_ibgp]
    return (
        session.rr_client
        or bool(intent.reflectors)
        or any(other.peer_is_reflector for other in rest)
        or any(other.is_ibgp and other.enabled for other in fresh)
    )
