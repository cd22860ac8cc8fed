"""One peer as the router knows it: its settings, its entrance, how many prefixes it sent."""

from collections.abc import Iterator, Sequence
from itertools import repeat

from rib.changes import LimitEvent
from rib.ingress import Ingress
from rib.limits import PrefixLimit
from rib.next_hop import NextHopTable
from rib.path import Path
from rib.settings import PeerSettings
from rib.source import Protocol, Source
from rib.table import Table
from wire import Family, PathAttributes, Prefix

__all__ = ["Peer", "source_of"]


def source_of(settings: PeerSettings, cluster_id: bytes, unused_ids: Iterator[int]) -> Source:
    """Return a peer as a source of paths."""
    return Source(
        settings.name,
        protocol=Protocol.BGP,
        kind=settings.kind,
        address=settings.address,
        bgp_identifier=settings.bgp_identifier,
        peer_as=settings.peer_as,
        local_as=settings.local_as,
        cluster_id=settings.cluster_id or cluster_id,
        unused_ids=unused_ids,
    )


class Peer:
    """A peer whose session is Established, or was and whose stale paths are kept."""

    def __init__(
        self,
        settings: PeerSettings,
        source: Source,
        *,
        bgp_identifier: bytes,
        next_hops: dict[int, NextHopTable],
    ) -> None:
        self.settings = settings
        self.source = source
        self.ingress = Ingress(settings, source, bgp_identifier=bgp_identifier, next_hops=next_hops)
        self.received: dict[Family, int] = dict(zip(settings.families, repeat(0)))
        self._limits = {family: PrefixLimit(limit) for family, limit in settings.max_prefixes.items()}

    def readmit(
        self, table: Table, path: Path, prefixes: Sequence[Prefix], attributes: PathAttributes | None = None
    ) -> None:
        """Let a path in the table come in once more, with other attributes where they are given."""
        for new, part in self.ingress.reconsider(table.family, path, prefixes, attributes):
            table.exchange(path, new, part)

    def count(self, family: Family, difference: int) -> LimitEvent | None:
        """Take note of prefixes that came or went; return what that means for the limit, if anything."""
        count = self.received[family] = self.received.get(family, 0) + difference
        limit = self._limits.get(family)
        kind = None if limit is None else limit.check(count)
        if limit is None or kind is None:
            return None
        return LimitEvent(self.source.name, family, kind, count, limit.settings.limit)
