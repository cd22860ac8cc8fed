"""The room against a real kernel, in a network namespace of each test's own, with `ip` played by pyroute2."""

import asyncio
import errno
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bgpd.kernel import Kernel, KernelChange
from bgpd.kernel.codes import RTM_DELROUTE, RTM_NEWROUTE, RTMGRP_IPV4_ROUTE
from bgpd.kernel.socket import NetlinkSocket
from lab.netns import Namespace
from rib import FibChange, FibNextHop, FibRoute, LocalRoute, NextHopRoute
from tests.support.needs import need_namespaces
from wire import Family, parse_address, parse_prefix

pytestmark = pytest.mark.netns

V4, V6 = Family.IPV4_UNICAST, Family.IPV6_UNICAST
MAIN = 254


class Node:
    """A namespace with two interfaces: east 10.0.1.1/24 fd00:1::1/64, west 10.0.2.1/24 fd00:2::1/64."""

    def __init__(self) -> None:
        self.namespace = Namespace("kernel-test")
        self.namespace.netlink(self._furnish)

    def _furnish(self, ip: Any) -> None:
        for number, name in ((1, "east"), (2, "west")):
            ip.link("add", ifname=name, kind="veth", peer=f"{name}-peer")
            for end in (name, f"{name}-peer"):
                ip.link("set", index=ip.link_lookup(ifname=end)[0], state="up")
            index = ip.link_lookup(ifname=name)[0]
            ip.addr("add", index=index, address=f"10.0.{number}.1", prefixlen=24)
            ip.addr("add", index=index, address=f"fd00:{number}::1", prefixlen=64)

    def ip(self, use: Callable[[Any], Any]) -> Any:
        return self.namespace.netlink(use)

    def route(self, verb: str, **fields: Any) -> None:
        self.ip(lambda ip: ip.route(verb, **fields))

    def index(self, name: str) -> int:
        return int(self.ip(lambda ip: ip.link_lookup(ifname=name)[0]))

    def routes(self, protocol: int = 186, family: int = 2) -> dict[str, dict[str, Any]]:
        """Routes of the main table with a protocol: "10.9.0.0/24 1024" -> what matters of them."""
        return {
            f"{message.get('dst') or 'default'}/{message['dst_len']} {message.get('priority') or 0}": message
            for message in self.ip(lambda ip: list(ip.get_routes(family=family, table=MAIN)))
            if message["proto"] == protocol
        }

    def count(self) -> int:
        """How many IPv4 routes there are, whoever installed them; pyroute2 takes long to read them."""
        return self.namespace.run(lambda: Path("/proc/thread-self/net/route").read_text().count("\n") - 1)

    def kernel(self, **options: Any) -> Kernel:
        return Kernel(open_socket=lambda groups: self.namespace.run(lambda: NetlinkSocket(groups)), **options)


class World:
    """A subscriber that keeps what the kernel room reports."""

    def __init__(self) -> None:
        self.next_hops: dict[Family, tuple[NextHopRoute, ...]] = {}
        self.direct: dict[bytes, LocalRoute] = {}
        self.learned: dict[bytes, LocalRoute] = {}

    def __call__(self, change: KernelChange) -> None:
        if change.next_hops is not None:
            self.next_hops[change.family] = change.next_hops
        for table, changes in ((self.direct, change.direct), (self.learned, change.learned)):
            table.update({prefix: route for prefix, route in changes.items() if route is not None})
            for prefix, route in changes.items():
                if route is None:
                    del table[prefix]


async def eventually(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.005)


def via(*gateways: str, metric: int = 0, interface: str | None = None) -> FibRoute:
    return FibRoute(tuple(FibNextHop(parse_address(way), interface) for way in gateways), metric=metric)


def change(prefix: str, route: FibRoute | None) -> FibChange:
    family, network = parse_prefix(prefix)
    return FibChange(family, (network,), route)


def gateways(message: dict[str, Any]) -> list[str]:
    hops = message.get("multipath") or [message]
    return [hop.get("gateway") for hop in hops]


@pytest.fixture
def node() -> Iterator[Node]:
    need_namespaces()
    node = Node()
    yield node
    node.namespace.close()


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def kernel(node: Node, world: World) -> AsyncIterator[Kernel]:
    kernel = node.kernel()
    await kernel.start()
    kernel.subscribe(world)
    yield kernel
    await kernel.close()


async def put(kernel: Kernel, *changes: FibChange) -> None:
    kernel.apply(changes)
    await kernel.settled()


