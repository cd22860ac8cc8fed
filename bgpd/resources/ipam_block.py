"""IPAMBlock: who has which address of a block (calico-reference.md section 2.6). Not read for BGP."""

from typing import Any, Literal

from bgpd.resources.addresses import CIDR
from bgpd.resources.meta import Foreign, Resource


class IPAMBlockSpec(Foreign):
    """The allocations of one block, by ordinal of the address."""

    cidr: CIDR
    affinity: str | None = None
    allocations: tuple[int | None, ...] = ()
    unallocated: tuple[int, ...] = ()
    attributes: tuple[dict[str, Any], ...] = ()


class IPAMBlock(Resource):
    """How the addresses of a block are allotted."""

    kind: Literal["IPAMBlock"] = "IPAMBlock"
    spec: IPAMBlockSpec
