"""The FIB reconciler of one family: what the RIB wants against what the kernel holds. No I/O, no clock.

There is a wish for each prefix where the two may differ. `plan` takes wishes and says which writes would
fulfil them, `settle` takes the kernel's answers; `observe` and `lose` take what the kernel tells unasked.
Wishes coalesce by prefix, the newest wins: nothing here could grow beyond the number of prefixes. Prefixes
that share a route go through together, so that a table costs the kernel's work and little more.

Ours is what carries our protocol number, or one that we were asked to adopt. Nothing else is ever replaced or
deleted: a slot (prefix and metric) that a foreign route stands in is left alone and reported, and a slot
believed to be empty is filled with NLM_F_EXCL, so that the kernel has the last word.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from errno import EBUSY, EEXIST, ENOENT, ESRCH
from typing import Final

from bgpd.kernel.codes import protocol_name
from bgpd.kernel.foreign import ForeignRoutes
from bgpd.kernel.ledger import Ledger
from bgpd.kernel.model import KernelRoute, Refusal, Target
from bgpd.kernel.operations import CREATE, DELETE, REPLACE, VERB_NAMES, Operation, Refusals
from bgpd.kernel.own_routes import Shared
from bgpd.kernel.repairs import Repairs
from bgpd.kernel.targets import Targets, Unresolvable
from bgpd.kernel.wishes import Wish
from rib import FibRoute
from wire import Prefix

_GONE: Final = frozenset({ESRCH, ENOENT})


class FibSync:
    """Owns what is wanted of one family, and the way there; see the module for the cycle."""

    def __init__(self, targets: Targets, foreign: ForeignRoutes) -> None:
        self.contradicted = False
        """The kernel's answers do not fit what we know of it: dump again. Reset by `begin_dump`."""
        self.operations: Counter[tuple[str, str]] = Counter()
        """Writes by (operation, result): ("create", "ok"), ("replace", "failed") ..."""
        self.ledger = Ledger()
        self.failures = self.ledger.failures
        self._targets = targets
        self._foreign = foreign
        self._own = self.ledger.own
        self._wishes = self.ledger.wishes
        self.unfinished = False
        """Whether more is about to be staged that belongs to what was staged last."""
        self._repairs = Repairs()
        self._sweeping = False

    # -- what the RIB wants

    def stage(self, prefixes: Sequence[Prefix], wanted: Wish) -> None:
        """Want this route at the prefixes from now on; None: no route."""
        self._wishes.add(prefixes, wanted)
        self.failures.clear(prefixes)

    def finish_restart(self) -> None:
        """Remove what an earlier run left behind and nobody has claimed since (RFC 4724, section 4.1)."""
        self._sweeping = True
        self.ledger.touch(self._own.others)

    def withdraw_all(self) -> None:
        """Want nothing of what was wanted before or found."""
        self._sweeping = True
        self.unfinished = False
        failed = [prefix for prefix, _ in self.failures.items()]
        self.stage([*self._own.wanted, *self._own.others, *self._wishes, *failed], None)

    def retry(self, prefixes: Iterable[Prefix]) -> None:
        """Try those of the prefixes that failed again now."""
        self.ledger.touch([prefix for prefix in prefixes if prefix in self.failures])

    def retry_all(self) -> None:
        """Try all that failed again: a link or an address has come."""
        self.ledger.touch([prefix for prefix, _ in self.failures.items()])

    # -- the cycle of writes

    @property
    def pending(self) -> bool:
        """Whether `plan` has something to look at."""
        return bool(self._wishes)

    def plan(self, limit: int, now: float) -> list[Operation]:
        """Take the wishes of up to `limit` prefixes and say what to write for them: removals last."""
        self.ledger.touch(self.failures.due(now))
        operations: list[Operation] = []
        for wanted, prefixes in self._wishes.take(limit, unfinished=self.unfinished):
            if wanted is None:
                operations += _removals(None, self._own.wanted_at(prefixes))
                operations += self._clear_up(prefixes, None)
            else:
                operations += self._writes(prefixes, wanted, now)
        operations.sort(key=_removes)
        return operations

    def _clear_up(self, prefixes: Sequence[Prefix], wanted: Wish) -> list[Operation]:
        """Say what removes routes that nobody wants; where there is none, all is well."""
        self.failures.clear(self._own.without_others(prefixes))
        return _removals(wanted, self._own.others_at(prefixes))

    def _writes(self, prefixes: Sequence[Prefix], wanted: FibRoute, now: float) -> list[Operation]:
        try:
            target = self._targets.compile(wanted)
        except Unresolvable as unresolvable:
            self._fail(prefixes, wanted, unresolvable.refusal, now)
            return []
        if self._own.none_at(prefixes) and self._foreign.none_at(prefixes):  # as when a table comes
            return [Operation(CREATE, target, prefixes)]
        missing, different, fitting = self._own.compare(prefixes, target.route)
        creations = Operation(CREATE, target, self._unrivalled(missing, target, now))
        replacements = Operation(REPLACE, target, self._unrivalled(different, target, now))
        self._own.hold_all(fitting, target)
        writes = [operation for operation in (creations, replacements) if operation.prefixes]
        return writes + self._clear_up(fitting, wanted)

    def _unrivalled(self, prefixes: Sequence[Prefix], target: Target, now: float) -> list[Prefix]:
        """Return where no foreign route is in the way; the rest fails."""
        free = []
        for prefix in prefixes:
            rival = self._foreign.rival(prefix, target.route.metric)
            if rival is None:
                free.append(prefix)
                continue
            text = f"protocol {protocol_name(rival.protocol)} has it with the same metric {rival.metric}"
            self._fail((prefix,), target.wanted, Refusal(EEXIST, text), now)
        return free

    def _fail(self, prefixes: Iterable[Prefix], wanted: Wish, refusal: Refusal, now: float) -> None:
        for prefix in prefixes:
            self.failures.add(prefix, wanted, refusal, now)

    def settle(self, operations: Sequence[Operation], refusals: Refusals, now: float) -> None:
        """Take the kernel's answers: what is not among the refusals was carried out."""
        for position, operation in enumerate(operations):
            refused = refusals.get(position)
            if refused:
                self._carried_out(self._settle_refused(operation, refused, now))
            else:
                self._carried_out(operation)

    def _carried_out(self, operation: Operation) -> None:
        verb, target, prefixes = operation
        if not prefixes:
            return
        self.operations[VERB_NAMES[verb], "ok"] += len(prefixes)
        if verb is DELETE:
            self._own.drop_all(prefixes, target.route.metric)
        else:
            self._own.hold_all(prefixes, target)
        self.failures.clear(self._own.without_others(prefixes))
        if verb is not DELETE:  # make before break: what it displaced goes now
            for _, displacing in self._own.others_at(prefixes):
                self._wishes.remind(displacing, target.wanted)

    def _settle_refused(
        self, operation: Operation, refused: Mapping[Prefix, Refusal], now: float
    ) -> Operation:
        """Note failures; return the operation as far as it succeeded."""
        verb, target, prefixes = operation
        failed = {
            prefix: refusal
            for prefix, refusal in refused.items()
            if verb is not DELETE or refusal.errno not in _GONE
        }
        for prefix, refusal in failed.items():
            if verb is CREATE and refusal.errno == EEXIST and prefix not in self.failures:
                self.contradicted = True  # once a wish: what a dump does not show, the next will not either
            self.failures.add(prefix, target.wanted, refusal, now)
        self.operations[VERB_NAMES[verb], "failed"] += len(failed)
        return Operation(verb, target, [prefix for prefix in prefixes if prefix not in failed])

    def unsettle(self, operations: Iterable[Operation]) -> None:
        """Take back operations whose outcome is not known; a dump must come before the next `plan`."""
        for operation in operations:
            self._wishes.remind(operation.prefixes, operation.target.wanted)

    # -- what the kernel tells

    def observe(self, prefix: Prefix, route: KernelRoute, now: float) -> None:
        """Note a route of ours that a dump found or somebody else has written."""
        if self._own.see(prefix, route):
            self._repair(prefix, self.ledger.wanted(prefix), now)
        elif prefix in self._own.others and (self._sweeping or self.ledger.wanted(prefix) is not None):
            self.ledger.touch((prefix,))

    def lose(self, prefix: Prefix, route: KernelRoute, now: float) -> None:
        """Note that a route of ours, or some of its hops, was removed by somebody else."""
        there = self._own.at(prefix, route.metric)
        left = there.without(route) if there is not None else None
        if left is not None:
            self.observe(prefix, left, now)
            return
        wanted = self.ledger.wanted(prefix)
        if self._own.drop(prefix, route.metric):
            self._repair(prefix, wanted, now)

    def lose_slot(self, prefix: Prefix, metric: int, now: float) -> None:
        """Note that a foreign route was put in place of ours, if ours stood there."""
        there = self._own.at(prefix, metric)
        if there is not None:
            self.lose(prefix, there, now)

    def lose_where(self, vanished: Callable[[KernelRoute], bool]) -> None:
        """Note routes that the kernel removes without a word: those through a link that is gone."""
        for prefix in self._own.wanted_where(vanished):
            self.ledger.touch((prefix,))
            del self._own.wanted[prefix]
        self._own.drop_others_where(vanished)

    def relink(self, names: frozenset[str]) -> None:
        """Look again at routes through interfaces of these names: they have come, gone or changed."""
        if not self._targets.mentions(names):
            return
        self._targets.forget()
        for held, prefixes in self._own.by_target():
            if held.wanted is not None and any(hop.interface in names for hop in held.wanted.next_hops):
                settled = [prefix for prefix in prefixes if prefix not in self.failures]
                self._wishes.remind(settled, held.wanted)
        self.retry_all()

    def begin_dump(self) -> None:
        """Prepare for the kernel's telling all routes, by `observe`."""
        self.contradicted = False
        self._own.begin_dump()

    def end_dump(self, now: float) -> None:
        """Draw the conclusion: what was not told is lost, and what failed may succeed now."""
        for prefix, route in list(self._own.end_dump()):
            self.lose(prefix, route, now)
        self.retry_all()

    def _repair(self, prefix: Prefix, wanted: Wish, now: float) -> None:
        """Put our route back; at once, unless that was just done and undone."""
        if not self._repairs.note(prefix, now, most=self.ledger.installed):
            self._wishes.remind((prefix,), wanted)
            return
        self._wishes.drop(prefix)
        self.failures.add(prefix, wanted, Refusal(EBUSY, "another program keeps changing this route"), now)

    @property
    def repairs(self) -> int:
        """How often somebody else changed or removed a route of ours."""
        return self._repairs.count


def _removals(wanted: Wish, standing: Shared) -> list[Operation]:
    return [Operation(DELETE, Target(wanted, route), prefixes) for route, prefixes in standing]


def _removes(operation: Operation) -> bool:
    return operation.verb is DELETE
