"""Writes against bytes put together by hand from man 7 netlink and rtnetlink."""

from bgpd.kernel.messages import messages
from bgpd.kernel.model import Hop, KernelRoute, Target
from bgpd.kernel.operations import (
    CREATE,
    DELETE,
    REPLACE,
    Operation,
    pack_barrier,
    pack_operation,
    refused_prefix,
)
from tests.bgpd.kernel.netlink_world import AF_INET, AF_INET6


def packed(family: int, verb: tuple[int, int], prefix: bytes, route: KernelRoute, sequence: int = 1) -> bytes:
    operation = Operation(verb, Target(None, route), [prefix])
    ((size, record),) = pack_operation(family, operation, sequence)
    assert size == len(record)
    return record


def test_create_of_an_ipv4_route_via_a_gateway() -> None:
    route = KernelRoute("unicast", 1024, 186, (Hop(bytes((192, 0, 2, 1)), 7),))
    assert packed(AF_INET, CREATE, b"\x1a\x0a\x00\x00\x40", route, 0x01020304) == bytes.fromhex(
        "3c000000 1800 0106 04030201 00000000"  # length 60, RTM_NEWROUTE, REQUEST|EXCL|CREATE
        "02 1a 00 00 fe ba 00 01 00000000"  # AF_INET, /26, main, bgp, universe, unicast
        "0800 0100 0a000040"  # RTA_DST
        "0800 0600 00040000"  # RTA_PRIORITY
        "0800 0500 c0000201"  # RTA_GATEWAY
        "0800 0400 07000000"  # RTA_OIF
    )


def test_replace_of_an_ipv6_blackhole_pads_the_destination() -> None:
    route = KernelRoute("blackhole", 1024, 186)
    assert packed(AF_INET6, REPLACE, b"\x10\xfd\x00", route) == bytes.fromhex(
        "38000000 1800 0105 01000000 00000000"  # REQUEST|REPLACE|CREATE
        "0a 10 00 00 fe ba 00 06 00000000"
        "1400 0100 fd000000000000000000000000000000"
        "0800 0600 00040000"
    )


def test_delete_names_slot_and_protocol_and_nothing_else() -> None:
    route = KernelRoute("unicast", 0, 12, (Hop(bytes((192, 0, 2, 1)), 7),))
    assert packed(AF_INET, DELETE, b"\x20\x0a\x00\x00\x01", route) == bytes.fromhex(
        "2c000000 1900 0100 01000000 00000000"  # RTM_DELROUTE
        "02 20 00 00 fe 0c ff 00 00000000"  # protocol 12, scope nowhere, any type
        "0800 0100 0a000001"
        "0800 0600 00000000"
    )


def test_multipath_with_weights_onlink_and_an_ipv6_gateway() -> None:
    hops = (
        Hop(bytes((192, 0, 2, 1)), 7, weight=3),
        Hop(b"\xfe\x80" + bytes(13) + b"\x01", 8, onlink=True),
    )
    record = packed(AF_INET, CREATE, b"\x18\x0a\x00\x00", KernelRoute("unicast", 0, 186, hops))
    assert record[28 + 16 :] == bytes.fromhex(
        "3400 0900"  # RTA_MULTIPATH, 4 + 16 + 32
        "1000 00 02 07000000 0800 0500 c0000201"  # weight 3 is 2 in rtnh_hops
        "2000 04 00 08000000"  # RTNH_F_ONLINK
        "1600 1200 0a00 fe800000000000000000000000000001 0000".replace(" ", "")  # RTA_VIA, padded
    )


def test_device_route_has_link_scope_and_preferred_source() -> None:
    route = KernelRoute("unicast", 0, 186, (Hop(None, 9),), source=bytes((192, 0, 2, 9)))
    record = packed(AF_INET, CREATE, b"\x18\x0a\x00\x00", route)
    assert record[16 + 6] == 253
    assert record[28 + 16 :] == bytes.fromhex("0800 0700 c0000209 0800 0400 09000000")


def test_single_onlink_hop_sets_the_flag_of_the_route() -> None:
    route = KernelRoute("unicast", 0, 186, (Hop(bytes((192, 0, 2, 1)), 9, onlink=True),))
    assert packed(AF_INET, CREATE, b"\x18\x0a\x00\x00", route)[24:28] == bytes.fromhex("04000000")


def test_records_of_an_operation_differ_in_their_prefix_alone() -> None:
    prefixes = [bytes((24, 10, 0, n)) for n in range(3)] + [bytes((32, 10, 0, 0, 9)), bytes((0,))]
    operation = Operation(CREATE, Target(None, KernelRoute("blackhole", 0, 186)), prefixes)
    packed = list(pack_operation(AF_INET, operation, 40))
    assert [(size, len(records)) for size, records in packed] == [(44, 3 * 44), (44, 44), (44, 44)]
    requests = list(messages(b"".join(records for _, records in packed)))
    assert {request.sequence for request in requests} == {40}
    assert [refused_prefix(request.body) for request in requests] == prefixes


def test_barrier_is_no_request_but_asks_for_an_ack() -> None:
    assert pack_barrier(7) == bytes.fromhex("10000000 0100 0500 07000000 00000000")
