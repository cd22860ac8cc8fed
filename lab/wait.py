"""Waiting for something to become true, with a limit."""

import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeVar

T = TypeVar("T")


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


def wait_for_each(
    items: Iterable[T], check: Callable[[T], object], what: str, *, seconds: float = 15
) -> None:
    """Wait for every item in turn until `check` of it is true; raises NotInTimeError, naming the item."""
    for item in items:
        wait_until(partial(check, item), f"{item}: {what}", seconds=seconds)
