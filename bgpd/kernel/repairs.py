"""How often routes of ours were changed or removed by somebody else, and by whom too often. No clock."""

from typing import Final

from wire import Prefix

CALM: Final = 1.0
"""Seconds: who undoes a repair within this time is not fought at the speed of the loop, but retried later."""


class Repairs:
    """Remembers the last repair of each prefix."""

    def __init__(self) -> None:
        self.count = 0
        self._last: dict[Prefix, float] = {}

    def note(self, prefix: Prefix, now: float, *, most: int) -> bool:
        """Count a repair; say whether the last was just undone. Beyond `most`, old ones are forgotten."""
        self.count += 1
        if len(self._last) > most:
            self._last = {each: at for each, at in self._last.items() if now - at < CALM}
        undone = now - self._last.get(prefix, float("-inf")) < CALM
        self._last[prefix] = now
        return undone
