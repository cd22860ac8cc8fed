"""A plan as JSON, and as the lines that people read."""

from collections.abc import Iterator, Sequence
from typing import Any

from bgpd.intent.findings import Finding
from bgpd.intent.plan import Outcome, Plan
from bgpd.intent.plan_steps import ACTIONS, NodePlan, SessionStep

_SIGNS = {"add": "+", "remove": "-", "reset": "!", "change": "~"}
_WORDS = {"add": "added", "remove": "removed", "reset": "reset", "change": "changed without a reset"}
_VERDICTS = {
    Outcome.NOTHING: "Nothing changes.",
    Outcome.CHANGES: "Every node keeps its routes to every other that it had.",
    Outcome.BREAKS: "This breaks reachability.",
}
_SHOWN_STEPS = 12
_SHOWN_PREFIXES = 3
_SHOWN_NODES = 3


def plan_document(plan: Plan) -> dict[str, Any]:
    """Return a plan as JSON; nodes that are alike share one entry under `nodes`."""
    return {
        "outcome": plan.outcome.name.lower(),
        "totals": dict(plan.totals),
        "findings": [finding_document(finding) for finding in plan.findings],
        "nodes": [_node_document(node) for node in plan.nodes],
    }


def finding_document(finding: Finding) -> dict[str, str]:
    """Return a finding as JSON."""
    return {"severity": finding.severity, "text": finding.text, "remedy": finding.remedy}


def plan_text(plan: Plan) -> Iterator[str]:
    """Yield the lines of a plan: what each node sees of it, the findings, and what it comes to."""
    for node in plan.nodes:
        yield from _node_lines(node)
    if plan.nodes:
        yield ""
    yield from findings_text(plan.findings)
    totals = ", ".join(f"{count:,} {_WORDS[action]}" for action, count in plan.totals.items() if count)
    if totals:
        yield f"Session ends: {totals}."
    yield _VERDICTS[plan.outcome]


def findings_text(findings: Sequence[Finding]) -> Iterator[str]:
    """Yield two lines for each finding: what it is, and what to do."""
    for finding in findings:
        yield f"{finding.severity}: {finding.text}"
        yield f"  {finding.remedy}"


def _node_document(node: NodePlan) -> dict[str, Any]:
    return {
        "nodes": list(node.nodes),
        "sessions": {action: node.sessions(action) for action in ACTIONS},
        "steps": [_step_document(step) for step in node.steps],
        "changed": list(node.changed),
        "originates": list(node.originates),
        "withdraws": list(node.withdraws),
        "gains": list(node.gains),
        "loses": list(node.loses),
    }


def _step_document(step: SessionStep) -> dict[str, Any]:
    session = step.session
    return {
        "action": step.action,
        "session": session.name,
        "type": session.type.value,
        "peer_ip": session.peer_ip,
        "peer_as": session.peer_as,
        "peer_node": session.peer_node,
        "resource": session.resource,
        "changed": list(step.changed),
        "effect": step.effect.value if step.effect else None,
        "count": step.count,
    }


def _node_lines(node: NodePlan) -> Iterator[str]:
    alike = len(node.nodes) - _SHOWN_NODES
    more = f" and {alike:,} more, each" if alike > 0 else ", each" if len(node.nodes) > 1 else ""
    yield f"{', '.join(node.nodes[:_SHOWN_NODES])}{more}:"
    for step in node.steps[:_SHOWN_STEPS]:
        yield f"  {_step_line(step)}"
    left = len(node.steps) - _SHOWN_STEPS
    if left > 0:
        yield f"  … and {left} sessions more (-o json has all)"
    if node.changed:
        yield f"  ~ node: {', '.join(node.changed)}"
    for label in ("originates", "withdraws", "gains", "loses"):
        prefixes: tuple[str, ...] = getattr(node, label)
        if prefixes:
            yield f"  {label} {_prefixes(prefixes)}"


def _step_line(step: SessionStep) -> str:
    session = step.session
    like = f" and {step.count - 1:,} like it" if step.count > 1 else ""
    peer = f" with {session.peer_node}" if session.peer_node else ""
    fields = f": {', '.join(step.changed)}" if step.changed else ""
    verb = {"change": "change, no reset"}.get(step.action, step.action)
    return f"{_SIGNS[step.action]} {verb} {session.name}{peer}{like} ({session.resource}){fields}"


def _prefixes(prefixes: tuple[str, ...]) -> str:
    left = len(prefixes) - _SHOWN_PREFIXES
    more = f" and {left:,} more" if left > 0 else ""
    noun = "prefix" if len(prefixes) == 1 else "prefixes"
    return f"{len(prefixes):,} {noun}: {', '.join(prefixes[:_SHOWN_PREFIXES])}{more}"
