"""What is wrong between resources although each of them is right."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from ipaddress import ip_network

from bgpd.resources.bgp_peer import BGPPeer
from bgpd.resources.ip_pool import IPPool
from bgpd.resources.meta import Resource
from bgpd.resources.node import Node
from bgpd.resources.problems import Fault, Problem
from bgpd.resources.snapshot import Snapshot
from bgpd.resources.write_checks import missing_filters

Origin = Callable[[Resource], str]
Finding = tuple[Resource, Problem]


def cross_faults(snapshot: Snapshot, origin: Origin) -> tuple[Fault, ...]:
    """Check all resources against each other; `origin` tells the file or key a resource came from.

    Every finding is a warning: all resources stay in force.
    """
    checks = (_shared_addresses, _missing_filters, _overlapping_pools)
    return tuple(
        Fault.of(origin(resource), str(resource), problem)
        for check in checks
        for resource, problem in check(snapshot)
    )


def _warning(path: str, rule: str, remedy: str) -> Problem:
    return Problem(path, rule, remedy=remedy, severity="warning")


def _shared_addresses(snapshot: Snapshot) -> Iterator[Finding]:
    for family in ("ipv4", "ipv6"):
        owners: dict[str, list[Node]] = defaultdict(list)
        for node in snapshot.of(Node):
            address = getattr(node, f"{family}_address")
            if address:
                owners[address].append(node)
        for address, nodes in owners.items():
            yield from _shared_address(f"spec.bgp.{family}Address", address, nodes)


def _shared_address(path: str, address: str, nodes: list[Node]) -> Iterator[Finding]:
    for node in nodes if len(nodes) > 1 else ():
        others = ", ".join(str(other) for other in nodes if other is not node)
        yield node, _warning(path, f"{address} is also the address of {others}", "give each its own")


def _missing_filters(snapshot: Snapshot) -> Iterator[Finding]:
    for peer in snapshot.of(BGPPeer):
        missing = missing_filters(peer, snapshot)
        if missing:
            rule = f"BGPFilter(s) not found: {missing}"
            yield peer, _warning("spec.filters", rule, "create them; until then they filter nothing")


def _overlapping_pools(snapshot: Snapshot) -> Iterator[Finding]:
    """Compare each pool with the last outermost one: enough, since CIDRs nest or are disjoint."""
    networks = [(ip_network(pool.spec.cidr), pool) for pool in snapshot.of(IPPool)]
    for version in (4, 6):
        of_version = [pair for pair in networks if pair[0].version == version]
        ordered = sorted(of_version, key=lambda pair: (int(pair[0].network_address), pair[0].prefixlen))
        yield from _nested(pool for _, pool in ordered)


def _nested(pools: Iterable[IPPool]) -> Iterator[Finding]:
    outer: IPPool | None = None
    for pool in pools:
        if outer and ip_network(outer.spec.cidr).overlaps(ip_network(pool.spec.cidr)):
            rule = f"IPPool(s) overlap: {pool.spec.cidr} and {outer.spec.cidr} of {outer}"
            yield pool, _warning("spec.cidr", rule, "move one of them")
        else:
            outer = pool
