"""The reconciler, step by step; its interplay with a kernel is in test_fib_sync_model."""

from errno import EBUSY, EEXIST, ENETUNREACH, EPERM, ESRCH

import pytest

from bgpd.kernel.fib_sync import FibSync
from bgpd.kernel.foreign import ForeignRoutes
from bgpd.kernel.model import Refusal, Target
from bgpd.kernel.operations import CREATE, DELETE, REPLACE
from bgpd.kernel.repairs import CALM
from bgpd.kernel.targets import Targets
from tests.bgpd.kernel.netlink_world import (
    AF_INET,
    BIRD,
    P1,
    P2,
    P3,
    STATIC,
    Write,
    each,
    held,
    refusals,
    wish,
)


class Bench:
    """A reconciler whose kernel says yes unless told otherwise."""

    def __init__(self) -> None:
        self.foreign = ForeignRoutes()
        self.interfaces = {"eth0": 2}
        self.sync = FibSync(Targets(AF_INET, self.interfaces), self.foreign)
        self.now = 100.0

    def turn(self, *answers: Refusal | None) -> list[Write]:
        """One plan and its outcome; the kernel's answers are for the writes in this order."""
        operations = self.sync.plan(1000, self.now)
        writes = each(operations)
        self.sync.settle(operations, refusals(operations, dict(zip(writes, answers, strict=False))), self.now)
        return writes


@pytest.fixture
def bench() -> Bench:
    return Bench()


def create(prefix: bytes, gateway: int) -> Write:
    return Write(CREATE, prefix, Target(wish(gateway), held(gateway)))


def test_newest_wish_of_a_prefix_is_written_once(bench: Bench) -> None:
    bench.sync.stage([P1], wish(1))
    bench.sync.stage([P1], None)
    bench.sync.stage([P1], wish(2))
    assert bench.turn() == [create(P1, 2)]
    assert bench.turn() == []
    assert bench.sync.ledger.is_installed(P1)


def test_a_wish_taken_back_before_it_was_written_is_no_write(bench: Bench) -> None:
    bench.sync.stage([P1], wish())
    bench.sync.stage([P1], None)
    assert bench.turn() == []
    assert bench.sync.ledger.desired == 0


def test_what_may_follow_a_removal_and_belong_before_it_comes_first(bench: Bench) -> None:
    bench.sync.stage([P1], wish())
    bench.turn()
    bench.sync.unfinished = True
    bench.sync.stage([P1], None)
    assert bench.turn() == []
    bench.sync.stage([P2], wish())
    assert bench.turn() == [create(P2, 1)]
    assert bench.sync.pending
    bench.sync.unfinished = False
    assert [(op.verb, op.prefix) for op in bench.turn()] == [(DELETE, P1)]


def test_withdrawing_everything_waits_for_nothing(bench: Bench) -> None:
    bench.sync.stage([P1], wish())
    bench.turn()
    bench.sync.unfinished = True
    bench.sync.withdraw_all()
    assert [(op.verb, op.prefix) for op in bench.turn()] == [(DELETE, P1)]


def test_a_turn_takes_its_limit_and_the_next_what_is_left(bench: Bench) -> None:
    for prefix in (P3, P1, P2):
        bench.sync.stage([prefix], wish())
    taken = [write.prefix for write in each(bench.sync.plan(2, 0.0))]
    assert len(taken) == 2
    assert bench.sync.pending
    taken += [write.prefix for write in each(bench.sync.plan(2, 0.0))]
    assert sorted(taken) == [P1, P2, P3]


def test_slot_of_ours_is_replaced_and_an_equal_wish_is_no_write(bench: Bench) -> None:
    bench.sync.stage([P1], wish(1))
    bench.turn()
    bench.sync.stage([P1], wish(1))
    assert bench.turn() == []
    bench.sync.stage([P1], wish(2))
    assert [operation.verb for operation in bench.turn()] == [REPLACE]


