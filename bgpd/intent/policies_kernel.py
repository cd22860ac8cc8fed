"""The kernel policy: which routes are written to the kernel, and how (calico-reference.md, section 9.2)."""

from collections.abc import Iterator

from bgpd.intent.context import Context
from bgpd.intent.pools import Ownership, Pool
from rib.policy import Policy, PrefixMatch, PrefixOperator, Rule, SetTunnel, Verdict
from wire import Family, Prefix, format_prefix, parse_address

IPIP_TUNNEL = SetTunnel("tunl0", onlink=True)


def kernel_policy(
    context: Context,
    family: Family,
    *,
    pools: tuple[Pool, ...],
    ownership: Ownership,
    service_ranges: tuple[Prefix, ...],
    normal: int,
) -> Policy:
    """Return the policy of one family; what no rule names is installed (section 9.2, step 5)."""
    rules = (
        *_service_rules(family, service_ranges),
        *_wireguard_rules(context, family),
        *(rule for pool in pools for rule in _pool_rules(context, family, pool, ownership)),
    )
    return Policy(
        name=f"kernel {family.short}",
        family=family,
        rules=rules,
        default=Verdict.ACCEPT,
        normalize="kernel",
        normal=normal,
    )


def _inside(prefix: Prefix) -> tuple[PrefixMatch, ...]:
    return (PrefixMatch(PrefixOperator.IN, prefix),)


def _service_rules(family: Family, ranges: tuple[Prefix, ...]) -> Iterator[Rule]:
    """Service addresses are kube-proxy's business: a route for them would only get in its way."""
    for prefix in ranges:
        name = f"service range {format_prefix(family, prefix)}"
        yield Rule(name=name, verdict=Verdict.REJECT, prefixes=_inside(prefix))


def _wireguard_rules(context: Context, family: Family) -> Iterator[Rule]:
    """Between two nodes with WireGuard the traffic goes through Felix' encrypted device instead."""
    if family not in context.node.wireguard:
        return
    encrypted = frozenset(
        parse_address(node.addresses[family])
        for node in context.cluster.nodes.values()
        if node is not context.node and family in node.wireguard and family in node.addresses
    )
    if encrypted:
        yield Rule(name="WireGuard peer", verdict=Verdict.REJECT, next_hops=encrypted)


def _pool_rules(context: Context, family: Family, pool: Pool, ownership: Ownership) -> Iterator[Rule]:
    """Yield what happens to the routes inside one pool, by its encapsulation (section 9.3)."""
    name = f"IPPool/{pool.name}"
    if pool.vxlan != "Never":
        yield _rejecting(f"{name} vxlanMode {pool.vxlan}", pool)
    elif pool.ipip != "Never" and family is Family.IPV4_UNICAST:
        yield from _ipip_rules(context, f"{name} ipipMode {pool.ipip}", pool, owned=ownership.ipip)
    elif not ownership.no_encapsulation:
        yield _rejecting(f"{name} programmed by Felix", pool)
    elif family is Family.IPV4_UNICAST:
        yield Rule(name=name, verdict=Verdict.ACCEPT, prefixes=_inside(pool.prefix))


def _rejecting(name: str, pool: Pool) -> Rule:
    return Rule(name=name, verdict=Verdict.REJECT, prefixes=_inside(pool.prefix))


def _ipip_rules(context: Context, name: str, pool: Pool, *, owned: bool) -> Iterator[Rule]:
    if not owned:
        yield _rejecting(f"{name} programmed by Felix", pool)
        return
    if pool.ipip == "CrossSubnet":
        own = context.node.subnets.get(Family.IPV4_UNICAST)
        if own is None:  # nothing to compare with; the statements of other pools stand (section 17, Q12)
            return
        yield Rule(
            name=f"{name} same subnet",
            verdict=Verdict.ACCEPT,
            prefixes=_inside(pool.prefix),
            next_hop_in=_inside(own),
        )
    yield Rule(
        name=f"{name} tunnel",
        verdict=Verdict.ACCEPT,
        prefixes=_inside(pool.prefix),
        operations=(IPIP_TUNNEL,),
    )
