"""What happened, most recent last: a bounded ring that the log, the API and its followers share."""

import asyncio
import itertools
import logging
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import NamedTuple

from bgpd import log

_LOGGER = logging.getLogger("bgpd.events")
_KEPT = 1000


class Event(NamedTuple):
    """One event: a session's transition, a fault, a change of what this node should be."""

    sequence: int
    time: float
    """Seconds since the epoch."""
    kind: str
    peer: str | None
    message: str
    fields: Mapping[str, object]


class EventLog:
    """Keeps the last events, logs each once, and wakes those who follow."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._events: deque[Event] = deque(maxlen=_KEPT)
        self._sequence = itertools.count(1)
        self._changed: asyncio.Event | None = None
        """Set with the next event; there is none while nobody waits."""

    def record(
        self, kind: str, message: str, *, peer: str | None = None, level: int = logging.INFO, **values: object
    ) -> None:
        """Add one event and write it to the log at `level`."""
        event = Event(
            sequence=next(self._sequence),
            time=self._clock(),
            kind=kind,
            peer=peer,
            message=message,
            fields={name: value for name, value in values.items() if value is not None},
        )
        self._events.append(event)
        if _LOGGER.isEnabledFor(level):
            _LOGGER.log(level, message, extra=log.fields(event=kind, peer=peer, **values))
        if self._changed is not None:
            self._changed.set()
            self._changed = None

    def since(self, sequence: int = 0) -> list[Event]:
        """Events after `sequence` that are still kept, oldest first."""
        return [event for event in self._events if event.sequence > sequence]

    async def wait(self) -> None:
        """Return after the next event."""
        if self._changed is None:
            self._changed = asyncio.Event()
        await self._changed.wait()
