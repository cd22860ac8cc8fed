"""What the RIB wants and the kernel may not have yet, by prefix: the newest wish wins. No I/O, no clock."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Final

from rib import FibRoute
from wire import Prefix

_OFFSETS: Final = sorted(range(32), key=lambda offset: f"{offset:05b}"[::-1])
"""0, 16, 8, 24, 4 ...: of each 32 in a backlog the first, then the one halfway to the next, and so on.

Neighbours in a row are the worst case for the kernel's trie (net/ipv4/fib_trie.c): its nodes are resized step
by step, and where one goes the first prefix left in its node is looked for again and again. In this order a
node fills evenly and doubles when it is full; in the reverse order it empties evenly, and its first prefix is
the last to go.
"""

_MANY: Final = 65_536
"""Removals that wait for nothing: as many as are found in some tenths of a second."""

Wish = FibRoute | None
"""None: the prefix shall have no route."""


class Wishes:
    """Routes that shall be there, which are taken first, and prefixes whose routes shall go.

    Addresses may move from a route to more or less specific ones: those are there before it goes.
    """

    def __init__(self) -> None:
        self._routes = _Queue(filling=True)
        self._removals = _Queue(filling=False)

    def __len__(self) -> int:
        return len(self._routes.wishes) + len(self._removals.wishes)

    def __contains__(self, prefix: Prefix) -> bool:
        return prefix in self._routes.wishes or prefix in self._removals.wishes

    def __iter__(self) -> Iterator[Prefix]:
        return chain(self._routes.wishes, self._removals.wishes)

    def __getitem__(self, prefix: Prefix) -> Wish:
        """Return the wish of a prefix; KeyError: there is none."""
        routes = self._routes.wishes
        return routes[prefix] if prefix in routes else self._removals.wishes[prefix]

    def add(self, prefixes: Sequence[Prefix], wanted: Wish) -> None:
        """Wish this for prefixes, in place of what was wished for them before."""
        here, elsewhere = self._routes.wishes, self._removals.wishes
        if wanted is None:
            here, elsewhere = elsewhere, here
        for prefix in prefixes:
            here[prefix] = wanted
        for prefix in prefixes if elsewhere else ():
            elsewhere.pop(prefix, None)

    def remind(self, prefixes: Iterable[Prefix], wanted: Wish) -> None:
        """Wish this for those of the prefixes that have no wish."""
        self.add([prefix for prefix in prefixes if prefix not in self], wanted)

    def drop(self, prefix: Prefix) -> None:
        """Wish nothing for a prefix, neither a route nor none."""
        self._routes.wishes.pop(prefix, None)
        self._removals.wishes.pop(prefix, None)

    def take(self, limit: int, *, unfinished: bool = False) -> list[tuple[Wish, list[Prefix]]]:
        """Take the wishes of up to `limit` prefixes, those together that share one.

        While what is wished is `unfinished`, few removals wait: routes may follow that belong before them.
        """
        routes = self._routes.take(limit)
        if unfinished and len(self._removals.wishes) < _MANY:
            return routes
        left = limit - sum([len(prefixes) for _, prefixes in routes])
        return routes + self._removals.take(left)


class _Queue:
    """Wishes taken in rounds: what is wished during a round waits for the next, so all have their turn."""

    def __init__(self, *, filling: bool) -> None:
        self.wishes: dict[Prefix, Wish] = {}
        self._filling = filling
        """Whether they are taken in the order in which nodes of the trie fill, or else empty."""
        self._round: list[Prefix] = []
        """What is left of the round, to be taken from the end; some of it may be wished no more."""

    def take(self, limit: int) -> list[tuple[Wish, list[Prefix]]]:
        """Take up to `limit` wishes, prefixes together whose wish is one object."""
        parts: dict[int, tuple[Wish, list[Prefix]]] = {}
        while self.wishes and limit:
            if not self._round:
                self._begin_round()
            turn = self._round[: -limit - 1 : -1]
            del self._round[-limit:]
            limit -= self._take(turn, parts)
        if not self.wishes:
            self.wishes, self._round = {}, []  # an emptied dict keeps its size
        return list(parts.values())

    def _begin_round(self) -> None:
        waiting = list(self.wishes)
        self._round = [prefix for offset in _OFFSETS for prefix in waiting[offset :: len(_OFFSETS)]]
        if self._filling:
            self._round.reverse()

    def _take(self, turn: Sequence[Prefix], parts: dict[int, tuple[Wish, list[Prefix]]]) -> int:
        """Take those of the prefixes that are still wished for, and give their number."""
        last: Wish = None
        part: list[Prefix] = []
        taken = 0
        wishes = self.wishes
        for prefix in turn:
            if prefix not in wishes:
                continue
            wanted = wishes.pop(prefix)
            if wanted is not last or not part:
                last = wanted
                _, part = parts.setdefault(id(wanted), (wanted, []))
            part.append(prefix)
            taken += 1
        return taken