def test_new_metric_is_created_before_the_old_one_is_deleted(bench: Bench) -> None:
    bench.sync.stage([P1], wish(1, metric=5))
    bench.turn()
    bench.sync.stage([P1], wish(1, metric=6))
    assert [(op.verb, op.target.route.metric) for op in bench.turn()] == [(CREATE, 6)]
    assert [(op.verb, op.target.route.metric) for op in bench.turn()] == [(DELETE, 5)]
    assert not bench.sync.pending


def test_removals_come_last_in_a_batch(bench: Bench) -> None:
    bench.sync.stage([P1], wish(1))
    bench.sync.stage([P2], wish(1))
    bench.turn()
    bench.sync.stage([P1], None)
    bench.sync.stage([P3], wish(1))
    bench.sync.stage([P2], wish(2))
    assert [(op.verb, op.prefix) for op in bench.turn()] == [(CREATE, P3), (REPLACE, P2), (DELETE, P1)]
    assert bench.sync.ledger.installed == 2


def test_old_metric_stays_when_the_new_one_is_refused(bench: Bench) -> None:
    bench.sync.stage([P1], wish(1, metric=5))
    bench.turn()
    bench.sync.stage([P1], wish(2, metric=6))
    bench.turn(Refusal(ENETUNREACH))
    assert bench.turn() == []
    assert (bench.sync.ledger.installed, bench.sync.ledger.desired, bench.sync.ledger.is_installed(P1)) == (
        1,
        1,
        False,
    )


def test_equal_route_found_at_the_start_is_adopted_without_a_write(bench: Bench) -> None:
    bench.sync.begin_dump()
    bench.sync.observe(P1, held(1), 0.0)
    bench.sync.observe(P2, held(1), 0.0)
    bench.sync.end_dump(0.0)
    assert bench.sync.ledger.unclaimed == 2
    bench.sync.stage([P1], wish(1))
    assert bench.turn() == []
    bench.sync.finish_restart()
    assert [(op.verb, op.prefix) for op in bench.turn()] == [(DELETE, P2)]
    assert (bench.sync.ledger.installed, bench.sync.ledger.unclaimed, bench.sync.repairs) == (1, 0, 0)


def test_found_route_of_an_adopted_protocol_is_replaced_by_ours(bench: Bench) -> None:
    bench.sync.observe(P1, held(1, protocol=BIRD), 0.0)
    bench.sync.stage([P1], wish(1))
    assert [(op.verb, op.target.route.protocol) for op in bench.turn()] == [(REPLACE, 186)]


def test_unclaimed_route_of_an_adopted_protocol_is_deleted_under_its_number(bench: Bench) -> None:
    bench.sync.observe(P1, held(1, protocol=BIRD), 0.0)
    bench.sync.finish_restart()
    assert [(op.verb, op.target.route.protocol) for op in bench.turn()] == [(DELETE, BIRD)]


def test_claimed_prefix_loses_its_found_route_of_another_metric(bench: Bench) -> None:
    bench.sync.observe(P1, held(1, metric=7), 0.0)
    bench.sync.stage([P1], wish(1))
    assert [op.verb for op in bench.turn()] == [CREATE]
    assert [(op.verb, op.target.route.metric) for op in bench.turn()] == [(DELETE, 7)]


def test_foreign_route_in_the_slot_is_a_failure_without_a_write(bench: Bench) -> None:
    bench.foreign.add(P1, held(9, protocol=STATIC))
    bench.sync.stage([P1], wish(1))
    assert bench.turn() == []
    assert bench.sync.failures[P1].refusal == Refusal(EEXIST, "protocol static has it with the same metric 0")
    bench.foreign.remove(P1, held(9, protocol=STATIC))
    bench.sync.retry([P1, P2])
    assert bench.turn() == [create(P1, 1)]
    assert len(bench.sync.failures) == 0


def test_foreign_route_of_another_metric_is_no_obstacle(bench: Bench) -> None:
    bench.foreign.add(P1, held(9, metric=100, protocol=STATIC))
    bench.sync.stage([P1], wish(1))
    assert bench.turn() == [create(P1, 1)]


