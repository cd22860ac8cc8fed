"""From the full mesh to route reflectors, and back, on nodes that carry traffic."""

from itertools import chain, permutations

from lab.lossless.world import TO_REFLECTORS, World, as_reflector, mesh_is, session_names
from lab.topology import Lab
from lab.wait import wait_for_each


def beside_mesh(lab: Lab) -> World:
    """Three nodes and two more that shall reflect."""
    return World(lab, live=3, reflectors=2)


def reflected(lab: Lab) -> World:
    """Build three nodes and the two that reflect between them."""
    return World(lab, live=3, reflectors=2, mesh=False)


def in_steps(world: World) -> None:
    """Calico's procedure: new nodes reflect, everybody peers with them, and then the mesh is switched off."""
    world.apply(TO_REFLECTORS)
    names = session_names("Node", world.reflectors)
    wait_for_each(world.live, lambda one: names <= one.daemon.established(), "sessions to the reflectors")
    world.apply(mesh_is(on=False))
    world.wait_for_reflection(world.reflectors)


def at_once(world: World) -> None:
    """Two nodes that carry traffic become reflectors, and the mesh goes, in one `bgpctl apply`."""
    reflectors = world.live[:2]
    world.apply(*map(as_reflector, reflectors), TO_REFLECTORS, mesh_is(on=False))
    world.wait_for_reflection(reflectors)


def and_back(world: World) -> None:
    """Go to reflectors, and back."""
    at_once(world)
    _back_at_once(world)


def in_any_order(world: World) -> None:
    """Do it with the resources in every order, and go back each time."""
    reflectors = world.live[:2]
    parts = ([as_reflector(one) for one in reflectors], [TO_REFLECTORS], [mesh_is(on=False)])
    for order in permutations(parts):
        world.apply(*chain(*order))
        world.wait_for_reflection(reflectors)
        _back_at_once(world)


def _back_at_once(world: World) -> None:
    """No reflectors any more: the reverse, as fast as bgpctl can say it."""
    world.apply(mesh_is(on=True), *(one.document() for one in world.live[:2]))
    world.bgpctl("delete", "bgppeer", "reflectors")
    world.wait_for_mesh()
