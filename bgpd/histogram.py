"""Durations by size, counted as Prometheus wants them."""

from bisect import bisect_left
from itertools import accumulate
from typing import NamedTuple

_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Seconds; from what a quiet node needs for one change to what a full table takes."""


class Distribution(NamedTuple):
    """What a histogram held at one moment."""

    buckets: tuple[tuple[float, int], ...]
    """Upper bound in seconds, and how many lasted no longer than that; the last bound is infinite."""
    total: float
    """Seconds in sum."""


class Histogram:
    """Counts durations."""

    __slots__ = ("_counts", "_total")

    def __init__(self) -> None:
        self._counts = [0] * (len(_BOUNDS) + 1)
        self._total = 0.0

    def observe(self, seconds: float) -> None:
        """Count one."""
        self._counts[bisect_left(_BOUNDS, seconds)] += 1
        self._total += seconds

    def read(self) -> Distribution:
        """Return what was counted so far."""
        bounds = (*_BOUNDS, float("inf"))
        return Distribution(tuple(zip(bounds, accumulate(self._counts), strict=True)), self._total)
