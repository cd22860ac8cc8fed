"""The router: routes in from peers and from the node, decisions, routes out to peers and to the kernel."""

from collections.abc import Iterable, Iterator, Mapping

from rib.changes import Changes
from rib.local import LocalRoute
from rib.next_hop import NextHopRoute
from rib.policy import Policy
from rib.settings import PeerSettings
from rib.source import Protocol
from rib.views import Explanation, PeerCounts, RouteRow
from wire import Family, Prefix, Update

__all__ = ["Router"]


class Router:
    """All routes of one speaker. Calls change its tables at once; `run` decides and tells what came of it."""

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
        raise NotImplementedError

    @property
    def pending(self) -> bool:
        """Whether `run` has work left."""
        raise NotImplementedError

    def add_peer(self, settings: PeerSettings) -> None:
        """A session is Established: take its routes, send it the whole table, then End-of-RIB."""
        raise NotImplementedError

    def update_peer(self, settings: PeerSettings) -> None:
        """Other policies, next-hop mode or role for a live session: both directions are evaluated anew."""
        raise NotImplementedError

    def remove_peer(self, name: str, *, retain: frozenset[Family] = frozenset()) -> None:
        """The session went down: drop its paths, or mark those of the families in `retain` stale (RFC 4724)."""
        raise NotImplementedError

    def mark_stale(self, name: str, family: Family) -> None:
        """The peer begins to send all its routes anew (RFC 7313, BoRR): what it does not repeat is swept."""
        raise NotImplementedError

    def mark_long_lived(self, name: str, family: Family) -> None:
        """Stale paths of the peer enter the long-lived phase (RFC 9494): kept as the last resort."""
        raise NotImplementedError

    def sweep_stale(self, name: str, family: Family) -> None:
        """End-of-RIB came, or the timer ran out: drop the peer's paths that are still stale."""
        raise NotImplementedError

    def receive(self, name: str, update: Update) -> None:
        """Take an UPDATE of a peer into its Adj-RIB-In."""
        raise NotImplementedError

    def refresh_requested(self, name: str, family: Family) -> None:
        """The peer wants our routes again (RFC 2918)."""
        raise NotImplementedError

    def set_lagging(self, name: str, lagging: bool) -> None:  # noqa: FBT001 -- a state, not an option
        """A lagging peer gets nothing; when it has caught up it gets the present state of what changed."""
        raise NotImplementedError

    def set_local(self, protocol: Protocol, family: Family, routes: Mapping[Prefix, LocalRoute]) -> None:
        """The whole set of a local protocol's routes; the router finds what is different."""
        raise NotImplementedError

    def change_local(
        self, protocol: Protocol, family: Family, changes: Mapping[Prefix, LocalRoute | None]
    ) -> None:
        """New, changed and (None) gone routes of a local protocol."""
        raise NotImplementedError

    def set_next_hops(self, routes: Iterable[NextHopRoute], family: Family) -> None:
        """All routes that next hops of a family can be resolved by; what depends on a difference is decided anew."""
        raise NotImplementedError

    def set_kernel_policies(self, policies: Mapping[Family, Policy]) -> None:
        """Other rules for what is written into the kernel, and how: every route is staged anew."""
        raise NotImplementedError

    def run(self, budget: int = 100_000) -> Changes:
        """Decide up to `budget` prefixes, encode per update group; `pending` says whether to call again."""
        raise NotImplementedError

    def routes(
        self,
        family: Family,
        *,
        prefix: Prefix | None = None,
        received_from: str | None = None,
        advertised_to: str | None = None,
    ) -> Iterator[RouteRow]:
        """Rows of the table, of one prefix, of one peer's Adj-RIB-In (before policy) or Adj-RIB-Out."""
        raise NotImplementedError

    def explain(self, family: Family, prefix: Prefix) -> Explanation:
        """Why the best path of a prefix is the best, and what happens to it."""
        raise NotImplementedError

    def counts(self, name: str) -> Mapping[Family, PeerCounts]:
        """How many routes of each family a peer has sent and gets."""
        raise NotImplementedError
