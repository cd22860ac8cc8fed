"""BGPFilter: what a peering may import and export (calico-reference.md section 2.3)."""

from typing import Annotated, Literal

from pydantic import Field

from bgpd.resources.meta import Model, Resource
from bgpd.resources.rules import Rule
from bgpd.resources.values import CIDR, ASNumber, Community, InterfaceGlob

Priority = Annotated[int, Field(strict=True, ge=1, le=2147483646)]


class PrefixLengthV4(Model):
    """Bounds of the prefix length of IPv4 routes, both included."""

    min: Annotated[int, Field(strict=True, ge=0, le=32)] | None = None
    max: Annotated[int, Field(strict=True, ge=0, le=32)] | None = None


class PrefixLengthV6(Model):
    """Bounds of the prefix length of IPv6 routes, both included."""

    min: Annotated[int, Field(strict=True, ge=0, le=128)] | None = None
    max: Annotated[int, Field(strict=True, ge=0, le=128)] | None = None


class CommunityMatch(Model):
    """The one community a route must carry."""

    values: tuple[Community, ...] = Field(min_length=1, max_length=1)


class AddCommunity(Model):
    """Add a standard or large community."""

    value: Community


class PrependASPath(Model):
    """Prepend these ASes; the path then starts with them in the given order."""

    prefix: tuple[ASNumber, ...] = Field(min_length=1, max_length=10)


class SetPriority(Model):
    """Set LOCAL_PREF to 2147483647 minus the value."""

    value: Priority


class Operation(Model):
    """One change of an accepted route: exactly one of the three."""

    add_community: AddCommunity | None = None
    prepend_as_path: PrependASPath | None = None
    set_priority: SetPriority | None = None


class FilterRule(Model):
    """Conditions (all must hold) and what happens to a route that meets them."""

    match_operator: Literal["Equal", "NotEqual", "In", "NotIn"] | None = None
    source: Literal["RemotePeers"] | None = None
    interface: InterfaceGlob | None = None
    peer_type: Literal["eBGP", "iBGP"] | None = None
    communities: CommunityMatch | None = None
    as_path_prefix: tuple[ASNumber, ...] = ()
    priority: Priority | None = None
    action: Literal["Accept", "Reject"]
    operations: tuple[Operation, ...] = Field(default=(), max_length=10)


class FilterRuleV4(FilterRule):
    """A rule for IPv4 routes."""

    cidr: CIDR | None = Field(default=None, max_length=18)
    prefix_length: PrefixLengthV4 | None = None


class FilterRuleV6(FilterRule):
    """A rule for IPv6 routes."""

    cidr: CIDR | None = Field(default=None, max_length=43)
    prefix_length: PrefixLengthV6 | None = None


class BGPFilterSpec(Model):
    """Ordered rules by direction and address family; the first match ends everything."""

    export_v4: tuple[FilterRuleV4, ...] = ()
    import_v4: tuple[FilterRuleV4, ...] = ()
    export_v6: tuple[FilterRuleV6, ...] = ()
    import_v6: tuple[FilterRuleV6, ...] = ()


class BGPFilter(Resource):
    """The resource of that kind."""

    kind: Literal["BGPFilter"] = "BGPFilter"
    spec: BGPFilterSpec = BGPFilterSpec()
