from bgpd.kernel.foreign import ForeignRoutes
from bgpd.kernel.model import Hop, KernelRoute
from tests.bgpd.kernel.netlink_world import KERNEL, P1, P2, STATIC, address, held

ONE, TWO = held(1, protocol=STATIC), held(2, protocol=STATIC)
GROUP = KernelRoute("unicast", 0, STATIC, (*ONE.hops, *TWO.hops))


def test_rival_stands_in_the_same_slot() -> None:
    routes = ForeignRoutes()
    routes.add(P1, held(1, metric=5, protocol=STATIC))
    assert routes.rival(P1, 5) == held(1, metric=5, protocol=STATIC)
    assert routes.rival(P1, 0) is None
    assert routes.rival(P2, 5) is None


def test_replacing_takes_the_place_of_the_slots_route() -> None:
    routes = ForeignRoutes()
    routes.add(P1, ONE)
    routes.add(P1, held(1, metric=5, protocol=KERNEL))
    routes.add(P1, TWO, replaces=True)
    assert set(routes[P1]) == {TWO, held(1, metric=5, protocol=KERNEL)}
    assert not routes.ambiguous


def test_replacing_one_of_several_in_a_slot_is_ambiguous_until_dumped() -> None:
    routes = ForeignRoutes()
    routes.add(P1, ONE)
    routes.add(P1, TWO)
    routes.add(P1, held(3, protocol=STATIC), replaces=True)
    assert routes.ambiguous
    routes.begin_dump()
    routes.add(P1, TWO)
    routes.end_dump()
    assert routes[P1] == (TWO,)
    assert not routes.ambiguous


def test_group_that_grows_and_shrinks_is_one_route() -> None:
    routes = ForeignRoutes()
    routes.add(P1, ONE)
    routes.add(P1, GROUP)
    assert routes[P1] == (GROUP,)
    routes.remove(P1, ONE)
    assert routes[P1] == (TWO,)


def test_removal_of_what_is_told_otherwise() -> None:
    routes = ForeignRoutes()
    routes.add(P1, ONE)
    routes.remove(P1, held(9, protocol=STATIC))  # the only one of its protocol and metric
    assert routes[P1] == ()
    routes.remove(P1, ONE)
    assert not routes.ambiguous


def test_removal_that_could_mean_two_routes_is_ambiguous() -> None:
    routes = ForeignRoutes()
    routes.add(P1, ONE)
    routes.add(P1, KernelRoute("unicast", 0, STATIC, (Hop(None, 7),)))
    routes.remove(P1, held(9, protocol=STATIC))
    assert routes.ambiguous
    assert len(routes[P1]) == 2


def test_changed_names_what_really_changed() -> None:
    routes = ForeignRoutes()
    routes.add(P1, ONE)
    routes.changed = set()
    routes.add(P1, ONE)
    routes.begin_dump()
    routes.add(P1, ONE)
    routes.end_dump()
    assert routes.changed == set()
    routes.begin_dump()
    routes.end_dump()
    assert routes.changed == {P1}


def test_our_route_written_over_a_foreign_one_clears_its_slot() -> None:
    routes = ForeignRoutes()
    routes.add(P1, ONE)
    routes.add(P1, held(1, metric=5, protocol=STATIC))
    routes.clear_slot(P1, 0)
    assert routes[P1] == (held(1, metric=5, protocol=STATIC),)


def test_routes_of_a_vanished_source_go() -> None:
    routes = ForeignRoutes()
    routes.add(P1, KernelRoute("unicast", 0, STATIC, ONE.hops, address(9)))
    routes.add(P2, ONE)
    routes.remove_where(lambda route: route.source == address(9))
    assert [prefix for prefix, _ in routes.items()] == [P2]
