from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bgpd.kernel.codes import RTA_DST, RTA_GATEWAY, RTA_IIF, RTA_MULTIPATH, RTA_OIF, RTA_TABLE, RTM_F_CLONED
from bgpd.kernel.decode import RouteDecoder, decode_address, decode_link
from bgpd.kernel.messages import HEADER, ROUTE, attribute
from bgpd.kernel.model import Hop, InterfaceAddress, KernelRoute, Link, RouteEntry, Target
from bgpd.kernel.operations import CREATE, Operation, pack_operation
from tests.bgpd.kernel.netlink_world import AF_INET, AF_INET6, P1, address, held, route_body

V6 = b"\xfd" + bytes(15)


def test_link_with_and_without_a_carrier() -> None:
    name = attribute(3, b"eth0\0")
    assert decode_link(pack("=BxHiII", 0, 1, 2, 0x41, 0) + name) == Link(2, "eth0", up=True, running=True)
    assert decode_link(pack("=BxHiII", 0, 1, 2, 0x01, 0) + name) == Link(2, "eth0", up=True, running=False)
    assert decode_link(pack("=BxHiII", 0, 1, 2, 0x40, 0) + name) == Link(2, "eth0", up=False, running=False)


def test_bridge_port_notice_is_no_link() -> None:
    assert decode_link(pack("=BxHiII", 7, 1, 2, 0x41, 0) + attribute(3, b"eth0\0")) is None


def test_address_stands_in_its_network() -> None:
    body = pack("=BBBBI", AF_INET, 26, 0, 0, 3) + attribute(1, address(200)) + attribute(2, address(200))
    assert decode_address(body) == InterfaceAddress(AF_INET, 3, address(200), b"\x1a\xc0\x00\x02\xc0")


def test_address_of_a_point_to_point_link_stands_in_the_other_ends_network() -> None:
    body = pack("=BBBBI", AF_INET, 32, 0, 0, 3) + attribute(1, address(2)) + attribute(2, address(1))
    assert decode_address(body) == InterfaceAddress(AF_INET, 3, address(1), b"\x20" + address(2))


def test_address_of_a_family_we_do_not_carry_is_nothing() -> None:
    assert decode_address(pack("=BBBBI", 28, 32, 0, 0, 3) + attribute(1, b"\1")) is None


def test_routes_alike_share_one_object() -> None:
    decoder = RouteDecoder()
    entries = [
        decoder.decode(route_body(bytes((24, 10, 0, n)), gateway=address(1), interface=2, metric=5))
        for n in range(3)
    ]
    assert entries[0] == RouteEntry(AF_INET, b"\x18\x0a\x00\x00", held(metric=5))
    assert entries[2] is not None
    assert entries[0] is not None
    assert entries[2].prefix == b"\x18\x0a\x00\x02"
    assert entries[2].route is entries[0].route


def test_default_route_and_attributes_in_another_order() -> None:
    decoder = RouteDecoder()
    default = decoder.decode(route_body(b"\0", gateway=address(1), interface=2))
    assert default == RouteEntry(AF_INET, b"\0", held())
    body = ROUTE.pack(AF_INET, 24, 0, 0, 254, 186, 0, 1, 0) + attribute(RTA_OIF, pack("=I", 2))
    body += attribute(RTA_DST, b"\x0a\x01\x01\x00") + attribute(RTA_GATEWAY, address(1))
    assert decoder.decode(body) == RouteEntry(AF_INET, P1, held())


@pytest.mark.parametrize(
    "body",
    [
        route_body(P1, gateway=address(1), interface=2, table=100),
        ROUTE.pack(AF_INET, 24, 0, 0x10, 254, 4, 0, 1, 0),
        ROUTE.pack(AF_INET6, 64, 64, 0, 254, 4, 0, 1, 0),
        ROUTE.pack(AF_INET6, 64, 0, 0, 254, 4, 0, 1, RTM_F_CLONED),
        ROUTE.pack(128, 24, 0, 0, 254, 4, 0, 1, 0),
        ROUTE.pack(AF_INET, 24, 0, 0, 254, 4, 0, 1, 0) + attribute(RTA_IIF, pack("=I", 2)),
    ],
    ids=["other table", "by TOS", "by source", "clone", "other family", "by incoming interface"],
)
def test_routes_that_share_no_slot_with_ours_are_left_out(body: bytes) -> None:
    assert RouteDecoder().decode(body) is None


def test_ipv6_blackhole_has_no_hops_though_the_kernel_shows_lo() -> None:
    body = ROUTE.pack(AF_INET6, 64, 0, 0, 254, 186, 0, 6, 0)
    body += attribute(RTA_TABLE, pack("=I", 254)) + attribute(RTA_DST, V6) + attribute(RTA_OIF, pack("=I", 1))
    entry = RouteDecoder().decode(body)
    assert entry is not None
    assert entry.route == KernelRoute("blackhole", 0, 186)


def test_multipath_that_ends_in_the_middle_gives_what_is_whole() -> None:
    hops = pack("=HBBi", 16, 0, 2, 7) + attribute(RTA_GATEWAY, address(1)) + b"\x10\x00"
    body = ROUTE.pack(AF_INET, 24, 0, 0, 254, 4, 0, 1, 0) + attribute(RTA_DST, b"\x0a\x01\x01\x00")
    entry = RouteDecoder().decode(body + attribute(RTA_MULTIPATH, hops))
    assert entry is not None
    assert entry.route.hops == (Hop(address(1), 7, 3),)


gateways = st.one_of(st.none(), st.binary(min_size=4, max_size=4), st.binary(min_size=16, max_size=16))
hops = st.builds(Hop, gateways, st.integers(1, 2**31 - 1), st.integers(1, 256), st.booleans())


@given(st.integers(0, 32), st.lists(hops, min_size=1, max_size=5), st.integers(0, 2**32 - 1))
def test_what_we_write_is_what_we_read(length: int, chosen: list[Hop], metric: int) -> None:
    if len(chosen) == 1:
        chosen = [Hop(chosen[0].gateway, chosen[0].interface, 1, chosen[0].onlink)]
    prefix = bytes((length,)) + bytes((length + 7) // 8)
    route = KernelRoute("unicast", metric, 186, tuple(chosen))
    ((_, record),) = pack_operation(AF_INET, Operation(CREATE, Target(None, route), [prefix]), 1)
    assert RouteDecoder().decode(record[HEADER.size :]) == RouteEntry(AF_INET, prefix, route)
