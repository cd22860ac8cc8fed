"""Who connects without being configured: refused, and reported without letting a flood fill the log."""

import logging
from collections.abc import Callable

from bgpd.events import EventLog

_INTERVAL = 60.0
"""Seconds between two reports of the same address."""
_KEPT = 1000
"""Addresses remembered."""


class Strangers:
    """Reports each unknown address once a minute, however often it knocks."""

    def __init__(self, events: EventLog, clock: Callable[[], float]) -> None:
        self._events = events
        self._clock = clock
        self._reported: dict[str, float] = {}

    def refused(self, address: str) -> None:
        """Take note of a refused connection."""
        now = self._clock()
        if now - self._reported.get(address, -_INTERVAL) < _INTERVAL:
            return
        if len(self._reported) >= _KEPT:
            self._reported.clear()
        self._reported[address] = now
        self._events.record(
            "connection",
            f"connection from {address} refused: no session with this address is configured",
            level=logging.WARNING,
        )
