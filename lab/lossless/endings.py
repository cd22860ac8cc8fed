"""Daemons that end: stopped, killed, restarted."""

import time

from lab.cluster import ClusterNode
from lab.lossless.world import World


def restart_a_reflector(world: World) -> None:
    """Restart one of two reflectors."""
    _restart(world, world.reflectors[0])


def lose_a_reflector(world: World) -> None:
    """One of two reflectors dies and stays dead."""
    world.reflectors[0].daemon.process.kill()
    time.sleep(5)


def restart_everybody(world: World) -> None:
    """Restart every daemon, one after the other, as an upgrade does."""
    for one in world.cluster:
        _restart(world, one)


def _restart(world: World, one: ClusterNode) -> None:
    """Stop it as an upgrade does, start it again and wait until it is back."""
    before = one.daemon.established()
    one.daemon.process.stop()
    one.daemon.start()
    _wait_until_back(world, one, before)


def kill_everybody(world: World) -> None:
    """Kill every daemon, one after the other, and start it again."""
    for one in world.cluster:
        before = one.daemon.established()
        one.daemon.process.kill()
        one.daemon.start()
        _wait_until_back(world, one, before)


def _wait_until_back(world: World, one: ClusterNode, sessions: set[str]) -> None:
    one.daemon.wait_established(sessions)
    world.wait_for_routes()
