"""BlockAffinity: which node owns which block of addresses (calico-reference.md section 2.6)."""

from typing import Annotated, Literal

from pydantic import BeforeValidator

from bgpd.resources.addresses import CIDR
from bgpd.resources.meta import Model, Resource


def _flag(value: object) -> object:
    """Read a flag that crd.projectcalico.org/v1 writes as a string, v3 as a boolean."""
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


class BlockAffinitySpec(Model):
    """One block of one node. No state means confirmed: old releases wrote none."""

    state: Literal["confirmed", "pending", "pendingDeletion"] = "confirmed"
    node: str
    type: Literal["host", "virtual"] = "host"
    cidr: CIDR
    deleted: Annotated[bool, BeforeValidator(_flag)] = False


class BlockAffinity(Resource):
    """Which node owns which block of addresses."""

    kind: Literal["BlockAffinity"] = "BlockAffinity"
    spec: BlockAffinitySpec
