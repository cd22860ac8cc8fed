"""Results as tables: for the terminal, and in Markdown for the documentation."""

from collections.abc import Iterable, Sequence
from typing import Final

from benchmarks.daemons import DAEMONS, OURS
from benchmarks.goals import GOALS
from benchmarks.results import Results
from benchmarks.scenarios import SCENARIOS

_HEADINGS: Final = {
    "wall": "wall s",
    "cpu": "CPU s",
    "peak": "peak MiB",
    "idle": "idle MiB",
    "updates": "UPDATEs",
    "bring_up_cpu": "bring-up CPU s",
    "churn_withdraw_ms": "churn: withdraw ms",
    "churn_announce_ms": "announce ms",
    "churn_cpu_ms": "CPU ms/event",
    "withdraw_wall": "withdrawal wall s",
    "withdraw_cpu": "withdrawal CPU s",
    "p50_ms": "p50 ms",
    "p99_ms": "p99 ms",
    "max_ms": "worst ms",
    "cpu_us": "CPU us/change",
    "idle_cpu_ms": "idle CPU ms/s",
    "changes": "changes",
    "keepalives": "KEEPALIVEs",
    "keepalive_late_ms": "latest KEEPALIVE ms",
}

Row = Sequence[str]


def tables(results: Results) -> list[tuple[str, list[Row]]]:
    """Return title and rows, headings first, of each scenario and size that was run."""
    found = []
    for scenario in SCENARIOS.values():
        for size in results.sizes(scenario.name):
            title = f"{scenario.name} {scenario.title}: {size:,} {scenario.unit}"
            found.append((title, _table(results, scenario.name, size)))
    return found


def _table(results: Results, scenario: str, size: int) -> list[Row]:
    metrics = [
        metric
        for metric in _HEADINGS
        if any(results.median(scenario, size, daemon, metric) is not None for daemon in DAEMONS)
    ]
    rows: list[Row] = [["", *(_HEADINGS[metric] for metric in metrics), "CPU: bgpd is"]]
    for daemon in DAEMONS:
        failure = results.failures.get((scenario, size, daemon))
        values = [results.median(scenario, size, daemon, metric) for metric in metrics]
        if any(value is not None for value in values):
            against = "" if daemon == OURS else _times(results.ratio(scenario, size, [daemon], "cpu"))
            rows.append([daemon, *map(_number, values), against])
        elif failure is not None:
            rows.append([daemon, f"failed: {failure}", *[""] * len(metrics)])
    return rows


def goals(results: Results) -> list[Row]:
    """Return the goals that these results speak about, headings first."""
    rows: list[Row] = [["goal", "measured", ""]]
    for goal in GOALS:
        value = goal.value(results)
        if value is not None:
            rows.append([goal.text, _number(value), "met" if value <= goal.limit else "MISSED"])
    return rows


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def _times(ratio: float | None) -> str:
    return "-" if ratio is None else f"{ratio:.2f} x"


def as_text(rows: Iterable[Row]) -> str:
    """Lay a table out for a terminal."""
    rows = [list(row) for row in rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if not column else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def as_markdown(rows: Iterable[Row]) -> str:
    """Lay a table out for the documentation."""
    head, *body = rows
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *body))
