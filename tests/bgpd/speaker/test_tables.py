"""When what has arrived is decided: at once on a quiet line, as one batch on a busy one."""

import asyncio

import pytest

import rib
import wire
from bgpd.speaker.tables import Tables


class Router:
    """Takes half a second of the test's clock for each decision."""

    pending = backlog = deciding = False

    def __init__(self, clock):
        self.runs = 0
        self.fib = []
        self._clock = clock

    def run(self, budget):
        self.runs += 1
        self._clock[0] += 0.5
        return rib.Changes(fib=self.fib)


@pytest.fixture
def clock():
    return [100.0]


@pytest.fixture
async def tables(clock, monkeypatch):
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: clock[0])
    tables = Tables(fib=None, send=lambda *_: None, limit_reached=lambda _: None)
    tables.router = Router(clock)
    return tables


async def test_change_on_a_quiet_line_is_decided_before_the_turn_ends(tables):
    tables.receiving()
    tables.input_taken(little=True)
    assert tables.router.runs == 1
    assert tables.decided.is_set()
    await asyncio.sleep(0)
    assert tables.router.runs == 1


async def test_changes_on_a_busy_line_are_one_batch_at_the_end_of_the_turn(tables, clock):
    tables.receiving()
    tables.input_taken(little=True)
    for _ in range(3):
        clock[0] += 1.0
        tables.receiving()
        tables.input_taken(little=True)
    assert tables.router.runs == 1
    await asyncio.sleep(0)
    assert tables.router.runs == 2


async def test_line_is_quiet_again_when_decisions_are_a_small_part_of_the_time(tables, clock):
    tables.receiving()
    tables.input_taken(little=True)
    clock[0] += 5.0
    tables.receiving()
    tables.input_taken(little=True)
    assert tables.router.runs == 2


async def test_middle_of_something_longer_is_not_decided_before_the_turn_ends(tables):
    tables.receiving()
    tables.input_taken(little=False)
    assert tables.router.runs == 0
    await asyncio.sleep(0)
    assert tables.router.runs == 1


async def test_without_a_change_there_is_nothing_to_decide(tables):
    tables.input_taken(little=True)
    assert tables.router.runs == 0


async def test_nothing_is_decided_while_decisions_are_held(tables):
    tables.hold()
    tables.receiving()
    tables.input_taken(little=True)
    assert tables.router.runs == 0
    tables.release()
    await asyncio.sleep(0)
    assert tables.router.runs == 1


async def test_nothing_more_is_read_while_what_was_read_is_decided(tables):
    tables.router.pending = tables.router.backlog = True
    tables.schedule()
    seen = []
    for _ in range(24):
        await asyncio.sleep(0)
        seen.append(tables.behind)
    # Ten turns for the backlog, then one in which all are heard.
    assert seen == [*[True] * 10, False, *[True] * 10, False, True, True]
    tables.router.pending = tables.router.backlog = False
    await asyncio.sleep(0)
    assert not tables.behind


async def test_the_kernel_is_told_whether_more_routes_may_follow(clock, monkeypatch):
    calls = []

    class Fib:
        def apply(self, changes, *, unfinished=False):
            calls.append((list(changes), unfinished))

    tables = Tables(fib=Fib(), send=lambda *_: None, limit_reached=lambda _: None)
    tables.router = Router(clock)
    change = rib.FibChange(wire.Family.IPV4_UNICAST, [b"\x08\x0a"], None)
    tables.router.fib, tables.router.pending, tables.router.deciding = [change], True, True
    tables.schedule()
    await asyncio.sleep(0)
    tables.router.fib, tables.router.pending, tables.router.deciding = [], False, False
    await asyncio.sleep(0)
    tables.schedule()
    await asyncio.sleep(0)
    assert calls == [([change], True), ([], False)]
