"""What became of prefixes: the candidates they had and have, for those together that share both."""

from collections.abc import Iterable, Sequence

from rib.path import Entry
from wire import Prefix

__all__ = ["Transition", "gather", "in_runs"]

Transition = tuple[Entry | None, Entry | None, Sequence[Prefix]]
"""The candidates that prefixes had when last looked at, those that they have now (None: none), the prefixes.

A plain tuple: there is one for each UPDATE of a table, and a named one takes ten times as long to make.
"""


def in_runs(changes: Iterable[tuple[Entry | None, Entry | None, Prefix]]) -> list[Transition]:
    """Put together the prefixes in a row of (old, new, prefix) that have the same past and present."""
    transitions: list[Transition] = []
    part: list[Prefix] = []
    last_old, last_new = None, None
    for old, new, prefix in changes:
        if part and old is last_old and new is last_new:
            part.append(prefix)
        else:
            last_old, last_new, part = old, new, [prefix]
            transitions.append((old, new, part))
    return transitions


def gather(transitions: Iterable[Transition]) -> list[Transition]:
    """Put together all prefixes that have the same past and present."""
    gathered: dict[tuple[Entry | None, Entry | None], list[Prefix]] = {}
    for old, new, prefixes in transitions:
        gathered.setdefault((old, new), []).extend(prefixes)
    return [(old, new, prefixes) for (old, new), prefixes in gathered.items()]
