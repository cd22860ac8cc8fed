"""IPPool: the addresses that workloads get (calico-reference.md section 2.5)."""

import re
from ipaddress import ip_network
from typing import Annotated, Any, Literal

from pydantic import Field

from bgpd.resources.addresses import CIDR
from bgpd.resources.meta import Model, Resource
from bgpd.resources.rules import Rule
from bgpd.resources.selector import SelectorText
from bgpd.resources.values import Flag

Encapsulation = Literal["Never", "Always", "CrossSubnet"]
LOAD_BALANCER = "LoadBalancer"

_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_LINK_LOCAL = (ip_network("169.254.0.0/16"), ip_network("fe80::/10"))
# IP version: smallest, largest and default block size.
_BLOCK_SIZES = {4: (20, 32, 26), 6: (116, 128, 122)}


def _overlaps_link_local(spec: "IPPoolSpec") -> bool:
    network = ip_network(spec.cidr)
    return any(network.version == other.version and network.overlaps(other) for other in _LINK_LOCAL)


def _bad_block_size(spec: "IPPoolSpec") -> str:
    low, high, _ = _BLOCK_SIZES[ip_network(spec.cidr).version]
    return "" if not spec.block_size or low <= spec.block_size <= high else f"{low} to {high}"


def _block_larger_than_pool(spec: "IPPoolSpec") -> bool:
    return not spec.disabled and spec.size_of_blocks < ip_network(spec.cidr).prefixlen


def _selects_globally(spec: "IPPoolSpec") -> bool:
    selectors = (spec.node_selector, spec.namespace_selector or "")
    return any("global(" in _QUOTED.sub("", selector) for selector in selectors)


def _encapsulates(spec: "IPPoolSpec") -> bool:
    return (spec.ipip_mode, spec.vxlan_mode) != ("Never", "Never")


class IPPoolSpec(Model):
    """The pool; the BGP part reads `cidr`, the encapsulation and `disableBGPExport`."""

    cidr: CIDR = Field(max_length=48)
    block_size: Annotated[int, Field(strict=True, ge=0, le=128)] | None = None
    ipip_mode: Encapsulation = "Never"
    vxlan_mode: Encapsulation = "Never"
    nat_outgoing: Flag = False
    disabled: Flag = False
    disable_bgp_export: Flag = False
    node_selector: SelectorText = "all()"
    namespace_selector: SelectorText | None = None
    allowed_uses: tuple[Literal["Workload", "Tunnel", "LoadBalancer"], ...] = ("Workload", "Tunnel")
    assignment_mode: Literal["Automatic", "Manual"] = "Automatic"

    @property
    def size_of_blocks(self) -> int:
        """`blockSize`, or what counts where it is not given: 26 for IPv4, 122 for IPv6."""
        return self.block_size or _BLOCK_SIZES[ip_network(self.cidr).version][2]

    rules = (
        Rule(
            "cidr", "IP pool overlaps with link local addresses", "choose another CIDR", _overlaps_link_local
        ),
        Rule("blockSize", "block size is out of bounds", "choose {value}", _bad_block_size),
        Rule(
            "blockSize",
            "a block is larger than the pool",
            "choose a larger pool, or a blockSize of at least the length of the cidr",
            _block_larger_than_pool,
        ),
        Rule(
            "vxlanMode",
            "ipipMode and vxlanMode cannot both be enabled",
            "set one of them to Never",
            lambda s: "Never" not in {s.ipip_mode, s.vxlan_mode},
        ),
        Rule(
            "ipipMode",
            "IPIP is not available for IPv6 pools",
            "use vxlanMode",
            lambda s: s.ipip_mode != "Never" and ":" in s.cidr,
        ),
        Rule("nodeSelector", "global() cannot be used here", "use all()", _selects_globally),
        Rule(
            "namespaceSelector",
            "namespaceSelector cannot be used with allowedUses Tunnel",
            "write allowedUses: [Workload]",
            lambda s: s.namespace_selector and "Tunnel" in s.allowed_uses,
        ),
        Rule(
            "allowedUses",
            "LoadBalancer cannot be combined with other uses",
            "make a pool of its own for it",
            lambda s: LOAD_BALANCER in s.allowed_uses and set(s.allowed_uses) != {LOAD_BALANCER},
        ),
        Rule(
            "allowedUses",
            "a LoadBalancer pool has no encapsulation, no node selector and no disableBGPExport",
            "remove those fields",
            lambda s: (
                LOAD_BALANCER in s.allowed_uses
                and (_encapsulates(s) or s.node_selector != "all()" or s.disable_bgp_export)
            ),
        ),
    )


class IPPool(Resource):
    """Addresses that workloads get."""

    kind: Literal["IPPool"] = "IPPool"
    spec: IPPoolSpec
    status: dict[str, Any] | None = None
