"""The built-in export rules (calico-reference.md, section 7.3, in its order)."""

from collections.abc import Iterable, Iterator, Mapping

from bgpd.intent.communities import add_community
from bgpd.intent.pools import Ownership, Pool
from bgpd.intent.prefixes import Advertisements
from records import record
from rib.policy import PrefixMatch, PrefixOperator, Rule, Verdict
from rib.source import Protocol
from wire import Family, Prefix, format_prefix

CALICO_INTERFACES = ("*.cali", "*.calico")
"""Tunnel and WireGuard devices of Felix: what they reach, every node reaches by itself."""
BPF_INTERFACES = ("bpf*.cali",)
IPIP_INTERFACE = "tunl0"

REQUESTED = Rule(name="bgpctl originate", verdict=Verdict.ACCEPT, protocols=frozenset({Protocol.REQUESTED}))
"""What a program on this node asks for goes out, unless a filter or a pool's disableBGPExport forbids it."""


@record(eq=False, kw_only=True, slots=False)
class ExportFacts:
    """What the built-in rules depend on, besides the kind of peer."""

    pools: Mapping[Family, tuple[Pool, ...]]
    blocks: Mapping[Family, tuple[Prefix, ...]]
    services: Mapping[Family, tuple[Prefix, ...]]
    """The service ranges and addresses this node originates."""
    reflected_services: Mapping[Family, tuple[Prefix, ...]]
    """On a route reflector: the ranges of which it passes on other nodes' addresses."""
    advertisements: Advertisements
    ownership: Ownership
    normal: Mapping[Family, int]


def export_rules(facts: ExportFacts, family: Family, *, same_as: bool) -> Iterator[Rule]:
    """Yield the rules behind the filters; what none of them accepts is not exported (section 7.4)."""
    closed = [pool for pool in facts.pools[family] if pool.disable_export]
    yield from _inside_pools(closed, "disableBGPExport", Verdict.REJECT)
    yield from _interface_rules(facts.ownership, same_as=same_as)
    yield from _community_rules(family, facts.advertisements[family])
    yield REQUESTED
    for block in facts.blocks[family]:
        yield from _block_rules(family, block, facts.normal[family])
    yield from _accepted(family, "service", facts.services[family])
    yield from _accepted(family, "reflected service", facts.reflected_services[family])
    yield from _inside_pools((p for p in facts.pools[family] if not p.disable_export), "", Verdict.ACCEPT)


def _inside(prefix: Prefix) -> tuple[PrefixMatch, ...]:
    return (PrefixMatch(PrefixOperator.IN, prefix),)


def _inside_pools(pools: Iterable[Pool], why: str, verdict: Verdict) -> Iterator[Rule]:
    for pool in pools:
        yield Rule(name=f"IPPool/{pool.name} {why}".rstrip(), verdict=verdict, prefixes=_inside(pool.prefix))


def _interface_rules(ownership: Ownership, *, same_as: bool) -> Iterator[Rule]:
    if same_as:
        tunnels = CALICO_INTERFACES if ownership.ipip else (*CALICO_INTERFACES, IPIP_INTERFACE)
        yield Rule(name="tunnel interface", verdict=Verdict.REJECT, interfaces=tunnels)
    yield Rule(name="BPF interface", verdict=Verdict.REJECT, interfaces=BPF_INTERFACES)


def _community_rules(family: Family, advertisements: Mapping[Prefix, tuple[str, ...]]) -> Iterator[Rule]:
    for prefix, values in advertisements.items():
        yield Rule(
            name=f"prefixAdvertisements {format_prefix(family, prefix)}",
            verdict=Verdict.CONTINUE,
            prefixes=_inside(prefix),
            operations=tuple(add_community(value) for value in values),
        )


def _block_rules(family: Family, block: Prefix, normal: int) -> Iterator[Rule]:
    """Let a block speak for its addresses, but for those of workloads that migrate (elevated priority)."""
    name = f"block {format_prefix(family, block)}"
    equal = (PrefixMatch(PrefixOperator.EQUAL, block),)
    yield Rule(name=name, verdict=Verdict.ACCEPT, prefixes=equal)
    yield Rule(name=f"{name} elevated", verdict=Verdict.ACCEPT, prefixes=_inside(block), metric_below=normal)
    yield Rule(name=f"{name} aggregation", verdict=Verdict.REJECT, prefixes=_inside(block))


def _accepted(family: Family, name: str, prefixes: Iterable[Prefix]) -> Iterator[Rule]:
    for prefix in prefixes:
        shown = format_prefix(family, prefix)
        yield Rule(name=f"{name} {shown}", verdict=Verdict.ACCEPT, prefixes=_inside(prefix))
