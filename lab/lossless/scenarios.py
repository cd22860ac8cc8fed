"""What happens to a cluster while packets flow: one function a case, one row of the table each."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from lab.cluster import ClusterNode, session_name
from lab.lossless import bird
from lab.lossless.edits import ROUND, edit
from lab.lossless.tors import TwoTors
from lab.lossless.world import TO_REFLECTORS, World, as_reflector, mesh_is, session_names
from lab.topology import Lab
from lab.wait import wait_for_each, wait_until

W = TypeVar("W", bound=World)


@dataclass(frozen=True, slots=True)
class Scenario(Generic[W]):
    """A change to a cluster that runs, and how long it may keep packets from arriving."""

    name: str
    title: str
    build: Callable[[Lab], W]
    act: Callable[[W], None]
    outage: float = 0.0
    """Seconds that a direction may be interrupted: the time to detect a failure that nothing announces."""


def _mesh(lab: Lab) -> World:
    return World(lab, live=4)


def _mesh_beside_reflectors(lab: Lab) -> World:
    return World(lab, live=3, reflectors=2)


def _reflected(lab: Lab) -> World:
    return World(lab, live=3, reflectors=2, mesh=False)


# --- between mesh and reflectors --------------------------------------------------------------------------


def _to_reflectors_in_steps(world: World) -> None:
    """Calico's procedure: new nodes reflect, everybody peers with them, and then the mesh is switched off."""
    world.apply(TO_REFLECTORS)
    names = session_names("Node", world.reflectors)
    wait_for_each(world.live, lambda one: names <= one.daemon.established(), "sessions to the reflectors")
    world.apply(mesh_is(on=False))
    world.wait_for_reflection(world.reflectors)


def _to_reflectors_at_once(world: World) -> None:
    """Two nodes that carry traffic become reflectors, and the mesh goes, in one `bgpctl apply`."""
    reflectors = world.live[:2]
    world.apply(*map(as_reflector, reflectors), TO_REFLECTORS, mesh_is(on=False))
    world.wait_for_reflection(reflectors)


def _to_reflectors_and_back(world: World) -> None:
    _to_reflectors_at_once(world)
    _to_mesh_at_once(world)


def _to_mesh_at_once(world: World) -> None:
    """No reflectors any more: the reverse, as fast as bgpctl can say it."""
    world.apply(mesh_is(on=True), *(one.document() for one in world.live[:2]))
    world.bgpctl("delete", "bgppeer", "reflectors")
    world.wait_for_mesh()


# --- daemons that end -------------------------------------------------------------------------------------


def _restart_a_reflector(world: World) -> None:
    _restart(world, world.reflectors[0])


def _lose_a_reflector(world: World) -> None:
    """One of two reflectors dies and stays dead."""
    world.reflectors[0].daemon.process.kill()
    time.sleep(5)


def _restart_everybody(world: World) -> None:
    for one in world.cluster:
        _restart(world, one)


def _restart(world: World, one: ClusterNode) -> None:
    """Stop it as an upgrade does, start it again and wait until it is back."""
    before = one.daemon.established()
    one.daemon.process.stop()
    one.daemon.start()
    _wait_until_back(world, one, before)


def _kill_everybody(world: World) -> None:
    for one in world.cluster:
        before = one.daemon.established()
        one.daemon.process.kill()
        one.daemon.start()
        _wait_until_back(world, one, before)


def _wait_until_back(world: World, one: ClusterNode, sessions: set[str]) -> None:
    one.daemon.wait_established(sessions)
    world.wait_for_routes()


# --- resources that go bad --------------------------------------------------------------------------------


def _datastore_outage(world: World) -> None:
    """Take the directory of resources away for some seconds."""
    directory = world.resources.directory
    away = directory.with_name("away")
    directory.rename(away)
    time.sleep(3)
    away.rename(directory)
    time.sleep(1)


def _garbage(world: World) -> None:
    """Every file is overwritten with something that is no resource, and later made good again."""
    files = {path: path.read_bytes() for path in world.resources.directory.rglob("*.yaml")}
    for number, path in enumerate(files):
        path.write_bytes(_GARBAGE[number % len(_GARBAGE)])
    wait_until(world.live[0].daemon.problems, "the garbage is reported")
    time.sleep(2)
    for path, content in files.items():
        path.write_bytes(content)
    wait_until(lambda: not world.live[0].daemon.problems(), "all is well again")


