"""The scenarios: what is done to a daemon and what is measured."""

from typing import Final

from benchmarks.scenarios.base import Rig, Scenario
from benchmarks.scenarios.fairness import fairness
from benchmarks.scenarios.idle import idle
from benchmarks.scenarios.kernel import kernel
from benchmarks.scenarios.latency import latency
from benchmarks.scenarios.reflector import reflector
from benchmarks.scenarios.restart import restart
from benchmarks.scenarios.transfer import competing_feeds, transfer, transfer_ipv6

__all__ = ["SCENARIOS", "Rig", "Scenario"]

_GROWTH: Final = (10_000, 30_000, 100_000, 300_000, 1_000_000)
_CLIENTS: Final = (10, 100, 500, 1000)

SCENARIOS: Final[dict[str, Scenario]] = {
    scenario.name: scenario
    for scenario in (
        Scenario(
            "S1", "one feed in, everything out to another peer", "routes", transfer, _GROWTH, (100_000,)
        ),
        Scenario("S1v6", "the same with IPv6", "routes", transfer_ipv6, (100_000,), ()),
        Scenario("S2", "four feeds of the same prefixes", "routes", competing_feeds, (250_000,), (25_000,)),
        Scenario("S3", "reflector, each client sends 10 blocks", "clients", reflector, _CLIENTS, (10, 100)),
        Scenario("S4", "reflector starts under waiting clients", "clients", restart, (500,), (100,)),
        Scenario("S5", "into the kernel and out", "routes", kernel, (100_000, 500_000), (20_000,)),
        Scenario("S6", "one change at idle", "changes", latency, (500,), (100,)),
        Scenario("S7", "start and idle", "seconds idle", idle, (3,), (1,)),
        Scenario("S8", "changes while a table arrives", "routes", fairness, (1_000_000,), (100_000,)),
    )
}
