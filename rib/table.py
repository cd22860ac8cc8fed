"""The one table of a family: the candidates for every prefix, best first, and what changed since last taken.

The Adj-RIBs-In of all peers and the Loc-RIB are views of it: a peer's paths are those whose source it is, the
Loc-RIB is the first candidate of every prefix.
"""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Final

from rib.decision import EQUAL, Place, parted
from rib.effort import STEP, Effort
from rib.entry import exchanged, held, with_path
from rib.path import Entry, Path
from rib.source import Source
from rib.transition import Transition, in_runs
from rib.walk import Act, Batches, Walk, Wanted, batches
from wire import Family, Prefix

__all__ = ["Table"]


_AT_ONCE: Final = 5_000
"""Work on a walk that is not put off: most tables are small."""
_PREFIXES_ALONE: Final = Effort()

_Became = tuple[Entry | None, int]
"""What becomes of a prefix's entry, and what that adds to a count."""


class Table:
    """Candidates by prefix.

    A prefix that changed is in a batch of `_fresh` (it had no candidate and has got this one path), in one of
    `_gone` (the other way round) or, with the candidates it had, in `_changed`; in one place alone, but that
    one of `_fresh` may have changed since. Batches are what table transfers and ends of sessions are made of,
    and cost nothing per prefix but its place in the table.
    """

    def __init__(self, family: Family, *, heeded: Place = EQUAL) -> None:
        self.family = family
        self.entries: dict[Prefix, Entry] = {}
        self.version = 0
        """Another one whenever something in the table is."""
        self.heeded = heeded
        """The last place at which a new candidate is a change. Most of those that several feeds of a table
        bring come in behind the best path, and make a difference to nobody but peers with ADD-PATH."""
        self._fresh: deque[tuple[None, Path, Sequence[Prefix]]] = deque()
        self._fresh_size = 0
        """Prefixes in it."""
        self._gone: deque[Transition] = deque()
        self._changed: dict[Prefix, Entry | None] = {}
        self._walks: deque[Walk] = deque()
        self._plain = True
        """Whether all that changed is usual attribute lists in place of such or of nothing, or mostly so."""

    @property
    def pending(self) -> bool:
        """Whether something changed that has not been taken, or is about to."""
        return bool(self._walks) or self.waiting

    @property
    def waiting(self) -> bool:
        """Whether something changed that has not been taken."""
        return bool(self._fresh or self._gone or self._changed)

    def announce(self, path: Path, prefixes: Sequence[Prefix]) -> int:
        """Make `path` the candidate of its source and path identifier; return how many prefixes had none."""
        return self.announce_all(((path, prefixes),))

    def announce_all(self, batches: Iterable[tuple[Path, Sequence[Prefix]]], *, usual: bool = False) -> int:
        """Announce batch by batch, `usual` lists or others; return how many prefixes had no such path."""
        self.version += 1
        self._plain = self._plain and usual
        if self._gone:
            self._spill()
        entries, changed, fresh = self.entries, self._changed, self._fresh
        absent, settled = entries.keys().isdisjoint, changed.keys().isdisjoint
        size, gained = len(entries), 0
        for path, prefixes in batches:
            if absent(prefixes) and (not changed or settled(prefixes)):
                for prefix in prefixes:
                    entries[prefix] = path
                fresh.append((None, path, prefixes))
            else:
                gained += len(entries) - size + self._join(path, prefixes)
                size = len(entries)
        self._fresh_size += len(entries) - size
        return gained + len(entries) - size

    def _join(self, path: Path, prefixes: Sequence[Prefix]) -> int:
        """Do what `_change` does, without a word too many: most of several feeds of a table comes here."""
        entries, get, note = self.entries, self.entries.get, self._changed.setdefault
        last: Entry | None = None
        new: Entry = path
        heeded, noted = self.heeded, True
        count, gained = 1, 0
        for prefix in prefixes:
            old = get(prefix)
            if old is not last:
                last = old
                new, count, place = with_path(old, path)
                noted = place <= heeded and new is not old
            gained += count
            if noted:
                note(prefix, old)
            entries[prefix] = new
        return gained

    def withdraw(self, source: Source, path_id: int, prefixes: Iterable[Prefix]) -> int:
        """Remove the candidate of a source and path identifier; return how many prefixes had one."""

        def without(entry: Entry | None) -> _Became:
            path = held(entry, source, path_id)
            return (entry, 0) if entry is None or path is None else (parted(entry, path), 1)

        return self._change(prefixes, without)

    def exchange(self, old: Path, new: Path | None, prefixes: Iterable[Prefix]) -> None:
        """Put `new` (None: nothing) in the place of the candidate `old`."""

        def became(entry: Entry | None) -> _Became:
            if entry is None:
                return None, 0
            return parted(entry, old) if new is None else exchanged(entry, old, new), 0

        self._change(prefixes, became)

    def _change(self, prefixes: Iterable[Prefix], became: Callable[[Entry | None], _Became]) -> int:
        """Put what it becomes in the place of each prefix's entry; return the sum of what is counted.

        Prefixes announced together mostly share their entry: what becomes of it is found out once for those
        that follow each other, and they share that again.
        """
        self._spill()
        self.version += 1
        self._plain = False
        entries, changed = self.entries, self._changed
        last, (new, count) = None, became(None)
        total = 0
        for prefix in prefixes:
            old = entries.get(prefix)
            if old is not last:
                last, (new, count) = old, became(old)
            total += count
            if new is old:
                continue
            changed.setdefault(prefix, old)
            if new is None:
                del entries[prefix]
            else:
                entries[prefix] = new
        return total

    def depart(self, source: Source) -> None:
        """Remove all candidates of a source."""
        self.walk(lambda path: path.terms.source is source, self._drop)

    def _drop(self, found: Batches) -> None:
        entries, changed = self.entries, self._changed
        self._spill_fresh()
        whole: Batches = {}
        for path, prefixes in found.items():
            alone = [prefix for prefix in prefixes if entries[prefix] is path and prefix not in changed]
            if len(alone) < len(prefixes):
                rest = [prefix for prefix in prefixes if entries[prefix] is not path or prefix in changed]
                self.exchange(path, None, rest)
            if alone:
                whole[path] = alone
        for path, alone in whole.items():
            for prefix in alone:
                del entries[prefix]
            self._gone.append((path, None, alone))
        self.version += 1
        self._plain = False

    def walk(self, wanted: Wanted, act: Act) -> None:
        """Have something done to all paths that meet a condition, in the order of calls and in small parts.

        What is much is done as `go_on` is called.
        """
        self._walks.append(Walk(self.entries, wanted, act))
        if len(self._walks) == 1:
            self._advance(_AT_ONCE)

    def go_on(self, budget: int) -> None:
        """Go on with walks, about `budget` of work, unless what they changed waits to be taken."""
        if not self.waiting:
            self._advance(budget)

    def finish(self) -> None:
        """Walk to the end at once: what comes next must not meet what is to be done still."""
        while self._walks:
            self._advance(len(self.entries) + 1)

    def _advance(self, budget: int) -> None:
        while self._walks and budget > 0:
            budget -= self._walks[0].advance(budget)
            if self._walks[0].done:
                self._walks.popleft()

    def _spill(self) -> None:
        """Turn batches into changes prefix by prefix, so that their prefixes can change again."""
        self._spill_fresh()
        for old, _, prefixes in self._gone:
            self._changed.update(dict.fromkeys(prefixes, old))
        self._gone.clear()

    def _spill_fresh(self) -> None:
        for _, _, prefixes in self._fresh:
            self._changed.update(dict.fromkeys(prefixes))
        self._fresh.clear()
        self._fresh_size = 0

    def paths_of(self, source: Source) -> Batches:
        """Return the paths of a source with their prefixes: a walk to the end at once, after all others."""
        self.finish()
        return batches(self.entries, self.entries, lambda path: path.terms.source is source)

    def last_taken(self) -> dict[Prefix, Entry | None]:
        """Return the candidates that each prefix had when changes were last taken; None: it had none."""
        self._spill()
        return {**self.entries, **self._changed}

    def take(self, budget: int, effort: Effort = _PREFIXES_ALONE) -> list[Transition]:
        """Return what changed, about as much of it as is `budget` of work, and forget it."""
        if self._plain:
            effort = Effort(effort.usual, effort.usual)
        transitions, budget = self._take_fresh(budget, effort)
        if self._changed:
            transitions = self._unchanged(transitions)
        while self._gone and budget > 0:
            transition = self._gone.popleft()
            budget -= effort.whole(transition)
            transitions.append(transition)
        if self._changed and budget > 0:
            transitions += self._take_changed(budget, effort)
        self._plain = self._plain or not self.waiting
        return transitions

    def _take_fresh(self, budget: int, effort: Effort) -> tuple[list[Transition], int]:
        """Return what is new, and what is left of the budget."""
        fresh = self._fresh
        most = self._fresh_size + len(fresh) * effort.other
        if most <= budget:
            self._fresh, self._fresh_size = deque(), 0
            return list(fresh), budget - most
        taken: list[Transition] = []
        while fresh and budget > 0:
            transition = fresh.popleft()
            self._fresh_size -= len(transition[2])
            budget -= effort.whole(transition)
            taken.append(transition)
        return taken, budget

    def _unchanged(self, fresh: list[Transition]) -> list[Transition]:
        """Return the batches that nothing was noted of since; the others become changes from nothing."""
        changed = self._changed
        unchanged: list[Transition] = []
        for batch in fresh:
            if changed.keys().isdisjoint(batch[2]):
                unchanged.append(batch)
            else:
                changed.update(dict.fromkeys(batch[2]))
        return unchanged

    def _take_changed(self, budget: int, effort: Effort) -> list[Transition]:
        changed, get = self._changed, self.entries.get
        waiting, count = iter(changed.items()), 0
        most = STEP if effort.other else budget
        dearest = 1 + effort.other
        transitions: list[Transition] = []
        while budget > 0 and count < len(changed):
            size = min(most, 1 + budget // dearest)
            step = changed if size >= len(changed) else dict(islice(waiting, size))
            count += len(step)
            became = in_runs(zip(step.values(), map(get, step), step, strict=True))
            budget -= len(step) + effort.total(became)
            transitions += became
        self._forget_changed(count)
        return [transition for transition in transitions if transition[0] != transition[1]]

    def _forget_changed(self, count: int) -> None:
        """Forget the first changes, so many of them."""
        changed = self._changed
        if count == len(changed):
            self._changed = {}
            return
        for prefix in list(islice(changed, count)):
            del changed[prefix]
