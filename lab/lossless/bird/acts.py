"""What happens to nodes with BIRD: as much of it as BIRD has an equivalent of."""

import time

from lab.lossless.bird.mesh import BirdWorld
from lab.topology import Lab

_OTHER_AS = 64999
_EDITS = 250
_EDITS_PER_SECOND = 50


def mesh(lab: Lab) -> BirdWorld:
    """Four nodes in a full mesh."""
    return BirdWorld(lab, live=4)


def reflected_by_workers(lab: Lab) -> BirdWorld:
    """Build four nodes, two of which reflect."""
    world = mesh(lab)
    world.reflect_by_two()
    return world


def reflected(lab: Lab) -> BirdWorld:
    """Three nodes and the two that reflect between them."""
    return BirdWorld(lab, live=3, reflectors=2)


def to_reflectors(world: BirdWorld) -> None:
    """Switch to reflectors in one step."""
    world.reflect_by_two()
    world.configure()
    _settle(world)


def to_mesh(world: BirdWorld) -> None:
    """Switch back to the mesh in one step."""
    world.reflecting = []
    world.configure()
    _settle(world)


def restart_a_reflector(world: BirdWorld) -> None:
    """Stop and start BIRD on one of two reflectors."""
    bird = world.birds[world.reflectors[0].name]
    bird.process.stop()
    bird.start()
    _settle(world)


def lose_a_reflector(world: BirdWorld) -> None:
    """BIRD on one of two reflectors dies and stays dead."""
    world.birds[world.reflectors[0].name].process.kill()
    time.sleep(5)


def restart_everybody(world: BirdWorld) -> None:
    """Stop and start BIRD on one node after the other."""
    for bird in world.birds.values():
        bird.process.stop()
        bird.start()
        _settle(world)


def kill_everybody(world: BirdWorld) -> None:
    """Kill and start BIRD on one node after the other."""
    for bird in world.birds.values():
        bird.process.kill()
        bird.start()
        _settle(world)


def garbage(world: BirdWorld) -> None:
    """Have every BIRD read a configuration that is none."""
    for bird in world.birds.values():
        bird.write("router id {")
        bird.ask("configure")
    time.sleep(2)


def change_as(world: BirdWorld) -> None:
    """Give the whole cluster another AS number, and its own back."""
    own = world.as_number
    for number in (_OTHER_AS, own):
        world.as_number = number
        world.configure()
        _settle(world)


def edits(world: BirdWorld) -> None:
    """Fifty edits a second that change no session: something new that is originated nowhere."""
    begun = time.monotonic()
    birds = list(world.birds.values())
    for number in range(_EDITS):
        bird = birds[number % len(birds)]
        bird.append(f"filter edit_{number} {{ accept; }}\n")
        bird.ask("configure")
        time.sleep(max(0.0, begun + number / _EDITS_PER_SECOND - time.monotonic()))
    world.wait_for_sessions()


def _settle(world: BirdWorld) -> None:
    time.sleep(1)
    world.wait_for_sessions()
    world.wait_for_routes()
    time.sleep(1)
