"""The Adj-RIBs-In, the Loc-RIB and the Adj-RIBs-Out of one speaker, and what can be asked of them."""

from collections import Counter
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from itertools import chain

from rib.counts import TableCounts
from rib.coverage import uncovered
from rib.decision import BEST, EQUAL
from rib.fibs import Fibs
from rib.path import Path, candidates
from rib.peer import Peer
from rib.policy import Policy
from rib.refusal import Refusal
from rib.rows import Explanation, PeerCounts, RouteRow
from rib.source import Source
from rib.table import Table
from rib.update_groups import UpdateGroups
from rib.views import Views
from wire import Family, Prefix

__all__ = ["Ribs"]


class Ribs:
    """What a speaker holds. Peers go by name."""

    def __init__(self, *, kernel_policies: Mapping[Family, Policy], fib: bool, multipath: int) -> None:
        self._multipath = multipath
        self._tables = {family: Table(family, heeded=EQUAL if fib else BEST) for family in Family}
        self._counts = {family: TableCounts(table) for family, table in self._tables.items()}
        self._groups = UpdateGroups()
        self._fibs = Fibs(kernel_policies, multipath=multipath, wanted=fib)
        self._peers: dict[str, Peer] = {}
        self._retained: dict[str, Peer] = {}
        """Peers whose session is down and whose stale paths are kept."""
        self._refused: Counter[tuple[str, Refusal]] = Counter()
        """Routes that came and must not be used, by peer and reason."""

    def _known(self, name: str) -> Peer | None:
        return self._peers.get(name) or self._retained.get(name)

    def _all_peers(self) -> Iterator[Peer]:
        yield from self._peers.values()
        yield from self._retained.values()

    def routes(
        self,
        family: Family,
        *,
        prefix: Prefix | None = None,
        received_from: str | None = None,
        advertised_to: str | None = None,
    ) -> Iterator[RouteRow]:
        """Yield rows of the table, of one prefix, of one peer's Adj-RIB-In (before policy) or Adj-RIB-Out."""
        pieces = self.route_pieces(
            family, prefix=prefix, received_from=received_from, advertised_to=advertised_to
        )
        return chain.from_iterable(pieces)

    def route_pieces(
        self,
        family: Family,
        *,
        prefix: Prefix | None = None,
        received_from: str | None = None,
        advertised_to: str | None = None,
    ) -> Iterator[list[RouteRow]]:
        """Yield the same in pieces, each of which is some milliseconds of work; it may be empty.

        The table may change between them: a row is what it is by its turn.
        """
        views = self._views(family)
        if received_from is not None:
            return views.received(received_from, prefix)
        if advertised_to is not None:
            group = self._groups.get(advertised_to, family)
            return iter(()) if group is None else views.advertised(group, advertised_to, prefix)
        return views.table(prefix)

    def explain(self, family: Family, prefix: Prefix) -> Explanation:
        """Return why the best path of a prefix is the best, and what happens to it."""
        groups = {name: self._groups.get(name, family) for name in self._peers}
        return self._views(family).explain(prefix, {name: group for name, group in groups.items() if group})

    def _views(self, family: Family) -> Views:
        return Views(self._tables[family], self._fibs[family], self._multipath)

    def sources(self) -> list[Source]:
        """Return the peers that have or may have paths in the table, those whose stale paths are kept too."""
        return [peer.source for peer in self._all_peers()]

    def candidates(self, family: Family) -> Iterator[tuple[Prefix, tuple[Path, ...]]]:
        """Yield the prefixes there are at the start, each with the candidates that it has by its turn."""
        entries = self._tables[family].entries
        for prefix in list(entries):
            entry = entries.get(prefix)
            if entry is not None:
                yield prefix, candidates(entry)

    def received(self, name: str) -> Mapping[Family, int]:
        """Return how many routes of each family are in a peer's Adj-RIB-In, without counting them now."""
        peer = self._known(name)
        return {} if peer is None else dict(peer.received)

    def refused(self, name: str) -> Mapping[Refusal, int]:
        """Return how many routes that must not be used a peer has sent so far, over all its sessions."""
        return {reason: self._refused[name, reason] for reason in Refusal}

    def uncovered(self, family: Family, leaving: AbstractSet[str]) -> Iterator[Prefix]:
        """Yield the prefixes that would be lost with the peers in `leaving`."""
        return uncovered(self._tables[family], leaving)

    def size(self, family: Family) -> int:
        """Return how many prefixes of a family have a candidate."""
        return len(self._tables[family].entries)

    def counting(self, name: str | None = None) -> Iterator[None]:
        """Count routes in parts between which the table may change, so that `counts` is quick after the last.

        Those of all peers, or of one.
        """
        for family, counts in self._counts.items():
            group = None if name is None else self._groups.get(name, family)
            groups = list(self._groups.in_family(family)) if name is None else [group] if group else []
            yield from counts.renew(groups)

    def counts(self, name: str) -> Mapping[Family, PeerCounts]:
        """Return how many routes of each family a peer has sent and gets; nothing for an unknown one."""
        peer = self._known(name)
        families = peer.settings.families if peer else frozenset()
        return {
            family: self._counts[family].of(name, self._groups.get(name, family))
            for family in sorted(families, key=str)
        }
