"""The blocks of addresses that a node owns (calico-reference.md, sections 2.6, 6.1 and 6.2)."""

from collections.abc import Iterator

from bgpd.intent.addresses import network
from bgpd.intent.context import Context
from bgpd.resources import Node
from wire import Family, Prefix


def own_blocks(context: Context) -> dict[Family, tuple[Prefix, ...]]:
    """Return this node's blocks by family, in the order of their addresses.

    A block that is pending is not ours yet; one that is pendingDeletion stays ours in every respect until it
    is gone (section 17, Q19).
    """
    blocks: dict[Family, set[Prefix]] = {family: set() for family in Family}
    cidrs = _pod_cidrs(context) if context.cluster.environment.pod_cidr_ipam else _affinities(context)
    for cidr in cidrs:
        found = network(cidr)
        if found:
            blocks[found[0]].add(found[1])
    return {family: tuple(sorted(prefixes, key=_order)) for family, prefixes in blocks.items()}


def _order(prefix: Prefix) -> tuple[bytes, int]:
    return prefix[1:], prefix[0]


def _affinities(context: Context) -> Iterator[str]:
    for affinity in context.cluster.affinities.get(context.node.name, ()):
        spec = affinity.spec
        if spec.type == "host" and spec.state != "pending" and not spec.deleted:
            yield spec.cidr


def _pod_cidrs(context: Context) -> tuple[str, ...]:
    node = context.cluster.snapshot.get(Node, context.node.name)
    return node.status.pod_cidrs if node else ()
