"""Which of its own routes a node tells nobody, because a filter or a pool forbids it."""

from collections.abc import Iterable, Iterator
from itertools import takewhile

from bgpd.intent.model import Intent
from rib.policy import DEFAULT_RULE, Policy, PolicyRoute, Rule, Verdict, evaluate
from rib.source import Protocol
from wire import Family, Origin, PathAttributes, Prefix

_NO_ATTRIBUTES = PathAttributes(origin=Origin.IGP)


def kept_back(
    intent: Intent, routes: Iterable[tuple[Family, Prefix]]
) -> Iterator[tuple[Family, Prefix, str]]:
    """Yield those of the routes that the export policy of every session rejects, with the rule that does.

    The routes may be those of a node like this one: what no rule names is taken to be a block of it, which
    its own policy names.
    """
    policies = {family: tuple(_export_policies(intent, family)) for family in Family}
    for family, prefix in routes:
        rules = list(takewhile(bool, (_rejecting_rule(policy, prefix) for policy in policies[family])))
        if rules and len(rules) == len(policies[family]):
            yield family, prefix, rules[0] or ""


def _export_policies(intent: Intent, family: Family) -> Iterator[Policy]:
    sessions = (session for session in intent.sessions if session.enabled)
    found = (session.export_policy[family] for session in sessions if family in session.families)
    yield from {id(policy): policy for policy in found}.values()


def _rejecting_rule(policy: Policy, prefix: Prefix) -> str | None:
    if not any(_may_reject(rule, prefix) for rule in policy.rules):
        return None
    route = PolicyRoute(prefix=prefix, attributes=_NO_ATTRIBUTES, protocol=Protocol.STATIC)
    outcome = evaluate(policy, route)
    return None if outcome.accept or outcome.rule == DEFAULT_RULE else outcome.rule


def _may_reject(rule: Rule, prefix: Prefix) -> bool:
    """Tell quickly what most rules are out of the question for: no interface is known of these routes."""
    if rule.verdict is not Verdict.REJECT or rule.interfaces:
        return False
    return not rule.prefixes or any(match.matches(prefix) for match in rule.prefixes)
