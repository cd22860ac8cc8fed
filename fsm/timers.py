"""Timers as named deadlines; the caller owns the one clock (RFC 4271, sections 8 and 10)."""

import enum
from collections.abc import Callable, Collection

JITTER_FLOOR = 0.75
"""RFC 4271, section 10: a timer is shortened by a random factor between this and 1."""


class Timer(enum.Enum):
    """The timers of a session, and of each of its connections."""

    CONNECT_RETRY = "ConnectRetryTimer"
    IDLE_HOLD = "IdleHoldTimer"
    DELAY_OPEN = "DelayOpenTimer"
    HOLD = "HoldTimer"
    KEEPALIVE = "KeepaliveTimer"
    SEND_HOLD = "SendHoldTimer"

    # Members are singletons and this hash is taken for every message: identity is several times faster.
    __hash__ = object.__hash__


class Timers:
    """Which timers run, and until when."""

    __slots__ = ("_deadlines",)

    def __init__(self) -> None:
        self._deadlines: dict[Timer, float] = {}

    def start(self, timer: Timer, deadline: float) -> None:
        """Let `timer` expire at `deadline`; one that runs is restarted."""
        self._deadlines[timer] = deadline

    def stop(self, timer: Timer) -> None:
        """Stop `timer` if it runs."""
        self._deadlines.pop(timer, None)

    def is_running(self, timer: Timer) -> bool:
        """Tell whether `timer` runs."""
        return timer in self._deadlines

    @property
    def deadlines(self) -> Collection[float]:
        """When each of those that run expires."""
        return self._deadlines.values()

    def take_due(self, now: float) -> list[Timer]:
        """Stop and return the timers that have expired, the earliest first."""
        due = [timer for timer, deadline in self._deadlines.items() if deadline <= now]
        due.sort(key=self._deadlines.__getitem__)
        for timer in due:
            del self._deadlines[timer]
        return due


def jittered(seconds: float, random: Callable[[], float]) -> float:
    """Return `seconds` shortened by up to a quarter, so that peers do not act in step (RFC 4271, 10)."""
    return seconds * (JITTER_FLOOR + (1 - JITTER_FLOOR) * random())