async def test_install_replace_withdraw(node: Node, kernel: Kernel) -> None:
    await put(
        kernel, change("10.9.0.0/24", via("10.0.1.2")), change("10.9.1.0/26", via("10.0.2.2", metric=1024))
    )
    routes = node.routes()
    assert {key: gateways(route) for key, route in routes.items()} == {
        "10.9.0.0/24 0": ["10.0.1.2"],
        "10.9.1.0/26 1024": ["10.0.2.2"],
    }
    await put(kernel, change("10.9.0.0/24", via("10.0.2.9")))
    assert gateways(node.routes()["10.9.0.0/24 0"]) == ["10.0.2.9"]
    assert kernel.installed(*parse_prefix("10.9.0.0/24"))
    await put(kernel, change("10.9.0.0/24", None), change("10.9.1.0/26", None))
    assert node.routes() == {}
    assert not kernel.installed(*parse_prefix("10.9.0.0/24"))
    assert kernel.status().operations == {("create", "ok"): 2, ("replace", "ok"): 1, ("delete", "ok"): 2}
    assert kernel.status().sync_times.buckets[-1][1] == 3


async def test_new_metric_is_made_before_the_old_one_is_broken(node: Node, kernel: Kernel) -> None:
    for prefix, gateway, family in (("10.9.0.0/24", "10.0.1.2", 2), ("fd09::/64", "fd00:1::2", 10)):
        for metric in (512, 7):
            await put(kernel, change(prefix, via(gateway, metric=metric)))
            assert list(node.routes(family=family)) == [f"{prefix} {metric}"]


async def test_what_comes_is_there_before_what_goes_also_across_batches(node: Node, kernel: Kernel) -> None:
    old = [f"10.{number >> 8}.{number & 255}.0/24" for number in range(256 * 20, 256 * 20 + 1500)]
    new = [f"10.9.0.{number}/32" for number in range(1, 33)]
    await put(kernel, *(change(prefix, via("10.0.1.2")) for prefix in old))
    with closing(node.namespace.run(lambda: NetlinkSocket(RTMGRP_IPV4_ROUTE))) as listener:
        await put(
            kernel,
            *(change(prefix, None) for prefix in old),
            *(change(prefix, via("10.0.1.2")) for prefix in new),
        )
        kinds = [told.kind for told in listener.receive(1 << 30)]
    assert kinds == [RTM_NEWROUTE] * len(new) + [RTM_DELROUTE] * len(old)


async def test_ipv6_goes_between_one_hop_many_hops_device_and_blackhole(node: Node, kernel: Kernel) -> None:
    shapes = (
        via("fd00:1::2"),
        via("fd00:1::2", "fd00:2::2"),
        via("fd00:1::3", "fd00:2::3"),
        FibRoute((FibNextHop(None, "west"),)),
        FibRoute(kind="blackhole"),
        via("fd00:1::2", "fd00:2::2"),
        via("fd00:2::2"),
    )
    for shape in shapes:
        await put(kernel, change("fd09::/64", shape))
        (route,) = node.routes(family=10).values()
        wanted = [hop.gateway for hop in shape.next_hops] or [None]
        found = [way and parse_address(way) for way in gateways(route)]
        assert sorted(found, key=str) == sorted(wanted, key=str)
        assert route["type"] == {"unicast": 1, "blackhole": 6}[shape.kind]
    await put(kernel, change("fd09::/64", via("fd00:1::2", "fd00:2::2")), change("fd09::/64", None))
    assert node.routes(family=10) == {}
    assert kernel.status().failures == ()


async def test_multipath_with_weights_and_an_equal_wish_writes_nothing(node: Node, kernel: Kernel) -> None:
    hops = (FibNextHop(parse_address("10.0.1.2"), "east", 3), FibNextHop(parse_address("10.0.2.2"), None, 1))
    await put(kernel, change("10.9.0.0/24", FibRoute(hops)))
    (route,) = node.routes().values()
    assert [(hop["hops"] + 1, hop.get("gateway")) for hop in route.get("multipath")] == [
        (3, "10.0.1.2"),
        (1, "10.0.2.2"),
    ]
    await put(kernel, change("10.9.0.0/24", FibRoute(hops)))
    assert kernel.status().operations == {("create", "ok"): 1}
    assert kernel.status().sync_times.buckets[-1][1] == 1


