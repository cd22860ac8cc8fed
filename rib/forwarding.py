"""The usual way out: new routes with usual attribute lists, from one external peer to others.

A whole table goes this way. It does what egress, encoding and packing do for each path, but on the octets
that came, and finds out once what does not differ between the paths of one peer.
"""

from collections.abc import Iterable, Sequence
from itertools import compress
from typing import Final

from rib.egress import Egress
from rib.message_buffer import MessageBuffer
from rib.path import Path, Terms
from rib.policy_batch import PrefixClass
from rib.source import PeerKind
from rib.table import Transition
from rib.target import Target
from wire import AttributeType, Prefix, forward_usual

__all__ = ["Forwarding"]

_WELL_KNOWN: Final = b"\xff\xff"
"""First octets of all communities that a speaker must heed (RFC 1997)."""

_Route = tuple[bytes, Sequence[Prefix]]
"""A usual attribute list and its prefixes."""


class Forwarding:
    """The usual way to the members of one group."""

    def __init__(self, target: Target, egress: Egress) -> None:
        self._egress = egress
        self._open = _is_usual(target)
        self._own_as = target.local_as.to_bytes(4, "big")
        self._next_hop = target.local_address
        self._next_hop_attribute = (
            bytes((0x40, AttributeType.NEXT_HOP, 4)) + self._next_hop if len(self._next_hop) == 4 else b""
        )

    def forward(self, transitions: Sequence[Transition], buffer: MessageBuffer) -> Sequence[Transition]:
        """Announce those changes that can go this way; return the others."""
        if not self._open:
            return transitions
        runs, rest = _usual_runs(transitions)
        for terms, changes in runs.items():
            if not self._egress.accepts_all(terms, [prefixes for _, _, prefixes in changes]):
                rest += changes
            elif buffer.reaches(terms.source.name):
                routes, others = _parted(changes)
                buffer.announce_bulk(terms.source.name, self._next_hop, self._departing(routes))
                rest += others
        return rest

    def block_of(self, path: Path, prefix_class: PrefixClass) -> bytes | None:
        """Return the attribute list that is sent of an eligible path; None where that takes a closer look."""
        held = path.held
        if not self._open or not isinstance(held, bytes) or held.find(_WELL_KNOWN) >= 0:
            return None
        if not self._egress.accepts(path.terms, prefix_class):
            return None
        return forward_usual(held, self._own_as, self._next_hop_attribute)

    @property
    def next_hop(self) -> bytes:
        """The next hop of all that goes this way."""
        return self._next_hop

    def _departing(self, routes: Iterable[_Route]) -> list[_Route]:
        own_as, next_hop = self._own_as, self._next_hop_attribute
        return [(forward_usual(octets, own_as, next_hop), prefixes) for octets, prefixes in routes]


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
) -> tuple[dict[Terms, list[Transition]], list[Transition]]:
    """Return new routes with usual attribute lists that may go out, by their terms, and all other changes."""
    runs: dict[Terms, list[Transition]] = {}
    rest: list[Transition] = []
    last: Terms | None = None
    run = rest
    for transition in transitions:
        old, new, prefixes = transition
        best = new[0] if isinstance(new, tuple) else new
        if old is None and best is not None and isinstance(best.held, bytes):
            if best.terms is not last:
                last = best.terms
                run = runs.setdefault(last, []) if last.eligible else rest
            run.append(transition if best is new else (None, best, prefixes))
        else:
            rest.append(transition)
    return runs, rest


def _parted(changes: list[Transition]) -> tuple[list[_Route], list[Transition]]:
    """Return the routes that no community holds back, and the changes for which that has to be found out."""
    routes: list[_Route] = [(new.held, prefixes) for _, new, prefixes in changes]  # type: ignore[union-attr,misc]
    if b"".join([octets for octets, _ in routes]).find(_WELL_KNOWN) < 0:
        return routes, []
    free = [octets.find(_WELL_KNOWN) < 0 for octets, _ in routes]
    held_up = [change for change, passes in zip(changes, free, strict=True) if not passes]
    return list(compress(routes, free)), held_up
