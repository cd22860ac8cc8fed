"""How long to wait before trying again."""

import random

from records import record

_FIRST = 0.1
_LONGEST = 30.0


@record(frozen=False)
class Backoff:
    """Waits that double from 0.1 s to 30 s, each shortened at random by up to a half.

    A datastore that comes back is met by all nodes of the cluster; chance keeps them from coming at once.
    """

    failures: int = 0

    def next(self) -> float:
        """Return the seconds to wait after another failure."""
        longest = min(_LONGEST, _FIRST * 2 ** min(self.failures, 16))
        self.failures += 1
        return random.uniform(longest / 2, longest)  # noqa: S311 - spreads load, keeps no secret

    def reset(self) -> None:
        """Begin anew after a success."""
        self.failures = 0