async def test_kinds_device_onlink_and_preferred_source(node: Node, kernel: Kernel) -> None:
    far = FibNextHop(parse_address("172.16.0.1"), "west", onlink=True)
    await put(
        kernel,
        change("10.9.1.0/24", FibRoute(kind="blackhole")),
        change("10.9.2.0/24", FibRoute(kind="unreachable")),
        change("10.9.3.0/24", FibRoute(kind="prohibit")),
        change("10.9.4.0/24", FibRoute((FibNextHop(None, "east"),), source=parse_address("10.0.2.1"))),
        change("10.9.5.0/24", FibRoute((far,))),
        change("0.0.0.0/0", via("10.0.1.2", metric=9)),
    )
    routes = node.routes()
    assert [routes[f"10.9.{n}.0/24 0"]["type"] for n in (1, 2, 3)] == [6, 7, 8]
    assert routes["10.9.4.0/24 0"].get("prefsrc") == "10.0.2.1"
    assert routes["10.9.4.0/24 0"]["scope"] == 253
    assert (gateways(routes["10.9.5.0/24 0"]), routes["10.9.5.0/24 0"]["flags"] & 4) == (["172.16.0.1"], 4)
    assert gateways(routes["default/0 9"]) == ["10.0.1.2"]


async def test_ipv4_route_via_an_ipv6_next_hop(node: Node, kernel: Kernel) -> None:
    await put(kernel, change("10.9.0.0/24", via("fe80::9", interface="east")))
    assert node.routes()["10.9.0.0/24 0"].get("via")["addr"] == "fe80::9"
    node.route("del", dst="10.9.0.0/24")
    await eventually(lambda: kernel.status().repairs == 1)
    await eventually(lambda: "10.9.0.0/24 0" in node.routes())


async def test_onlink_tunnel_that_does_not_exist_is_left_out_until_it_does(
    node: Node, kernel: Kernel
) -> None:
    await put(
        kernel, change("10.9.0.0/24", FibRoute((FibNextHop(parse_address("10.0.1.2"), "tun9", onlink=True),)))
    )
    assert node.routes()["10.9.0.0/24 0"].get("oif") == node.index("east")

    def make_tunnel(ip: Any) -> None:
        ip.link("add", ifname="tun9", kind="veth", peer="tun9-peer")
        ip.link("set", index=ip.link_lookup(ifname="tun9")[0], state="up")

    node.ip(make_tunnel)
    index = node.index("tun9")
    await eventually(lambda: node.routes()["10.9.0.0/24 0"].get("oif") == index)


async def test_tunnel_takes_a_gateway_that_is_in_none_of_its_networks(node: Node, kernel: Kernel) -> None:
    """As Felix makes tunl0: an address of the pool with 32 bits, and the other node outside of it."""

    def make_tunnel(ip: Any) -> None:
        ip.link("add", ifname="tunl9", kind="veth", peer="tunl9-peer")  # not each kernel has ipip
        index = ip.link_lookup(ifname="tunl9")[0]
        ip.link("set", index=index, state="up")
        ip.addr("add", index=index, address="10.244.0.1", prefixlen=32)

    node.ip(make_tunnel)
    hop = FibNextHop(parse_address("10.0.1.2"), "tunl9", onlink=True)
    same_subnet = via("10.0.1.2", interface="east")
    await put(kernel, change("10.244.1.0/26", FibRoute((hop,))), change("10.244.2.0/26", same_subnet))
    routes = node.routes()
    through, direct = routes["10.244.1.0/26 0"], routes["10.244.2.0/26 0"]
    assert (gateways(through), through.get("oif"), through["flags"] & 4) == (
        ["10.0.1.2"],
        node.index("tunl9"),
        4,
    )
    assert (gateways(direct), direct.get("oif"), direct["flags"] & 4) == (["10.0.1.2"], node.index("east"), 0)


async def test_route_goes_with_its_preferred_source_and_comes_back_with_it(
    node: Node, kernel: Kernel
) -> None:
    hops = (FibNextHop(parse_address("10.0.1.2"), "east"),)
    index = node.index("west")
    await put(kernel, change("10.9.0.0/24", FibRoute(hops, source=parse_address("10.0.2.1"))))
    assert node.routes()["10.9.0.0/24 0"].get("prefsrc") == "10.0.2.1"
    node.ip(lambda ip: ip.addr("del", index=index, address="10.0.2.1", prefixlen=24))
    await eventually(lambda: kernel.failure(V4, parse_prefix("10.9.0.0/24")[1]) is not None)
    assert node.routes() == {}
    node.ip(lambda ip: ip.addr("add", index=index, address="10.0.2.1", prefixlen=24))
    await eventually(lambda: "10.9.0.0/24 0" in node.routes())
    await kernel.settled()
    assert kernel.status().failures == ()


