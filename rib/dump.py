"""Dumps: the present state of many prefixes for some members of a group, in bounded chunks.

The initial table of new peers, the answer to a route refresh, and what a peer missed while it lagged. Changes
that come meanwhile reach the same peers as everyone, and every chunk shows the table as it is by then; so
whichever comes last is right.
"""

from collections.abc import Sequence

from rib.changes import Changes, Transmission
from rib.effort import STEP, Effort
from rib.table import Table
from rib.transition import Transition, gather, in_runs
from rib.update_group import Member, Owed, UpdateGroup
from wire import RefreshKind, RouteRefresh, encode_end_of_rib

__all__ = ["Dump", "begin_dumps"]


class Dump:
    """One dump for members of a group that need the same."""

    def __init__(self, group: UpdateGroup, members: Sequence[Member], owed: Owed) -> None:
        self.group = group
        self.members = list(members)
        self._owed = owed
        self._opening = owed.opening
        self._position = 0
        self._closed = False

    @property
    def done(self) -> bool:
        """Whether there is nothing left to send, or nobody to send it to."""
        return self._closed or not self.members

    def advance(self, table: Table, budget: int, effort: Effort, changes: Changes) -> int:
        """Send about as much more as is `budget` of work; return how much it was."""
        if not self.members:
            return 0
        if self._opening:
            changes.transmissions.append(
                Transmission([member.name for member in self.members], self._opening)
            )
            self._opening = b""
        states: list[Transition] = []
        used = 0
        while used < budget and self._position < len(self._owed.prefixes):
            step = self._step(table, min(budget, STEP))
            states += step
            used += sum([effort.whole(state) for state in step])
        transmission = self.group.encode(gather(states), self.members, certain=False)
        if transmission is not None:
            changes.transmissions.append(transmission)
        if self._position == len(self._owed.prefixes):
            self._closed = True
            self._close(changes)
        return used

    def _step(self, table: Table, count: int) -> list[Transition]:
        """Return what the next prefixes were and are for the members."""
        step = self._owed.prefixes[self._position : self._position + count]
        self._position += len(step)
        before, present, view = self._owed.before or {}, table.entries, self.group.view
        return in_runs((before.get(prefix), view(present.get(prefix)), prefix) for prefix in step)

    def _close(self, changes: Changes) -> None:
        names = [member.name for member in self.members]
        closing = self._owed.closing
        if self._owed.end_of_rib:
            closing += encode_end_of_rib(self.group.target.family)
            changes.end_of_rib_sent += [(name, self.group.target.family) for name in names]
        if closing:
            changes.transmissions.append(Transmission(names, closing))

    def drop(self, member: Member) -> None:
        """Send no more to a member."""
        if member in self.members:
            self.members.remove(member)

    def interrupt(self, member: Member) -> None:
        """Put off for later what a member has not been sent yet."""
        if member not in self.members or self.done:
            return
        self.members.remove(member)
        rest = self._owed.prefixes[self._position :]
        member.owed.append(self._owed._replace(prefixes=rest, opening=self._opening))


def begin_dumps(group: UpdateGroup, table: Table) -> list[Dump]:
    """Return the dumps that members of a group wait for; those that wait for the same share one.

    What was cut short goes on last: End-of-RIB says that there is no more.
    """
    members = [member for member in group.restless.values() if not member.lagging]
    dumps = []
    joining = [member for member in members if member.awaiting]
    if joining:
        dumps.append(Dump(group, joining, Owed(list(table.entries), end_of_rib=True)))
    refreshing = [member for member in members if member.refresh and not member.awaiting]
    if refreshing:
        dumps.append(Dump(group, refreshing, _everything(group, table)))
    for member in members:
        if member.missed:
            dumps.append(Dump(group, [member], Owed(list(member.missed), member.missed)))
        dumps += [Dump(group, [member], owed) for owed in member.owed]
        member.missed, member.owed = {}, []
        member.awaiting = member.refresh = False
        del group.restless[member.name]
    return dumps


def _everything(group: UpdateGroup, table: Table) -> Owed:
    """Return all routes once more, between BoRR and EoRR for those who know them (RFC 7313, section 4)."""
    family, enhanced = group.target.family, group.target.enhanced_route_refresh
    return Owed(
        list(table.entries),
        opening=RouteRefresh(family, RefreshKind.BORR).encode() if enhanced else b"",
        closing=RouteRefresh(family, RefreshKind.EORR).encode() if enhanced else b"",
    )
