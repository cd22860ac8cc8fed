"""The usual way out: routes with usual attribute lists, from external peers to others.

A whole table goes this way. It does what egress, encoding and packing do for each path, but on the octets
that came, and finds out once what does not differ between the paths of one peer.
"""

from collections.abc import Iterable, Sequence
from itertools import compress
from operator import not_
from typing import Final

from rib.egress import Egress
from rib.message_buffer import MessageBuffer
from rib.path import Path, Terms
from rib.policy_batch import PrefixClass
from rib.source import PeerKind
from rib.target import Target
from rib.transition import Transition
from wire import AttributeType, forward_usual

__all__ = ["Forwarding"]

_WELL_KNOWN: Final = b"\xff\xff"
"""First octets of all communities that a speaker must heed (RFC 1997)."""

_Change = tuple[bytes, bytes, Transition]
"""The attribute list sent before (empty: none was), the one that takes its place, the change itself."""

_Way = tuple[Terms | None, Terms]
"""The terms of paths sent before (None: there were none) and of those that take their place."""


class Forwarding:
    """The usual way to the members of one group."""

    def __init__(self, target: Target, egress: Egress) -> None:
        self._egress = egress
        self.open = _is_usual(target)
        """Whether anything goes this way to these members."""
        self._own_as = target.local_as.to_bytes(4, "big")
        self._next_hop = target.local_address
        self._next_hop_attribute = (
            bytes((0x40, AttributeType.NEXT_HOP, 4)) + self._next_hop if len(self._next_hop) == 4 else b""
        )

    def forward(self, transitions: Sequence[Transition], buffer: MessageBuffer) -> Sequence[Transition]:
        """Announce those changes that can go this way; return the others."""
        if not self.open:
            return transitions
        runs, rest = _usual_runs(transitions)
        for (before, terms), changes in runs.items():
            name = terms.source.name
            others = changes
            if before is None and not buffer.reaches(name):
                continue
            if self._accepts(terms, changes) and (
                before is None
                or (buffer.is_news(before.source.name, name) and self._accepts(before, changes))
            ):
                passing, others = _parted(changes)
                self._announce(passing, name, buffer, displacing=before is not None)
            rest += [transition for _, _, transition in others]
        return rest

    def _accepts(self, terms: Terms, changes: Iterable[_Change]) -> bool:
        return self._egress.accepts_all(terms, [prefixes for _, _, (_, _, prefixes) in changes])

    def _announce(
        self, changes: Sequence[_Change], source: str, buffer: MessageBuffer, *, displacing: bool
    ) -> None:
        own_as, next_hop = self._own_as, self._next_hop_attribute
        routes = [(forward_usual(octets, own_as, next_hop), change[2]) for _, octets, change in changes]
        buffer.announce_bulk(source, self._next_hop, routes)
        if displacing:  # the source was sent the other path, and has the better one
            for _, prefixes in routes:
                buffer.withdraw_from(source, prefixes)

    def takes(self, path: Path, prefix_class: PrefixClass) -> bool:
        """Whether an eligible path surely goes this way."""
        held = path.held
        if not self.open or not isinstance(held, bytes) or held.find(_WELL_KNOWN) >= 0:
            return False
        return self._egress.accepts(path.terms, prefix_class)

    def block_of(self, path: Path, prefix_class: PrefixClass) -> bytes | None:
        """Return the attribute list that is sent of an eligible path; None where that takes a closer look."""
        held = path.held
        if not isinstance(held, bytes) or not self.takes(path, prefix_class):
            return None
        return forward_usual(held, self._own_as, self._next_hop_attribute)

    @property
    def next_hop(self) -> bytes:
        """The next hop of all that goes this way."""
        return self._next_hop


def _is_usual(target: Target) -> bool:
    """Whether nothing but AS_PATH, NEXT_HOP and MULTI_EXIT_DISC is changed for a target."""
    return (
        target.kind is PeerKind.EBGP
        and target.next_hop != "keep"
        and len(target.local_address) * 8 == target.family.bits
        and target.four_octet_as
        and target.role is None
        and not target.add_path
        and not target.graceful_shutdown
    )


def _usual_runs(
    transitions: Iterable[Transition],
) -> tuple[dict[_Way, list[_Change]], list[Transition]]:
    """Return the changes to usual attribute lists, from nothing or another one, by their way; all others."""
    runs: dict[_Way, list[_Change]] = {}
    rest: list[Transition] = []
    last_before, last = None, None
    run: list[_Change] = []
    for transition in transitions:
        old, new, _ = transition
        if not (isinstance(new, Path) and isinstance(new.held, bytes) and new.terms.eligible):
            rest.append(transition)
            continue
        if old is None:
            before, sent = None, b""
        elif isinstance(old, Path) and isinstance(old.held, bytes):
            before, sent = old.terms, old.held
        else:
            rest.append(transition)
            continue
        if new.terms is not last or before is not last_before:
            last_before, last = before, new.terms
            run = runs.setdefault((before, last), [])
        run.append((sent, new.held, transition))
    return runs, rest


def _parted(changes: list[_Change]) -> tuple[list[_Change], list[_Change]]:
    """Return the changes between routes that no community holds back, and those where one may."""
    lists = [sent + octets for sent, octets, _ in changes]
    if b"".join(lists).find(_WELL_KNOWN) < 0:
        return changes, []
    free = [octets.find(_WELL_KNOWN) < 0 for octets in lists]
    return list(compress(changes, free)), list(compress(changes, map(not_, free)))
