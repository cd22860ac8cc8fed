"""`python -m benchmarks [--quick] [--runs N] [--daemons ...] [SCENARIO ...]`: run, print, write down."""

import argparse
import compileall
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from benchmarks import report
from benchmarks.daemons import DAEMONS, OURS
from benchmarks.pictures import draw
from benchmarks.results import Results
from benchmarks.scenarios import SCENARIOS, Scenario
from benchmarks.scenarios.base import Metrics
from lab.process import ROOT
from lab.userns import become_administrator

_TIMEOUT: Final = 900

_TOO_SLOW: Final = {
    ("S1", "GoBGP"): 300_000,
    ("S2", "GoBGP"): 25_000,
    ("S3", "GoBGP"): 100,
    ("S4", "GoBGP"): 100,
}
"""Greatest sizes for those that would take minutes."""


def main() -> None:
    """Run what was asked for, everything by default."""
    options = _options()
    become_administrator()
    daemons = _present(options.daemons)
    for package in ("records", "wire", "fsm", "rib", "bgpd"):  # as an installation does
        compileall.compile_dir(ROOT / package, quiet=1)
    results = Results()
    options.output.mkdir(parents=True, exist_ok=True)
    for scenario in (SCENARIOS[name] for name in options.scenarios or SCENARIOS):
        for size in options.sizes or (scenario.quick if options.quick else scenario.sizes):
            for run in range(1 if options.quick else options.runs):
                for daemon in daemons:
                    if _fits(scenario, size, daemon):
                        _run(results, scenario, size, daemon, run)
                        results.save(options.output / "results.json")
    draw(results, options.output)
    _print(results, options.output)
    if any(daemon == OURS for _, _, daemon in results.failures):
        sys.exit(1)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help=f"of {' '.join(SCENARIOS)}; all")
    parser.add_argument("--quick", action="store_true", help="small sizes, one run: a few minutes")
    parser.add_argument("--runs", type=int, default=3, help="runs of which the median counts; %(default)s")
    parser.add_argument("--daemons", nargs="+", default=list(DAEMONS), choices=list(DAEMONS), metavar="NAME")
    parser.add_argument("--sizes", nargs="+", type=int, help="in place of the scenarios' own")
    parser.add_argument(
        "--output", type=Path, default=ROOT / "build" / "bench", help="directory; %(default)s"
    )
    options = parser.parse_args()
    unknown = [name for name in options.scenarios if name not in SCENARIOS]
    if unknown:
        parser.error(f"no scenario {' '.join(unknown)}: there are {' '.join(SCENARIOS)}")
    return options


def _present(names: list[str]) -> list[str]:
    for name in names:
        if DAEMONS[name].executable() is None:
            sys.stderr.write(f"{name} is left out: install Debian's package {DAEMONS[name].package}\n")
    return [name for name in names if DAEMONS[name].executable() is not None]


def _fits(scenario: Scenario, size: int, daemon: str) -> bool:
    if scenario.name == "S5" and not DAEMONS[daemon].kernel:
        return False
    return size <= _TOO_SLOW.get((scenario.name, daemon), size)


def _run(results: Results, scenario: Scenario, size: int, daemon: str, run: int) -> None:
    begun = time.monotonic()
    outcome = _measure(daemon, scenario.name, size)
    results.add(scenario.name, size, daemon, outcome)
    shown = outcome if isinstance(outcome, str) else " ".join(f"{k}={v:.4g}" for k, v in outcome.items())
    took = time.monotonic() - begun
    sys.stderr.write(f"{scenario.name} {size} #{run + 1} {daemon}: {shown} ({took:.0f} s)\n")


def _measure(daemon: str, scenario: str, size: int) -> Metrics | str:
    """Run one measurement in a process of its own; give its metrics, or why it failed."""
    command = [sys.executable, "-m", "benchmarks.run_one", daemon, scenario, str(size)]
    try:
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=_TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired:
        return f"not within {_TIMEOUT} s"
    if done.returncode:
        return (done.stderr.strip().splitlines() or ["no output"])[-1]
    metrics: Metrics = json.loads(done.stdout)
    return str(metrics["failed"]) if "failed" in metrics else metrics


def _print(results: Results, output: Path) -> None:
    """Print the report, and write it down as Markdown."""
    sections = [*report.tables(results), ("Goals", report.goals(results))]
    for title, rows in sections:
        sys.stdout.write(f"\n{title}\n{report.as_text(rows)}\n")
    pages = [f"## {title}\n\n{report.as_markdown(rows)}\n" for title, rows in sections]
    (output / "report.md").write_text("\n".join(pages))


if __name__ == "__main__":
    main()
