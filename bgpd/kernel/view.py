"""Everything known of the kernel, fed by messages; decides whose a route is. No I/O, no clock."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from bgpd.kernel.codes import (
    NLM_F_REPLACE,
    RTM_DELADDR,
    RTM_DELLINK,
    RTM_DELROUTE,
    RTM_GETADDR,
    RTM_GETLINK,
    RTM_GETROUTE,
    RTM_NEWADDR,
    RTM_NEWLINK,
    RTM_NEWROUTE,
    RTPROT_BGP,
)
from bgpd.kernel.decode import RouteDecoder, decode_address, decode_link
from bgpd.kernel.fib_sync import FibSync
from bgpd.kernel.foreign import ForeignRoutes
from bgpd.kernel.interfaces import Interfaces
from bgpd.kernel.messages import Message
from bgpd.kernel.model import KernelChange, KernelRoute
from bgpd.kernel.report import Reporter
from bgpd.kernel.targets import Targets
from wire import Family, Prefix

AF_UNSPEC: Final = 0
ADDRESS_FAMILIES: Final = {Family.IPV4_UNICAST: 2, Family.IPV6_UNICAST: 10}
Dump = tuple[int, int]
"""What to ask for: RTM_GET* and an address family."""
LINK_DUMP: Final = (RTM_GETLINK, AF_UNSPEC)
ADDRESS_DUMP: Final = (RTM_GETADDR, AF_UNSPEC)
ROUTE_DUMPS: Final = {family: (RTM_GETROUTE, code) for family, code in ADDRESS_FAMILIES.items()}
ALL_DUMPS: Final = (LINK_DUMP, ADDRESS_DUMP, *ROUTE_DUMPS.values())
"""In this order: a route makes sense to who knows its link."""


class FamilyView:
    """Routes of one family: ours, the others', and what is reported of them."""

    def __init__(self, family: Family, interfaces: Interfaces) -> None:
        self.family = family
        self.address_family = ADDRESS_FAMILIES[family]
        self.foreign = ForeignRoutes()
        self.sync = FibSync(Targets(self.address_family, interfaces.indexes), self.foreign)
        self.reporter = Reporter(family, interfaces, self.foreign)

    @property
    def doubtful(self) -> bool:
        """Whether only a dump can tell what the kernel holds."""
        return self.sync.contradicted or self.foreign.ambiguous


