"""Longest match, metrics, and which next hops a change of routes touches."""

from rib import NextHopRoute, Resolution
from rib.next_hop import NextHopTable
from tests.rib.support import prefix
from wire import parse_address

GATEWAY = parse_address("192.168.0.254")
HOST = parse_address("10.0.1.5")


def table(*routes):
    of = NextHopTable()
    of.set_routes("kernel", routes)
    return of


def test_connected_network_leads_to_the_next_hop_itself():
    of = table(NextHopRoute(prefix("10.0.1.0/24"), "eth0"))
    assert of.resolve(HOST) == Resolution(HOST, "eth0")
    assert of.resolve(parse_address("10.0.2.5")) is None


def test_longest_match_wins_over_the_default_route():
    default = NextHopRoute(prefix("0.0.0.0/0"), "eth0", GATEWAY, 100)
    of = table(
        default, NextHopRoute(prefix("10.0.0.0/8"), "eth1"), NextHopRoute(prefix("10.0.1.4/30"), "eth2")
    )
    assert of.resolve(HOST).interface == "eth2"
    assert of.resolve(parse_address("10.0.1.9")).interface == "eth1"
    assert of.resolve(parse_address("8.8.8.8")) == Resolution(GATEWAY, "eth0", 100)


def test_of_routes_for_one_network_the_lower_metric_counts():
    of = table(
        NextHopRoute(prefix("10.0.0.0/8"), "eth0", metric=200), NextHopRoute(prefix("10.0.0.0/8"), "eth1")
    )
    assert of.resolve(HOST).interface == "eth1"


def test_origins_are_replaced_each_for_itself():
    of = table(NextHopRoute(prefix("10.0.0.0/8"), "eth0"))
    of.set_routes("static", [NextHopRoute(prefix("10.0.1.5/32"), None, GATEWAY)])
    assert of.resolve(HOST).gateway == GATEWAY
    of.set_routes("static", [])
    assert of.resolve(HOST).gateway == HOST


def test_only_next_hops_in_use_and_reached_differently_are_told():
    of = table(NextHopRoute(prefix("10.0.1.0/24"), "eth0"))
    other = parse_address("10.0.2.5")
    assert of.resolve(other) is None
    of.resolve(HOST)
    both = [NextHopRoute(prefix("10.0.1.0/24"), "eth0"), NextHopRoute(prefix("10.0.2.0/24"), "eth0")]
    assert of.set_routes("kernel", both) == {other}
    assert of.set_routes("kernel", both) == frozenset()
    assert of.set_routes("kernel", both[1:]) == {HOST}


def test_of_32_octets_the_global_address_is_resolved():
    six = parse_address("2001:db8::1")
    of = table(NextHopRoute(prefix("2001:db8::/64"), "eth0"))
    assert of.resolve(six + parse_address("fe80::1")) == Resolution(six, "eth0")


def test_everything_is_reachable_where_nothing_is_known_of_the_kernel():
    assert NextHopTable(assume_reachable=True).resolve(HOST) == Resolution(HOST, None)
