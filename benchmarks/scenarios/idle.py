"""S7: what it costs to be there at all."""

import socket
import time

from benchmarks.daemons import Peering, Setup
from benchmarks.scenarios.base import Metrics, Rig
from benchmarks.world import DAEMON_ADDRESS, client_address

_POLL_SECONDS = 0.002


def idle(rig: Rig, seconds: int) -> Metrics:
    """Start with one configured peer that never comes; CPU until port 179 listens, memory some time later."""
    begun = time.monotonic()
    rig.daemon.start(Setup([Peering(client_address(0), 64601)]))
    while not _listens():
        time.sleep(_POLL_SECONDS)
        if time.monotonic() - begun > 30:
            raise AssertionError("nobody listens on port 179")
    listening, cpu = time.monotonic(), rig.cpu
    time.sleep(seconds)
    usage = rig.world.usage
    return {
        "wall": listening - begun,
        "cpu": cpu,
        "peak": usage.peak,
        "idle": usage.resident,
        "idle_cpu_ms": (usage.cpu - cpu) / seconds * 1e3,
    }


def _listens() -> bool:
    """Try the port from an address that no peer has: it is refused, or closed at once."""
    with socket.socket() as probe:
        probe.bind((client_address(9999), 0))
        return probe.connect_ex((DAEMON_ADDRESS, 179)) == 0