async def test_routes_of_an_earlier_run_are_adopted_and_the_unclaimed_swept(node: Node) -> None:
    first = node.kernel()
    await first.start()
    assert first.adopted == frozenset()
    kept, changed, swept = "10.9.0.0/24", "10.9.1.0/24", "10.9.2.0/24"
    multipath = via("fd00:1::2", "fd00:2::2")
    await put(first, *(change(prefix, via("10.0.1.2")) for prefix in (kept, changed, swept)))
    await put(first, change("fd09::/64", multipath), change("fd0a::/64", FibRoute(kind="blackhole")))
    await first.close()

    second = node.kernel()
    await second.start()
    assert second.adopted == {V4, V6}
    assert second.status().unclaimed == {V4: 3, V6: 2}
    await put(second, change(kept, via("10.0.1.2", interface="east")), change(changed, via("10.0.2.2")))
    await put(second, change("fd09::/64", multipath), change("fd0a::/64", FibRoute(kind="blackhole")))
    assert second.status().operations == {("replace", "ok"): 1}
    assert len(node.routes()) == 3
    second.finish_restart()
    await second.settled()
    assert set(node.routes()) == {f"{kept} 0", f"{changed} 0"}
    assert len(node.routes(family=10)) == 2
    await second.withdraw_all()
    assert node.routes() == node.routes(family=10) == {}
    await second.close()


async def test_routes_of_another_protocol_are_adopted_on_request(node: Node) -> None:
    node.route("add", dst="10.9.0.0/24", gateway="10.0.1.2", proto=12)
    node.route("add", dst="10.9.1.0/24", gateway="10.0.1.2", proto=12, priority=32)
    node.route("add", dst="10.9.2.0/24", gateway="10.0.1.2", proto=12)
    kernel = node.kernel(adopt_protocols={12})
    await kernel.start()
    await put(
        kernel, change("10.9.0.0/24", via("10.0.1.2")), change("10.9.1.0/24", via("10.0.1.2", metric=1024))
    )
    kernel.finish_restart()
    await kernel.settled()
    assert node.routes(protocol=12) == {}
    assert set(node.routes()) == {"10.9.0.0/24 0", "10.9.1.0/24 1024"}
    assert kernel.status().operations[("replace", "ok")] == 1
    await kernel.close()


async def test_foreign_route_is_not_touched_until_it_goes(node: Node, kernel: Kernel) -> None:
    for prefix, gateway, ours, family in (
        ("10.9.0.0/24", "10.0.2.9", "10.0.1.2", 2),
        ("fd09::/64", "fd00:2::9", "fd00:1::2", 10),
    ):
        node.route("add", dst=prefix, gateway=gateway, proto=4, priority=1024)
        await put(kernel, change(prefix, via(ours, metric=1024)))
        failure = kernel.failure(*parse_prefix(prefix))
        assert failure is not None
        assert "protocol static" in failure.reason
        assert "never replaces" in failure.remedy
        assert not kernel.installed(*parse_prefix(prefix))
        assert gateways(node.routes(protocol=4, family=family)[f"{prefix} 1024"]) == [gateway]
        node.route("del", dst=prefix, gateway=gateway, priority=1024)
        await eventually(lambda prefix=prefix: kernel.installed(*parse_prefix(prefix)))  # type: ignore[misc]
        assert gateways(node.routes(family=family)[f"{prefix} 1024"]) == [ours]
    assert ("create", "failed") not in kernel.status().operations


async def test_foreign_route_put_over_ours_stays(node: Node, kernel: Kernel) -> None:
    await put(kernel, change("10.9.0.0/24", via("10.0.1.2")))
    node.route("replace", dst="10.9.0.0/24", gateway="10.0.2.9", proto=4)
    await eventually(lambda: kernel.failure(*parse_prefix("10.9.0.0/24")) is not None)
    assert (node.routes(), len(node.routes(protocol=4))) == ({}, 1)
    await put(kernel, change("10.9.0.0/24", None))
    assert len(node.routes(protocol=4)) == 1
    assert kernel.status().failures == ()


async def test_removed_and_changed_routes_are_repaired_and_counted(node: Node, kernel: Kernel) -> None:
    await put(kernel, change("10.9.0.0/24", via("10.0.1.2")), change("10.9.1.0/24", via("10.0.1.2")))
    node.route("del", dst="10.9.0.0/24")
    node.route("replace", dst="10.9.1.0/24", gateway="10.0.2.9", proto=186)
    await eventually(lambda: kernel.status().repairs == 2)
    await kernel.settled()
    assert [gateways(route) for route in node.routes().values()] == [["10.0.1.2"], ["10.0.1.2"]]


