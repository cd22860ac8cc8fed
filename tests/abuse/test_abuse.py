"""The daemon under abuse: nobody else feels it, memory comes back, it never ends.

The short runs are part of `make test`; `make abuse` runs the long ones.
"""

from collections.abc import Callable, Iterator

import pytest

from lab.topology import Lab
from lab.wait import wait_until
from tests.abuse.abuses import ABUSES
from tests.abuse.arena import Arena
from tests.support.needs import need_namespaces

pytestmark = pytest.mark.netns

LONG = 10


@pytest.fixture(scope="module")
def arena() -> Iterator[Arena]:
    """One daemon for all: who comes later feels what earlier ones have left behind."""
    need_namespaces()
    with Lab() as lab:
        arena = Arena(lab)
        yield arena
        for witness in arena.witnesses:
            witness.close()


@pytest.mark.parametrize("abuse", ABUSES, ids=lambda abuse: abuse.__name__)
def test_abuse_harms_nobody_else(arena: Arena, abuse: Callable[[Arena, int], None]) -> None:
    abuse(arena, 1)
    arena.check()


def test_memory_returns_to_its_base_line(arena: Arena) -> None:
    after_one = _after_a_round(arena, 1)
    _after_a_round(arena, 1)
    wait_until(lambda: arena.memory() < after_one * 1.1, "memory is back", seconds=20)
    arena.check()


@pytest.mark.abuse
@pytest.mark.timeout(3600)
def test_long_abuse(arena: Arena) -> None:
    base = _after_a_round(arena, 1)
    for _ in range(3):
        _after_a_round(arena, LONG)
    _after_a_round(arena, 1)
    wait_until(lambda: arena.memory() < base * 1.25, f"memory is back at {base} KiB", seconds=60)


def _after_a_round(arena: Arena, scale: int) -> int:
    """Commit every abuse; return what memory the daemon has then."""
    for abuse in ABUSES:
        abuse(arena, scale)
        arena.check()
    return arena.memory()
