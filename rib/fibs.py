"""The kernel routes of all families: staged with each change, and anew where another policy makes them."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from rib.changes import Changes
from rib.effort import FIB, STEP
from rib.fib import Fib
from rib.policy import Policy
from rib.table import Table
from rib.transition import Transition, in_runs
from wire import Family, Prefix

__all__ = ["Fibs"]


class Fibs:
    """A `Fib` for each family; without a kernel to write to (not `wanted`) they answer, but stage nothing."""

    def __init__(self, policies: Mapping[Family, Policy], *, multipath: int, wanted: bool) -> None:
        self._multipath = multipath
        self._wanted = wanted
        self._fibs = {family: self._made(family, policies.get(family)) for family in Family}
        self._outdated: dict[Family, Iterator[Prefix]] = {}
        """Prefixes whose kernel routes another policy has made."""

    def _made(self, family: Family, policy: Policy | None) -> Fib:
        return Fib(family, policy, limit=self._multipath)

    def __getitem__(self, family: Family) -> Fib:
        return self._fibs[family]

    @property
    def effort(self) -> int:
        """What a change costs beside its prefixes, see `rib.effort`."""
        return FIB if self._wanted else 0

    @property
    def pending(self) -> bool:
        """Whether routes wait to be staged anew."""
        return bool(self._outdated)

    def outdated(self, family: Family) -> bool:
        """Whether routes of a family wait to be staged anew."""
        return family in self._outdated

    def set_policy(self, policy: Policy | None, table: Table) -> None:
        """Set what is written into the kernel, and how; where rules differ, the family is staged anew."""
        family = table.family
        if policy != self._fibs[family].policy:
            self._fibs[family] = self._made(family, policy)
            if self._wanted:
                self._outdated[family] = iter(list(table.entries))

    def stage(self, family: Family, transitions: Sequence[Transition], changes: Changes) -> None:
        """Stage what is different for the kernel after changes of the table."""
        if self._wanted:
            certain = family not in self._outdated
            changes.fib += self._fibs[family].changes(transitions, certain=certain)

    def stage_anew(self, table: Table, budget: int, changes: Changes) -> int:
        """Stage more of an outdated family, about `budget` of work; return how much it was."""
        waiting = self._outdated[table.family]
        states: list[Transition] = []
        used = 0
        while used < budget:
            step = list(islice(waiting, STEP))
            if not step:
                del self._outdated[table.family]
                break
            became = in_runs([(None, table.entries.get(prefix), prefix) for prefix in step])
            used += len(step) + FIB * len(became)
            states += became
        changes.fib += self._fibs[table.family].changes(states, certain=False)
        return used
