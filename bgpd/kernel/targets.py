"""From the RIB's routes to the kernel's: interfaces become indexes, metrics what the kernel will show."""

from collections.abc import Mapping
from errno import ENODEV
from typing import Final

from bgpd.kernel.codes import RTPROT_BGP
from bgpd.kernel.model import Hop, KernelRoute, Refusal, Target
from rib import FibNextHop, FibRoute

_AF_INET6: Final = 10
_IPV6_DEFAULT_METRIC: Final = 1024
"""IP6_RT_PRIO_USER: what the kernel makes of metric 0."""
_CACHE_LIMIT: Final = 8192


class Unresolvable(Exception):  # noqa: N818 -- a verdict, carried to the route's status
    """A route cannot be written as things stand; `refusal` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.text)
        self.refusal = refusal


class Targets:
    """Compiles routes, each distinct one once. `interfaces` is the live map of names to indexes."""

    def __init__(self, address_family: int, interfaces: Mapping[str, int]) -> None:
        self._default_metric = _IPV6_DEFAULT_METRIC if address_family == _AF_INET6 else 0
        self._interfaces = interfaces
        self._names: set[str] = set()
        self._known: dict[FibRoute, Target] = {}

    def compile(self, wanted: FibRoute) -> Target:
        """Give the target of a route. Raises Unresolvable when an interface it needs does not exist."""
        target = self._known.get(wanted)
        if target is None:
            if len(self._known) >= _CACHE_LIMIT:
                self.forget()
            target = self._known[wanted] = Target(wanted, self._route(wanted))
        return target

    def forget(self) -> None:
        """Compile everything anew: interfaces have come, gone or changed their names."""
        self._known.clear()

    def mentions(self, names: frozenset[str]) -> bool:
        """Whether a route compiled so far, or refused, leaves through an interface of these names."""
        return not self._names.isdisjoint(names)

    def _route(self, wanted: FibRoute) -> KernelRoute:
        metric = wanted.metric or self._default_metric
        weigh = len(wanted.next_hops) > 1
        hops = tuple(self._hop(hop, weigh) for hop in wanted.next_hops) if wanted.kind == "unicast" else ()
        return KernelRoute(wanted.kind, metric, RTPROT_BGP, hops, wanted.source)

    def _hop(self, hop: FibNextHop, weigh: bool) -> Hop:
        weight = min(max(hop.weight, 1), 256) if weigh else 1
        if hop.interface is None:
            return Hop(hop.gateway, 0, weight, hop.onlink)
        self._names.add(hop.interface)
        index = self._interfaces.get(hop.interface)
        if index is not None:
            return Hop(hop.gateway, index, weight, hop.onlink)
        if hop.onlink and hop.gateway is not None:
            # A tunnel that does not exist (tunl0 before Felix has made it): plainly, as Calico's BIRD does.
            return Hop(hop.gateway, 0, weight, onlink=False)
        raise Unresolvable(Refusal(ENODEV, f"interface {hop.interface} does not exist"))
