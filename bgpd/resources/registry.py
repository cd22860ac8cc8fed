"""The kinds bgpd knows: their names on the command line and their columns (calico-reference.md section 12)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bgpd.resources.bgp_configuration import BGPConfiguration
from bgpd.resources.bgp_filter import BGPFilter
from bgpd.resources.bgp_peer import BGPPeer
from bgpd.resources.block_affinity import BlockAffinity
from bgpd.resources.calico_node_status import CalicoNodeStatus
from bgpd.resources.endpoint_slice import EndpointSlice
from bgpd.resources.ip_pool import IPPool
from bgpd.resources.ipam_block import IPAMBlock
from bgpd.resources.meta import Resource
from bgpd.resources.node import Node
from bgpd.resources.secret import Secret
from bgpd.resources.service import Service
from bgpd.resources.snapshot import Snapshot

API_VERSION = "projectcalico.org/v3"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of `bgpctl get`: its heading and what it shows of a resource.

    `value` gets the snapshot too, because a few columns show what is inherited. `wide` columns come with
    `-o wide` only.
    """

    heading: str
    value: Callable[[Any, Snapshot], object]
    wide: bool = False


@dataclass(frozen=True, slots=True)
class KindInfo:
    """One kind: its model, its names on the command line, where it lives and how it is listed."""

    kind: str
    plural: str
    model: type[Resource]
    aliases: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()
    api_version: str = API_VERSION
    namespaced: bool = False


KINDS: dict[str, KindInfo] = {}


def lookup(name: str) -> KindInfo:
    """Return the kind a command line means: kind, plural or alias, in any case. Raises KeyError."""
    raise KeyError(name)