def test_refusal_is_tied_to_its_route_and_retried_later_and_later(bench: Bench) -> None:
    bench.sync.stage([P1], wish(1))
    bench.sync.stage([P2], wish(1))
    bench.turn(Refusal(EPERM), None)
    assert (bench.sync.ledger.is_installed(P1), bench.sync.ledger.is_installed(P2)) == (False, True)
    assert bench.turn() == []
    for _ in range(3):
        deadline = bench.sync.failures.deadline
        assert deadline is not None
        bench.now = deadline
        assert len(bench.turn(Refusal(EPERM))) == 1
    assert bench.sync.failures[P1].attempts == 4
    assert bench.sync.operations == {("create", "ok"): 1, ("create", "failed"): 4}


def test_new_wish_does_not_wait_for_the_retry_of_the_old(bench: Bench) -> None:
    bench.sync.stage([P1], wish(1))
    bench.turn(Refusal(ENETUNREACH))
    bench.sync.stage([P1], wish(2))
    assert bench.turn() == [create(P1, 2)]
    assert len(bench.sync.failures) == 0


def test_deleting_what_is_gone_is_success_and_a_refused_delete_is_retried(bench: Bench) -> None:
    for prefix in (P1, P2):
        bench.sync.stage([prefix], wish())
    bench.turn()
    for prefix in (P1, P2):
        bench.sync.stage([prefix], None)
    gone, refused = [op.prefix for op in bench.turn(Refusal(ESRCH), Refusal(EPERM))]
    assert {gone, refused} == {P1, P2}
    assert (bench.sync.ledger.installed, len(bench.sync.failures), bench.sync.ledger.desired) == (1, 1, 0)
    bench.now += 1
    assert [(op.verb, op.prefix) for op in bench.turn()] == [(DELETE, refused)]
    assert len(bench.sync.failures) == 0


def test_unexpected_eexist_is_doubt_once(bench: Bench) -> None:
    bench.sync.stage([P1], wish())
    bench.turn(Refusal(EEXIST))
    assert bench.sync.contradicted
    bench.sync.begin_dump()
    bench.sync.end_dump(bench.now)
    bench.turn(Refusal(EEXIST))
    assert not bench.sync.contradicted


def test_missing_interface_is_a_failure_until_it_comes(bench: Bench) -> None:
    bench.sync.stage([P1], wish(1, "eth1"))
    assert bench.turn() == []
    assert bench.sync.failures[P1].refusal.text == "interface eth1 does not exist"
    bench.interfaces["eth1"] = 5
    bench.sync.relink(frozenset({"eth1"}))
    assert [op.target.route.hops[0].interface for op in bench.turn()] == [5]


def test_interface_that_comes_back_under_another_index_gets_its_routes(bench: Bench) -> None:
    bench.sync.stage([P1], wish(1))
    bench.turn()
    bench.interfaces["eth0"] = 3
    bench.sync.relink(frozenset({"eth9"}))
    assert bench.turn() == []
    bench.sync.relink(frozenset({"eth0"}))
    assert [(op.verb, op.target.route.hops[0].interface) for op in bench.turn()] == [(REPLACE, 3)]


def test_removed_route_is_created_again_and_counted(bench: Bench) -> None:
    bench.sync.stage([P1], wish(1))
    bench.turn()
    bench.sync.lose(P1, held(1), bench.now)
    assert bench.turn() == [create(P1, 1)]
    assert bench.sync.repairs == 1


def test_changed_route_is_replaced(bench: Bench) -> None:
    bench.sync.stage([P1], wish(1))
    bench.turn()
    bench.sync.observe(P1, held(9), bench.now)
    assert [op.verb for op in bench.turn()] == [REPLACE]
    assert bench.sync.repairs == 1


def test_who_undoes_repairs_at_once_is_not_fought_at_once(bench: Bench) -> None:
    bench.sync.stage([P1], wish(1))
    bench.turn()
    bench.sync.lose(P1, held(1), bench.now)
    assert len(bench.turn()) == 1
    bench.sync.lose(P1, held(1), bench.now + CALM / 2)
    assert bench.turn() == []
    assert bench.sync.failures[P1].refusal.errno == EBUSY
    bench.now += 1
    assert len(bench.turn()) == 1
    bench.now += CALM
    bench.sync.lose(P1, held(1), bench.now)
    assert len(bench.turn()) == 1


