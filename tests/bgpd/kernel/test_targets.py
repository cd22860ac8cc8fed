import pytest

from bgpd.kernel.model import Hop, KernelRoute, Refusal
from bgpd.kernel.targets import Targets, Unresolvable
from rib import FibNextHop, FibRoute
from tests.bgpd.kernel.netlink_world import AF_INET, AF_INET6, address, wish


def test_interfaces_become_indexes_and_the_protocol_ours() -> None:
    target = Targets(AF_INET, {"eth0": 7}).compile(wish(metric=1024))
    assert target.route == KernelRoute("unicast", 1024, 186, (Hop(address(1), 7),))


def test_equal_routes_are_one_target() -> None:
    targets = Targets(AF_INET, {"eth0": 7})
    assert targets.compile(wish()) is targets.compile(wish())
    assert targets.compile(wish()) is not targets.compile(wish(2))


def test_ipv6_has_no_metric_zero() -> None:
    blackhole = FibRoute(kind="blackhole")
    assert Targets(AF_INET6, {}).compile(blackhole).route.metric == 1024
    assert Targets(AF_INET, {}).compile(blackhole).route.metric == 0


def test_weights_count_among_several_hops_only() -> None:
    targets = Targets(AF_INET, {})
    one, two = FibNextHop(address(1), weight=5), FibNextHop(address(2), weight=1000)
    assert [hop.weight for hop in targets.compile(FibRoute((one, two))).route.hops] == [5, 256]
    assert targets.compile(FibRoute((one,))).route.hops == (Hop(address(1), 0),)


def test_missing_interface_is_a_refusal_and_is_remembered_by_name() -> None:
    interfaces: dict[str, int] = {}
    targets = Targets(AF_INET, interfaces)
    with pytest.raises(Unresolvable) as caught:
        targets.compile(wish())
    assert caught.value.refusal == Refusal(19, "interface eth0 does not exist")
    assert targets.mentions(frozenset({"eth0"}))
    interfaces["eth0"] = 3
    assert targets.compile(wish()).route.hops == (Hop(address(1), 3),)


def test_missing_tunnel_is_left_out() -> None:
    tunnel = FibRoute((FibNextHop(address(1), "tunl0", onlink=True),))
    interfaces: dict[str, int] = {}
    targets = Targets(AF_INET, interfaces)
    assert targets.compile(tunnel).route.hops == (Hop(address(1), 0),)
    interfaces["tunl0"] = 4
    targets.forget()
    assert targets.compile(tunnel).route.hops == (Hop(address(1), 4, onlink=True),)


def test_more_routes_than_are_remembered_compile_all_the_same() -> None:
    targets = Targets(AF_INET, {"eth0": 7})
    metrics = [targets.compile(wish(metric=metric)).route.metric for metric in range(9000)]
    assert metrics == list(range(9000))
