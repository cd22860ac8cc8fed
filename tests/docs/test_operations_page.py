"""docs/operations.md does what it says: its scripts are run, while packets flow, and none is lost."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from lab.daemon import Daemon
from lab.lossless.tors import TwoTors
from lab.lossless.traffic import Traffic
from lab.process import ROOT
from lab.topology import Lab
from tests.docs.blocks import sections
from tests.docs.shell import Shell
from tests.support.needs import need_namespaces

PAGE: Final = ROOT / "docs" / "operations.md"
SCRIPTS: Final = sections(PAGE)
RATE: Final = 100
PLACES: Final[dict[str, Callable[[TwoTors], Daemon]]] = {
    "Upgrade bgpd": lambda world: world.cluster.nodes[0].daemon,
    "Take a node out": lambda world: world.tors[0].daemon,
    "Notice a dead peer sooner": lambda world: world.cluster.nodes[0].daemon,
}
"""Where the scripts of a section are run."""


@pytest.fixture(scope="module")
def world() -> Iterator[TwoTors]:
    """Two nodes, and two routers of whom the server behind them uses the second."""
    need_namespaces()
    with Lab() as lab:
        world = TwoTors(lab, gateway=2)
        world.start()
        world.wait_for_routes()
        yield world


@pytest.mark.netns
@pytest.mark.parametrize("section", PLACES)
def test_scripts_of_a_section_work_and_lose_no_packet(section: str, world: TwoTors) -> None:
    traffic = Traffic(world.lab, world.ends, rate=RATE)
    traffic.start()
    shell = Shell(world.lab, PLACES[section](world))
    for block in SCRIPTS[section]:
        shell.follow(block)
    result = traffic.finish()
    assert result.lost == 0, [direction for direction in result.directions if direction.lost]
    assert result.sent > 0


def test_every_script_is_in_a_section_that_is_run() -> None:
    assert SCRIPTS.keys() == PLACES.keys()


def test_every_message_explained_is_one_that_there_is() -> None:
    table = PAGE.read_text().partition("## What messages mean")[2]
    messages = [line.split("`")[1] for line in table.splitlines() if line.startswith("| `")]
    source = "".join(path.read_text() for room in ("bgpd", "fsm", "wire") for path in _modules(ROOT / room))
    assert messages
    assert [message for message in messages if message not in source] == []


def _modules(room: Path) -> list[Path]:
    return sorted(room.rglob("*.py"))
