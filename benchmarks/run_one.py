"""One measurement in a process of its own: `python -m benchmarks.run_one DAEMON SCENARIO SIZE`, JSON out."""

import gc
import json
import resource
import sys

from benchmarks.daemons import DAEMONS
from benchmarks.scenarios import SCENARIOS, Rig
from benchmarks.speaker import SpeakerError
from benchmarks.world import World


def main(daemon: str, scenario: str, size: str) -> None:
    """Print the metrics as JSON, or {"failed": why}."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    gc.disable()  # the speaker's pauses would be measured as the daemon's
    with World() as world:
        rig = Rig(world, DAEMONS[daemon](world))
        try:
            metrics: dict[str, object] = {**SCENARIOS[scenario].run(rig, int(size))}
        except (SpeakerError, AssertionError) as error:
            log = world.log.read_text(errors="replace").splitlines()[-8:] if world.log.exists() else []
            metrics = {"failed": str(error), "log": log}
        sys.stdout.write(json.dumps(metrics) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
