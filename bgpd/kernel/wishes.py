"""What the RIB wants and the kernel may not have yet, by prefix: the newest wish wins. No I/O, no clock."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Final

from rib import FibRoute
from wire import Prefix

_STRIDE: Final = 8
"""Of a backlog every 8th is taken first, then those next to them, and so on.

Neighbours in a row are the worst case for the kernel's trie (net/ipv4/fib_trie.c): its nodes are resized step
by step, and where one goes the longest prefix left in its node is looked for again and again. Spread so, half
a million blocks side by side cost it 1.3 s of CPU to remove instead of 3.2 s, and a quarter less to install.
"""

Wish = FibRoute | None
"""None: the prefix shall have no route."""


class Wishes:
    """Routes that shall be there, which are taken first, and prefixes whose routes shall go.

    Addresses may move from a route to more or less specific ones: those are there before it goes.
    """

    def __init__(self) -> None:
        self._routes = _Queue()
        self._removals = _Queue()

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
        here.update(dict.fromkeys(prefixes, wanted))
        if elsewhere:
            for prefix in prefixes:
                elsewhere.pop(prefix, None)

    def remind(self, prefixes: Iterable[Prefix], wanted: Wish) -> None:
        """Wish this for those of the prefixes that have no wish."""
        self.add([prefix for prefix in prefixes if prefix not in self], wanted)

    def drop(self, prefix: Prefix) -> None:
        """Wish nothing for a prefix, neither a route nor none."""
        self._routes.wishes.pop(prefix, None)
        self._removals.wishes.pop(prefix, None)

    def take(self, limit: int) -> list[tuple[Wish, list[Prefix]]]:
        """Take the wishes of up to `limit` prefixes, those together that share one."""
        taken = self._routes.take(limit)
        return _by_wish(taken) + _by_wish(self._removals.take(limit - len(taken)))


class _Queue:
    """Wishes taken in rounds: what is wished during a round waits for the next, so all have their turn."""

    def __init__(self) -> None:
        self.wishes: dict[Prefix, Wish] = {}
        self._round: list[Prefix] = []
        """What is left of the round, to be taken from the end; some of it may be wished no more."""

    def take(self, limit: int) -> list[tuple[Prefix, Wish]]:
        taken: list[tuple[Prefix, Wish]] = []
        wishes = self.wishes
        while wishes and len(taken) < limit:
            if not self._round:
                self._round = _spread(list(wishes))
                self._round.reverse()
            part = self._round[len(taken) - limit :]
            del self._round[len(taken) - limit :]
            taken += [(prefix, wishes.pop(prefix)) for prefix in reversed(part) if prefix in wishes]
        if not wishes:
            self.wishes, self._round = {}, []  # an emptied dict keeps its size
        return taken


def _spread(prefixes: Sequence[Prefix]) -> list[Prefix]:
    return [prefix for start in range(_STRIDE) for prefix in prefixes[start::_STRIDE]]


def _by_wish(taken: Iterable[tuple[Prefix, Wish]]) -> list[tuple[Wish, list[Prefix]]]:
    """Put prefixes together whose wishes are one object; those that come together mostly are."""
    parts: dict[int, tuple[Wish, list[Prefix]]] = {}
    part: list[Prefix] = []
    last: Wish = None
    for prefix, wanted in taken:
        if wanted is not last or not part:
            last = wanted
            _, part = parts.setdefault(id(wanted), (wanted, []))
        part.append(prefix)
    return list(parts.values())
