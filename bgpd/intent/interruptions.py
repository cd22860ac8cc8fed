"""What a change keeps from arriving for a while although every route comes back: where BGP cannot avoid it.

A session that is reset keeps its routes on both sides if both have graceful restart that outlives a
NOTIFICATION (RFC 8538). bgpd has it, unless it is switched off; BIRD has not.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from bgpd.intent.findings import Finding, Severity, listed
from bgpd.intent.plan_steps import NodePlan, SessionStep
from records import record

_Step = tuple[NodePlan, SessionStep]


def interruptions(nodes: Sequence[NodePlan]) -> Iterator[Finding]:
    """Yield a finding for each kind of interruption that there is."""
    found: dict[_Kind, list[_Step]] = defaultdict(list)
    for plan in nodes:
        for step in plan.steps:
            kind = next((kind for kind in _KINDS if kind.applies(plan, step)), None)
            if kind is not None:
                found[kind].append((plan, step))
    yield from _other_routers(nodes)
    for kind in _KINDS:
        if kind in found:
            yield kind.finding(found[kind])


@record(eq=False)
class _Kind:
    """A way to be interrupted; a session's step is of the first kind that applies."""

    severity: Severity
    applies: Callable[[NodePlan, SessionStep], bool]
    text: str
    """With {ends}, {peers} and {seconds}: how many ends of sessions, with whom, how long routes are kept."""
    remedy: str

    def finding(self, steps: Iterable[_Step]) -> Finding:
        sessions = [step.session for _, step in steps]
        ends = sum(len(plan.nodes) * step.count for plan, step in steps)
        text = self.text.format(
            ends="1 session end" if ends == 1 else f"{ends:,} session ends",
            peers=listed(sorted({session.peer_ip for session in sessions})),
            seconds=min(session.graceful_restart_time for session in sessions),
        )
        return Finding(self.severity, text, self.remedy)


def _moves_port(plan: NodePlan, step: SessionStep) -> bool:
    added = {other.session.peer_ip for other in plan.steps if other.action == "add"}
    return step.action == "remove" and step.session.peer_ip in added


def _is_reset_hard(_: NodePlan, step: SessionStep) -> bool:
    return step.action == "reset" and not step.session.graceful_restart_time


def _is_outside_in_another_as(_: NodePlan, step: SessionStep) -> bool:
    return _is_reset_outside(_, step) and not {"peer_as", "local_as"}.isdisjoint(step.changed)


def _is_reset_outside(_: NodePlan, step: SessionStep) -> bool:
    return step.action == "reset" and step.session.peer_node is None


def _is_reset(_: NodePlan, step: SessionStep) -> bool:
    return step.action == "reset"


def _ends_outside(_: NodePlan, step: SessionStep) -> bool:
    return step.action == "remove" and step.session.peer_node is None


_KINDS = (
    _Kind(
        "warning",
        _moves_port,
        "{ends} with {peers} move to another port: what only they carry is lost for some seconds",
        "change one of redundant sessions at a time",
    ),
    _Kind(
        "warning",
        _is_reset_hard,
        "{ends} are reset without graceful restart: what only they carry is lost for some seconds",
        "set maxRestartTime above 0 first, or change one of redundant sessions at a time",
    ),
    _Kind(
        "warning",
        _is_outside_in_another_as,
        "{ends} with {peers} get other AS numbers: they stay down until the router at the other end has them "
        "too, and their routes are lost after {seconds} s, or at once where it does not know RFC 8538",
        "change the router within this time, and one of redundant sessions after the other",
    ),
    _Kind(
        "warning",
        _is_reset_outside,
        "{ends} with {peers} are reset: what only they carry is lost for some seconds, unless the router at "
        "the other end knows RFC 8538",
        "change one of redundant sessions at a time",
    ),
    _Kind(
        "note",
        _is_reset,
        "{ends} between nodes are reset, and their routes are kept meanwhile (RFC 8538); nodes where BIRD "
        "still runs lose what only they carry for some seconds",
        "where BIRD still runs, change one node at a time",
    ),
    _Kind(
        "note",
        _ends_outside,
        "{ends} with {peers} end: what only routers there announce is lost",
        "make sure that it is not needed, or comes another way",
    ),
)


def _other_routers(nodes: Iterable[NodePlan]) -> Iterator[Finding]:
    names = sorted(name for plan in nodes if "router_id" in plan.changed for name in plan.nodes)
    if names:
        yield Finding(
            "warning",
            f"{listed(names)} get another router id and begin anew as other routers: what they announce is "
            "withdrawn, and packets to and from them are lost for some seconds",
            "take one node out at a time (bgpctl drain)",
        )
