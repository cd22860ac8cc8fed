"""Waiting for something to become true, with a limit."""

import time
from collections.abc import Callable


class NotInTimeError(Exception):
    """What was waited for did not happen; the text says what."""


def wait_until(
    check: Callable[[], object], what: str, *, seconds: float = 15, interval: float = 0.05
) -> None:
    """Call `check` every `interval` seconds until it is true; raises NotInTimeError after `seconds`."""
    deadline = time.monotonic() + seconds
    while not check():
        if time.monotonic() >= deadline:
            raise NotInTimeError(f"not within {seconds:g} s: {what}")
        time.sleep(interval)
