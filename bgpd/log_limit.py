"""A log that no flood fills: what repeats itself is written some times a minute, the rest is counted."""

import logging
import time
from collections.abc import Callable

from records import record

_BURST = 30
"""Lines of one kind about one peer that a window may have."""
_WINDOW = 60.0
"""Seconds."""
_KEPT = 1000
"""Kinds remembered; a flood of different ones makes them all begin anew."""


@record(frozen=False)
class _Window:
    end: float
    written: int = 0
    left_out: int = 0


class LogLimit(logging.Filter):
    """Passes so many records of a kind in a time; the next one that passes has `left_out`, the number lost.

    A kind is a logger, the event (or else the message before its arguments) and the peer it is about. Records
    for debugging all pass.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._windows: dict[tuple[object, ...], _Window] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether a record is written."""
        if record.levelno < logging.INFO:
            return True
        fields = getattr(record, "fields", {})
        window = self._window((record.name, fields.get("event", record.msg), fields.get("peer")))
        if window.written >= _BURST:
            window.left_out += 1
            return False
        window.written += 1
        if window.left_out:
            record.__dict__["fields"] = {**fields, "left_out": window.left_out}
            window.left_out = 0
        return True

    def _window(self, kind: tuple[object, ...]) -> _Window:
        now = self._clock()
        window = self._windows.get(kind)
        if window is None or window.end <= now:
            if len(self._windows) >= _KEPT:
                self._windows.clear()
            window = self._windows[kind] = _Window(now + _WINDOW, left_out=window.left_out if window else 0)
        return window
