"""What a process and all its descendants have used, from /proc."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Usage:
    """CPU seconds (user and system, all processes and threads) and memory in MiB, added up."""

    cpu: float
    resident: float
    peak: float


def usage_of(pid: int) -> Usage:
    """Measure a process tree. Threads that have ended are not in it: no daemon here ends busy ones."""
    processes = list(_tree(pid))
    return Usage(
        cpu=sum(_cpu(process) for process in processes),
        resident=sum(_memory(process, "VmRSS") for process in processes),
        peak=sum(_memory(process, "VmHWM") for process in processes),
    )


def reset_peak(pid: int) -> None:
    """Make the peak of a process tree what it has now (proc(5), clear_refs)."""
    for process in _tree(pid):
        with contextlib.suppress(OSError):
            (_PROC / str(process) / "clear_refs").write_text("5")


def _tree(pid: int) -> Iterator[int]:
    yield pid
    with contextlib.suppress(OSError):
        for task in (_PROC / str(pid) / "task").iterdir():
            for child in (task / "children").read_text().split():
                yield from _tree(int(child))


def _cpu(pid: int) -> float:
    """Add up the nanoseconds on a CPU of every thread, a finer clock than the ticks of /proc/PID/stat."""
    total = 0
    with contextlib.suppress(OSError):
        for task in (_PROC / str(pid) / "task").iterdir():
            with contextlib.suppress(OSError):
                total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


def _memory(pid: int, field: str) -> float:
    with contextlib.suppress(OSError):
        for line in (_PROC / str(pid) / "status").read_text().splitlines():
            if line.startswith(field):
                return int(line.split()[1]) / 1024
    return 0.0
