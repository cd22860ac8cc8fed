"""The policies of a node's sessions, each compiled once.

Sessions of one kind share one object, which puts their peers into one update group.
"""

from functools import lru_cache

from bgpd.intent.context import Context
from bgpd.intent.filters import filter_rules
from bgpd.intent.policies_export import ExportFacts, export_rules
from bgpd.intent.policies_import import import_rules
from records import field, record
from rib.policy import Policy, Verdict
from wire import Family, Prefix

_Key = tuple[str, Family, bool, tuple[str, ...]]


@record(frozen=False, eq=False, slots=False)
class PolicyBook:
    """Export and import policies by family, kind of peer and filters."""

    context: Context
    facts: ExportFacts
    _policies: dict[_Key, Policy] = field(default_factory=dict)

    def exports(self, family: Family, *, same_as: bool, filters: tuple[str, ...]) -> Policy:
        """Return the policy for what is sent (section 7): filters, built-in rules, otherwise nothing."""
        key = ("export", family, same_as, filters)
        if key not in self._policies:
            first = filter_rules(self.context, "export", family, same_as=same_as, names=filters)
            then = export_rules(self.facts, family, same_as=same_as)
            self._policies[key] = _shared(
                Policy(
                    name=f"export {family.short}",
                    family=family,
                    rules=(*first, *then),
                    default=Verdict.REJECT,
                    normalize="export",
                    normal=self.facts.normal[family],
                ),
                self.facts.blocks[family],
            )
        return self._policies[key]

    def imports(self, family: Family, *, same_as: bool, filters: tuple[str, ...]) -> Policy:
        """Return the policy for what is received (section 8): filters, elevated routes, otherwise all."""
        key = ("import", family, same_as, filters)
        if key not in self._policies:
            first = filter_rules(self.context, "import", family, same_as=same_as, names=filters)
            normal = self.facts.normal[family]
            rules = (*first, *import_rules(normal))
            self._policies[key] = _shared(
                Policy(
                    name=f"import {family.short}",
                    family=family,
                    rules=rules,
                    default=Verdict.ACCEPT,
                    normal=normal,
                ),
                (),
            )
        return self._policies[key]


@lru_cache(maxsize=256)
def _shared(policy: Policy, _blocks: tuple[Prefix, ...]) -> Policy:
    """Return one object for equal policies, so that comparing two intents compares identities.

    A policy's hash leaves its rules out; the node's blocks tell those of different nodes apart without
    comparing them rule by rule.
    """
    return policy
