"""Walks through a table, a part at a time: what is to be done to all paths that meet a condition.

A table of a million prefixes takes seconds to walk through where something is done to each path, so the event
loop has its turn between the parts. What a walk has not come to is as it was; prefixes that come meanwhile
need not be walked through, since what they bring knows of the change already.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice

from rib.effort import OTHER, STEP
from rib.path import Entry, Path, candidates
from wire import Prefix

__all__ = ["Act", "Batches", "Walk", "Wanted", "batches"]

Batches = dict[Path, list[Prefix]]
"""Paths with prefixes that they are candidates for."""

Wanted = Callable[[Path], bool]
Act = Callable[[Batches], None]


def batches(entries: Mapping[Prefix, Entry], prefixes: Iterable[Prefix], wanted: Wanted) -> Batches:
    """Return the paths of some prefixes for which `wanted` holds."""
    found: Batches = {}
    get = entries.get
    last, parts = None, []
    for prefix in prefixes:
        entry = get(prefix)
        if entry is not last:  # prefixes announced together mostly share it
            last = entry
            parts = [found.setdefault(path, []) for path in candidates(entry) if wanted(path)]
        for part in parts:
            part.append(prefix)
    return found


class Walk:
    """One walk: `act` is called with the paths that are `wanted` by the time the walk comes to them."""

    def __init__(self, entries: Mapping[Prefix, Entry], wanted: Wanted, act: Act) -> None:
        self.done = False
        self._entries = entries
        self._wanted = wanted
        self._act = act
        self._waiting: Iterator[Prefix] | None = None

    def advance(self, budget: int) -> int:
        """Go on for about as long as is `budget` of work; return how much it was."""
        if self._waiting is None:
            # Backwards: neighbours leave the kernel's trie more cheaply from the last to the first.
            self._waiting = reversed(list(self._entries))
        used = 0
        while used < budget and not self.done:
            step = list(islice(self._waiting, STEP))
            self.done = len(step) < STEP
            found = batches(self._entries, step, self._wanted)
            if found:
                self._act(found)
            used += len(step) + OTHER * len(found)
        return used
