"""What bgpd is held to, as ratios in one run."""

from dataclasses import dataclass
from typing import Final

from benchmarks.daemons import DAEMONS, OURS
from benchmarks.results import Results

_ALL: Final = tuple(name for name in DAEMONS if name != OURS)


@dataclass(frozen=True, slots=True)
class Goal:
    """At most `limit` times the best of `peers`; without peers, `limit` itself is the most."""

    scenario: str
    size: int
    metric: str
    limit: float
    peers: tuple[str, ...] = _ALL

    def value(self, results: Results) -> float | None:
        """Return the ratio, or the value, that was measured."""
        if not self.peers:
            return results.median(self.scenario, self.size, OURS, self.metric)
        return results.ratio(self.scenario, self.size, self.peers, self.metric)

    @property
    def text(self) -> str:
        """What is asked, in words."""
        against = (
            "" if not self.peers else f" x {'the best' if self.peers == _ALL else ', '.join(self.peers)}"
        )
        return f"{self.scenario} {self.size:,} {self.metric} <= {self.limit:g}{against}"


GOALS: Final = (
    Goal("S1", 1_000_000, "cpu", 1.0),
    Goal("S1", 1_000_000, "peak", 1.0),
    Goal("S1", 100_000, "cpu", 1.0),
    Goal("S2", 250_000, "cpu", 1.0),
    Goal("S3", 1000, "cpu", 0.5),
    Goal("S3", 1000, "bring_up_cpu", 1.0, ("OpenBGPD",)),
    Goal("S3", 1000, "peak", 60.0, ()),
    Goal("S3", 1000, "churn_cpu_ms", 0.8),
    Goal("S4", 500, "cpu", 0.5),
    *(
        Goal("S5", size, metric, 0.6, ("BIRD",))
        for size in (100_000, 500_000)
        for metric in ("wall", "cpu", "withdraw_wall", "withdraw_cpu")
    ),
    Goal("S6", 500, "p99_ms", 1.0, ("OpenBGPD", "GoBGP", "FRR")),
    Goal("S6", 500, "p99_ms", 1.0, ("BIRD",)),
    Goal("S7", 3, "cpu", 0.4, ()),
    Goal("S7", 3, "idle", 40.0, ()),
)
"""Those of issue 5, in its order."""
