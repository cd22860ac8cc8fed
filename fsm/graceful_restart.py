"""For how long the paths of a peer that went away are kept as stale (RFC 4724, RFC 8538, RFC 9494).

A family is in one of three stages from the moment the session falls until nothing of it is stale any more:
waiting for the peer to return, living on for the long-lived stale time, waiting for its End-of-RIB.
"""

import enum
from collections.abc import Collection, Iterable

import wire
from fsm.actions import Action, LongLivedStale, RetainEnd, RetainExpired
from fsm.negotiation import Negotiated
from records import record


class Stage(enum.Enum):
    """What the stale paths of a family wait for; the value is why they go when that does not come."""

    RETURN = RetainEnd.RESTART_TIME
    LONG_LIVED = RetainEnd.STALE_TIME
    END_OF_RIB = RetainEnd.NO_END_OF_RIB


@record(frozen=False)
class _Stale:
    stage: Stage
    deadline: float
    stale_time: int
    """The long-lived stale time that may follow; 0: none."""


def retainable(negotiated: Negotiated) -> frozenset[wire.Family]:
    """Return the families whose paths are kept when the session falls in a way that allows it.

    Those the peer named for graceful restart (RFC 4724, section 4.2), and those it named for the long-lived
    kind alone (RFC 9494, section 4.2).
    """
    if negotiated.graceful_restart is None:
        return frozenset()
    named = {family for family, _ in negotiated.graceful_restart.families}
    return frozenset(
        family
        for family in negotiated.families
        if family in named or family in negotiated.long_lived_stale_times
    )


def forwarding(negotiated: Negotiated) -> frozenset[wire.Family]:
    """Return the families that the peer kept forwarding while it was away: the F bits of its new OPEN."""
    flagged: set[wire.AnyFamily] = set()
    for capability in negotiated.peer_open.capabilities:
        if isinstance(capability, wire.GracefulRestart):
            flagged.update(family for family, preserved in capability.families if preserved)
        elif isinstance(capability, wire.LongLivedGracefulRestart):
            flagged.update(family for family, preserved, _ in capability.families if preserved)
    return frozenset(family for family in negotiated.families if family in flagged)


class StalePaths:
    """The families with stale paths and how long each may still wait."""

    __slots__ = ("_stale",)

    def __init__(self) -> None:
        self._stale: dict[wire.Family, _Stale] = {}

    @property
    def families(self) -> frozenset[wire.Family]:
        """The families with stale paths."""
        return frozenset(self._stale)

    @property
    def deadlines(self) -> Collection[float]:
        """When each of them has waited long enough."""
        return [stale.deadline for stale in self._stale.values()]

    def begin(self, negotiated: Negotiated, families: frozenset[wire.Family], now: float) -> list[Action]:
        """Keep the paths of `families`; return what must go before they are marked stale.

        Paths still stale from an earlier fall go now (RFC 4724, section 4.2), unless they are in their
        long-lived stale time, which goes on and is not extended (RFC 9494, section 4.2).
        """
        restart = negotiated.graceful_restart
        named = {family for family, _ in restart.families} if restart else set()
        actions: list[Action] = []
        for family in sorted(families | self.families, key=_by_number):
            before = self._stale.get(family)
            if before and before.stage is Stage.LONG_LIVED and family in families:
                continue
            if before:
                actions += self._end(family, RetainEnd.RESTARTED_AGAIN)
            if family in families:
                wait = restart.restart_time if restart and family in named else 0
                stale_time = negotiated.long_lived_stale_times.get(family, 0)
                self._stale[family] = _Stale(Stage.RETURN, now + wait, stale_time)
        return actions

    def remaining_long_lived(self, now: float) -> list[Action]:
        """Return the marks that paths need which became stale within a long-lived stale time."""
        return [
            LongLivedStale(family, stale.deadline - now)
            for family, stale in self._stale.items()
            if stale.stage is Stage.LONG_LIVED
        ]

    def returned(self, still: frozenset[wire.Family], now: float, end_of_rib_time: float) -> list[Action]:
        """Take the peer's return: wait for End-of-RIB where it is `still` forwarding, give up elsewhere.

        A long-lived stale time is neither stopped nor extended by the return (RFC 9494, section 4.2).
        """
        actions: list[Action] = []
        for family, stale in list(self._stale.items()):
            if family not in still:
                actions += self._end(family, RetainEnd.NOT_FORWARDING)
            elif stale.stage is Stage.RETURN:
                self._stale[family] = _Stale(Stage.END_OF_RIB, now + end_of_rib_time, 0)
        return actions

    def end_of_rib(self, family: wire.Family) -> list[Action]:
        """Take the peer's End-of-RIB: what it has not announced again by now, it does not have."""
        return self._end(family, RetainEnd.END_OF_RIB) if family in self._stale else []

    def expire(self, now: float) -> list[Action]:
        """Return what the passing of time asks for."""
        actions: list[Action] = []
        for family, stale in list(self._stale.items()):
            if stale.deadline > now:
                continue
            if stale.stage is Stage.RETURN and stale.stale_time:
                self._stale[family] = _Stale(Stage.LONG_LIVED, now + stale.stale_time, 0)
                actions.append(LongLivedStale(family, stale.stale_time))
            else:
                actions += self._end(family, stale.stage.value)
        return actions

    def clear(self) -> list[Action]:
        """Keep nothing any longer: the session was stopped."""
        return self._end_all(list(self._stale), RetainEnd.STOPPED)

    def _end_all(self, families: Iterable[wire.Family], reason: RetainEnd) -> list[Action]:
        return [action for family in families for action in self._end(family, reason)]

    def _end(self, family: wire.Family, reason: RetainEnd) -> list[Action]:
        del self._stale[family]
        return [RetainExpired(family, reason)]


def _by_number(family: wire.Family) -> tuple[int, int]:
    return family.afi, family.safi
