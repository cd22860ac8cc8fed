from bgpd.kernel.failures import FIRST_RETRY, LAST_RETRY, Failures
from bgpd.kernel.model import Refusal
from tests.bgpd.kernel.netlink_world import P1, P2, wish

NO = Refusal(101)


def test_the_same_wish_waits_longer_each_time_up_to_a_limit() -> None:
    failures = Failures()
    delays = []
    for _ in range(12):
        failures.add(P1, wish(), NO, 100.0)
        delays.append(failures[P1].retry_at - 100.0)
    assert delays[:3] == [FIRST_RETRY, 2 * FIRST_RETRY, 4 * FIRST_RETRY]
    assert delays[-1] == LAST_RETRY
    assert failures[P1].attempts == 12


def test_another_wish_begins_anew() -> None:
    failures = Failures()
    failures.add(P1, wish(1), NO, 0.0)
    failures.add(P1, wish(1), NO, 0.0)
    failures.add(P1, wish(2), NO, 0.0)
    assert (failures[P1].attempts, failures[P1].retry_at) == (1, FIRST_RETRY)


def test_due_ones_are_given_once_in_order() -> None:
    failures = Failures()
    failures.add(P2, wish(), NO, 1.0)
    failures.add(P1, wish(), NO, 0.0)
    assert failures.deadline == FIRST_RETRY
    assert failures.due(0.4) == []
    assert failures.due(1.0 + FIRST_RETRY) == [P1, P2]
    assert failures.due(1000.0) == []
    assert len(failures) == 2


def test_a_cleared_failure_is_neither_due_nor_a_deadline() -> None:
    failures = Failures()
    failures.add(P1, wish(), NO, 0.0)
    failures.clear([P2, P1])
    assert failures.deadline is None
    assert failures.due(1000.0) == []
    assert P1 not in failures
