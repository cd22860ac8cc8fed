"""The node's own routes as paths of the table."""

from collections.abc import Iterator, Mapping
from struct import pack

from rib.local import LocalRoute
from rib.next_hop import NextHopRoute
from rib.path import Path, Terms
from rib.source import PeerKind, Protocol, Source
from rib.table import Table
from wire import Family, Origin, PathAttributes, Prefix

__all__ = ["LocalRoutes"]


class LocalRoutes:
    """The routes of the local protocols, by protocol and family."""

    def __init__(self, unused_ids: Iterator[int], bgp_identifier: bytes) -> None:
        self._sources: dict[Protocol, Source] = {
            protocol: Source(
                protocol.value,
                protocol=protocol,
                kind=PeerKind.LOCAL,
                bgp_identifier=bgp_identifier,
                unused_ids=unused_ids,
            )
            for protocol in Protocol
            if protocol is not Protocol.BGP
        }
        self._routes: dict[tuple[Protocol, Family], dict[Prefix, LocalRoute]] = {}

    def replace(self, table: Table, protocol: Protocol, routes: Mapping[Prefix, LocalRoute]) -> None:
        """Make these the routes of a protocol: only what is different changes the table."""
        present = self._routes.get((protocol, table.family), {})
        gone: dict[Prefix, LocalRoute | None] = dict.fromkeys(
            prefix for prefix in present if prefix not in routes
        )
        self.change(table, protocol, {**gone, **routes})

    def change(self, table: Table, protocol: Protocol, changes: Mapping[Prefix, LocalRoute | None]) -> None:
        """Put routes into the table, or (None) take them out."""
        present = self._routes.setdefault((protocol, table.family), {})
        by_route: dict[LocalRoute | None, list[Prefix]] = {}
        for prefix, route in changes.items():
            if present.get(prefix) != route:
                by_route.setdefault(route, []).append(prefix)
        source = self._sources[protocol]
        for route, prefixes in by_route.items():
            if route is None:
                table.withdraw(source, 0, prefixes)
                for prefix in prefixes:
                    del present[prefix]
            else:
                table.announce(_path(source, route), prefixes)
                present.update(dict.fromkeys(prefixes, route))

    def gateways(self, family: Family) -> Iterator[NextHopRoute]:
        """Yield the static routes that next hops can be reached by."""
        for prefix, route in self._routes.get((Protocol.STATIC, family), {}).items():
            if route.kind == "unicast" and route.gateway is not None:
                yield NextHopRoute(prefix, route.interface, route.gateway)


def _path(source: Source, route: LocalRoute) -> Path:
    """Return the path of a route that enters BGP here: ORIGIN IGP, an empty AS_PATH."""
    attributes = PathAttributes(
        origin=Origin.IGP,
        next_hop=route.gateway or b"",
        communities=b"".join([community.to_bytes(4, "big") for community in route.communities]),
        large_communities=b"".join([pack(">III", *parts) for parts in route.large_communities]),
    )
    return Path(Terms(source, attributes.next_hop, local=route), attributes)
