"""The daemon as the API sees it: sessions, routes, explanations and orders."""

import asyncio
import itertools
import operator
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import fsm
import rib
import wire
from bgpd import __version__, api
from bgpd.datastore import Contact
from bgpd.events import EventLog
from bgpd.intent import Intent, SessionIntent
from bgpd.intent.overview import overview
from bgpd.kernel import Kernel
from bgpd.monitoring import TableDump
from bgpd.node_report import node_report
from bgpd.orders import Orders
from bgpd.originator import Originator
from bgpd.peer_status import peer_status
from bgpd.resources import CalicoNodeStatus, Snapshot
from bgpd.resources.calico_node_status import NodeReport
from bgpd.speaker import Speaker, session_key
from bgpd.state import DaemonState
from wire import Family, Prefix

_FAMILIES = {family.short: family for family in Family}
_NO_ROUTES = ("this node has no routes yet", "see `bgpctl node status` for the reason")
_NO_RESOURCES = ("this node has no resources yet", "see `bgpctl node status` for the reason")
_STUCK = 30.0
"""Seconds the event loop may be late before the daemon counts as stuck."""


class View:
    """Implements `api.DaemonView` over the daemon's rooms; owns and formats nothing."""

    def __init__(
        self,
        state: DaemonState,
        speaker: Speaker,
        kernel: Kernel | None,
        *,
        events: EventLog,
        orders: Orders,
        originator: Originator,
    ) -> None:
        self._state = state
        self._speaker = speaker
        self._kernel = kernel
        self._orders = orders
        self._originator = originator
        self.events = events
        self._overview: tuple[tuple[Snapshot, Intent], api.Document] | None = None

    # --- the daemon as a whole ----------------------------------------------------------------------------

    def topology(self) -> api.Document:
        """Give the whole cluster as a small graph, made anew when the resources changed."""
        snapshot, intent = self._state.snapshot, self._state.intent
        if snapshot is None or intent is None:
            raise api.NotFoundError(*_NO_RESOURCES)
        made_of = snapshot, intent
        if self._overview is None or any(map(operator.is_not, self._overview[0], made_of)):
            self._overview = made_of, overview(snapshot, os.environ, intent)
        return self._overview[1]

    def status(self) -> api.DaemonStatus:
        """Give the state of the daemon as a whole."""
        state, intent = self._state, self._speaker.intent
        return api.DaemonStatus(
            node=state.node,
            version=__version__,
            started_at=state.started_at,
            uptime_seconds=time.time() - state.started_at,
            local_as=intent.local_as if intent else None,
            router_id=wire.format_address(intent.router_id) if intent else None,
            cluster_id=wire.format_address(intent.cluster_id) if intent and intent.cluster_id else None,
            mesh=bool(intent and intent.mesh),
            draining=state.draining,
            listen=tuple(_endpoint(*endpoint) for endpoint in self._speaker.listener.addresses),
            loc_rib=self._loc_rib(),
            datastore=self._datastore(),
            kernel=self._kernel_status(),
            problems=tuple(self._problems()),
            loop_lag_seconds=state.loop_lag,
            applied_at=state.applied_at,
            recovering=state.recovering,
            intent_seconds=state.intent_seconds,
            bmp={station.endpoint: station.connected for station in state.stations},
            convergence=self._speaker.tables.convergence.read(),
        )

    def health(self) -> api.Health:
        """Say whether the event loop turns in time."""
        lag = self._state.loop_lag
        return api.Health(lag < _STUCK, f"event loop {lag:.1f} s late")

    def readiness(self) -> api.Health:
        """Say whether the resources are applied and at least one session, where there are any, is up."""
        intent = self._state.intent
        if intent is None:
            why = self._state.datastore.contact.error
            return api.Health(ok=False, text=f"the datastore has not been read yet: {why}".rstrip(": "))
        if not intent.ready:
            return api.Health(ok=False, text=intent.reason)
        peers = self._speaker.peers.values()
        up = sum(peer.session.state is fsm.State.ESTABLISHED for peer in peers)
        text = f"{up} of {len(peers)} sessions Established"
        return api.Health(ok=up > 0 or not peers, text=text)

    def _loc_rib(self) -> dict[str, int]:
        router = self._speaker.tables.router
        return {family.short: router.size(family) for family in Family} if router else {}

    def _datastore(self) -> api.DatastoreStatus:
        snapshot, contact = self._state.snapshot or Snapshot(), self._state.datastore.contact
        return api.DatastoreStatus(
            url=self._state.datastore.url,
            connected=contact.connected,
            age_seconds=_age(contact, time.time()),
            restored=contact.restored,
            error=contact.error,
            revision=snapshot.revision,
            errors=len(snapshot.faults),
            resources={kind: len(table) for kind, table in snapshot.resources.items()},
        )

    def _kernel_status(self) -> api.KernelStatus | None:
        if self._kernel is None:
            return None
        status = self._kernel.status()
        return api.KernelStatus(
            desired=_by_short(status.desired),
            installed=_by_short(status.installed),
            failed=_by_short(status.failed),
            failures=tuple(
                (wire.format_prefix(row.family, row.prefix), f"{row.reason}; {row.remedy}")
                for row in status.failures
            ),
            operations=status.operations,
            resyncs=status.resyncs,
            sync_times=status.sync_times,
        )

    def _problems(self) -> Iterator[api.ProblemStatus]:
        intent, snapshot = self._state.intent, self._state.snapshot
        yield from self._datastore_problems()
        if intent and not intent.ready:
            yield api.ProblemStatus(f"Node/{intent.node}", intent.reason)
        for fault in snapshot.faults if snapshot else ():
            yield api.ProblemStatus(
                " ".join(filter(None, (fault.where, fault.resource, fault.field))),
                fault.message,
                fault.remedy,
            )
        for problem in intent.problems if intent else ():
            yield api.ProblemStatus(problem.resource, problem.message, problem.remedy)
        for (address, port), text in self._speaker.listener.problems.items():
            yield api.ProblemStatus(_endpoint(address, port), text)

    def _datastore_problems(self) -> Iterator[api.ProblemStatus]:
        datastore = self._state.datastore
        contact, snapshot = datastore.contact, self._state.snapshot
        told = {fault.message for fault in snapshot.faults} if snapshot else set()
        if contact.error in {"", *told}:
            return
        age = _age(contact, time.time())
        kept = "nothing is known yet" if age is None else f"the snapshot in force is {age:.0f} s old"
        whence = ", kept by an earlier run" if contact.restored else ""
        yield api.ProblemStatus(
            datastore.url, f"{contact.error}; {kept}{whence}", "sessions and routes stay; it is tried again"
        )

    # --- sessions -----------------------------------------------------------------------------------------

    def sessions(self) -> Sequence[api.SessionState]:
        """Give every configured session, by name."""
        now = time.time()
        return [self._session_state(session, now) for session in self._intended()]

    async def count(self, peer: str | None = None) -> None:
        """Count the routes of all sessions, or of one, with the event loop running in between."""
        router, sessions = self._speaker.tables.router, self._speaker.sessions
        if router is None:
            return
        keys = [None] if peer is None else [key for key, one in sessions.items() if one.name == peer]
        for _ in itertools.chain.from_iterable(map(router.counting, keys)):
            await asyncio.sleep(0)

    def peers(self) -> Sequence[api.PeerStatus]:
        """Give every configured session with all that is known of it, by name."""
        now = time.time()
        return [self._peer_status(session, now) for session in self._intended()]

    def peer(self, name: str) -> api.PeerStatus:
        """Give one of the sessions, by its name; raises NotFoundError."""
        for session in self._intended():
            if session.name == name:
                return self._peer_status(session, time.time())
        raise api.NotFoundError(f"there is no peer {name} any more")

    def _intended(self) -> list[SessionIntent]:
        """List what is intended, what is on its way out, and what came by a listen range, by name."""
        speaker = self._speaker
        intended = speaker.intent.sessions if speaker.intent else ()
        shadowed = [session for session in intended if session.shadowed_by is not None]
        return sorted([*speaker.sessions.values(), *shadowed], key=lambda session: session.name)

    def _session_state(self, session: SessionIntent, now: float) -> api.SessionState:
        key = session_key(session)
        peer = self._speaker.peers.get(key) if session.shadowed_by is None else None
        return api.SessionState(
            name=session.name,
            peer_ip=session.peer_ip,
            family=session.family.short,
            state=(peer.session.state if peer else fsm.State.IDLE).value,
            since=peer.since if peer else now,
            superseded=session.shadowed_by is not None or self._speaker.leaves_in(key) is not None,
        )

    def _peer_status(self, session: SessionIntent, now: float) -> api.PeerStatus:
        if session.shadowed_by is not None:
            return peer_status(session, None, {}, {}, now)
        key = session_key(session)
        speaker = self._speaker
        bfd = speaker.bfd_state(session)
        tables = speaker.tables
        status = peer_status(
            session, speaker.peers.get(key), tables.counts(key), tables.refused(key), now, bfd=bfd
        )
        remaining = speaker.leaves_in(key)
        if remaining is None:
            return status
        text = f"no longer configured; ends when its routes are covered, in {remaining:.0f} s at the latest"
        return replace(status, problem=text, superseded=True)

    async def command(self, verb: api.Verb, peer: str | None = None, message: str = "") -> api.CommandResult:
        """Carry out an order; raises NotFoundError or RefusedError."""
        return self._orders.carry_out(verb, peer, message)

    def node_report(self, resource: CalicoNodeStatus) -> NodeReport:
        """Fill in a CalicoNodeStatus of this node."""
        return node_report(resource, self.status(), self.peers(), self._all_rows, time.time())

    def _all_rows(self, family: Family) -> Iterator[rib.RouteRow]:
        router = self._speaker.tables.router
        return (self._named(row) for row in router.routes(family)) if router else iter(())

    # --- routes that programs ask for ---------------------------------------------------------------------

    def originations(self) -> Sequence[api.Origination]:
        """Give the routes that programs asked for, by prefix."""
        return self._originator.originations()

    def originate(self, origination: api.Origination) -> None:
        """Originate a route; raises RefusedError when somebody else does."""
        self._originator.originate(origination)

    def withdraw(self, prefix: str) -> None:
        """Originate a route no longer; raises NotFoundError."""
        self._originator.withdraw(prefix)

    # --- routes -------------------------------------------------------------------------------------------

    def routes(self, query: api.RouteQuery) -> Iterator[Sequence[api.Document]]:
        """Give the routes of the query as contract documents, lazily and in pieces."""
        family, prefix = _scope(query)
        received = self._orders.key(query.received_from) if query.received_from else None
        advertised = self._orders.key(query.advertised_to) if query.advertised_to else None
        families = [family] if family else list(Family)
        return self._rows(families, prefix, received, advertised)

    def _rows(
        self, families: Sequence[Family], prefix: Prefix | None, received: str | None, advertised: str | None
    ) -> Iterator[Sequence[api.Document]]:
        router = self._speaker.tables.router
        if router is None:
            return
        for family in families:
            for rows in router.route_pieces(
                family, prefix=prefix, received_from=received, advertised_to=advertised
            ):
                yield [api.route_document(self._named(row), installed=self._installed(row)) for row in rows]

    def mrt_table(self) -> Iterator[bytes]:
        """Give all routes received as an MRT file, lazily."""
        router = self._speaker.tables.router
        if router is None:
            raise api.NotFoundError(*_NO_ROUTES)
        return TableDump(self._speaker.monitor, router).pieces()

    def explain(self, prefix: str) -> api.ExplainDocument:
        """Tell the story of one prefix; raises ValueError for text that is no prefix."""
        family, octets = wire.parse_prefix(prefix)
        router = self._speaker.tables.router
        if router is None:
            raise api.NotFoundError(*_NO_ROUTES)
        story = router.explain(family, octets)
        story = replace(
            story,
            candidates=tuple(
                replace(candidate, row=self._named(candidate.row)) for candidate in story.candidates
            ),
            advertisements=tuple(
                replace(advertisement, peer=self._speaker.name_of(advertisement.peer))
                for advertisement in story.advertisements
            ),
        )
        installed = self._kernel.installed(family, octets) if self._kernel else None
        return api.ExplainDocument(
            story=story, installed=installed, kernel_error=self._failure(family, octets)
        )

    def _named(self, row: rib.RouteRow) -> rib.RouteRow:
        """Replace the tables' name of a peer with the session's."""
        return replace(row, source=self._speaker.name_of(row.source))

    def _installed(self, row: rib.RouteRow) -> bool:
        return row.installed and self._kernel is not None and self._kernel.installed(row.family, row.prefix)

    def _failure(self, family: Family, prefix: Prefix) -> str | None:
        failure = self._kernel.failure(family, prefix) if self._kernel else None
        return f"{failure.reason}; {failure.remedy}" if failure else None


def _scope(query: api.RouteQuery) -> tuple[Family | None, Prefix | None]:
    family = _FAMILIES[query.family] if query.family else None
    if query.prefix is None:
        return family, None
    found, prefix = wire.parse_prefix(query.prefix)
    if family is not None and found is not family:
        raise ValueError(f"{query.prefix} is not an {family.short} prefix")
    return found, prefix


def _age(contact: Contact, now: float) -> float | None:
    """Return how old the snapshot in force is, in seconds; None where there is none."""
    if contact.connected:
        return 0.0
    return now - contact.as_of if contact.as_of else None


def _endpoint(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def _by_short(counts: Mapping[Family, int]) -> dict[str, int]:
    return {family.short: count for family, count in counts.items()}
