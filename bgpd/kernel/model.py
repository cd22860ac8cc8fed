"""Values of the kernel room: what the kernel holds, what was refused, what is reported to the daemon."""

from collections.abc import Mapping
from typing import NamedTuple

from bgpd.histogram import Distribution
from records import record
from rib import FibRoute, LocalRoute, NextHopRoute
from wire import Family, Prefix


class Hop(NamedTuple):
    """One next hop of a kernel route."""

    gateway: bytes | None
    """4 or 16 octets; IPv6 below an IPv4 route is RTA_VIA (RFC 8950)."""
    interface: int
    """Interface index; 0: whatever interface the kernel finds the gateway on."""
    weight: int = 1
    onlink: bool = False

    def fits(self, held: "Hop") -> bool:
        """Whether `held`, as the kernel reports it, is what this hop asked for."""
        return (
            self.gateway == held.gateway
            and self.interface in (0, held.interface)
            and self.weight == held.weight
            and self.onlink == held.onlink
        )


class KernelRoute(NamedTuple):
    """All of a kernel route but its prefix. Prefix and metric are its slot, and one of ours stands in it."""

    kind: str
    """A rib.RouteKind; "other" for what the RIB has no word for (throw, nat ...)."""
    metric: int
    protocol: int
    hops: tuple[Hop, ...] = ()
    source: bytes | None = None
    """Preferred source address."""

    def fits(self, held: "KernelRoute") -> bool:
        """Whether `held`, as the kernel reports it, needs no write to become this route."""
        return self is held or (
            self.metric == held.metric
            and self.protocol == held.protocol
            and self.kind == held.kind
            and self.source == held.source
            and _pair_off(self.hops, held.hops)
        )

    def without(self, gone: "KernelRoute") -> "KernelRoute | None":
        """Take away what the kernel reports as gone: IPv6 drops single hops of a multipath route."""
        left = tuple(hop for hop in self.hops if hop not in gone.hops)
        if not left or len(left) == len(self.hops):
            return None
        if len(left) == 1:  # the kernel weighs a lone hop by nothing
            left = (Hop(left[0].gateway, left[0].interface, 1, left[0].onlink),)
        return KernelRoute(self.kind, self.metric, self.protocol, left, self.source)

    def uses(self, interface: int) -> bool:
        """Whether any hop leaves through the interface of this index."""
        return any(hop.interface == interface for hop in self.hops)


def _pair_off(wanted: tuple[Hop, ...], held: tuple[Hop, ...]) -> bool:
    """Whether the hops are the same ones; their order is the kernel's affair (IPv6 does not keep it)."""
    if wanted is held or len(wanted) != len(held):
        return wanted is held
    left = list(held)
    for hop in wanted:
        match = next((other for other in left if hop.fits(other)), None)
        if match is None:
            return False
        left.remove(match)
    return True


class Target(NamedTuple):
    """What the RIB wants for a prefix, and a kernel route that was or shall be made of it."""

    wanted: FibRoute | None
    """None: nothing; the route shall go."""
    route: KernelRoute


class RouteEntry(NamedTuple):
    """A route as a dump or a notification tells it."""

    address_family: int
    prefix: Prefix
    route: KernelRoute


@record
class Link:
    """A network interface."""

    index: int
    name: str
    up: bool
    """Administratively up."""
    running: bool
    """Has a carrier, too, as far as the driver knows."""


class InterfaceAddress(NamedTuple):
    """An address of an interface and the network it stands in."""

    address_family: int
    interface: int
    address: bytes
    network: Prefix


class Refusal(NamedTuple):
    """Why a route is not in the kernel as wanted."""

    errno: int
    text: str = ""
    """The kernel's own words (extended ACK), or ours where no write was tried."""


class Failure(NamedTuple):
    """A route that the kernel does not hold as wanted, and when it is tried again."""

    wanted: FibRoute | None
    """None: it should be gone."""
    refusal: Refusal
    attempts: int
    retry_at: float
    """Monotonic seconds."""


class FailureRow(NamedTuple):
    """A failure as status shows it."""

    family: Family
    prefix: Prefix
    reason: str
    remedy: str
    attempts: int


class KernelStatus(NamedTuple):
    """Counters of the FIB, summed over families unless keyed by them, and what is wrong with which route."""

    desired: Mapping[Family, int]
    installed: Mapping[Family, int]
    failed: Mapping[Family, int]
    unclaimed: Mapping[Family, int]
    """Routes of ours that nobody wants, or not yet: left by an earlier run."""
    operations: Mapping[tuple[str, str], int]
    """Writes by (operation, result): ("create", "ok"), ("delete", "failed") ..."""
    repairs: int
    """Own routes that somebody else changed or removed."""
    resyncs: int
    """Dumps after the first: something could not be followed by notifications alone."""
    synchronized: bool
    """False while a dump is going on or changes wait for the kernel."""
    failures: tuple[FailureRow, ...]
    sync_times: Distribution | None = None
    """How long it took from a change to the last write that it asked for."""


class KernelChange(NamedTuple):
    """What changed in one family since the last report; nothing of it is bgpd's own doing."""

    family: Family
    next_hops: tuple[NextHopRoute, ...] | None
    """All connected and gateway routes for next-hop resolution; None: the same as before."""
    direct: Mapping[Prefix, LocalRoute | None]
    """Networks of our interfaces' addresses; None: gone."""
    learned: Mapping[Prefix, LocalRoute | None]
    """Routes that other programs installed; None: gone."""
