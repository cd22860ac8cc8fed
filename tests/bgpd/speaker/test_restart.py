"""When routes are decided after our own restart."""

from bgpd.speaker.restart import LIMIT, QUIET, Restart
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