class KernelView:
    """Takes each message of the kernel and keeps links, addresses and routes by it.

    Routes of `adopt` protocols count as ours for as long as we run: the program that installed them
    (BIRD, 12) has been replaced.
    """

    def __init__(self, adopt: frozenset[int] = frozenset()) -> None:
        self.interfaces = Interfaces()
        self.families: Mapping[Family, FamilyView] = {
            family: FamilyView(family, self.interfaces) for family in Family
        }
        self._by_code = {view.address_family: view for view in self.families.values()}
        self._own = adopt | {RTPROT_BGP}
        self._decoder = RouteDecoder()
        self._takers: Mapping[int, Callable[[Message, float], None]] = {
            RTM_NEWLINK: self._new_link,
            RTM_DELLINK: self._del_link,
            RTM_NEWADDR: self._new_address,
            RTM_DELADDR: self._del_address,
            RTM_NEWROUTE: self._new_route,
            RTM_DELROUTE: self._del_route,
        }

    def take(self, message: Message, now: float) -> None:
        """Take a notification or one message of a dump."""
        taker = self._takers.get(message.kind)
        if taker is not None:
            taker(message, now)

    def begin_dump(self, dump: Dump) -> None:
        """Prepare for all links, all addresses, or all routes of a family."""
        if dump == LINK_DUMP:
            self.interfaces.begin_link_dump()
        elif dump == ADDRESS_DUMP:
            self.interfaces.begin_address_dump()
        else:
            view = self._by_code[dump[1]]
            view.foreign.begin_dump()
            view.sync.begin_dump()

    def end_dump(self, dump: Dump, now: float) -> None:
        """All was told: forget what was not."""
        if dump == LINK_DUMP:
            for index in self.interfaces.end_link_dump():
                self._link_gone(index)
        elif dump == ADDRESS_DUMP:
            self.interfaces.end_address_dump()
        else:
            view = self._by_code[dump[1]]
            view.foreign.end_dump()
            view.sync.end_dump(now)

    def changes(self) -> list[KernelChange]:
        """Report what changed since the last call, and try again what may succeed after it."""
        interfaces_changed, self.interfaces.changed = self.interfaces.changed, False
        for view in self.families.values():
            view.sync.retry(view.foreign.changed)
        reports = [
            view.reporter.take(interfaces_changed=interfaces_changed) for view in self.families.values()
        ]
        changes = [report for report in reports if report is not None]
        if any(change.next_hops is not None for change in changes):
            for view in self.families.values():  # both: IPv4 may go by IPv6 next hops
                view.sync.retry_all()
        return changes

    # -- links and addresses

    def _new_link(self, message: Message, _: float) -> None:
        link = decode_link(message.body)
        if link is None:
            return
        before = self.interfaces.set_link(link)
        if before is None or before.name != link.name:
            self._relink({link.name} | ({before.name} if before is not None else set()))
        if before is not None and before.up and not link.up:
            self._lose(partial(_only_through, link.index))

    def _del_link(self, message: Message, _: float) -> None:
        link = decode_link(message.body)
        if link is not None:
            self._link_gone(link.index)

    def _link_gone(self, index: int) -> None:
        link = self.interfaces.remove_link(index)
        self._lose(partial(_through, index))
        if link is not None:
            self._relink({link.name})

    def _relink(self, names: set[str]) -> None:
        for view in self.families.values():
            view.sync.relink(frozenset(names))

    def _new_address(self, message: Message, _: float) -> None:
        address = decode_address(message.body)
        if address is not None and self.interfaces.add_address(address):
            self._by_code[address.address_family].sync.retry_all()

    def _del_address(self, message: Message, _: float) -> None:
        address = decode_address(message.body)
        if address is not None:
            self.interfaces.remove_address(address)
            self._lose(partial(_from, address.address))

    def _lose(self, vanished: Callable[[KernelRoute], bool]) -> None:
        """Forget routes the kernel drops without telling: IPv4's of a link or source address that went.

        Should one have stayed, writing it again gives EEXIST, and that a dump.
        """
        for view in self.families.values():
            view.foreign.remove_where(vanished)
            view.sync.lose_where(vanished)

    # -- routes

    def _new_route(self, message: Message, now: float) -> None:
        entry = self._decoder.decode(message.body)
        if entry is None:
            return
        view = self._by_code[entry.address_family]
        replaces = bool(message.flags & NLM_F_REPLACE)
        self._place(view, entry.prefix, entry.route, replaces=replaces, now=now)

    def _place(
        self, view: FamilyView, prefix: Prefix, route: KernelRoute, *, replaces: bool, now: float
    ) -> None:
        if route.protocol in self._own:
            if replaces:
                view.foreign.clear_slot(prefix, route.metric)
            view.sync.observe(prefix, route, now)
            return
        view.foreign.add(prefix, route, replaces=replaces)
        if replaces:
            view.sync.lose_slot(prefix, route.metric, now)

    def _del_route(self, message: Message, now: float) -> None:
        entry = self._decoder.decode(message.body)
        if entry is None:
            return
        view = self._by_code[entry.address_family]
        if entry.route.protocol in self._own:
            view.sync.lose(entry.prefix, entry.route, now)
        else:
            view.foreign.remove(entry.prefix, entry.route)


def _through(index: int, route: KernelRoute) -> bool:
    """Say whether a deleted link takes a route along: it does with each that has a hop there."""
    return route.uses(index)


def _only_through(index: int, route: KernelRoute) -> bool:
    """Say whether a link that is down takes a route along: not one that has another hop."""
    return bool(route.hops) and all(hop.interface == index for hop in route.hops)


def _from(address: bytes, route: KernelRoute) -> bool:
    return route.source == address
