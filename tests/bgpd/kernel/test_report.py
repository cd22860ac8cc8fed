from dataclasses import replace

import pytest

from bgpd.kernel.foreign import ForeignRoutes
from bgpd.kernel.interfaces import Interfaces
from bgpd.kernel.model import Hop, InterfaceAddress, KernelChange, KernelRoute, Link
from bgpd.kernel.report import Reporter, has_wide_scope
from rib import LocalRoute, NextHopRoute
from tests.bgpd.kernel.netlink_world import AF_INET, KERNEL, P1, P2, P3, STATIC, address, held
from wire import Family, parse_prefix

V4 = Family.IPV4_UNICAST
ETH0, ETH1 = Link(2, "eth0", up=True, running=True), Link(3, "eth1", up=True, running=True)


class Bench:
    def __init__(self) -> None:
        self.interfaces = Interfaces()
        self.interfaces.set_link(ETH0)
        self.interfaces.set_link(ETH1)
        self.foreign = ForeignRoutes()
        self.reporter = Reporter(V4, self.interfaces, self.foreign)

    def take(self, *, interfaces_changed: bool = False) -> KernelChange | None:
        return self.reporter.take(interfaces_changed=interfaces_changed)


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.mark.parametrize(
    ("text", "wide"),
    [
        ("0.0.0.0/0", True),
        ("10.0.0.0/8", True),
        ("240.0.0.0/4", True),
        ("127.0.0.0/8", False),
        ("169.254.0.0/16", False),
        ("169.0.0.0/8", True),
        ("224.0.0.0/4", False),
        ("::/0", True),
        ("fd00::/8", True),
        ("fe80::/64", False),
        ("ff00::/8", False),
        ("::1/128", False),
    ],
)
def test_scope_of_destinations(text: str, wide: bool) -> None:
    assert has_wide_scope(*parse_prefix(text)) is wide


def test_first_report_has_all_and_the_next_nothing(bench: Bench) -> None:
    bench.foreign.add(P1, KernelRoute("unicast", 0, KERNEL, (Hop(None, 2),)))
    bench.foreign.add(P2, held(1, metric=7, protocol=STATIC))
    bench.interfaces.add_address(InterfaceAddress(AF_INET, 2, address(1), P1))
    assert bench.take(interfaces_changed=True) == KernelChange(
        V4,
        (NextHopRoute(P1, "eth0", None, 0), NextHopRoute(P2, "eth0", address(1), 7)),
        {P1: LocalRoute(interface="eth0")},
        {P2: LocalRoute(gateway=address(1), interface="eth0", metric=7)},
    )
    assert bench.take(interfaces_changed=True) is None
    assert bench.take() is None


def test_lowest_metric_is_learned_and_the_next_when_it_goes(bench: Bench) -> None:
    low, high = held(1, metric=1, protocol=STATIC), held(2, metric=9, protocol=STATIC)
    bench.foreign.add(P1, high)
    bench.foreign.add(P1, low)
    change = bench.take()
    assert change is not None
    assert [route and route.metric for route in change.learned.values()] == [1]
    bench.foreign.remove(P1, low)
    change = bench.take()
    assert change is not None
    assert [route and route.metric for route in change.learned.values()] == [9]
    bench.foreign.remove(P1, high)
    assert bench.take() == KernelChange(V4, (), {}, {P1: None})


def test_kinds_without_hops_are_learned_but_resolve_nothing(bench: Bench) -> None:
    bench.foreign.add(P1, KernelRoute("blackhole", 0, STATIC))
    bench.foreign.add(P2, KernelRoute("other", 0, STATIC))
    change = bench.take()
    assert change == KernelChange(V4, (), {}, {P1: LocalRoute("blackhole", metric=0)})


def test_kernels_own_and_unspecified_protocols_are_not_learned(bench: Bench) -> None:
    bench.foreign.add(P1, held(1, protocol=KERNEL))
    bench.foreign.add(P2, held(1, protocol=0))
    change = bench.take()
    assert change is not None
    assert change.learned == {}
    assert change.next_hops is not None
    assert len(change.next_hops) == 2


def test_links_that_go_down_take_what_goes_through_them(bench: Bench) -> None:
    group = KernelRoute("unicast", 0, STATIC, (Hop(address(1), 2), Hop(address(2), 3)))
    bench.foreign.add(P1, held(1, protocol=STATIC))
    bench.foreign.add(P2, group)
    bench.interfaces.add_address(InterfaceAddress(AF_INET, 2, address(1), P3))
    bench.take(interfaces_changed=True)
    bench.interfaces.set_link(replace(ETH0, running=False))
    no_carrier = bench.take(interfaces_changed=True)
    assert no_carrier == KernelChange(V4, (NextHopRoute(P2, "eth1", address(2), 0),), {}, {})
    bench.interfaces.set_link(replace(ETH0, up=False, running=False))
    down = bench.take(interfaces_changed=True)
    assert down == KernelChange(
        V4, None, {P3: None}, {P1: None, P2: LocalRoute(gateway=address(2), interface="eth1", metric=0)}
    )