_GARBAGE: Final = (b"", b"\0\xff\xfe not YAML", b"{", b"kind: Node\n", b"spec: [1, 2", b"- - -\n%\n")


def _edits(world: World) -> None:
    """Fifty edits a second: nodes, blocks, pools, filters, communities and peers come, change and go."""
    begun = time.monotonic()
    for number in range(_EDITS):
        edit(world, number)
        time.sleep(max(0.0, begun + number / _EDITS_PER_SECOND - time.monotonic()))
    world.wait_for_mesh()


_EDITS: Final = 18 * ROUND
_EDITS_PER_SECOND: Final = 50

# --- routers outside ---------------------------------------------------------------------------------------


HOLD_TIME: Final = 3
"""Seconds; the least that RFC 4271, section 4.2, allows."""


def _with_hold_time(lab: Lab) -> TwoTors:
    return TwoTors(lab, gateway=2, annotations={"bgpd.io/hold-time": f"{HOLD_TIME}s"})


def _end_tor_sessions(world: TwoTors) -> None:
    """End every node's session with the first router, as an operator does."""
    for one in world.live:
        for address in world.tors[0].addresses:
            world.bgpctl("session", "shutdown", session_name("Global", address), at=one)
    time.sleep(2)


def _kill_tor(world: TwoTors) -> None:
    """Kill the first router's speaker; its kernel forwards on (RFC 4724)."""
    world.tors[0].daemon.process.kill()
    time.sleep(5)


def _unplug_tor(world: TwoTors) -> None:
    """Cut off the first router, which all prefer, without a word."""
    world.plug(world.tors[0], up=False)
    time.sleep(HOLD_TIME + 2)


def _with_bfd(lab: Lab) -> TwoTors:
    return TwoTors(lab, gateway=2, annotations={"bgpd.io/bfd": "100ms x3"})


def _drain_tor(world: TwoTors) -> None:
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


def _with_gateway_two(lab: Lab) -> TwoTors:
    return TwoTors(lab, gateway=2)


SCENARIOS: Final[tuple[Scenario[Any], ...]] = (
    Scenario("steps", "mesh to reflectors, in steps", _mesh_beside_reflectors, _to_reflectors_in_steps),
    Scenario("one-step", "mesh to reflectors, one apply", _mesh, _to_reflectors_at_once),
    Scenario("and-back", "... and back to the mesh", _mesh, _to_reflectors_and_back),
    Scenario("reflector-restart", "a reflector restarts", _reflected, _restart_a_reflector),
    Scenario("reflector-loss", "one of two reflectors dies", _reflected, _lose_a_reflector),
    Scenario("kill", "rolling kill -9 of every daemon", _reflected, _kill_everybody),
    Scenario("upgrade", "rolling restart of every daemon", _reflected, _restart_everybody),
    Scenario("tor-session", "sessions with one of two ToRs end", TwoTors, _end_tor_sessions),
    Scenario("drain", "a drained ToR is away for 2 s", _with_gateway_two, _drain_tor),
    Scenario("tor-kill", "bgpd of one of two ToRs dies", TwoTors, _kill_tor),
    Scenario(
        "tor-unplugged", "one of two ToRs is cut off", _with_hold_time, _unplug_tor, outage=HOLD_TIME + 1
    ),
    Scenario("tor-bfd", "the same with BFD, 100 ms x 3", _with_bfd, _unplug_tor, outage=0.5),
    Scenario("datastore", "the datastore is away for 3 s", _mesh, _datastore_outage),
    Scenario("garbage", "every resource file is garbage", _mesh, _garbage),
    Scenario("edits", "50 edits a second for 5 s", _mesh, _edits),
)
"""Every case of the proof, in the order of the table."""


def _bird_mesh(lab: Lab) -> bird.BirdWorld:
    return bird.BirdWorld(lab)


def _bird_reflected(lab: Lab) -> bird.BirdWorld:
    return bird.BirdWorld(lab, reflected=True)


COMPARISON: Final[tuple[Scenario[Any], ...]] = (
    Scenario("bird-one-step", "BIRD: mesh to reflectors", _bird_mesh, bird.to_reflectors),
    Scenario("bird-back", "BIRD: back to the mesh", _bird_reflected, bird.to_mesh),
    Scenario("bird-kill", "BIRD: rolling kill -9", _bird_reflected, bird.kill_everybody),
    Scenario("bird-upgrade", "BIRD: rolling restart", _bird_reflected, bird.restart_everybody),
)
"""What BIRD does in the same place; it is not held to anything."""
