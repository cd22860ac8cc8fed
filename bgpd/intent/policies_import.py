"""The built-in import rules (calico-reference.md, section 8)."""

from bgpd.intent.priorities import local_pref_of
from rib.policy import Rule, SetPreference, Verdict

ELEVATED_PREFERENCE = 200
"""Lets the route of a migrated workload beat a local route of the node it left (section 16)."""


def import_rules(normal: int) -> tuple[Rule, ...]:
    """Return what follows the filters: routes of elevated priority are preferred, all are accepted."""
    return (
        Rule(
            name="elevated priority",
            verdict=Verdict.ACCEPT,
            local_pref_above=local_pref_of(normal),
            operations=(SetPreference(ELEVATED_PREFERENCE),),
        ),
    )
