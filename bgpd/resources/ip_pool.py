"""IPPool: the addresses that workloads get (calico-reference.md section 2.5)."""

from typing import Annotated, Any, Literal

from pydantic import Field

from bgpd.resources.meta import Model, Resource
from bgpd.resources.rules import Rule
from bgpd.resources.selector import SelectorText
from bgpd.resources.values import CIDR

Encapsulation = Literal["Never", "Always", "CrossSubnet"]


class IPPoolSpec(Model):
    """The pool; the BGP part reads `cidr`, the encapsulation and `disableBGPExport`."""

    cidr: CIDR = Field(max_length=48)
    block_size: Annotated[int, Field(strict=True, ge=0, le=128)] | None = None
    ipip_mode: Encapsulation = "Never"
    vxlan_mode: Encapsulation = "Never"
    nat_outgoing: bool = False
    disabled: bool = False
    disable_bgp_export: bool = False
    node_selector: SelectorText = "all()"
    namespace_selector: SelectorText | None = None
    allowed_uses: tuple[Literal["Workload", "Tunnel", "LoadBalancer"], ...] = ("Workload", "Tunnel")
    assignment_mode: Literal["Automatic", "Manual"] = "Automatic"


class IPPool(Resource):
    """The resource of that kind."""

    kind: Literal["IPPool"] = "IPPool"
    spec: IPPoolSpec
    status: dict[str, Any] | None = None
