"""Update groups: peers that are sent the same share one evaluation and one encoding.

What a group's members have been sent (the Adj-RIB-Out) is not stored: it follows from the table. What a
change withdraws follows from the candidates that a prefix had before it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from rib.changes import Transmission
from rib.decision import best_of
from rib.egress import Egress, Export, Target
from rib.message_buffer import MessageBuffer
from rib.path import Entry, Path, candidates
from rib.policy_batch import PrefixClass
from rib.table import Transition
from wire import PathAttributes, Prefix, encode_attributes

__all__ = ["Member", "UpdateGroup"]

_MEMO: Final = 8192
"""Paths whose export is remembered."""


@dataclass(slots=True, eq=False)
class Member:
    """One peer in a group."""

    name: str
    awaiting: bool = True
    """Its initial table has not begun: changes need not be sent, the table will have them."""
    refresh: bool = False
    """It asked for our routes again (RFC 2918) and their dump has not begun."""
    lagging: bool = False
    """It does not take what it was sent; changes are remembered instead."""
    missed: dict[Prefix, Entry | None] = field(default_factory=dict)
    """Prefixes to be sent again, with the candidates they had when it was last up to date."""
    owed: bytes = b""
    """What ends a dump that was cut short."""
    owed_end_of_rib: bool = False

    @property
    def current(self) -> bool:
        """Whether it gets changes as they come."""
        return not (self.awaiting or self.lagging)

    @property
    def needs_dump(self) -> bool:
        """Whether it waits for a dump that can begin."""
        due = self.awaiting or self.refresh or self.missed or self.owed or self.owed_end_of_rib
        return bool(due) and not self.lagging


class _Staged:
    """What is sent of a path, None for nothing, and, once needed, its encoding."""

    __slots__ = ("attributes", "block")

    def __init__(self, attributes: PathAttributes | None) -> None:
        self.attributes = attributes
        self.block: bytes | None = None


class UpdateGroup:
    """Peers with equal targets."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.members: dict[str, Member] = {}
        self._egress = Egress(target)
        self._staged: dict[tuple[Path, PrefixClass], _Staged] = {}

    def flush(self, transitions: Sequence[Transition]) -> Transmission | None:
        """Encode changes for the members that are up to date, and remember them for those that lag."""
        for member in self.members.values():
            if member.lagging and not member.awaiting:
                _miss(member, transitions)
        buffer = self.buffer([member for member in self.members.values() if member.current])
        if buffer is None:
            return None
        for transition in transitions:
            self.stage(transition, buffer)
        return buffer.transmission()

    def buffer(self, members: Sequence[Member]) -> MessageBuffer | None:
        """Return an empty buffer for some of the members; None when there are none."""
        return (
            MessageBuffer(self.target, {member.name: None for member in members}.keys()) if members else None
        )

    def stage(self, transition: Transition, buffer: MessageBuffer, *, certain: bool = True) -> None:
        """Put what a transition makes necessary into the buffer.

        Not `certain`: the audience may or may not have been sent the old candidates, by whatever policy. Then
        all that is to be there is announced, and all that may be there and is not to be is withdrawn.
        """
        step = self._stage_all if self.target.add_path else self._stage_best
        for prefix_class, prefixes in self._egress.classes(transition.prefixes):
            step(transition, prefix_class, prefixes, buffer, certain)

    def _stage_best(
        self,
        transition: Transition,
        prefix_class: PrefixClass,
        prefixes: Sequence[Prefix],
        buffer: MessageBuffer,
        certain: bool,
    ) -> None:
        old, new = best_of(transition.old), best_of(transition.new)
        if certain and old is new:
            return
        before = self._stage_path(old, prefix_class, prefixes[0]) if certain else None
        after = self._stage_path(new, prefix_class, prefixes[0])
        was_sent = before is not None if certain else transition.old is not None
        if new is None or after is None:
            if was_sent:
                buffer.withdraw("" if old is None or not certain else old.source.name, prefixes)
        elif old is None or before is None or not self._same(old, before, new, after):
            self._announce(new, after, prefixes, buffer)
            if was_sent and (not certain or old is None or old.source.name != new.source.name):
                buffer.withdraw_from(new.source.name, prefixes)

    def _same(self, old: Path, before: _Staged, new: Path, after: _Staged) -> bool:
        """Whether every member has already got what is to be announced."""
        if before.attributes != after.attributes:
            return False
        sources = {old.source.name, new.source.name}
        return len(sources) == 1 or sources.isdisjoint(self.members)

    def _stage_all(
        self,
        transition: Transition,
        prefix_class: PrefixClass,
        prefixes: Sequence[Prefix],
        buffer: MessageBuffer,
        certain: bool,
    ) -> None:
        """Send every eligible path under an identifier of its own (RFC 7911)."""
        before = {_send_id(path): path for path in candidates(transition.old)}
        after = {_send_id(path): path for path in candidates(transition.new)}
        for path_id, path in after.items():
            staged = self._stage_path(path, prefix_class, prefixes[0])
            old = before.pop(path_id, None)
            known = self._stage_path(old, prefix_class, prefixes[0]) if certain else None
            if staged is None:
                if old is not None and (known is not None or not certain):
                    buffer.withdraw(path.source.name, prefixes, path_id)
            elif known is None or known.attributes != staged.attributes:
                self._announce(path, staged, prefixes, buffer, path_id)
        for path_id, path in before.items():
            if not certain or self._stage_path(path, prefix_class, prefixes[0]) is not None:
                buffer.withdraw(path.source.name, prefixes, path_id)

    def _announce(
        self,
        path: Path,
        staged: _Staged,
        prefixes: Sequence[Prefix],
        buffer: MessageBuffer,
        path_id: int | None = None,
    ) -> None:
        attributes = staged.attributes
        if attributes is None:
            return
        if staged.block is None:
            classic = self.target.family.bits == 32
            staged.block = encode_attributes(
                attributes, four_octet_as=self.target.four_octet_as, ipv4_next_hop=classic
            )
        buffer.announce(path.source.name, staged.block, attributes.next_hop, prefixes, path_id)

    def _stage_path(self, path: Path | None, prefix_class: PrefixClass, prefix: Prefix) -> _Staged | None:
        """Return what the members get of a path; None: nothing."""
        if path is None or not path.eligible:
            return None
        staged = self._staged.get((path, prefix_class))
        if staged is None:
            if len(self._staged) >= _MEMO:
                self._staged.clear()
            made = self._egress.export(path, prefix_class, prefix)
            staged = self._staged[path, prefix_class] = _Staged(made.attributes)
        return None if staged.attributes is None else staged

    def sends(self, path: Path, prefix: Prefix) -> bool:
        """Whether members other than its source are sent a path for a prefix."""
        return self._stage_path(path, self._egress.class_of(prefix), prefix) is not None

    def export_of(self, path: Path, prefix: Prefix) -> Export:
        """Return what the members get of an eligible path for a prefix, its source aside."""
        return self._egress.export(path, self._egress.class_of(prefix), prefix)

    def exports(self, name: str, entry: Entry | None, prefix: Prefix) -> Iterator[tuple[Path, Export]]:
        """Yield the paths of a prefix that a member is sent, with what is sent of them."""
        best = best_of(entry)
        for path in candidates(entry) if self.target.add_path else (best,):
            if path is not None and path.eligible and path.source.name != name:
                made = self.export_of(path, prefix)
                if made.attributes is not None:
                    yield path, made


def _send_id(path: Path) -> int:
    return path.source.send_id(path.path_id)


def _miss(member: Member, transitions: Sequence[Transition]) -> None:
    for transition in transitions:
        for prefix in transition.prefixes:
            member.missed.setdefault(prefix, transition.old)