def test_foreign_route_put_over_ours_is_left_alone(bench: Bench) -> None:
    bench.sync.stage([P1], wish(1))
    bench.turn()
    bench.foreign.add(P1, held(9, protocol=STATIC), replaces=True)
    bench.sync.lose_slot(P1, 0, bench.now)
    assert bench.turn() == []
    assert bench.sync.failures[P1].refusal.errno == EEXIST
    bench.sync.stage([P1], None)
    assert bench.turn() == []
    assert len(bench.sync.failures) == 0


def test_dump_finds_what_was_lost_changed_and_left_over(bench: Bench) -> None:
    for prefix in (P1, P2):
        bench.sync.stage([prefix], wish(1))
    bench.turn()
    bench.sync.finish_restart()
    bench.sync.begin_dump()
    bench.sync.observe(P2, held(9), bench.now)
    bench.sync.observe(P3, held(1), bench.now)
    bench.sync.end_dump(bench.now)
    assert {(op.verb, op.prefix) for op in bench.turn()} == {(CREATE, P1), (REPLACE, P2), (DELETE, P3)}
    assert bench.sync.repairs == 2


def test_route_lost_while_it_is_dumped_is_repaired_once(bench: Bench) -> None:
    bench.sync.stage([P1], wish(1))
    bench.turn()
    bench.sync.begin_dump()
    bench.sync.lose(P1, held(1), bench.now)
    bench.sync.end_dump(bench.now)
    assert bench.turn() == [create(P1, 1)]
    assert bench.sync.repairs == 1


def test_operations_of_unknown_outcome_are_planned_again(bench: Bench) -> None:
    bench.sync.stage([P1], wish(1))
    bench.sync.unsettle(bench.sync.plan(10, 0.0))
    bench.sync.begin_dump()
    bench.sync.observe(P1, held(1), 0.0)
    bench.sync.end_dump(0.0)
    assert bench.turn() == []
    assert bench.sync.ledger.is_installed(P1)


def test_routes_that_go_with_a_link_are_wanted_still_and_no_repair(bench: Bench) -> None:
    for prefix, gateway in ((P1, 1), (P2, 2)):
        bench.sync.stage([prefix], wish(gateway))
    bench.turn()
    bench.sync.observe(P3, held(1), bench.now)
    bench.sync.lose_where(lambda route: route.hops[0].gateway == held(1).hops[0].gateway)
    assert (bench.sync.ledger.installed, bench.sync.ledger.unclaimed) == (1, 0)
    assert bench.turn(Refusal(ENETUNREACH)) == [create(P1, 1)]
    assert (bench.sync.repairs, bench.sync.ledger.desired) == (0, 2)


def test_newer_wish_that_failed_outlives_the_loss_of_the_older_route(bench: Bench) -> None:
    bench.sync.stage([P1], wish(1))
    bench.turn()
    bench.sync.stage([P1], wish(2))
    bench.turn(Refusal(ENETUNREACH))
    bench.sync.lose(P1, held(1), bench.now)
    assert bench.turn() == [create(P1, 2)]


def test_withdraw_all_removes_wanted_found_and_failing(bench: Bench) -> None:
    bench.sync.stage([P1], wish(1))
    bench.sync.stage([P2], wish(2))
    bench.turn(None, Refusal(ENETUNREACH))
    bench.sync.observe(P3, held(1), bench.now)
    bench.sync.withdraw_all()
    assert {(op.verb, op.prefix) for op in bench.turn()} == {(DELETE, P1), (DELETE, P3)}
    assert (
        bench.sync.ledger.desired,
        bench.sync.ledger.installed,
        bench.sync.ledger.unclaimed,
        len(bench.sync.failures),
    ) == (
        0,
        0,
        0,
        0,
    )