async def test_one_hop_taken_out_of_an_ipv6_group_is_put_back(node: Node, kernel: Kernel) -> None:
    await put(kernel, change("fd09::/64", via("fd00:1::2", "fd00:2::2")))
    node.route("del", dst="fd09::/64", gateway="fd00:2::2", proto=186)
    await eventually(lambda: kernel.status().repairs == 1)
    await kernel.settled()
    (route,) = node.routes(family=10).values()
    assert sorted(gateways(route)) == ["fd00:1::2", "fd00:2::2"]


async def test_refused_route_tells_why_and_comes_when_its_network_does(node: Node, kernel: Kernel) -> None:
    await put(kernel, change("10.9.0.0/24", via("10.0.7.2")), change("10.9.1.0/24", via("10.0.1.2")))
    (row,) = kernel.status().failures
    assert (row.family, row.prefix) == parse_prefix("10.9.0.0/24")
    assert "invalid gateway" in row.reason
    assert "addresses of this node" in row.remedy
    assert kernel.installed(*parse_prefix("10.9.1.0/24"))
    index = node.index("east")
    node.ip(lambda ip: ip.addr("add", index=index, address="10.0.7.1", prefixlen=24))
    await eventually(lambda: kernel.installed(*parse_prefix("10.9.0.0/24")))
    assert kernel.status().failures == ()


async def test_routes_that_a_dying_link_takes_along_come_back_with_it(node: Node, kernel: Kernel) -> None:
    await put(kernel, change("10.9.0.0/24", via("10.0.1.2", interface="east")))
    index = node.index("east")
    node.ip(lambda ip: ip.link("set", index=index, state="down"))
    await eventually(lambda: kernel.failure(*parse_prefix("10.9.0.0/24")) is not None)
    node.ip(lambda ip: ip.link("set", index=index, state="up"))
    await eventually(lambda: kernel.installed(*parse_prefix("10.9.0.0/24")))
    assert len(node.routes()) == 1


async def test_what_the_rib_needs_to_know_is_reported_and_followed(
    node: Node, kernel: Kernel, world: World
) -> None:
    node.route("add", dst="10.8.0.0/24", gateway="10.0.1.9", proto=80)
    prefix = parse_prefix("10.8.0.0/24")[1]
    await eventually(lambda: prefix in world.learned)
    assert world.learned == {
        prefix: LocalRoute(gateway=parse_address("10.0.1.9"), interface="east", metric=0)
    }
    assert set(world.direct) == {
        parse_prefix(text)[1] for text in ("10.0.1.0/24", "10.0.2.0/24", "fd00:1::/64", "fd00:2::/64")
    }
    assert [(route.interface, route.gateway is None) for route in world.next_hops[V4]] == [
        ("east", True),
        ("west", True),
        ("east", False),
    ]
    await put(kernel, change("10.9.0.0/24", via("10.0.1.2")))
    assert len(world.next_hops[V4]) == 3  # ours is not reported

    index = node.index("east")
    node.ip(lambda ip: ip.link("del", index=index))
    await eventually(lambda: not world.learned and len(world.next_hops[V4]) == 1)
    assert set(world.direct) == {parse_prefix(text)[1] for text in ("10.0.2.0/24", "fd00:2::/64")}


async def test_interface_without_carrier_resolves_no_next_hops(
    node: Node, kernel: Kernel, world: World
) -> None:
    await eventually(lambda: len(world.next_hops.get(V4, ())) == 2)
    index = node.index("east-peer")
    node.ip(lambda ip: ip.link("set", index=index, state="down"))
    await eventually(lambda: [route.interface for route in world.next_hops[V4]] == ["west"])
    assert parse_prefix("10.0.1.0/24")[1] in world.direct


async def test_ten_thousand_routes_and_a_dump_after_an_overrun(
    node: Node, kernel: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    route = via("10.0.1.2", interface="east")
    prefixes = [bytes((32, 10, 64, n >> 8, n & 255)) for n in range(10_000)]
    await put(kernel, FibChange(V4, prefixes, route))
    assert node.count() == 10_000 + 2

    def overrun(_: NetlinkSocket, size: int) -> bytes:
        monkeypatch.undo()
        raise OSError(errno.ENOBUFS, "No buffer space available")

    monkeypatch.setattr(NetlinkSocket, "_receive", overrun)
    node.route("del", dst="10.64.0.7/32")
    await eventually(lambda: kernel.status().resyncs == 1 and kernel.status().synchronized)
    assert kernel.status().repairs == 1
    assert node.count() == 10_000 + 2
    await put(kernel, FibChange(V4, prefixes, None))
    assert node.count() == 2
