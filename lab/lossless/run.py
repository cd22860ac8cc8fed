"""Runs the cases one after the other and prints what was sent and what was lost."""

import subprocess
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from bgpd.api.client import ClientError
from lab.lossless.scenario import Scenario
from lab.lossless.scenarios import COMPARISON, SCENARIOS
from lab.lossless.traffic import Result, Traffic
from lab.route_events import RouteEvents
from lab.topology import Lab
from lab.tor import find_program
from lab.wait import NotInTimeError

NAMES: Final = tuple(scenario.name for scenario in SCENARIOS)
"""Names of the cases."""

_STEADY: Final = 0.5
"""Seconds of traffic before and after the change."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a case cost."""

    traffic: Result
    route_events: tuple[str, ...]
    """Each time that a route of a routing daemon was new, changed or gone in the kernel of a node."""


class CaseError(Exception):
    """A case could not be played to its end; the text has the reason and what the daemons said last."""


def run_scenario(scenario: Scenario[Any], *, rate: float) -> Outcome:
    """Build the cluster, let packets flow, do it, and count; raises CaseError."""
    with Lab() as lab:
        try:
            return _play(lab, scenario, rate)
        except (NotInTimeError, ClientError, subprocess.SubprocessError) as error:
            said = "".join(f"\n--- {process.log.stem}\n{process.tail()}" for process in lab.processes)
            raise CaseError(f"{scenario.name}: {error}{said}") from error


def _play(lab: Lab, scenario: Scenario[Any], rate: float) -> Outcome:
    world = scenario.build(lab)
    world.start()
    world.wait_for_routes()
    traffic = Traffic(lab, world.ends, rate=rate)
    with ExitStack() as stack:
        kernels = [stack.enter_context(RouteEvents(one.namespace)) for one in world.cluster]
        traffic.start()
        time.sleep(_STEADY)
        scenario.act(world)
        time.sleep(_STEADY)
        return Outcome(traffic.finish(), tuple(event for kernel in kernels for event in kernel.seen()))


def lossless(console: Console, names: Sequence[str], *, rate: float, compare: bool) -> int:
    """Run the named cases, or all, with BIRD's if told to `compare`; returns the exit status."""
    cases = (*SCENARIOS, *COMPARISON) if compare else SCENARIOS
    chosen = _with_what_they_need(console, [one for one in cases if not names or one.name in names])
    results: list[tuple[Scenario[Any], Outcome]] = []
    for scenario in chosen:
        console.print(f"{scenario.name}: {scenario.title} ...", highlight=False)
        try:
            results.append((scenario, run_scenario(scenario, rate=rate)))
        except CaseError as error:
            console.print(str(error), markup=False, highlight=False, soft_wrap=True)
    console.print(_table(results))
    ours = [(scenario, outcome) for scenario, outcome in results if scenario not in COMPARISON]
    kept = len(results) == len(chosen) and all(keeps(scenario, outcome) for scenario, outcome in ours)
    console.print(_KEPT if kept else _BROKEN)
    return 0 if kept else 1


def _with_what_they_need(console: Console, cases: Sequence[Scenario[Any]]) -> list[Scenario[Any]]:
    """Leave out the cases whose programs are not installed, and say so."""
    there = [case for case in cases if not case.needs or find_program(case.needs)]
    for case in cases:
        if case not in there:
            console.print(f"{case.name}: left out, {case.needs} is not installed", highlight=False)
    return there


_KEPT: Final = "\n[green]Nothing was lost that need not be, and no route touched.[/green]"
_BROKEN: Final = (
    "\n[red]Packets were lost or routes touched that need not be, or a case came to no end.[/red]"
)


def keeps(scenario: Scenario[Any], outcome: Outcome) -> bool:
    """Tell whether no direction was interrupted, and no route touched, beyond what the case allows."""
    within = outcome.traffic.outage <= scenario.outage
    return within and (not (scenario.still and outcome.route_events))


def _table(results: Sequence[tuple[Scenario[Any], Outcome]]) -> Table:
    """Lay out a row a case; rates are those of each direction, outages the longest of one."""
    table = Table("what happens", box=None, pad_edge=False, header_style="bold")
    for heading in ("streams", "sent", "lost", "outage", "routes touched"):
        table.add_column(heading, justify="right", no_wrap=heading != "routes touched")
    for scenario, outcome in results:
        traffic = outcome.traffic
        cells = (
            f"{len(traffic.directions)} x {traffic.rate:.0f}/s",
            str(traffic.sent),
            str(traffic.lost),
            f"{traffic.outage:.3f}" + (f" of {scenario.outage:g} s" if scenario.outage else " s"),
            str(len(outcome.route_events)),
        )
        bad = scenario not in COMPARISON and not keeps(scenario, outcome)
        table.add_row(scenario.title, *cells, style="red" if bad else None)
    return table
