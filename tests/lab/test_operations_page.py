"""docs/operations.md does what it says: its scripts are run, while packets flow, and none is lost."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lab.daemon import Daemon
from lab.lossless.tors import TwoTors
from lab.lossless.traffic import Traffic
from lab.lossless.world import World
from lab.process import ROOT
from lab.script import run_script, scripts
from lab.topology import Lab
from tests.support.needs import need_namespaces

PAGE = ROOT / "docs" / "operations.md"
SCRIPTS = scripts(PAGE)
RATE = 100


def first(world: World) -> Daemon:
    return world.cluster.nodes[0].daemon


def router(world: World) -> Daemon:
    assert isinstance(world, TwoTors)
    return world.tors[0].daemon


SECTIONS: dict[str, tuple[Callable[[Lab], World], Callable[[World], Daemon]]] = {
    "Look at it": (lambda lab: World(lab, live=2), first),
    "Move from mesh to route reflectors": (lambda lab: World(lab, live=5), first),
    "Upgrade bgpd": (lambda lab: World(lab, live=2), first),
    "Notice a dead peer sooner": (lambda lab: World(lab, live=2), first),
    "Take a node out": (lambda lab: TwoTors(lab, gateway=2), router),
}


@pytest.mark.netns
@pytest.mark.parametrize("section", SECTIONS)
def test_scripts_of_a_section_work_and_lose_no_packet(section: str) -> None:
    need_namespaces()
    build, place = SECTIONS[section]
    with Lab() as lab:
        world = build(lab)
        world.start()
        world.wait_for_routes()
        traffic = Traffic(lab, world.ends, rate=RATE)
        traffic.start()
        for script in SCRIPTS[section]:
            run_script(script, place(world), lab.directory)
        time.sleep(0.5)
        result = traffic.finish()
        assert result.lost == 0, [direction for direction in result.directions if direction.lost]
        assert result.sent > 0


def test_every_script_is_in_a_section_that_is_run() -> None:
    assert {section for section, found in SCRIPTS.items() if found} == set(SECTIONS)


def test_every_message_explained_is_one_that_there_is() -> None:
    table = PAGE.read_text().partition("## What messages mean")[2]
    messages = [line.split("`")[1] for line in table.splitlines() if line.startswith("| `")]
    source = "".join(path.read_text() for room in ("bgpd", "fsm", "wire") for path in _modules(ROOT / room))
    assert messages
    assert [message for message in messages if message not in source] == []


def _modules(room: Path) -> list[Path]:
    return sorted(room.rglob("*.py"))
