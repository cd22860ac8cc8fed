"""BGPFilter: what a peering may import and export (calico-reference.md section 2.3)."""

from typing import Annotated, Literal

from pydantic import Field

from bgpd.resources.addresses import CIDR
from bgpd.resources.meta import Model, Resource
from bgpd.resources.rules import Rule
from bgpd.resources.values import (
    ASNumber,
    InterfaceGlob,
    Priority,
    RuleError,
    parse_community,
    validated,
)


def _plain_community(text: str) -> str:
    if ":".join(str(part) for part in parse_community(text)) != text:
        raise RuleError("invalid community value", "write its numbers without leading zeros")
    return text


PlainCommunity = Annotated[str, validated(_plain_community)]


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

    values: tuple[PlainCommunity, ...] = Field(min_length=1, max_length=1)


class AddCommunity(Model):
    """Add a standard or large community."""

    value: PlainCommunity


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

    rules = (
        Rule(
            "",
            "an operation is exactly one of addCommunity, prependASPath and setPriority",
            "write several as several entries of operations",
            lambda o: len(o.model_fields_set) != 1,
        ),
    )


def _misplaced(rule: "FilterRuleV4 | FilterRuleV6") -> bool:
    return rule.cidr is not None and (":" in rule.cidr) != isinstance(rule, FilterRuleV6)


def _no_length_left(rule: "FilterRuleV4 | FilterRuleV6") -> str:
    """Return the bounds in force when they leave nothing (section 2.3, semantics 6)."""
    if rule.cidr is None or rule.prefix_length is None:
        return ""
    longest = 128 if ":" in rule.cidr else 32
    low = max(int(rule.cidr.rpartition("/")[2]), rule.prefix_length.min or 0)
    high = longest if rule.prefix_length.max is None else rule.prefix_length.max
    return f"{low} to {high}" if low > high else ""


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

    rules = (
        Rule(
            "matchOperator",
            "cidr and matchOperator must both be set or both be empty",
            "add the missing one",
            lambda r: (r.cidr is None) != (r.match_operator is None),
        ),
        Rule(
            "prefixLength",
            "cidr is required when prefixLength is set",
            "add the cidr, 0.0.0.0/0 or ::/0 for every route",
            lambda r: r.prefix_length and r.cidr is None,
        ),
        Rule(
            "operations",
            "operations may only be used with action Accept",
            "remove them or accept",
            lambda r: r.operations and r.action != "Accept",
        ),
        Rule(
            "cidr", "the cidr is of the other address family", "move the rule to the other list", _misplaced
        ),
        Rule(
            "prefixLength",
            "prefixLength has no effect with Equal, and NotEqual with it matches every route",
            "use In or NotIn",
            lambda r: r.prefix_length and r.match_operator in {"Equal", "NotEqual"},
            "warning",
        ),
        Rule(
            "prefixLength",
            "no prefix inside the cidr has such a length: {value}",
            "let min be at most max, and max at least the length of the cidr",
            _no_length_left,
            "warning",
        ),
    )


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
    """What a peering may import and export."""

    kind: Literal["BGPFilter"] = "BGPFilter"
    spec: BGPFilterSpec
