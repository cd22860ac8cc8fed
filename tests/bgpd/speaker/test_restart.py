"""When routes are decided after our own restart."""

from bgpd.speaker import speaker
from bgpd.speaker.restart import LIMIT, QUIET, Restart
from tests.bgpd.speaker.cluster import Cluster, until
from wire import Family

V4, V6 = Family.IPV4_UNICAST, Family.IPV6_UNICAST
AWAITED = {("a", V4), ("b", V4)}


def test_everything_heard_is_decidable_at_once():
    restart = Restart(0.0)
    for key in ("a", "b"):
        restart.up(key, {V4}, 1.0)
        restart.end_of_rib(key, V4)
    assert restart.complete(AWAITED)
    assert restart.decidable(AWAITED, 1.0)


def test_a_session_that_is_up_and_has_not_said_all_is_waited_for():
    restart = Restart(0.0)
    restart.up("a", {V4, V6}, 1.0)
    restart.end_of_rib("a", V4)
    assert not restart.decidable(AWAITED, 1.0 + QUIET)
    restart.end_of_rib("a", V6)
    assert restart.decidable(AWAITED, 1.0 + QUIET)


def test_a_peer_that_never_comes_does_not_hold_the_others():
    restart = Restart(0.0)
    restart.up("a", {V4}, 1.0)
    restart.end_of_rib("a", V4)
    assert not restart.decidable(AWAITED, 1.0 + QUIET / 2)
    assert restart.decidable(AWAITED, 1.0 + QUIET)
    assert not restart.complete(AWAITED)


def test_a_peer_that_fell_again_is_not_waited_for():
    restart = Restart(0.0)
    restart.up("a", {V4}, 1.0)
    restart.down("a")
    assert restart.decidable(AWAITED, 1.0 + QUIET)


def test_nothing_is_deferred_for_ever():
    restart = Restart(10.0)
    restart.up("a", {V4}, 11.0)
    assert not restart.decidable(AWAITED, 10.0 + LIMIT - 0.1)
    assert restart.decidable(AWAITED, 10.0 + LIMIT)


def test_without_sessions_there_is_nothing_to_wait_for():
    assert Restart(0.0).decidable(set(), 0.0)


async def test_before_the_first_intent_nobody_knows_whose_routes_are_missing(monkeypatch):
    """A sweep now would remove every route that the kernel has kept over the restart."""
    monkeypatch.setattr(speaker, "_REVIEW", 0.0)
    cluster = Cluster(2)
    first = cluster.members["n1"].speaker
    first.restarted(frozenset({V4}))
    reviews = 0

    def reviewed():
        nonlocal reviews
        reviews += 1
        return reviews > 20

    try:
        await until(reviewed)
        assert not first.tables.decided.is_set()
        assert not first.converged.is_set()
        cluster.apply()
        await until(lambda: first.converged.is_set() and first.tables.decided.is_set())
        assert cluster.members["n1"].sources("10.244.2.0/26") == ["Mesh_127_1_0_2"]
    finally:
        await cluster.close()
