"""The router: routes in from peers and from the node, decisions, routes out to peers and to the kernel."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import count

from rib import stale
from rib.changes import Changes, LimitEvent
from rib.decision import BEHIND
from rib.effort import Effort
from rib.ingress import Batch
from rib.local import LocalRoute
from rib.local_routes import LocalRoutes
from rib.next_hop import NextHopRoute, NextHopTable
from rib.path import Path
from rib.peer import Peer, source_of
from rib.policy import Policy
from rib.refusal import Refusal
from rib.ribs import Ribs
from rib.settings import PeerSettings
from rib.source import Protocol, Source
from rib.table import Table
from rib.target import target_of
from rib.walk import Batches
from wire import Bulk, Family, Prefix, Update

__all__ = ["Router"]


class Router(Ribs):
    """All routes of one speaker. Calls change its tables at once; `run` decides and tells what came of it.

    Peers go by name; a name that was not added raises KeyError.
    """

    def __init__(
        self,
        *,
        bgp_identifier: bytes,
        cluster_id: bytes | None = None,
        kernel_policies: Mapping[Family, Policy] | None = None,
        fib: bool = True,
        multipath: int = 16,
        assume_reachable: bool = False,
    ) -> None:
        super().__init__(kernel_policies=kernel_policies or {}, fib=fib, multipath=multipath)
        self._bgp_identifier = bgp_identifier
        self._cluster_id = cluster_id or bgp_identifier
        self._unused_ids = count(1)
        self._local = LocalRoutes(self._unused_ids, bgp_identifier)
        ipv4 = NextHopTable(assume_reachable=assume_reachable)
        ipv6 = NextHopTable(assume_reachable=assume_reachable)
        self._next_hops = {4: ipv4, 16: ipv6, 32: ipv6}
        self._limit_events: list[LimitEvent] = []

    def add_peer(self, settings: PeerSettings) -> None:
        """Begin an Established session: take its routes, send it the whole table, then End-of-RIB."""
        name = settings.name
        source = source_of(settings, self._cluster_id, self._unused_ids)
        retained = self._retained.pop(name, None)
        if retained is not None and retained.source.same_speaker(source):
            source = retained.source
        peer = self._peers[name] = self._peer(settings, source)
        if retained is not None:
            self._inherit(peer, retained)
        for family in settings.add_path_send:
            self._tables[family].heeded = BEHIND
        for family in sorted(settings.families, key=str):
            self._groups.join(name, target_of(settings, family, self._cluster_id))

    def _inherit(self, peer: Peer, retained: Peer) -> None:
        """Let a peer that is back have the stale paths it left, until it says otherwise (RFC 4724).

        In another AS or role it is still who it was, and its paths stay what they were: heard anew they might
        be loops now, and packets would wait for what it sends. With another BGP Identifier it is somebody
        else.
        """
        same = retained.source.bgp_identifier == peer.source.bgp_identifier
        kept = peer.settings.families if same else frozenset()
        self._drop_paths(retained, frozenset(Family) - kept)
        peer.received.update({family: retained.received.get(family, 0) for family in kept})
        for family in kept if peer.source is not retained.source else ():
            table = self._tables[family]
            for path, prefixes in table.paths_of(retained.source).items():
                table.exchange(path, path.moved(peer.source), prefixes)

    def _peer(self, settings: PeerSettings, source: Source) -> Peer:
        return Peer(settings, source, bgp_identifier=self._bgp_identifier, next_hops=self._next_hops)

    def update_peer(self, settings: PeerSettings) -> None:
        """Give a live session other policies, next-hop mode or role: both directions are evaluated anew."""
        old = self._peers[settings.name]
        source = source_of(settings, self._cluster_id, self._unused_ids)
        if old.source.same_speaker(source):
            source = old.source
        new = self._peers[settings.name] = self._peer(settings, source)
        new.received = old.received
        for family in settings.families:
            if source is not old.source:
                self._take_over(self._tables[family], old.source, new)
            elif _entrance(old.settings, family) != _entrance(settings, family):
                self._reconsider(self._tables[family], lambda path: path.source is source)
            target = target_of(settings, family, self._cluster_id)
            self._groups.move(settings.name, target, self._tables[family])

    def remove_peer(self, name: str, *, retain: frozenset[Family] = frozenset()) -> None:
        """End a session: drop its paths, or mark those of the families in `retain` stale (RFC 4724)."""
        peer = self._peers.pop(name)
        self._groups.leave(name)
        self._drop_paths(peer, frozenset(Family) - retain)
        for family in retain & peer.settings.families:
            self._retained[name] = peer  # first: what is under way with its paths comes to its end
            stale.mark(self._tables[family], peer)

    def _drop_paths(self, peer: Peer, families: Iterable[Family]) -> None:
        for family in families:
            if peer.received.get(family):
                self._tables[family].depart(peer.source)
            peer.received[family] = 0

    def mark_stale(self, name: str, family: Family) -> None:
        """Expect all routes of a peer anew (RFC 7313, BoRR): what it does not repeat is swept."""
        stale.mark(self._tables[family], self._peers[name])

    def mark_long_lived(self, name: str, family: Family) -> None:
        """Begin the long-lived phase of a peer's stale paths (RFC 9494): kept as the last resort."""
        self._end_stale(stale.mark_long_lived, name, family)

    def give_way(self, name: str, family: Family) -> None:
        """Let the stale paths of an external peer go where another external peer is there with a path."""
        self._end_stale(stale.give_way, name, family)

    def sweep_stale(self, name: str, family: Family) -> None:
        """Drop the peer's paths that are still stale: its End-of-RIB came, or the time is up."""
        self._end_stale(stale.sweep, name, family)

    def _end_stale(self, do: stale.Do, name: str, family: Family) -> None:
        peer = self._known(name)
        if peer is None:
            return  # it had no path left in any family, so nothing of it was kept
        source = peer.source

        def dropped(count: int) -> None:
            present = self._known(name)
            if present is None or present.source is not source:
                return  # its session ended meanwhile: they were counted as gone then
            present.count(family, -count)
            if name in self._retained and not any(present.received.values()):
                del self._retained[name]

        do(self._tables[family], peer, dropped)

    def receive(self, name: str, update: Update) -> None:
        """Take an UPDATE of a peer into its Adj-RIB-In."""
        peer = self._peers[name]
        for withdrawal in update.withdrawn:
            table = self._tables[withdrawal.family]
            gone = table.withdraw(peer.source, withdrawal.path_id, withdrawal.prefixes)
            self._note(peer, withdrawal.family, -gone)
        for announcement in update.announced:
            family = announcement.family
            batches = peer.ingress.paths(
                family, announcement.attributes, announcement.path_id, announcement.prefixes
            )
            self._announce(peer, family, batches)

    def receive_bulk(self, name: str, bulk: Bulk) -> None:
        """Take routes of a peer in bulk into its Adj-RIB-In."""
        peer = self._peers[name]
        self._announce(peer, bulk.family, peer.ingress.bulk(bulk))

    def _announce(self, peer: Peer, family: Family, batches: Sequence[Batch]) -> None:
        for path, prefixes in batches:
            rejected = path.terms.rejected
            if rejected is not None and isinstance(rejected, Refusal):
                self._refused[peer.source.name, rejected] += len(prefixes)
        # The routes of one message, or of one bulk, are held alike.
        usual = bool(batches) and isinstance(batches[0][0].held, bytes)
        added = self._tables[family].announce_all(batches, usual=usual)
        if added:
            self._note(peer, family, added)

    def _note(self, peer: Peer, family: Family, difference: int) -> None:
        event = peer.count(family, difference)
        if event is not None:
            self._limit_events.append(event)

    def refresh_requested(self, name: str, family: Family) -> None:
        """Send a peer our routes again, as it wants (RFC 2918)."""
        self._groups.refresh(name, family)

    def set_lagging(self, name: str, lagging: bool) -> None:
        """Stop sending to a peer that does not read, or let it have the present state of what it missed."""
        for family in self._peers[name].settings.families:
            self._groups.set_lagging(name, self._tables[family], lagging=lagging)

    def set_local(self, protocol: Protocol, family: Family, routes: Mapping[Prefix, LocalRoute]) -> None:
        """Make these the routes of a local protocol; the router finds what is different."""
        self._local.replace(self._tables[family], protocol, routes)
        self._resolve_by_static(protocol, family)

    def change_local(
        self, protocol: Protocol, family: Family, changes: Mapping[Prefix, LocalRoute | None]
    ) -> None:
        """Add, change and (None) remove routes of a local protocol."""
        self._local.change(self._tables[family], protocol, changes)
        self._resolve_by_static(protocol, family)

    def _resolve_by_static(self, protocol: Protocol, family: Family) -> None:
        if protocol is Protocol.STATIC:
            self._set_next_hops("static", family, self._local.gateways(family))

    def set_next_hops(self, routes: Iterable[NextHopRoute], family: Family) -> None:
        """Replace the routes that next hops are resolved by; what depends on a difference is decided anew."""
        self._set_next_hops("kernel", family, routes)

    def _set_next_hops(self, origin: str, family: Family, routes: Iterable[NextHopRoute]) -> None:
        moved = self._next_hops[family.bits // 8].set_routes(origin, routes)
        if not moved:
            return
        for peer in self._all_peers():
            peer.ingress.forget()
        for table in self._tables.values():
            self._reconsider(table, lambda path: path.local is None and path.terms.next_hop in moved)

    def _reconsider(self, table: Table, wanted: Callable[[Path], bool]) -> None:
        """Let paths come in once more."""

        def act(found: Batches) -> None:
            for path, prefixes in found.items():
                peer = self._known(path.source.name)
                if peer is not None and peer.source is path.source:  # its session may have ended meanwhile
                    peer.readmit(table, path, prefixes)

        table.walk(wanted, act)

    def _take_over(self, table: Table, old: Source, peer: Peer) -> None:
        """Let the paths of a session come in once more, from what its peer is now."""
        for path, prefixes in table.paths_of(old).items():
            peer.readmit(table, path, prefixes)

    def set_kernel_policies(self, policies: Mapping[Family, Policy]) -> None:
        """Set what is written into the kernel, and how; where rules differ, the family is staged anew."""
        for family, table in self._tables.items():
            self._fibs.set_policy(policies.get(family), table)

    @property
    def pending(self) -> bool:
        """Whether `run` has work left."""
        return bool(self._fibs.pending or self._limit_events) or any(
            table.pending or self._groups.pending(family) for family, table in self._tables.items()
        )

    @property
    def deciding(self) -> bool:
        """Whether `run` may still change what the kernel shall have."""
        return self._fibs.pending or any(table.pending for table in self._tables.values())

    @property
    def backlog(self) -> bool:
        """Whether changes wait that the last `run` was not enough for, walks and dumps aside."""
        return any(table.waiting for table in self._tables.values())

    def run(self, budget: int = 100_000) -> Changes:
        """Decide about as much as is `budget` of work (`rib.effort`) per family, and encode per update group.

        `pending`: there is more, call again.
        """
        changes = Changes()
        changes.limit_events, self._limit_events = self._limit_events, []
        for table in self._tables.values():
            self._run(table, budget, changes)
        return changes

    def _run(self, table: Table, budget: int, changes: Changes) -> None:
        family, effort = table.family, self._effort(table.family)
        table.go_on(budget // 2)
        transitions = table.take(budget, effort)
        if transitions:
            self._groups.flush(family, transitions, changes)
            self._fibs.stage(family, transitions, changes)
        if table.pending or not (self._fibs.outdated(family) or self._groups.pending(family)):
            return  # mostly: what was done need not be counted
        left = budget - sum([effort.whole(transition) for transition in transitions])
        if self._fibs.outdated(family) and left > 0:
            left -= self._fibs.stage_anew(table, left, changes)
        if self._groups.pending(family) and left > 0:
            self._groups.advance(table, left, changes)

    def _effort(self, family: Family) -> Effort:
        usual, other = self._groups.effort(family)
        return Effort(usual + self._fibs.effort, other + self._fibs.effort)


def _entrance(settings: PeerSettings, family: Family) -> tuple[Policy | None, int]:
    """Return what decides about routes that come in."""
    return settings.import_policy.get(family), settings.allow_local_as
