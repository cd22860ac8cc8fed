"""A dump of the table as MRT has it (RFC 6396, section 4.3): what peers sent, before the import policy."""

from collections.abc import Iterator, Mapping
from itertools import islice

import rib
from bgpd.monitoring.monitor import Monitor
from wire import Family, Prefix, mrt

_SLICE = 500
"""Prefixes in one piece: some milliseconds."""
_MEMO = 8192
"""Attribute sets remembered in their MRT form."""
_LOCAL = (bytes(4), bytes(4), 0)
"""The peer that routes of the node itself come from, as other speakers' dumps have it."""


class TableDump:
    """One dump. The table may change between its pieces: a prefix is dumped as it is by its turn."""

    def __init__(self, monitor: Monitor, router: rib.Router) -> None:
        self._monitor = monitor
        self._router = router
        self._seconds = monitor.now() // 1_000_000
        self._sources = router.sources()
        self._index = {source.name: number for number, source in enumerate(self._sources, 1)}
        self._sequence = 0
        self._attributes: dict[rib.Path, bytes] = {}

    def pieces(self) -> Iterator[bytes]:
        """Yield the file in pieces of whole records."""
        peers = [(source.bgp_identifier, source.address, source.peer_as) for source in self._sources]
        yield mrt.encode_peer_index_table(self._seconds, self._monitor.bgp_identifier, [_LOCAL, *peers])
        originated = self._originated()
        for family in Family:
            walk = self._router.candidates(family)
            while part := list(islice(walk, _SLICE)):
                yield b"".join(self._record(family, prefix, paths, originated) for prefix, paths in part)

    def _originated(self) -> Mapping[str, int]:
        """When a route came is not kept: not before its session did, for which the session's time stands."""
        sessions = self._monitor.sessions.values()
        return {session.key: session.since // 1_000_000 for session in sessions}

    def _record(
        self, family: Family, prefix: Prefix, paths: tuple[rib.Path, ...], originated: Mapping[str, int]
    ) -> bytes:
        add_path = any(path.path_id for path in paths)
        entries = []
        for path in paths:
            name = path.source.name
            local = path.source.kind is rib.PeerKind.LOCAL
            index = 0 if local else self._index.get(name)
            if index is not None:  # else its session came up after the dump had begun
                path_id = path.path_id if add_path else None
                since = originated.get(name, self._seconds)
                entries.append(mrt.encode_rib_entry(index, since, self._encoded(family, path), path_id))
        self._sequence += 1
        return mrt.encode_rib(family, self._seconds, self._sequence - 1, prefix, entries, add_path=add_path)

    def _encoded(self, family: Family, path: rib.Path) -> bytes:
        known = self._attributes.get(path)
        if known is None:
            if len(self._attributes) >= _MEMO:
                self._attributes.clear()
            attributes = path.received.attributes
            if not attributes.next_hop:
                attributes = attributes.replace(next_hop=bytes(family.bits // 8))
            known = self._attributes[path] = mrt.encode_rib_attributes(attributes)
        return known
