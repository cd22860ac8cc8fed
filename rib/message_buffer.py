"""Messages encoded once for many peers, with the spans that each peer must not get."""

from collections.abc import Collection, Iterable, Sequence
from itertools import accumulate

from rib.changes import Span, Transmission
from rib.path import Path
from rib.target import Target
from wire import Prefix, pack_announcements, pack_bulk, pack_withdrawals

__all__ = ["MessageBuffer"]

_Withdrawn = tuple[list[Prefix], list[int]]
"""Prefixes and, with ADD-PATH, their path identifiers."""


class MessageBuffer:
    """Collects what one flush has to say to an audience of peers with the same target.

    Withdrawals go last: a peer that does as it is told, message by message, then never lacks a route to an
    address that the flush moves from one prefix to another, a block's to its workloads' or back.
    """

    def __init__(self, target: Target, audience: Collection[str]) -> None:
        self._target = target
        self._audience = dict.fromkeys(audience)
        self._sole = next(iter(self._audience)) if len(self._audience) == 1 else None
        self._parts: list[bytes] = []
        self._own: dict[str, list[tuple[int, int]]] = {}
        """By source: which of the parts came of its own paths, as ranges."""
        self._withdrawn: dict[str, _Withdrawn] = {}
        """By the source that the withdrawn path came from, "" when that is not in the audience."""
        self._withdrawn_from: dict[str, _Withdrawn] = {}
        """For one peer alone."""

    def heard(self, path: Path | None) -> Path | None:
        """Return the path, None where it does not concern the audience, which is its source alone."""
        return None if path is None or path.source.name == self._sole else path

    def reaches(self, source: str) -> bool:
        """Whether anyone but the source of a path is in the audience."""
        return source != self._sole

    def same_for_all(self, source: str, other: str) -> bool:
        """Whether paths of two sources go to the same part of the audience."""
        return source == other or not (source in self._audience or other in self._audience)

    def is_news(self, old: str, new: str) -> bool:
        """Whether some, but not all of the audience heard a path of `old` that one of `new` displaces."""
        return self.reaches(old) and self.reaches(new) and not self.same_for_all(old, new)

    def announce(
        self,
        source: str,
        block: bytes,
        next_hop: bytes,
        prefixes: Sequence[Prefix],
        path_id: int | None = None,
    ) -> None:
        """Announce prefixes to everyone but their source."""
        target = self._target
        messages = pack_announcements(
            target.family, block, next_hop, prefixes, path_id=path_id, limit=target.message_limit
        )
        if messages:
            self._add(source, messages)
        else:
            # No prefix fits beside so many attributes: it is withdrawn instead (RFC 8654, section 4).
            self.withdraw(source, prefixes, path_id)

    def announce_bulk(
        self, source: str, next_hop: bytes, routes: Iterable[tuple[bytes, Sequence[Prefix]]]
    ) -> None:
        """Announce usual routes, as attribute lists and prefixes, to everyone but their source.

        Usual lists have less than 600 octets, so there is always room for a prefix.
        """
        target = self._target
        self._add(source, pack_bulk(target.family, next_hop, routes, limit=target.message_limit))

    def _add(self, source: str, messages: Sequence[bytes]) -> None:
        start = len(self._parts)
        self._parts += messages
        if source in self._audience:
            ranges = self._own.setdefault(source, [])
            if ranges and ranges[-1][1] == start:
                start = ranges.pop()[0]
            ranges.append((start, len(self._parts)))

    def withdraw(self, source: str, prefixes: Sequence[Prefix], path_id: int | None = None) -> None:
        """Withdraw prefixes from everyone but the source of the path that was sent."""
        key = source if source in self._audience else ""
        _extend(self._withdrawn.setdefault(key, ([], [])), prefixes, path_id)

    def withdraw_from(self, name: str, prefixes: Sequence[Prefix]) -> None:
        """Withdraw prefixes from one peer, if it is in the audience."""
        if name in self._audience:
            _extend(self._withdrawn_from.setdefault(name, ([], [])), prefixes, None)

    def transmission(self) -> Transmission | None:
        """Return what is to be sent; None when there is nothing."""
        for source, withdrawn in self._withdrawn.items():
            self._add(source, self._pack_withdrawals(withdrawn))
        extra = {name: b"".join(self._pack_withdrawals(gone)) for name, gone in self._withdrawn_from.items()}
        if not self._parts and not extra:
            return None
        return Transmission(
            list(self._audience), b"".join(self._parts), self._spans(), extra, messages=len(self._parts)
        )

    def _spans(self) -> dict[str, list[Span]]:
        """Return the ranges of own parts as spans of octets."""
        if not self._own:
            return {}
        ends = [0, *accumulate(map(len, self._parts))]
        return {
            name: [(ends[start], ends[stop]) for start, stop in ranges] for name, ranges in self._own.items()
        }

    def _pack_withdrawals(self, withdrawn: _Withdrawn) -> list[bytes]:
        prefixes, path_ids = withdrawn
        target = self._target
        return pack_withdrawals(
            target.family,
            prefixes,
            path_ids=path_ids if target.add_path else None,
            limit=target.message_limit,
        )


def _extend(withdrawn: _Withdrawn, prefixes: Sequence[Prefix], path_id: int | None) -> None:
    withdrawn[0].extend(prefixes)
    if path_id is not None:
        withdrawn[1].extend([path_id] * len(prefixes))
