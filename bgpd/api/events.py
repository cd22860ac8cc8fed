"""The log of events: the last ones are kept, and readers can follow what comes."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class EventRecord:
    """Something that happened: `sequence` counts from 1, `time` is seconds since the epoch, `kind` is a word
    such as "session" or "datastore", `text` a sentence, `fields` what a program may want to know.
    """

    sequence: int
    time: float
    kind: str
    text: str
    peer: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)


class Subscription:
    """One reader of the events to come; it is dropped when it falls `limit` events behind."""

    def __init__(self, limit: int) -> None:
        self._waiting: deque[EventRecord] = deque()
        self._limit = limit
        self._wake = asyncio.Event()
        self.dropped = False

    def offer(self, record: EventRecord) -> bool:
        """Queue the record; False when the reader was too slow and is dropped."""
        self.dropped = self.dropped or len(self._waiting) >= self._limit
        if not self.dropped:
            self._waiting.append(record)
        self._wake.set()
        return not self.dropped

    async def next(self) -> list[EventRecord]:
        """Wait for events and take all there are; an empty list when the reader was dropped."""
        while not self._waiting and not self.dropped:
            self._wake.clear()
            await self._wake.wait()
        taken = list(self._waiting)
        self._waiting.clear()
        return taken


class EventLog:
    """A bounded log with followers; `clock` gives wall-clock seconds since the epoch."""

    def __init__(self, clock: Callable[[], float], *, kept: int = 1000, behind: int = 1000) -> None:
        self._clock = clock
        self._kept: deque[EventRecord] = deque(maxlen=kept)
        self._behind = behind
        self._followers: set[Subscription] = set()
        self.sequence = 0

    def publish(self, kind: str, text: str, *, peer: str | None = None, **fields: Any) -> EventRecord:
        """Record an event and hand it to all followers; those too far behind are dropped."""
        self.sequence += 1
        record = EventRecord(self.sequence, self._clock(), kind, text, peer, fields)
        self._kept.append(record)
        self._followers = {follower for follower in self._followers if follower.offer(record)}
        return record

    def since(self, sequence: int = 0) -> list[EventRecord]:
        """Give the kept events after that sequence number, oldest first."""
        return [record for record in self._kept if record.sequence > sequence]

    def follow(self) -> Subscription:
        """Start to follow; end it with `unfollow`."""
        follower = Subscription(self._behind)
        self._followers.add(follower)
        return follower

    def unfollow(self, follower: Subscription) -> None:
        """Stop following; a follower that was already dropped is fine."""
        self._followers.discard(follower)
