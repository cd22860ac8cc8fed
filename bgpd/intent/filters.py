"""BGPFilters as rules (calico-reference.md, section 2.3)."""

from collections.abc import Iterable, Iterator
from typing import Literal

from bgpd.intent.communities import add_community, community_condition
from bgpd.intent.context import Context
from bgpd.intent.priorities import local_pref_of
from bgpd.resources import BGPFilter, FilterRule, FilterRuleV4, FilterRuleV6, Operation
from rib.policy import Operation as RuleOperation
from rib.policy import PrefixMatch, PrefixOperator, PrependAsPath, Rule, SetLocalPref, Verdict
from wire import Family, parse_prefix

Direction = Literal["export", "import"]
AnyFilterRule = FilterRuleV4 | FilterRuleV6

_OPERATORS = {operator.value: operator for operator in PrefixOperator}
_VERDICTS = {"Accept": Verdict.ACCEPT, "Reject": Verdict.REJECT}


def effective_filters(context: Context, families: Iterable[Family], names: Iterable[str]) -> tuple[str, ...]:
    """Return the filters that exist and have a rule for one of the families; report missing ones."""
    families = tuple(families)
    return tuple(name for name in names if _has_rules(context, families, name))


def _has_rules(context: Context, families: Iterable[Family], name: str) -> bool:
    found = context.cluster.snapshot.get(BGPFilter, name)
    if found is None:
        resource = f"BGPFilter/{name}"
        context.warn(resource, "is named by a BGPPeer and does not exist", "create it or remove its name")
        return False
    directions: tuple[Direction, ...] = ("export", "import")
    return any(_rules_of(found, direction, family)[1] for direction in directions for family in families)


def filter_rules(
    context: Context, direction: Direction, family: Family, *, same_as: bool, names: Iterable[str]
) -> Iterator[Rule]:
    """Yield the rules of several filters, in order."""
    for name in names:
        found = context.cluster.snapshot.get(BGPFilter, name)
        label, rules = _rules_of(found, direction, family) if found else ("", ())
        for index, rule in enumerate(rules):
            if _fits_peer(rule, same_as=same_as):
                yield _compile(f"BGPFilter/{name} {label}[{index}]", family, rule)


def _rules_of(
    found: BGPFilter, direction: Direction, family: Family
) -> tuple[str, tuple[AnyFilterRule, ...]]:
    spec = found.spec
    table: dict[tuple[Direction, Family], tuple[str, tuple[AnyFilterRule, ...]]] = {
        ("export", Family.IPV4_UNICAST): ("exportV4", spec.export_v4),
        ("import", Family.IPV4_UNICAST): ("importV4", spec.import_v4),
        ("export", Family.IPV6_UNICAST): ("exportV6", spec.export_v6),
        ("import", Family.IPV6_UNICAST): ("importV6", spec.import_v6),
    }
    return table[direction, family]


def _fits_peer(rule: FilterRule, *, same_as: bool) -> bool:
    """Tell whether a rule is for this kind of peer, which is known before any route is."""
    return rule.peer_type is None or (rule.peer_type == "iBGP") == same_as


def _compile(name: str, family: Family, rule: AnyFilterRule) -> Rule:
    standard, large = community_condition(rule.communities.values if rule.communities else ())
    return Rule(
        name=name,
        verdict=_VERDICTS[rule.action],
        prefixes=_prefixes(family, rule),
        learned=True if rule.source else None,
        interfaces=(rule.interface,) if rule.interface else (),
        communities=standard,
        large_communities=large,
        as_path_prefix=rule.as_path_prefix,
        local_pref=local_pref_of(rule.priority) if rule.priority else None,
        operations=tuple(_operation(operation) for operation in rule.operations),
    )


def _prefixes(family: Family, rule: AnyFilterRule) -> tuple[PrefixMatch, ...]:
    """Bounds are drawn to what can occur inside the CIDR; with none given they still make a set (rule 5)."""
    if not rule.cidr or not rule.match_operator:
        return ()
    prefix = parse_prefix(rule.cidr)[1]
    operator = _OPERATORS[rule.match_operator]
    bounds = rule.prefix_length
    if bounds is None:
        return (PrefixMatch(operator, prefix),)
    shortest = max(prefix[0], bounds.min or 0)
    longest = family.bits if bounds.max is None else min(family.bits, bounds.max)
    return (PrefixMatch(operator, prefix, shortest, longest),)


def _operation(operation: Operation) -> RuleOperation:
    if operation.add_community:
        return add_community(operation.add_community.value)
    if operation.prepend_as_path:
        return PrependAsPath(operation.prepend_as_path.prefix)
    priority = operation.set_priority
    return SetLocalPref(local_pref_of(priority.value if priority else 0))
