"""S4: a route reflector starts while its clients already wait, each with its blocks."""

import time

from benchmarks.daemons import Peering, Setup
from benchmarks.scenarios.base import Metrics, Rig
from benchmarks.scenarios.reflector import BLOCKS, announcement_of, prove, send_all
from benchmarks.speaker import Endpoint
from benchmarks.world import DAEMON_AS, client_address


def restart(rig: Rig, clients: int) -> Metrics:
    """Measure from the start of the process until every client has everything."""
    addresses = [client_address(number) for number in range(clients)]
    streams = [announcement_of(number) for number in range(clients)]
    setup = Setup([Peering(address, DAEMON_AS, client=True) for address in addresses])
    begun = time.monotonic()
    rig.daemon.start(setup)
    rig.speaker.open([Endpoint(address, DAEMON_AS) for address in addresses])
    sessions = list(rig.speaker.sessions)
    send_all(sessions, streams)
    finished = rig.speaker.until_held(
        dict.fromkeys(sessions, (clients - 1) * BLOCKS), "all blocks everywhere"
    )
    prove(sessions)
    usage = rig.world.usage
    return {"wall": finished - begun, "cpu": usage.cpu, "peak": usage.peak}
