"""What an operator should know of a change before it is made, in sentences: breaks, warnings, notes."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Literal

from bgpd.intent.classes import NodeClass
from bgpd.intent.model import Problem
from bgpd.intent.plan_routes import ClusterState, Comparison, Flow
from bgpd.intent.reachability import Carried
from records import record
from wire import format_prefix

_NAMED = 3
"""How many nodes a sentence names before it counts the rest."""


Severity = Literal["break", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("break", "warning", "note")
"""The worst first."""


@record
class Finding:
    """One thing to know; a `break` is a node that loses the way to addresses of another."""

    severity: Severity
    text: str
    remedy: str


def find(comparison: Comparison) -> Iterator[Finding]:
    """Yield what follows from the ways that routes take, worst first."""
    yield from _breaks(comparison)
    yield from _kept_back(comparison)
    yield from _depending_on_outside(comparison)
    yield from _unreached_newcomers(comparison)
    yield from _pair_faults(comparison)
    yield from _problems(comparison)
    yield from _live_reflectors(comparison)


# --- who cannot reach whom --------------------------------------------------------------------------------

_Pair = tuple[NodeClass, NodeClass]
"""A class of nodes, and one whose routes it does not get."""


def _breaks(comparison: Comparison) -> Iterator[Finding]:
    before, after = comparison.before, comparison.after

    def is_cut(receiver: NodeClass, flow: Flow) -> bool:
        return receiver in before.carried.get(flow, ()) and receiver not in after.carried[flow]

    cause = _cause(comparison)
    for who, whose in _grouped(_pairs(comparison, comparison.rerouted, is_cut)):
        yield Finding(
            "break",
            f"{cause} leaves {who} without routes to {whose}",
            "first give them another way: sessions between them, or with a route reflector that has both",
        )


def _cause(comparison: Comparison) -> str:
    before, after = comparison.before, comparison.after
    if before.cluster.mesh_enabled and not after.cluster.mesh_enabled:
        return "disabling the mesh"
    made = [one.nodes[0] for one in _new_reflectors(comparison)]
    return f"making {listed(made)} a route reflector" if made else "the change"


def _kept_back(comparison: Comparison) -> Iterator[Finding]:
    """Yield what was told and stays, and is told nobody any more: by the rule that forbids it."""
    found: dict[str, dict[NodeClass, list[str]]] = {}
    for one in comparison.classes:
        was_told = comparison.before.routes_of(one)
        for (family, prefix), rule in comparison.after.kept_back[one].items():
            if (family, prefix) in was_told:
                found.setdefault(rule, {}).setdefault(one, []).append(format_prefix(family, prefix))
    for rule, by_class in found.items():
        prefixes = sorted(prefix for texts in by_class.values() for prefix in texts)
        yield Finding(
            "break",
            f"{rule} keeps {listed(_members(by_class))} from telling anybody of {listed(prefixes)}",
            "where other nodes need these addresses, let the rule accept them",
        )


def _depending_on_outside(comparison: Comparison) -> Iterator[Finding]:
    before, after = comparison.before, comparison.after

    def depends(receiver: NodeClass, flow: Flow) -> bool:
        was = before.carried[flow].get(receiver) if flow in before.carried else None
        return was is not Carried.OUTSIDE and after.carried[flow].get(receiver) is Carried.OUTSIDE

    for who, whose in _grouped(_pairs(comparison, comparison.rerouted, depends)):
        yield Finding(
            "warning",
            f"{who} will get routes to {whose} only if routers outside of the cluster pass them on",
            "make sure that they do: their configuration is not among the resources",
        )


def _unreached_newcomers(comparison: Comparison) -> Iterator[Finding]:
    after = comparison.after
    new = {one for one in comparison.classes if not comparison.before.has(one)}
    if not new:
        return

    def is_missing(receiver: NodeClass, flow: Flow) -> bool:
        return (receiver in new or flow[0] in new) and receiver not in after.carried[flow]

    for who, whose in _grouped(_pairs(comparison, after.carried, is_missing)):
        yield Finding(
            "warning", f"{who} will have no routes to {whose}", "peer the new nodes with the others"
        )


def _pairs(
    comparison: Comparison, flows: Iterable[Flow], wanted: Callable[[NodeClass, Flow], bool]
) -> Iterator[_Pair]:
    """Yield the receivers and origins, both there afterwards, for which `wanted` holds in some family."""
    present = [one for one in comparison.classes if comparison.after.has(one)]
    told = [flow for flow in flows if flow in comparison.after.carried]
    for receiver in present:
        for flow in told:
            alone = receiver is flow[0] and len(receiver.nodes) == 1
            if not alone and wanted(receiver, flow):
                yield receiver, flow[0]


def _grouped(pairs: Iterable[_Pair]) -> Iterator[tuple[str, str]]:
    """Put together the receivers that miss the same, themselves aside; both sides as words."""
    missing: dict[NodeClass, dict[NodeClass, None]] = defaultdict(dict)
    for receiver, origin in pairs:
        missing[receiver][origin] = None
    for whom, receivers in _by_what_is_missing(missing):
        others = [one for one in whom if one not in receivers]
        whose = [listed(_members(others))] if others else []
        if len(others) < len(whom):
            whose.append("one another")
        yield listed(_members(receivers)), " and ".join(whose)


def _by_what_is_missing(
    missing: Mapping[NodeClass, Mapping[NodeClass, None]],
) -> Iterator[tuple[Sequence[NodeClass], Sequence[NodeClass]]]:
    """Yield what is missing, and by whom: first the same classes, then those that miss one another."""
    same: dict[tuple[frozenset[NodeClass], bool], list[NodeClass]] = defaultdict(list)
    for receiver, origins in missing.items():
        same[frozenset(origins), receiver in origins].append(receiver)
    mutual: dict[frozenset[NodeClass], list[NodeClass]] = defaultdict(list)
    for (whose, _), receivers in same.items():
        mutual[whose.union(receivers) if len(receivers) == 1 else whose].extend(receivers)
    for receivers in mutual.values():
        whom = {one for receiver in receivers for one in missing[receiver]}
        yield sorted(whom, key=lambda one: one.nodes), receivers


def _members(classes: Iterable[NodeClass]) -> list[str]:
    return sorted(name for one in classes for name in one.nodes)


def listed(names: Sequence[str]) -> str:
    """Enumerate names as a sentence does; of many the first ones, and how many more."""
    if len(names) <= _NAMED + 1:
        return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
    return f"{', '.join(names[:_NAMED])} and {len(names) - _NAMED:,} more"


# --- what else is wrong or worth knowing ------------------------------------------------------------------


def _pair_faults(comparison: Comparison) -> Iterator[Finding]:
    for fault in comparison.after.graph.faults:
        if fault not in comparison.before.graph.faults:
            yield Finding("warning", f"{fault.kind}: {fault.text}", fault.remedy)


def _problems(comparison: Comparison) -> Iterator[Finding]:
    """Yield what the resources ask for in vain, or probably do not mean, and did not before."""
    known = {_told(problem) for problem in _all_problems(comparison.before)}
    for problem in _all_problems(comparison.after):
        if _told(problem) not in known:
            known.add(_told(problem))
            yield Finding("warning", f"{problem.resource} {problem.message}", problem.remedy)


def _all_problems(state: ClusterState) -> Iterator[Problem]:
    return (problem for intent in state.intents.values() for problem in intent.problems)


def _told(problem: Problem) -> tuple[str, str]:
    return problem.resource, problem.message


def _live_reflectors(comparison: Comparison) -> Iterator[Finding]:
    for one in _new_reflectors(comparison):
        if comparison.before.routes_of(one):
            yield Finding(
                "note",
                f"{listed(one.nodes)} becomes a route reflector with workloads on it: nodes where BIRD "
                "still runs lose its routes for about two seconds while their mesh sessions give way",
                "where that matters, use nodes without workloads, or drain them first",
            )


def _new_reflectors(comparison: Comparison) -> Iterator[NodeClass]:
    before, after = comparison.before.cluster.nodes, comparison.after.cluster.nodes
    for one in comparison.classes:
        old, new = before.get(one.nodes[0]), after.get(one.nodes[0])
        if old is not None and new is not None and new.cluster_id and not old.cluster_id:
            yield one
