"""Which plots there are: CPU and memory against routes and against clients."""

from pathlib import Path
from typing import Final

from benchmarks.daemons import DAEMONS
from benchmarks.plot import plot
from benchmarks.results import Results

_PICTURES: Final = (
    ("bench-routes-cpu", "S1", "cpu", "Table transfer", "routes", "CPU seconds"),
    ("bench-routes-memory", "S1", "peak", "Table transfer", "routes", "peak MiB"),
    (
        "bench-clients-cpu",
        "S3",
        "cpu",
        "Reflection: 10 blocks of each to all others",
        "clients",
        "CPU seconds",
    ),
    ("bench-clients-memory", "S3", "peak", "Reflection", "clients", "peak MiB"),
)
"""File name, scenario, metric, title, labels of the axes."""


def draw(results: Results, directory: Path) -> None:
    """Write the plots for which there are two sizes or more."""
    for name, scenario, metric, title, x_label, y_label in _PICTURES:
        sizes = results.sizes(scenario)
        lines = {
            daemon: [
                (float(size), value)
                for size in sizes
                if (value := results.median(scenario, size, daemon, metric)) is not None
            ]
            for daemon in DAEMONS
        }
        if len(sizes) > 1 and any(lines.values()):
            (directory / f"{name}.svg").write_text(plot(title, x_label, y_label, lines))
