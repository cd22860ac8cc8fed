"""Rows for the API from tables, groups and the FIB."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from rib.decision import best_of, losses, multipath
from rib.fib import Fib
from rib.path import Entry, Path, candidates
from rib.rows import Advertisement, Candidate, Explanation, RouteRow
from rib.source import PeerKind
from rib.table import Table
from rib.update_group import UpdateGroup
from wire import PathAttributes, Prefix

__all__ = ["Views"]

_PIECE: Final = 200
"""Rows in a piece: some milliseconds."""
_LOOKED_AT: Final = 1000
"""Prefixes looked at for a piece, whatever is found."""

_Rows = Callable[[Prefix, Entry], Iterable[RouteRow]]
"""Gives the rows of one prefix."""


class Views:
    """What can be seen of one family."""

    def __init__(self, table: Table, fib: Fib, limit: int) -> None:
        self._table = table
        self._fib = fib
        self._limit = limit

    def _pieces(self, rows: _Rows, prefix: Prefix | None) -> Iterator[list[RouteRow]]:
        """Yield rows in pieces, each of which is little work; a piece may be empty."""
        entries = self._table.entries
        piece: list[RouteRow] = []
        for looked_at, of in enumerate(list(entries) if prefix is None else [prefix], 1):
            entry = entries.get(of)
            if entry is not None:
                piece += rows(of, entry)
            if len(piece) >= _PIECE or looked_at % _LOOKED_AT == 0:
                yield piece
                piece = []
        yield piece

    def table(self, prefix: Prefix | None) -> Iterator[list[RouteRow]]:
        """Yield every candidate, the best of a prefix first."""

        def rows(of: Prefix, entry: Entry) -> Iterator[RouteRow]:
            for path in candidates(entry):
                yield self._row(of, entry, path, path.attributes)

        return self._pieces(rows, prefix)

    def received(self, name: str, prefix: Prefix | None) -> Iterator[list[RouteRow]]:
        """Yield a peer's Adj-RIB-In as it was before the import policy."""

        def rows(of: Prefix, entry: Entry) -> Iterator[RouteRow]:
            for path in candidates(entry):
                if path.source.name == name and path.source.kind is not PeerKind.LOCAL:
                    yield self._row(of, entry, path, path.received.attributes)

        return self._pieces(rows, prefix)

    def advertised(self, group: UpdateGroup, name: str, prefix: Prefix | None) -> Iterator[list[RouteRow]]:
        """Yield a peer's Adj-RIB-Out."""

        def rows(of: Prefix, entry: Entry) -> Iterator[RouteRow]:
            for path, attributes in group.exports(name, entry, of):
                yield self._row(of, entry, path, attributes)

        return self._pieces(rows, prefix)

    def _row(self, prefix: Prefix, entry: Entry, path: Path, attributes: PathAttributes) -> RouteRow:
        ways = multipath(entry, self._limit)
        hops = attributes.next_hop
        return RouteRow(
            family=self._table.family,
            prefix=prefix,
            best=path is best_of(entry),
            multipath=path in ways,
            next_hop=tuple(hops[start : start + 16] for start in range(0, len(hops), 16)),
            attributes=attributes,
            path_id=path.path_id,
            source="local" if path.source.kind is PeerKind.LOCAL else path.source.name,
            protocol=path.source.protocol.value,
            preference=path.preference,
            interface=path.interface,
            kind="unicast" if path.local is None else path.local.kind,
            installed=path in ways and self._fib.route(entry, prefix)[0] is not None,
            stale=path.stale,
            rejected=path.rejected,
        )

    def explain(self, prefix: Prefix, groups: dict[str, UpdateGroup]) -> Explanation:
        """Return everything about a prefix; `groups` by name of peer."""
        entry = self._table.entries.get(prefix)
        route, rule = self._fib.route(entry, prefix)
        return Explanation(
            family=self._table.family,
            prefix=prefix,
            candidates=tuple(self._candidates(prefix, entry)),
            advertisements=tuple(
                self._advertisement(name, group, entry, prefix) for name, group in groups.items()
            ),
            fib=route,
            fib_rule=rule,
        )

    def _candidates(self, prefix: Prefix, entry: Entry | None) -> Iterator[Candidate]:
        if entry is None:
            return
        for path, step in losses(entry):
            row = self._row(prefix, entry, path, path.attributes)
            if step is None:
                yield Candidate(row=row, reason=None, text="best path", clause="RFC 4271, section 9.1.2.2")
            else:
                text = step.text if path.rejected is None else f"{step.text}: {path.rejected}"
                yield Candidate(row=row, reason=step.reason.value, text=text, clause=step.clause)

    def _advertisement(
        self, name: str, group: UpdateGroup, entry: Entry | None, prefix: Prefix
    ) -> Advertisement:
        best = best_of(entry)
        if best is None:
            return Advertisement(peer=name, sent=False, reason="no eligible path", attributes=None)
        if best.source.name == name:
            reason = "the best path came from this peer (RFC 4271, section 9.2)"
            return Advertisement(peer=name, sent=False, reason=reason, attributes=None)
        export = group.export_of(best, prefix)
        sent = export.attributes is not None
        return Advertisement(peer=name, sent=sent, reason=export.reason, attributes=export.attributes)
