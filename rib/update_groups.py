"""All update groups of a router, and who is in which."""

from collections import deque
from collections.abc import Iterator, Sequence

from rib import staging
from rib.changes import Changes
from rib.dump import Dump, begin_dumps
from rib.effort import OTHER, Effort
from rib.table import Table
from rib.target import Target
from rib.transition import Transition, gather
from rib.update_group import Member, UpdateGroup
from wire import Family

__all__ = ["UpdateGroups"]


class UpdateGroups:
    """Groups by target, and the dumps in progress."""

    def __init__(self) -> None:
        self._groups: dict[Target, UpdateGroup] = {}
        self._of: dict[tuple[str, Family], UpdateGroup] = {}
        self._dumps: dict[Family, deque[Dump]] = {}

    def of(self, name: str) -> Iterator[UpdateGroup]:
        """Yield the groups of a peer, one per family."""
        for family in Family:
            if group := self._of.get((name, family)):
                yield group

    def in_family(self, family: Family) -> Iterator[UpdateGroup]:
        """Yield the groups of a family."""
        return (group for group in self._groups.values() if group.target.family is family)

    def effort(self, family: Family) -> Effort:
        """Return what it takes to tell all groups of a family of one change."""
        groups = list(self.in_family(family))
        return Effort(sum([group.usual_effort for group in groups]), OTHER * len(groups))

    def get(self, name: str, family: Family) -> UpdateGroup | None:
        """Return the group of a peer in a family, None when it has none."""
        return self._of.get((name, family))

    def join(self, name: str, target: Target) -> None:
        """Add a new peer, which has been sent nothing yet."""
        self._insert(Member(name), target)

    def move(self, name: str, target: Target, table: Table) -> None:
        """Make a peer a member of the group for `target`; what it has been sent is put right."""
        group = self._of[name, target.family]
        if group.target == target:
            return
        member = group.members[name]
        self._interrupt(member, target.family)
        self._remove(name, group)
        if not member.awaiting:
            earlier, member.missed = member.missed, table.last_taken()
            member.missed.update(earlier)
        self._insert(member, target)

    def _insert(self, member: Member, target: Target) -> None:
        group = self._groups.get(target)
        if group is None:
            group = self._groups[target] = UpdateGroup(target)
        group.members[member.name] = group.restless[member.name] = member
        self._of[member.name, target.family] = group

    def leave(self, name: str) -> None:
        """Remove a peer whose session is down."""
        for group in list(self.of(name)):
            for dump in self._dumps.get(group.target.family, ()):
                dump.drop(group.members[name])
            self._remove(name, group)

    def _remove(self, name: str, group: UpdateGroup) -> None:
        del group.members[name]
        group.restless.pop(name, None)
        del self._of[name, group.target.family]
        if not group.members:
            del self._groups[group.target]

    def refresh(self, name: str, family: Family) -> None:
        """Send a peer all routes of a family again."""
        group = self._of.get((name, family))
        if group is not None:
            group.members[name].refresh = True
            group.restless[name] = group.members[name]

    def set_lagging(self, name: str, table: Table, *, lagging: bool) -> None:
        """Stop sending to a peer, or let it catch up."""
        group = self._of.get((name, table.family))
        if group is None:
            return
        member = group.members[name]
        member.lagging = lagging
        group.restless[name] = member
        if lagging:
            self._interrupt(member, table.family)

    def _interrupt(self, member: Member, family: Family) -> None:
        for dump in self._dumps.get(family, ()):
            dump.interrupt(member)

    def flush(self, family: Family, transitions: Sequence[Transition], changes: Changes) -> None:
        """Encode changes for every group of a family."""
        views: dict[bool, Sequence[Transition]] = {}
        for group in self.in_family(family):
            all_paths = group.target.add_path
            if all_paths not in views:
                views[all_paths] = gather(transitions) if all_paths else staging.of_best(transitions)
            transmission = group.flush(views[all_paths])
            if transmission is not None:
                changes.transmissions.append(transmission)

    def advance(self, table: Table, budget: int, changes: Changes) -> int:
        """Begin the dumps that are due and send about `budget` of work; return how much it was.

        To be called when all changes of the table have been flushed: a dump takes the table for what others
        have.
        """
        dumps = self._dumps.setdefault(table.family, deque())
        for group in self.in_family(table.family):
            dumps += begin_dumps(group, table)
        used = 0
        while dumps and used < budget:
            group = dumps[0].group
            effort = Effort(group.usual_effort, OTHER)
            used += dumps[0].advance(table, budget - used, effort, changes)
            if dumps[0].done:
                dumps.popleft()
        return used

    def pending(self, family: Family) -> bool:
        """Whether dumps are in progress or due."""
        return bool(self._dumps.get(family)) or any(
            member.needs_dump for group in self.in_family(family) for member in group.restless.values()
        )
