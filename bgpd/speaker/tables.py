"""The router at work: run once a turn of the event loop; what it encodes is sent, what it chose installed."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

import fsm
import rib
import wire
from bgpd.histogram import Histogram
from bgpd.intent import Intent
from bgpd.kernel import KernelChange
from bgpd.speaker.connection import Buffer
from bgpd.speaker.node_routes import NodeRoutes
from bgpd.speaker.translate import local_routes
from wire import Family

_BUDGET = 20_000
"""Work of a family done in one turn of the event loop, in the unit of `rib.effort`: some 25 ms, whatever the
routes look like, so that no table transfer, change of policy or end of a session delays a KEEPALIVE."""
_PATIENCE = 10
"""Turns in which no more is read while what was read before is decided: then all have a turn to be heard."""


class Fib(Protocol):
    """Where the Loc-RIB's routes go."""

    def apply(self, changes: Iterable[rib.FibChange], *, unfinished: bool = False) -> None:
        """Stage changes; the newest for a prefix wins. `unfinished`: another call will follow."""


_RARELY = 10
"""How many times as long as the last decision took it must be over for the next to be made at once."""

Send = Callable[[str, Buffer, int], None]
"""Takes a session's key, whole messages for it, and how many they are."""


class Tables:
    """Owns the router. Calls change its tables at once; what follows is decided at the end of the turn."""

    def __init__(
        self, *, fib: Fib | None, send: Send, limit_reached: Callable[[rib.LimitEvent], None]
    ) -> None:
        self.router: rib.Router | None = None
        """None until the node's Node resource is known: a router needs a BGP Identifier."""
        self._fib = fib
        self._send = send
        self._limit_reached = limit_reached
        self._node_routes = NodeRoutes()
        self._requested: dict[Family, dict[wire.Prefix, rib.LocalRoute]] = {family: {} for family in Family}
        self._loop = asyncio.get_running_loop()
        self._scheduled: asyncio.Handle | None = None
        self._at_once_from = 0.0
        """Before this moment of the loop's clock, decisions wait for the end of the turn."""
        self._held = self._received = False
        self.decided = asyncio.Event()
        """Set while nothing is left to decide."""
        self.convergence = Histogram()
        """How long it took from a change to the last message about it, given to the sockets."""
        self.behind = False
        """Whether sockets are not to be read for now: what comes faster than it is decided stays with TCP."""
        self._patience = _PATIENCE
        self._fib_unfinished = False
        self._undecided_since: float | None = None
        self._advertised = False
        """Whether what has been decided since then made messages."""

    # --- the node -----------------------------------------------------------------------------------------

    def apply(self, intent: Intent) -> None:
        """Bring policies of the kernel and routes of the node up to date."""
        router = self._ensure_router(intent)
        self._node_routes.exclude(intent.direct_exclude, router)
        router.set_kernel_policies(intent.kernel_policies)
        for family in Family:
            router.set_local(rib.Protocol.STATIC, family, local_routes(intent, family))
        self.schedule()

    def kernel_changed(self, change: KernelChange) -> None:
        """Take connected networks, learned routes and ways to next hops as the kernel reports them."""
        self._node_routes.take(change, self.router)
        self.schedule()

    def request(self, family: Family, prefix: wire.Prefix, route: rib.LocalRoute | None) -> None:
        """Originate a route that a program asks for, or (None) no longer; it outlives the router."""
        if route is None:
            self._requested[family].pop(prefix, None)
        else:
            self._requested[family][prefix] = route
        if self.router is not None:
            self.change().change_local(rib.Protocol.REQUESTED, family, {prefix: route})

    def forget(self) -> None:
        """Withdraw everything and let go of the router; the next intent makes another one."""
        if self.router is None:
            return
        for family in Family:
            for protocol in rib.Protocol:
                if protocol is not rib.Protocol.BGP:
                    self.router.set_local(protocol, family, {})
        while self.router.pending:
            self._perform(self.router.run(_BUDGET))
        self.router = None
        self.behind = False

    def _ensure_router(self, intent: Intent) -> rib.Router:
        if self.router is None:
            self.router = rib.Router(
                bgp_identifier=intent.router_id,
                cluster_id=intent.cluster_id,
                kernel_policies=intent.kernel_policies,
                fib=self._fib is not None,
                assume_reachable=self._fib is None,
            )
            self._node_routes.load(self.router)
            for family, routes in self._requested.items():
                self.router.set_local(rib.Protocol.REQUESTED, family, routes)
        return self.router

    # --- sessions -----------------------------------------------------------------------------------------

    def change(self) -> rib.Router:
        """Give the router for a change; what comes of it is decided at the end of the turn."""
        assert self.router is not None  # noqa: S101 - made with the first intent, before any session
        self.schedule()
        return self.router

    def receiving(self) -> rib.Router:
        """Give the router for what a peer says; `input_taken` follows when no more of it is at hand."""
        assert self.router is not None  # noqa: S101 - made with the first intent, before any session
        self._received = True
        return self.router

    def refresh(self, key: str, refresh: fsm.Refresh) -> None:
        """Send our routes again (RFC 2918), or bracket the peer's own (RFC 7313)."""
        router = self.change()
        act = {
            wire.RefreshKind.NORMAL: router.refresh_requested,
            wire.RefreshKind.BORR: router.mark_stale,
            wire.RefreshKind.EORR: router.sweep_stale,
        }.get(refresh.kind)
        if act is not None:
            act(key, refresh.family)

    def counts(self, key: str) -> Mapping[Family, rib.PeerCounts]:
        """Count the routes of a session by family; there are none while the tables do not know it."""
        return self.router.counts(key) if self.router is not None else {}

    def refused(self, key: str) -> Mapping[rib.Refusal, int]:
        """Count the routes of a session that must not be used, all that ever came."""
        return self.router.refused(key) if self.router is not None else {}

    def uncovered(self, leaving: frozenset[str]) -> int:
        """Count the prefixes that would be lost with these sessions."""
        if self.router is None:
            return 0
        return sum(1 for family in Family for _ in self.router.uncovered(family, leaving))

    # --- deciding -----------------------------------------------------------------------------------------

    def hold(self) -> None:
        """Take routes, but decide nothing until `release` (RFC 4724, section 4.1)."""
        self._held = True
        self.behind = False
        self.decided.clear()

    def release(self) -> None:
        """Decide what was held."""
        self._held = False
        self.schedule()

    def schedule(self) -> None:
        """Run the router once at the end of this turn: whatever the turn brings is one batch."""
        if self._scheduled is None and not self._held:
            self._begin_to_decide()
            self._scheduled = self._loop.call_soon(self._run)

    def _begin_to_decide(self) -> None:
        self.decided.clear()
        if self._undecided_since is None:
            self._undecided_since = self._loop.time()

    def input_taken(self, *, little: bool) -> None:
        """Decide what a peer has just said, now if it was `little` and next to nothing was decided lately.

        A change on a quiet line need not wait for another turn of the loop; many changes shall be one batch.
        """
        if not self._received:
            return
        self._received = False
        if little and self._scheduled is None and self._loop.time() >= self._at_once_from:
            self._begin_to_decide()
            self._run()
        else:
            self.schedule()

    def _run(self) -> None:
        self._scheduled = None
        if self.router is None or self._held:
            return
        begun = self._loop.time()
        self._perform(self.router.run(_BUDGET))
        ended = self._loop.time()
        self._at_once_from = ended + _RARELY * (ended - begun)
        self._note_backlog(self.router)
        if self.router.pending:
            self.schedule()
        elif self._scheduled is None:
            self.decided.set()
            self._note_convergence()

    def _note_backlog(self, router: rib.Router) -> None:
        """Have nothing read while changes wait, but not for long: peers' KEEPALIVEs are among what waits."""
        self._patience = self._patience - 1 if self.behind else _PATIENCE
        self.behind = router.backlog and self._patience > 0

    def _note_convergence(self) -> None:
        if self._undecided_since is not None and self._advertised:
            self.convergence.observe(self._loop.time() - self._undecided_since)
        self._undecided_since, self._advertised = None, False

    def _perform(self, changes: rib.Changes) -> None:
        for transmission in changes.transmissions:
            self._transmit(transmission)
            self._advertised = True
        if self._fib is not None and (changes.fib or self._fib_unfinished):
            self._fib_unfinished = self.router is not None and self.router.deciding
            self._fib.apply(changes.fib, unfinished=self._fib_unfinished)
        for event in changes.limit_events:
            self._limit_reached(event)

    def _transmit(self, transmission: rib.Transmission) -> None:
        buffer = transmission.buffer
        count = _count(buffer) if transmission.messages is None else transmission.messages
        apart = transmission.own.keys() | transmission.extra.keys()
        for key in transmission.members:
            if key in apart:
                for piece in transmission.for_member(key):
                    self._send(key, piece, _count(piece))
            elif count:  # nearly all members of a large group
                self._send(key, buffer, count)


def _count(messages: Buffer) -> int:
    """Count whole messages by the length fields of their headers (RFC 4271, section 4.1)."""
    count = offset = 0
    while offset < len(messages):
        offset += int.from_bytes(messages[offset + 16 : offset + 18], "big")
        count += 1
    return count
