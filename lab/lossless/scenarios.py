"""The cases of the proof, one row of the table each."""

from typing import Any, Final

from lab.lossless import changes, endings, etcd, migration, resources, routers
from lab.lossless.bird import acts, tors
from lab.lossless.scenario import Scenario
from lab.lossless.tors import TwoTors
from lab.lossless.world import World
from lab.topology import Lab


def _mesh(lab: Lab) -> World:
    return World(lab, live=4)


SCENARIOS: Final[tuple[Scenario[Any], ...]] = (
    Scenario("steps", "mesh to reflectors, in steps", migration.beside_mesh, migration.in_steps),
    Scenario("one-step", "mesh to reflectors, one apply", _mesh, migration.at_once, still=True),
    Scenario("any-order", "... resources in any order", _mesh, migration.in_any_order, still=True),
    Scenario("and-back", "... and back to the mesh", _mesh, migration.and_back, still=True),
    Scenario(
        "reflector-restart",
        "a reflector restarts",
        migration.reflected,
        endings.restart_a_reflector,
        still=True,
    ),
    Scenario(
        "reflector-loss",
        "one of two reflectors dies",
        migration.reflected,
        endings.lose_a_reflector,
        still=True,
    ),
    Scenario(
        "kill", "rolling kill -9, every daemon", migration.reflected, endings.kill_everybody, still=True
    ),
    Scenario(
        "upgrade", "rolling restart, every daemon", migration.reflected, endings.restart_everybody, still=True
    ),
    Scenario("tor-session", "sessions with a ToR end", TwoTors, routers.end_tor_sessions),
    Scenario("tor-reset", "all sessions with ToRs reset", TwoTors, routers.reset_tor_sessions, still=True),
    Scenario("drain", "a drained ToR is away for 2 s", routers.with_gateway_two, routers.drain_tor),
    Scenario("tor-kill", "bgpd of one of two ToRs dies", TwoTors, routers.kill_tor),
    Scenario(
        "tor-unplugged",
        "one of two ToRs is cut off",
        routers.with_hold_time,
        routers.unplug_tor,
        outage=routers.HOLD_TIME + 1,
    ),
    Scenario("tor-bfd", "the same with BFD, 100 ms x 3", routers.with_bfd, routers.unplug_tor, outage=0.5),
    Scenario("datastore", "the datastore is away for 3 s", _mesh, resources.datastore_outage, still=True),
    Scenario("etcd", "etcd dies and comes back", etcd.EtcdWorld, etcd.etcd_outage, needs="etcd", still=True),
    Scenario("garbage", "every resource file is garbage", _mesh, resources.garbage, still=True),
    Scenario("blocks", "all nodes' blocks go and come", _mesh, resources.blocks_come_and_go),
    Scenario("cluster-as", "the cluster in another AS", _mesh, changes.change_as_of_cluster, still=True),
    Scenario("node-as", "a node in another AS", _mesh, changes.change_as_of_node),
    Scenario("next-hop", "another next-hop mode", migration.reflected, changes.change_next_hops),
    Scenario("tunnels", "IPIP on, across subnets, off", changes.with_tunnels, changes.change_encapsulation),
    Scenario("edits", "50 edits a second for 5 s", _mesh, resources.edits),
)
"""Every case of the proof, in the order of the table."""


COMPARISON: Final[tuple[Scenario[Any], ...]] = tuple(
    Scenario(f"bird-{name}", f"BIRD: {title}", build, act, needs="bird")
    for name, title, build, act in (
        ("one-step", "mesh to reflectors", acts.mesh, acts.to_reflectors),
        ("back", "back to the mesh", acts.reflected_by_workers, acts.to_mesh),
        ("reflector-restart", "a reflector restarts", acts.reflected, acts.restart_a_reflector),
        ("reflector-loss", "one of two dies", acts.reflected, acts.lose_a_reflector),
        ("kill", "rolling kill -9", acts.reflected, acts.kill_everybody),
        ("upgrade", "rolling restart", acts.reflected, acts.restart_everybody),
        ("tor-session", "sessions with a ToR end", tors.BirdTors, tors.end_tor_sessions),
        ("tor-reset", "all with ToRs reset", tors.BirdTors, tors.reset_tor_sessions),
        ("tor-kill", "that of a ToR dies", tors.BirdTors, tors.kill_tor),
        ("tor-unplugged", "a ToR is cut off", tors.with_hold_time, routers.unplug_tor),
        ("tor-bfd", "the same with BFD", tors.with_bfd, routers.unplug_tor),
        ("garbage", "configuration is garbage", acts.mesh, acts.garbage),
        ("cluster-as", "cluster in another AS", acts.mesh, acts.change_as),
        ("edits", "50 edits a second, 5 s", acts.mesh, acts.edits),
    )
)
"""What BIRD does in the same place; it is not held to anything."""
