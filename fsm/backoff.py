"""How long a session stays Idle after a failure (RFC 4271, section 8.1: DampPeerOscillations)."""

from fsm.parameters import SessionParameters

_DOUBLINGS = 32
"""Enough for any limit, and no overflow however often a session fails."""


class Backoff:
    """Counts failures in a row, as ConnectRetryCounter does, and turns them into an IdleHoldTime."""

    __slots__ = ("failures",)

    def __init__(self) -> None:
        self.failures = 0

    def reset(self) -> None:
        """Forget the failures: the operator started or stopped the session."""
        self.failures = 0

    def failed(self, parameters: SessionParameters, *, up_for: float, blameless: bool) -> float:
        """Count a failure after `up_for` seconds Established; return how many seconds to stay Idle.

        Who is `blameless` (a connection lost, a reset by intent) comes back at once the first time.
        """
        if up_for >= parameters.stable_time:
            self.failures = 0
        doublings = self.failures - 1 if blameless else self.failures
        self.failures += 1
        if doublings < 0:
            return 0.0
        hold: float = parameters.idle_hold_time * 2.0 ** min(doublings, _DOUBLINGS)
        return min(hold, parameters.idle_hold_limit)
