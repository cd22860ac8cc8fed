from bgpd.kernel.interfaces import Interfaces
from bgpd.kernel.model import InterfaceAddress, Link
from tests.bgpd.kernel.netlink_world import AF_INET, address

ETH0 = Link(2, "eth0", up=True, running=True)
ONE = InterfaceAddress(AF_INET, 2, address(1), b"\x18\xc0\x00\x02")


def furnished() -> Interfaces:
    interfaces = Interfaces()
    interfaces.set_link(ETH0)
    interfaces.add_address(ONE)
    interfaces.changed = False
    return interfaces


def test_the_same_news_is_no_change() -> None:
    interfaces = furnished()
    assert interfaces.set_link(ETH0) == ETH0
    assert not interfaces.add_address(ONE)
    assert not interfaces.changed


def test_renamed_link_is_found_by_its_new_name_only() -> None:
    interfaces = furnished()
    interfaces.set_link(Link(2, "wan0", up=True, running=True))
    assert interfaces.indexes == {"wan0": 2}
    assert interfaces.changed


def test_removed_link_takes_its_addresses_along() -> None:
    interfaces = furnished()
    assert interfaces.remove_link(2) == ETH0
    assert interfaces.remove_link(2) is None
    assert list(interfaces.addresses()) == []
    assert interfaces.indexes == {}


def test_name_taken_over_by_another_link_stays_its_own() -> None:
    interfaces = furnished()
    interfaces.set_link(Link(3, "eth0", up=True, running=True))
    interfaces.remove_link(2)
    assert interfaces.indexes == {"eth0": 3}


def test_dump_forgets_what_it_does_not_show() -> None:
    interfaces = furnished()
    interfaces.set_link(Link(3, "eth1", up=True, running=True))
    interfaces.begin_link_dump()
    interfaces.set_link(ETH0)
    assert interfaces.end_link_dump() == [3]
    interfaces.begin_address_dump()
    interfaces.end_address_dump()
    assert list(interfaces.addresses()) == []
    assert interfaces.changed


def test_address_of_an_unknown_link_waits_for_it() -> None:
    interfaces = Interfaces()
    interfaces.add_address(ONE)
    assert list(interfaces.addresses()) == []
    interfaces.set_link(ETH0)
    assert list(interfaces.addresses()) == [(ONE, ETH0)]
    interfaces.remove_address(ONE)
    assert list(interfaces.addresses()) == []
