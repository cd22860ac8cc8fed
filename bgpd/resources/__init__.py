"""The projectcalico.org/v3 API as pydantic models, and the selector language."""

from bgpd.resources.addresses import canonical_cidr, canonical_ip, split_ip_port
from bgpd.resources.annotations import ROLES, Bfd, Extensions, MaxPrefixes, Role, extensions
from bgpd.resources.bgp_configuration import BGPConfiguration
from bgpd.resources.bgp_filter import BGPFilter, FilterRule, FilterRuleV4, FilterRuleV6, Operation
from bgpd.resources.bgp_peer import BGPPeer
from bgpd.resources.block_affinity import BlockAffinity
from bgpd.resources.calico_node_status import CalicoNodeStatus
from bgpd.resources.cross_checks import cross_faults
from bgpd.resources.endpoint_slice import EndpointSlice, EndpointStatus
from bgpd.resources.ip_pool import IPPool
from bgpd.resources.ipam_block import IPAMBlock
from bgpd.resources.meta import Metadata, Resource
from bgpd.resources.node import Node
from bgpd.resources.parsing import examine, expand, is_unread, parse_resource, subject_of, warnings
from bgpd.resources.problems import Fault, Problem, ResourceError
from bgpd.resources.registry import KINDS, Column, KindInfo, lookup
from bgpd.resources.secret import Secret, SecretKeyReference, SecretReference
from bgpd.resources.selector import Selector, SelectorError, parse_selector
from bgpd.resources.service import Service
from bgpd.resources.snapshot import Snapshot, kind_of
from bgpd.resources.values import Duration, parse_community, parse_duration
from bgpd.resources.write_checks import refusals

__all__ = [
    "KINDS",
    "ROLES",
    "BGPConfiguration",
    "BGPFilter",
    "BGPPeer",
    "Bfd",
    "BlockAffinity",
    "CalicoNodeStatus",
    "Column",
    "Duration",
    "EndpointSlice",
    "EndpointStatus",
    "Extensions",
    "Fault",
    "FilterRule",
    "FilterRuleV4",
    "FilterRuleV6",
    "IPAMBlock",
    "IPPool",
    "KindInfo",
    "MaxPrefixes",
    "Metadata",
    "Node",
    "Operation",
    "Problem",
    "Resource",
    "ResourceError",
    "Role",
    "Secret",
    "SecretKeyReference",
    "SecretReference",
    "Selector",
    "SelectorError",
    "Service",
    "Snapshot",
    "canonical_cidr",
    "canonical_ip",
    "cross_faults",
    "examine",
    "expand",
    "extensions",
    "is_unread",
    "kind_of",
    "lookup",
    "parse_community",
    "parse_duration",
    "parse_resource",
    "parse_selector",
    "refusals",
    "split_ip_port",
    "subject_of",
    "warnings",
]
