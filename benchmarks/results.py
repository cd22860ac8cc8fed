"""Measurements of several runs: medians, and ratios between daemons."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks.daemons import OURS
from benchmarks.scenarios.base import Metrics


@dataclass(slots=True)
class Results:
    """All metrics by (scenario, size, daemon), one per run; and what failed."""

    runs: dict[tuple[str, int, str], list[Metrics]] = field(default_factory=dict)
    failures: dict[tuple[str, int, str], str] = field(default_factory=dict)

    def add(self, scenario: str, size: int, daemon: str, outcome: Metrics | str) -> None:
        """Take note of a run: its metrics, or why it failed."""
        key = (scenario, size, daemon)
        if isinstance(outcome, str):
            self.failures[key] = outcome
        else:
            self.runs.setdefault(key, []).append(outcome)

    def sizes(self, scenario: str) -> list[int]:
        """List the sizes a scenario was run with."""
        return sorted({size for name, size, _ in (*self.runs, *self.failures) if name == scenario})

    def median(self, scenario: str, size: int, daemon: str, metric: str) -> float | None:
        """Return the median of a metric; None where there is none."""
        runs = self.runs.get((scenario, size, daemon), ())
        values = [run[metric] for run in runs if metric in run]
        return median(values) if values else None

    def best(self, scenario: str, size: int, daemons: Iterable[str], metric: str) -> tuple[str, float] | None:
        """Return the best of the daemons but ours by a metric, of which less is better."""
        found = [
            (value, daemon)
            for daemon in daemons
            if daemon != OURS and (value := self.median(scenario, size, daemon, metric)) is not None
        ]
        return (min(found)[1], min(found)[0]) if found else None

    def ratio(self, scenario: str, size: int, daemons: Iterable[str], metric: str) -> float | None:
        """Return ours divided by the best of these daemons."""
        ours, best = self.median(scenario, size, OURS, metric), self.best(scenario, size, daemons, metric)
        return None if ours is None or best is None or not best[1] else ours / best[1]

    def save(self, path: Path) -> None:
        """Write everything down as JSON."""
        rows = [
            {"scenario": s, "size": n, "daemon": d, "runs": runs} for (s, n, d), runs in self.runs.items()
        ]
        lost = [{"scenario": s, "size": n, "daemon": d, "why": w} for (s, n, d), w in self.failures.items()]
        path.write_text(json.dumps({"runs": rows, "failures": lost}, indent=1))

    @classmethod
    def load(cls, path: Path) -> "Results":
        """Read what `save` wrote."""
        document = json.loads(path.read_text())
        results = cls()
        for row in document["runs"]:
            results.runs[row["scenario"], row["size"], row["daemon"]] = row["runs"]
        for row in document["failures"]:
            results.failures[row["scenario"], row["size"], row["daemon"]] = row["why"]
        return results
