"""Routes the kernel does not hold as wanted: why, and when each is tried again. No clock: `now` is given."""

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from typing import Final

from bgpd.kernel.model import Failure, Refusal
from rib import FibRoute
from wire import Prefix

FIRST_RETRY: Final = 0.5
LAST_RETRY: Final = 60.0
"""Seconds: a refused route is tried again after 0.5, 1, 2, 4 ... 60."""


class Failures:
    """Failures by prefix, and a heap of their due times."""

    def __init__(self) -> None:
        self._by_prefix: dict[Prefix, Failure] = {}
        self._retries: list[tuple[float, Prefix]] = []

    def __len__(self) -> int:
        return len(self._by_prefix)

    def __contains__(self, prefix: Prefix) -> bool:
        return prefix in self._by_prefix

    def __getitem__(self, prefix: Prefix) -> Failure:
        return self._by_prefix[prefix]

    def items(self) -> Iterator[tuple[Prefix, Failure]]:
        """All failures, in the order they first happened."""
        return iter(self._by_prefix.items())

    def add(self, prefix: Prefix, wanted: FibRoute | None, refusal: Refusal, now: float) -> None:
        """Note a refusal; refusals of the same wish in a row wait longer and longer."""
        before = self._by_prefix.get(prefix)
        attempts = before.attempts + 1 if before is not None and before.wanted == wanted else 1
        delay = min(FIRST_RETRY * 2 ** min(attempts - 1, 16), LAST_RETRY)
        self._by_prefix[prefix] = Failure(wanted, refusal, attempts, now + delay)
        heappush(self._retries, (now + delay, prefix))

    def clear(self, prefixes: Iterable[Prefix]) -> None:
        """Forget failures: the routes are in the kernel, or something else is wanted."""
        if self._by_prefix:
            for prefix in prefixes:
                self._by_prefix.pop(prefix, None)

    @property
    def deadline(self) -> float | None:
        """When the next retry is due."""
        while self._retries and not self._stands(*self._retries[0]):
            heappop(self._retries)
        return self._retries[0][0] if self._retries else None

    def due(self, now: float) -> list[Prefix]:
        """Take the prefixes whose time has come; they stay failures until they are cleared."""
        taken = []
        while (deadline := self.deadline) is not None and deadline <= now:
            taken.append(heappop(self._retries)[1])
        return taken

    def _stands(self, at: float, prefix: Prefix) -> bool:
        failure = self._by_prefix.get(prefix)
        return failure is not None and failure.retry_at == at
