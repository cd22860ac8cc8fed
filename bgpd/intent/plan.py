"""What a change of the resources does to the whole cluster, before anything is written. Pure.

Both states are compiled by the code that the daemons run, compared by the table that the daemons go by
(`bgpd.intent.diff`), and walked by the rules that routes go by (`bgpd.intent.reachability`).
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from enum import IntEnum

from bgpd.intent.classes import NodeClass, classify
from bgpd.intent.compile import read_cluster
from bgpd.intent.diff import (
    Effect,
    IntentChange,
    NodeChanged,
    SessionAdded,
    SessionChanged,
    SessionRemoved,
    diff_intents,
)
from bgpd.intent.findings import SEVERITIES, Finding, find
from bgpd.intent.interruptions import interruptions
from bgpd.intent.model import Intent
from bgpd.intent.plan_routes import ClusterState, Comparison, Routes, originates_alike, originations
from bgpd.intent.plan_steps import ACTIONS, Action, NodePlan, SessionStep
from bgpd.resources import Snapshot
from records import record
from wire import format_prefix


class Outcome(IntEnum):
    """What a plan comes to; the value is the exit status of `bgpctl plan`."""

    NOTHING = 0
    CHANGES = 2
    BREAKS = 3


@record(kw_only=True)
class Plan:
    """What the change does: nodes that see something of it, and what an operator should know."""

    nodes: tuple[NodePlan, ...]
    findings: tuple[Finding, ...]

    @property
    def outcome(self) -> Outcome:
        """Nothing, something, or something that breaks reachability."""
        if any(finding.severity == "break" for finding in self.findings):
            return Outcome.BREAKS
        return Outcome.CHANGES if self.nodes else Outcome.NOTHING

    @property
    def totals(self) -> Mapping[Action, int]:
        """Count session ends of the whole cluster by action: a session between two nodes has two."""
        counts = Counter[Action]()
        for one in self.nodes:
            counts.update({action: one.sessions(action) * len(one.nodes) for action in ACTIONS})
        return {action: counts[action] for action in ACTIONS}


def make_plan(before: Snapshot, after: Snapshot, environment: Mapping[str, str]) -> Plan:
    """Compare the cluster of two snapshots."""
    clusters = read_cluster(before, environment), read_cluster(after, environment)
    originated = [originations(clusters[0])] * 2
    if not originates_alike(*clusters):
        originated[1] = originations(clusters[1])
    names = {*clusters[0].nodes, *clusters[1].nodes}
    own = {name: _own_change(originated[0].get(name), originated[1].get(name)) for name in names}
    classes = classify(*clusters, own)
    old, new = (ClusterState(clusters[i], environment, classes, originated[i]) for i in (0, 1))
    comparison = Comparison(old, new, classes)
    plans = (_node_plan(comparison, one) for one in classes)
    nodes = tuple(plan for plan in plans if _is_something(plan))
    findings = [*find(comparison), *interruptions(nodes)]
    return Plan(nodes=nodes, findings=tuple(sorted(findings, key=_severity)))


def _severity(finding: Finding) -> int:
    return SEVERITIES.index(finding.severity)


def _own_change(before: Routes | None, after: Routes | None) -> tuple[bool, bool]:
    before, after = before or frozenset(), after or frozenset()
    return bool(before - after), bool(after - before)


def _is_something(plan: NodePlan) -> bool:
    return bool(plan.steps or plan.changed or plan.originates or plan.withdraws or plan.gains or plan.loses)


def _node_plan(comparison: Comparison, one: NodeClass) -> NodePlan:
    name = one.nodes[0]
    before, after = comparison.before, comparison.after
    changes = diff_intents(
        before.intents.get(name) or _absent(name), after.intents.get(name) or _absent(name)
    )
    had = before.originated.get(name, frozenset())
    has = after.originated.get(name, frozenset())
    lost, gained = comparison.lost_and_gained(one)
    return NodePlan(
        nodes=one.nodes,
        steps=tuple(_steps(after.class_of, one, changes)),
        changed=tuple(_node_fields(changes)) if name in before.intents and name in after.intents else (),
        originates=_texts(has - had),
        withdraws=_texts(had - has),
        gains=_texts(gained),
        loses=_texts(lost),
    )


def _absent(name: str) -> Intent:
    return Intent(node=name, ready=False)


def _node_fields(changes: Sequence[IntentChange]) -> Iterator[str]:
    for change in changes:
        if isinstance(change, NodeChanged):
            yield from (field for field in change.changed if field not in {"problems", "reason"})


def _steps(
    class_of: Mapping[str, NodeClass], one: NodeClass, changes: Sequence[IntentChange]
) -> Iterator[SessionStep]:
    """Yield a step per session; of sessions with representatives of one class a single one for them all."""
    told = set()
    for change in changes:
        step = _step(change)
        if step is None:
            continue
        peers = class_of.get(step.session.peer_node or "")
        if peers is None or len(peers.nodes) == 1:
            yield step
            continue
        key = (
            step.action,
            step.changed,
            step.session.type,
            step.session.family,
            step.session.resource,
            peers,
        )
        if key not in told:
            told.add(key)
            yield _repeated(step, len(peers.nodes) - (peers is one))


def _repeated(step: SessionStep, count: int) -> SessionStep:
    return SessionStep(
        action=step.action, session=step.session, changed=step.changed, effect=step.effect, count=count
    )


def _step(change: IntentChange) -> SessionStep | None:
    match change:
        case SessionAdded(session):
            return SessionStep(action="add", session=session)
        case SessionRemoved(session):
            return SessionStep(action="remove", session=session)
        case SessionChanged(_, session, changed, effect):
            action: Action = "reset" if effect is Effect.RESET else "change"
            return SessionStep(action=action, session=session, changed=changed, effect=effect)
        case NodeChanged():
            return None


def _texts(routes: Routes) -> tuple[str, ...]:
    ordered = sorted(routes, key=lambda route: (route[0].bits, route[1][1:], route[1][0]))
    return tuple(format_prefix(family, prefix) for family, prefix in ordered)
