"""Routers outside of the cluster that go away, and come back."""

import time
from functools import partial
from typing import Final

from lab.cluster import session_name
from lab.lossless.tors import TwoTors
from lab.topology import Lab
from lab.wait import wait_until

HOLD_TIME: Final = 3
"""Seconds; the least that RFC 4271, section 4.2, allows."""


def with_hold_time(lab: Lab) -> TwoTors:
    """Have sessions to the routers end soon after the last message."""
    return TwoTors(lab, gateway=2, annotations={"bgpd.io/hold-time": f"{HOLD_TIME}s"})


def end_tor_sessions(world: TwoTors) -> None:
    """End every node's session with the first router, as an operator does."""
    for one in world.live:
        for address in world.tors[0].addresses:
            world.bgpctl("session", "shutdown", session_name("Global", address), at=one)
    time.sleep(2)


def kill_tor(world: TwoTors) -> None:
    """Kill the first router's speaker; its kernel forwards on (RFC 4724)."""
    world.tors[0].daemon.process.kill()
    time.sleep(5)


def unplug_tor(world: TwoTors) -> None:
    """Cut off the first router, which all prefer, without a word."""
    world.plug(world.tors[0], up=False)
    time.sleep(HOLD_TIME + 2)


def with_bfd(lab: Lab) -> TwoTors:
    """Have the routers watched with BFD."""
    return TwoTors(lab, gateway=2, annotations={"bgpd.io/bfd": "100ms x3"})


def drain_tor(world: TwoTors) -> None:
    """Drain the first router, which all prefer, cut it off for a while and take it back."""
    first, second = world.tors
    first.daemon.bgpctl("drain")
    wait_until(lambda: world.ways_out() == set(second.addresses), "all packets go by the second router")
    world.plug(first, up=False)
    time.sleep(2)
    world.plug(first, up=True)
    world.wait_for_routes()
    first.daemon.bgpctl("undrain")
    wait_until(lambda: world.ways_out() == set(first.addresses), "all packets go by the first router again")


def with_gateway_two(lab: Lab) -> TwoTors:
    """Have the server send by the second router, which is not the one that goes away."""
    return TwoTors(lab, gateway=2)


def reset_tor_sessions(world: TwoTors) -> None:
    """Have all sessions with both routers begin anew, by what no live session can change, and back."""
    for source in ("None", "UseNodeIP"):
        before = _flaps(world)
        world.change_peers(sourceAddress=source)
        wait_until(partial(_are_back, world, before), "all sessions begin anew")
        world.wait_for_routes()


def _flaps(world: TwoTors) -> dict[tuple[str, str], int]:
    return {
        (one.name, name): one.daemon.peers()[name]["flaps"] for one in world.live for name in _names(world)
    }


def _are_back(world: TwoTors, before: dict[tuple[str, str], int]) -> bool:
    fallen = all(flaps > before[key] for key, flaps in _flaps(world).items())
    return fallen and all(_names(world) <= one.daemon.established() for one in world.live)


def _names(world: TwoTors) -> set[str]:
    return {session_name("Global", address) for tor in world.tors for address in tor.addresses}
