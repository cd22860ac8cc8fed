"""The FIB reconciler of one family: what the RIB wants against what the kernel holds. No I/O, no clock.

A prefix is *dirty* while the two may differ. `plan` takes dirty prefixes and says which writes would settle
them, `settle` takes the kernel's answers; `observe` and `lose` take what the kernel tells unasked. Wishes
coalesce by prefix, the newest wins: nothing here is a queue that could grow beyond the number of prefixes.

Ours is what carries our protocol number, or one that we were asked to adopt. Nothing else is ever replaced or
deleted: a slot (prefix and metric) that a foreign route stands in is left alone and reported, and a slot
believed to be empty is filled with NLM_F_EXCL, so that the kernel has the last word.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from errno import EBUSY, EEXIST, ENOENT, ESRCH
from itertools import islice
from typing import Final

from bgpd.kernel.codes import protocol_name
from bgpd.kernel.failures import Failures
from bgpd.kernel.model import KernelRoute, Refusal, Target
from bgpd.kernel.operations import CREATE, DELETE, REPLACE, VERB_NAMES, Operation, Verb
from bgpd.kernel.own_routes import OwnRoutes
from bgpd.kernel.targets import Targets, Unresolvable
from rib import FibRoute
from wire import Prefix

CALM: Final = 1.0
"""Seconds: who undoes a repair within this time is not fought at the speed of the loop, but retried later."""
_GONE: Final = frozenset({ESRCH, ENOENT})

Rival = Callable[[Prefix, int], KernelRoute | None]
"""Says which foreign route stands in a slot."""


class FibSync:
    """Owns what is wanted of one family, and the way there; see the module for the cycle."""

    def __init__(self, targets: Targets, rival: Rival) -> None:
        self.repairs = 0
        """How often somebody else changed or removed a route of ours."""
        self.contradicted = False
        """The kernel's answers do not fit what we know of it: dump again. Reset by `begin_dump`."""
        self.operations: Counter[tuple[str, str]] = Counter()
        """Writes by (operation, result): ("create", "ok"), ("replace", "failed") ..."""
        self.failures = Failures()
        self._targets = targets
        self._rival = rival
        self._own = OwnRoutes()
        self._dirty: dict[Prefix, FibRoute | None] = {}
        self._repaired: dict[Prefix, float] = {}
        self._sweeping = False

    # -- what the RIB wants

    def stage(self, prefix: Prefix, wanted: FibRoute | None) -> None:
        """Want this route at the prefix from now on; None: no route."""
        self._dirty[prefix] = wanted
        self.failures.clear(prefix)

    def finish_restart(self) -> None:
        """Remove what an earlier run left behind and nobody has claimed since (RFC 4724, section 4.1)."""
        self._sweeping = True
        self._touch(self._own.others)

    def withdraw_all(self) -> None:
        """Want nothing of what was wanted before or found."""
        self._sweeping = True
        failed = [prefix for prefix, _ in self.failures.items()]
        for prefix in [*self._own.wanted, *self._own.others, *self._dirty, *failed]:
            self.stage(prefix, None)

    def retry(self, prefixes: Iterable[Prefix]) -> None:
        """Try those of the prefixes that failed again now."""
        self._touch([prefix for prefix in prefixes if prefix in self.failures])

    def retry_all(self) -> None:
        """Try all that failed again: a link or an address has come."""
        self._touch([prefix for prefix, _ in self.failures.items()])

    # -- the cycle of writes

    @property
    def pending(self) -> bool:
        """Whether `plan` has something to look at."""
        return bool(self._dirty)

    def plan(self, limit: int, now: float) -> list[Operation]:
        """Take up to `limit` dirty prefixes, oldest first, and say what to write for them: removals last.

        Addresses may move from a route to more or less specific ones: those are there before it goes.
        """
        self._touch(self.failures.due(now))
        operations: list[Operation] = []
        for prefix in list(islice(self._dirty, limit)):
            self._plan_prefix(prefix, self._dirty.pop(prefix), operations, now)
        if not self._dirty:
            self._dirty = {}  # an emptied dict keeps its size
        operations.sort(key=_removes)
        return operations

    def _plan_prefix(
        self, prefix: Prefix, wanted: FibRoute | None, operations: list[Operation], now: float
    ) -> None:
        if wanted is not None:
            try:
                target = self._targets.compile(wanted)
            except Unresolvable as unresolvable:
                self.failures.add(prefix, wanted, unresolvable.refusal, now)
                return
            there = self._own.at(prefix, target.route.metric)
            if there is None or not target.route.fits(there):
                self._plan_write(prefix, target, CREATE if there is None else REPLACE, operations, now)
                return
            self._own.hold(prefix, target)
        elif prefix in self._own.wanted:
            held = self._own.wanted[prefix]
            operations.append(Operation(DELETE, prefix, Target(None, held.route)))
        others = self._own.others.get(prefix)
        if others is not None:
            operations += [Operation(DELETE, prefix, Target(wanted, route)) for route in others.values()]
        else:
            self.failures.clear(prefix)

    def _plan_write(
        self, prefix: Prefix, target: Target, verb: Verb, operations: list[Operation], now: float
    ) -> None:
        rival = self._rival(prefix, target.route.metric)
        if rival is None:
            operations.append(Operation(verb, prefix, target))
            return
        text = f"protocol {protocol_name(rival.protocol)} has it with the same metric {rival.metric}"
        self.failures.add(prefix, target.wanted, Refusal(EEXIST, text), now)

    def settle(self, operations: Sequence[Operation], refusals: Mapping[int, Refusal], now: float) -> None:
        """Take the kernel's answers: `refusals` by position in `operations`, all others were carried out."""
        for verb, count in Counter(operation.verb for operation in operations).items():
            self.operations[VERB_NAMES[verb], "ok"] += count
        for position, operation in enumerate(operations):
            refusal = refusals.get(position) if refusals else None
            if refusal is None or (operation.verb is DELETE and refusal.errno in _GONE):
                self._carried_out(*operation)
            else:
                self._refused(operation, refusal, now)

    def _carried_out(self, verb: Verb, prefix: Prefix, target: Target) -> None:
        if verb is DELETE:
            self._own.drop(prefix, target.route.metric)
        else:
            self._own.hold(prefix, target)
        if prefix not in self._own.others:
            self.failures.clear(prefix)
        elif verb is not DELETE:  # make before break: what it displaced goes now
            self._dirty.setdefault(prefix, target.wanted)

    def _refused(self, operation: Operation, refusal: Refusal, now: float) -> None:
        verb, prefix, target = operation
        self.operations[VERB_NAMES[verb], "ok"] -= 1
        self.operations[VERB_NAMES[verb], "failed"] += 1
        if verb is CREATE and refusal.errno == EEXIST and prefix not in self.failures:
            self.contradicted = True  # once a wish: what a dump does not show, the next one will not either
        self.failures.add(prefix, target.wanted, refusal, now)

    def unsettle(self, operations: Iterable[Operation]) -> None:
        """Take back operations whose outcome is not known; a dump must come before the next `plan`."""
        for _, prefix, target in operations:
            self._dirty.setdefault(prefix, target.wanted)

    # -- what the kernel tells

    def observe(self, prefix: Prefix, route: KernelRoute, now: float) -> None:
        """Note a route of ours that a dump found or somebody else has written."""
        if self._own.see(prefix, route):
            self._repair(prefix, self._wanted(prefix), now)
        elif prefix in self._own.others and (self._sweeping or self._wanted(prefix) is not None):
            self._touch((prefix,))

    def lose(self, prefix: Prefix, route: KernelRoute, now: float) -> None:
        """Note that a route of ours, or some of its hops, was removed by somebody else."""
        there = self._own.at(prefix, route.metric)
        left = there.without(route) if there is not None else None
        if left is not None:
            self.observe(prefix, left, now)
            return
        wanted = self._wanted(prefix)
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
            self._touch((prefix,))
            del self._own.wanted[prefix]
        self._own.drop_others_where(vanished)

    def relink(self, names: frozenset[str]) -> None:
        """Look again at routes through interfaces of these names: they have come, gone or changed."""
        if not self._targets.mentions(names):
            return
        self._targets.forget()
        self._touch(
            prefix
            for prefix, held in self._own.wanted.items()
            if held.wanted is not None and any(hop.interface in names for hop in held.wanted.next_hops)
        )
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

    def _repair(self, prefix: Prefix, wanted: FibRoute | None, now: float) -> None:
        """Put our route back; at once, unless that was just done and undone."""
        self.repairs += 1
        if len(self._repaired) > len(self._own.wanted):
            self._repaired = {prefix: at for prefix, at in self._repaired.items() if now - at < CALM}
        fought = now - self._repaired.get(prefix, float("-inf")) < CALM
        self._repaired[prefix] = now
        if not fought:
            self._dirty.setdefault(prefix, wanted)
            return
        self._dirty.pop(prefix, None)
        self.failures.add(prefix, wanted, Refusal(EBUSY, "another program keeps changing this route"), now)

    def _touch(self, prefixes: Iterable[Prefix]) -> None:
        for prefix in prefixes:
            self._dirty.setdefault(prefix, self._wanted(prefix))

    def _wanted(self, prefix: Prefix) -> FibRoute | None:
        """Find what the RIB wants at a prefix, wherever that is noted at the moment."""
        if prefix in self._dirty:
            return self._dirty[prefix]
        if prefix in self.failures:
            return self.failures[prefix].wanted
        held = self._own.wanted.get(prefix)
        return held.wanted if held is not None else None

    # -- views

    @property
    def desired(self) -> int:
        """How many prefixes the RIB wants a route for."""
        noted = {prefix: failure.wanted for prefix, failure in self.failures.items()} | self._dirty
        unnoted = len(self._own.wanted) - sum(prefix in self._own.wanted for prefix in noted)
        return unnoted + sum(wanted is not None for wanted in noted.values())

    @property
    def installed(self) -> int:
        """How many prefixes have a route of ours that is or was wanted."""
        return len(self._own.wanted)

    @property
    def unclaimed(self) -> int:
        """How many prefixes have routes of ours that nobody wants (yet)."""
        return len(self._own.others)

    def is_installed(self, prefix: Prefix) -> bool:
        """Whether the kernel holds what is wanted at a prefix."""
        return prefix in self._own.wanted and prefix not in self._dirty and prefix not in self.failures


def _removes(operation: Operation) -> bool:
    return operation.verb is DELETE
