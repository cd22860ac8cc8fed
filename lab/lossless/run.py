"""Runs the cases one after the other and prints what was sent and what was lost."""

import time
from collections.abc import Sequence
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from lab.lossless.scenarios import SCENARIOS, Scenario
from lab.lossless.traffic import Result, Traffic
from lab.topology import Lab

NAMES: Final = tuple(scenario.name for scenario in SCENARIOS)
"""Names of the cases."""

_STEADY: Final = 0.5
"""Seconds of traffic before and after the change."""


def run_scenario(scenario: Scenario[Any], *, rate: float) -> Result:
    """Build the cluster, let packets flow, do it, and count; raises what keeps it from being done."""
    with Lab() as lab:
        world = scenario.build(lab)
        world.start()
        world.wait_for_routes()
        traffic = Traffic(lab, world.ends, rate=rate)
        traffic.start()
        time.sleep(_STEADY)
        scenario.act(world)
        time.sleep(_STEADY)
        return traffic.finish()


def lossless(console: Console, names: Sequence[str], *, rate: float) -> int:
    """Run the named cases, or all, and show the table; returns the exit status."""
    chosen = [scenario for scenario in SCENARIOS if not names or scenario.name in names]
    results = []
    for scenario in chosen:
        begun = time.monotonic()
        result = run_scenario(scenario, rate=rate)
        results.append((scenario, result))
        console.print(
            f"{scenario.title}: {result.lost} of {result.sent} lost, {time.monotonic() - begun:.0f} s"
        )
    console.print(_table(results))
    kept = all(keeps(scenario, result) for scenario, result in results)
    console.print(
        "[green]Nothing was lost that need not be.[/green]" if kept else "[red]Packets were lost.[/red]"
    )
    return 0 if kept else 1


def keeps(scenario: Scenario[Any], result: Result) -> bool:
    """Tell whether no direction was interrupted for longer than the case allows."""
    return result.outage <= scenario.outage


def _table(results: Sequence[tuple[Scenario[Any], Result]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("case", "what happens"):
        table.add_column(heading)
    for heading in ("streams", "packets/s", "sent", "lost", "longest outage", "allowed"):
        table.add_column(heading, justify="right")
    for scenario, result in results:
        table.add_row(*_cells(scenario, result), style=None if keeps(scenario, result) else "red")
    return table


def _cells(scenario: Scenario[Any], result: Result) -> list[str]:
    return [
        scenario.name,
        scenario.title,
        str(len(result.directions)),
        f"{result.rate:.0f}",
        str(result.sent),
        str(result.lost),
        f"{result.outage * 1000:.0f} ms",
        f"{scenario.outage * 1000:.0f} ms",
    ]
