"""Update groups: peers that are sent the same share one evaluation and one encoding.

What a group's members have been sent (the Adj-RIB-Out) is not stored: it follows from the table. What a
change withdraws follows from the candidates that a prefix had before it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from records import field, record
from rib.changes import Transmission
from rib.decision import best_of
from rib.effort import OTHER
from rib.egress import Export
from rib.message_buffer import MessageBuffer
from rib.path import Entry, Path
from rib.staging import Exports, staging_for
from rib.target import Target
from rib.transition import Transition
from wire import PathAttributes, Prefix

__all__ = ["Member", "Owed", "UpdateGroup"]


class Owed(NamedTuple):
    """What is left of a dump, or to be dumped."""

    prefixes: Sequence[Prefix]
    before: Mapping[Prefix, Entry | None] | None = None
    """What the members may have been sent; None: that does not matter."""
    opening: bytes = b""
    closing: bytes = b""
    end_of_rib: bool = False


@record(frozen=False, eq=False)
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
    owed: list[Owed] = field(default_factory=list)
    """What is left of dumps that were cut short."""

    @property
    def current(self) -> bool:
        """Whether it gets changes as they come.

        Not while it has missed some: the dump of those has the change too, and announces before it withdraws.
        """
        return not (self.awaiting or self.lagging or self.missed)

    @property
    def needs_dump(self) -> bool:
        """Whether it waits for a dump that can begin."""
        due = self.awaiting or self.refresh or self.missed or self.owed
        return bool(due) and not self.lagging


class UpdateGroup:
    """Peers with equal targets."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.members: dict[str, Member] = {}
        self.restless: dict[str, Member] = {}
        """Those of them that may lag, or wait for a dump. All others are current: with many members and few
        changes, what has to be looked through is short."""
        self._exports = Exports(target)
        self._staging = staging_for(target, self._exports)
        spliced = self._exports.forwarding.open and self._exports.egress.settles
        self.usual_effort = 0 if spliced else OTHER
        """What it takes to tell the members of a change between usual attribute lists."""

    def flush(self, transitions: Sequence[Transition]) -> Transmission | None:
        """Encode changes for the members that are up to date, and remember them for those that are not."""
        for member in self.restless.values():
            if not (member.current or member.awaiting):
                _miss(member, transitions)
        members = self.members.values()
        audience = [member for member in members if member.current] if self.restless else members
        return self.encode(transitions, audience, certain=True) if audience else None

    def encode(
        self, transitions: Sequence[Transition], audience: Iterable[Member], *, certain: bool
    ) -> Transmission | None:
        """Encode transitions for some of the members; None when there is nothing to send.

        Not `certain`: they may or may not have been sent the old candidates, by whatever policy.
        """
        buffer = MessageBuffer(self.target, [member.name for member in audience])
        stage = self._staging.stage
        for transition in self._exports.forwarding.forward(transitions, buffer):
            stage(transition, buffer, certain=certain)
        return buffer.transmission()

    def view(self, entry: Entry | None) -> Entry | None:
        """Return what of a prefix's entry concerns the members: all candidates or the best one."""
        return entry if self.target.add_path else best_of(entry)

    def sendings(self, entry: Entry | None, prefixes: Sequence[Prefix]) -> Iterator[tuple[Path, int]]:
        """Yield what members are sent of an entry, its source aside, and for how many of the prefixes."""
        for path in self.sent(entry):
            for prefix_class, part in self._exports.egress.classes(prefixes):
                if self._exports.sends(path, prefix_class, part[0]):
                    yield path, len(part)

    def export_of(self, path: Path, prefix: Prefix) -> Export:
        """Return what the members get of an eligible path for a prefix, its source aside."""
        return self._exports.egress.export(path, self._exports.egress.class_of(prefix), prefix)

    def sent(self, entry: Entry | None) -> Sequence[Path]:
        """Return the paths of a prefix of which the members may be sent something."""
        return self._staging.sent(entry)

    def exports(
        self, name: str, entry: Entry | None, prefix: Prefix
    ) -> Iterator[tuple[Path, PathAttributes]]:
        """Yield the paths of a prefix that a member is sent, with what is sent of them."""
        for path in self.sent(entry):
            if path.source.name != name:
                attributes, _ = self.export_of(path, prefix)
                if attributes is not None:
                    yield path, attributes


def _miss(member: Member, transitions: Sequence[Transition]) -> None:
    for old, _, prefixes in transitions:
        for prefix in prefixes:
            member.missed.setdefault(prefix, old)
