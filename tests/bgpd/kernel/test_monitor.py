"""Dumps and notifications through a scripted socket."""

from collections.abc import Iterator
from errno import EBUSY, ENOENT
from struct import pack

import pytest

from bgpd.kernel.codes import (
    NLM_F_DUMP_INTR,
    NLMSG_DONE,
    NLMSG_ERROR,
    RTM_GETADDR,
    RTM_GETLINK,
    RTM_GETROUTE,
    RTM_NEWROUTE,
)
from bgpd.kernel.messages import HEADER, Message
from bgpd.kernel.monitor import Monitor
from bgpd.kernel.socket import Overrun
from bgpd.kernel.view import ROUTE_DUMPS, KernelView
from tests.bgpd.kernel.netlink_world import P1, P2, STATIC, held, message, new_route
from wire import Family

V4 = Family.IPV4_UNICAST


class Script:
    """A socket whose kernel says what the test put in."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, int]] = []
        self.sequence = 0
        self.inbox: list[Message | Exception] = []

    def send(self, data: bytes) -> None:
        _, kind, _, self.sequence, _ = HEADER.unpack_from(data)
        self.asked.append((kind, data[16]))

    def receive(self, limit: int) -> Iterator[Message]:
        while self.inbox:
            item = self.inbox.pop(0)
            if isinstance(item, Exception):
                raise item
            yield item

    def done(self, *told: Message) -> None:
        self.inbox += [*told, message(NLMSG_DONE, bytes(4), sequence=self.sequence)]

    def refuse(self, errno: int) -> None:
        self.inbox.append(message(NLMSG_ERROR, pack("=i", -errno) + bytes(16), sequence=self.sequence))


class Bench:
    def __init__(self) -> None:
        self.script = Script()
        self.view = KernelView()
        self.monitor = Monitor(self.script, self.view)
        self.routes = self.view.families[V4]

    def finish(self) -> None:
        """Let all dumps that are due end without a route."""
        while self.monitor.dumping:
            self.script.done()
            self.monitor.read(0.0)
        self.script.asked.clear()


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_start_asks_for_links_addresses_and_routes_in_turn(bench: Bench) -> None:
    bench.monitor.start()
    for _ in range(4):
        assert bench.monitor.dumping
        bench.script.done()
        bench.monitor.read(0.0)
    assert not bench.monitor.dumping
    assert bench.script.asked == [(RTM_GETLINK, 0), (RTM_GETADDR, 0), (RTM_GETROUTE, 2), (RTM_GETROUTE, 10)]
    assert bench.monitor.resyncs == 0


def test_main_table_that_never_had_a_route_is_an_empty_dump(bench: Bench) -> None:
    bench.monitor.start()
    for answer in (bench.script.done, bench.script.done):
        answer()
        bench.monitor.read(0.0)
    for _ in range(2):
        bench.script.refuse(ENOENT)
        bench.monitor.read(0.0)
    assert not bench.monitor.dumping


def test_refused_dump_is_an_error_and_stays_due(bench: Bench) -> None:
    bench.monitor.start()
    bench.script.refuse(EBUSY)
    with pytest.raises(OSError, match="refused to list"):
        bench.monitor.read(0.0)
    assert bench.monitor.dumping
    bench.monitor.resync([])
    bench.finish()
    assert not bench.monitor.dumping


def test_notifications_during_a_dump_count_and_unseen_routes_go(bench: Bench) -> None:
    bench.monitor.start()
    bench.finish()
    bench.script.inbox.append(new_route(P1, protocol=STATIC))
    bench.monitor.read(0.0)
    bench.monitor.resync([ROUTE_DUMPS[V4]])
    bench.script.done(new_route(P2, protocol=STATIC))
    bench.monitor.read(0.0)
    assert bench.routes.foreign[P1] == ()
    assert bench.routes.foreign[P2] == (held(protocol=STATIC),)
    assert bench.script.asked == [(RTM_GETROUTE, 2)]
    assert bench.monitor.resyncs == 1


def test_interrupted_dump_is_repeated_before_it_is_believed(bench: Bench) -> None:
    bench.monitor.start()
    bench.finish()
    bench.script.inbox.append(new_route(P1, protocol=STATIC))
    bench.monitor.resync([ROUTE_DUMPS[V4]])
    bench.script.done(new_route(P2, protocol=STATIC, flags=NLM_F_DUMP_INTR))
    bench.monitor.read(0.0)
    assert bench.monitor.dumping
    assert bench.routes.foreign[P1] != ()
    bench.script.done()
    bench.monitor.read(0.0)
    assert bench.routes.foreign[P1] == ()
    assert bench.script.asked == [(RTM_GETROUTE, 2), (RTM_GETROUTE, 2)]


def test_overrun_asks_for_everything_again(bench: Bench) -> None:
    bench.monitor.start()
    bench.finish()
    bench.script.inbox.append(Overrun())
    bench.monitor.read(0.0)
    assert bench.monitor.resyncs == 1
    for _ in range(4):
        bench.script.done()
        bench.monitor.read(0.0)
    assert len(bench.script.asked) == 4


def test_overrun_during_a_dump_lets_it_end_and_repeats_it(bench: Bench) -> None:
    bench.monitor.start()
    bench.script.inbox.append(Overrun())
    bench.monitor.read(0.0)
    assert bench.script.asked == [(RTM_GETLINK, 0)]
    bench.script.done()
    bench.monitor.read(0.0)
    assert bench.script.asked == [(RTM_GETLINK, 0), (RTM_GETLINK, 0)]
    bench.finish()


def test_end_of_somebody_elses_dump_is_not_ours(bench: Bench) -> None:
    bench.monitor.start()
    bench.script.inbox.append(message(NLMSG_DONE, bytes(4), sequence=99))
    bench.monitor.read(0.0)
    assert bench.script.asked == [(RTM_GETLINK, 0)]


def test_unknown_messages_are_passed_over(bench: Bench) -> None:
    bench.monitor.start()
    bench.script.inbox += [message(999, b""), message(RTM_NEWROUTE, bytes(12))]
    bench.monitor.read(0.0)
    assert bench.script.inbox == []
