"""From changes of the table to messages: what a change of candidates means for those who are sent routes.

Two ways to send: the best path of each prefix, or (ADD-PATH, RFC 7911) every eligible path. What was sent is
not stored; it follows from the candidates that a prefix had before. Where it is not certain what was sent,
all that is to be there is announced, and all that may be there and is not to be is withdrawn.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple, Protocol

from rib.decision import best_of
from rib.egress import Egress
from rib.forwarding import Forwarding
from rib.message_buffer import MessageBuffer
from rib.path import Entry, Path, candidates
from rib.policy_batch import PrefixClass
from rib.target import Target
from rib.transition import Transition
from wire import PathAttributes, Prefix, encode_attributes

__all__ = ["Exports", "Staging", "of_best", "staging_for"]

_MEMO: Final = 8192
"""Paths whose export is remembered."""


class _Staged(NamedTuple):
    """What is sent of a path."""

    block: bytes
    """The attribute list."""
    next_hop: bytes


class Exports:
    """What a target is sent of paths, encoded once."""

    def __init__(self, target: Target) -> None:
        self.egress = Egress(target)
        self.forwarding = Forwarding(target, self.egress)
        self._four_octet_as = target.four_octet_as
        self._known: dict[tuple[Path, PrefixClass], _Staged | None] = {}

    def encode(self, attributes: PathAttributes) -> bytes:
        """Return the attribute block, with NEXT_HOP in it when it is one of IPv4."""
        return encode_attributes(attributes, four_octet_as=self._four_octet_as)

    def of(self, path: Path | None, prefix_class: PrefixClass, prefix: Prefix) -> _Staged | None:
        """Return what is sent of a path for the prefixes of one class; None: nothing."""
        if path is None or not path.terms.eligible:
            return None
        key = (path, prefix_class)
        if key not in self._known:
            if len(self._known) >= _MEMO:
                self._known.clear()
            self._known[key] = self._staged(path, prefix_class, prefix)
        return self._known[key]

    def _staged(self, path: Path, prefix_class: PrefixClass, prefix: Prefix) -> _Staged | None:
        block = self.forwarding.block_of(path, prefix_class)
        if block is not None:
            return _Staged(block, self.forwarding.next_hop)
        attributes, _ = self.egress.export(path, prefix_class, prefix)
        return None if attributes is None else _Staged(self.encode(attributes), attributes.next_hop)

    def sends(self, path: Path, prefix_class: PrefixClass, prefix: Prefix) -> bool:
        """Whether something is sent of an eligible path for the prefixes of one class."""
        return self.forwarding.takes(path, prefix_class) or self.egress.sends(path, prefix_class, prefix)

    def announce(
        self,
        path: Path,
        staged: _Staged,
        prefixes: Sequence[Prefix],
        buffer: MessageBuffer,
        path_id: int | None = None,
    ) -> None:
        """Put the announcement of a path into the buffer."""
        buffer.announce(path.source.name, staged.block, staged.next_hop, prefixes, path_id)


class Staging(Protocol):
    """One of the two ways to send."""

    def stage(self, transition: Transition, buffer: MessageBuffer, *, certain: bool) -> None:
        """Put what a transition makes necessary into the buffer."""

    def sent(self, entry: Entry | None) -> Sequence[Path]:
        """Return the eligible paths of which members may be sent something."""


def of_best(transitions: Iterable[Transition]) -> list[Transition]:
    """Return what became of the best paths, those prefixes together that left the same one for the same one.

    As many prefixes as can be then go into one message, whoever their other candidates are.
    """
    alone: list[Transition] = []
    last: Path | None = None
    parts: dict[tuple[Path | None, Path | None], list[Prefix]] = {}
    for transition in transitions:
        before, now, prefixes = transition
        if before is None and isinstance(now, Path):  # mostly new, and alone with its attributes
            alone.append(transition if now is not last else (None, now, [*alone.pop()[2], *prefixes]))
            last = now
            continue
        old, new = best_of(before), best_of(now)
        if old is not new:
            parts.setdefault((old, new), []).extend(prefixes)
    return alone + [(old, new, prefixes) for (old, new), prefixes in parts.items()]


def staging_for(target: Target, exports: Exports) -> Staging:
    """Return how a target is to be sent routes."""
    return _AllPaths(exports) if target.add_path else _BestPath(exports)


class _BestPath:
    """Sends the best path, in place of the one sent before."""

    def __init__(self, exports: Exports) -> None:
        self._exports = exports
        self._classes = exports.egress.classes

    def sent(self, entry: Entry | None) -> Sequence[Path]:
        best = best_of(entry)
        return () if best is None else (best,)

    def stage(self, transition: Transition, buffer: MessageBuffer, *, certain: bool) -> None:
        before, now, prefixes = transition
        new = buffer.heard(best_of(now))
        if before is None:
            if new is not None:
                self._begin(new, prefixes, buffer)
            return
        old = buffer.heard(best_of(before))
        if certain and old is new:
            return
        step = self._change if certain else self._restate
        for prefix_class, part in self._classes(prefixes):
            step(old, new, prefix_class, part, buffer)

    def _begin(self, new: Path, prefixes: Sequence[Prefix], buffer: MessageBuffer) -> None:
        """Announce prefixes not sent before. The bulk of a table goes this way once: nothing is kept."""
        exports = self._exports
        for prefix_class, part in self._classes(prefixes):
            attributes, _ = exports.egress.export(new, prefix_class, part[0])
            if attributes is not None:
                buffer.announce(new.source.name, exports.encode(attributes), attributes.next_hop, part)

    def _change(
        self,
        old: Path | None,
        new: Path | None,
        prefix_class: PrefixClass,
        prefixes: Sequence[Prefix],
        buffer: MessageBuffer,
    ) -> None:
        before = self._exports.of(old, prefix_class, prefixes[0])
        after = self._exports.of(new, prefix_class, prefixes[0])
        if new is None or after is None:
            if old is not None and before is not None:
                buffer.withdraw(old.source.name, prefixes)
        elif old is None or before is None:
            self._exports.announce(new, after, prefixes, buffer)
        elif before != after or not buffer.same_for_all(old.source.name, new.source.name):
            self._exports.announce(new, after, prefixes, buffer)
            if old.source.name != new.source.name:
                buffer.withdraw_from(new.source.name, prefixes)

    def _restate(
        self,
        _: Path | None,
        new: Path | None,
        prefix_class: PrefixClass,
        prefixes: Sequence[Prefix],
        buffer: MessageBuffer,
    ) -> None:
        after = self._exports.of(new, prefix_class, prefixes[0])
        if new is None or after is None:
            buffer.withdraw("", prefixes)
        else:
            self._exports.announce(new, after, prefixes, buffer)
            buffer.withdraw_from(new.source.name, prefixes)


class _AllPaths:
    """Sends every eligible path under an identifier of its own."""

    def __init__(self, exports: Exports) -> None:
        self._exports = exports

    def sent(self, entry: Entry | None) -> Sequence[Path]:
        return [path for path in candidates(entry) if path.eligible]

    def stage(self, transition: Transition, buffer: MessageBuffer, *, certain: bool) -> None:
        old, new, together = transition
        for prefix_class, prefixes in self._exports.egress.classes(together):
            before = dict(self._staged(old, prefix_class, prefixes[0], certain=certain))
            after = dict(self._staged(new, prefix_class, prefixes[0], certain=True))
            for path_id, (path, staged) in after.items():
                _, known = before.pop(path_id, (None, None))
                if staged is not None and (known is None or known != staged or not certain):
                    self._exports.announce(path, staged, prefixes, buffer, path_id)
            for path_id, (path, _) in before.items():
                buffer.withdraw(path.source.name, prefixes, path_id)

    def _staged(
        self, entry: Entry | None, prefix_class: PrefixClass, prefix: Prefix, *, certain: bool
    ) -> Iterator[tuple[int, tuple[Path, _Staged | None]]]:
        """Yield by path identifier what is sent of the candidates, or, if not certain, what may have been."""
        for path in candidates(entry):
            staged = self._exports.of(path, prefix_class, prefix)
            if staged is not None or not certain:
                yield path.source.send_id(path.path_id), (path, staged)
