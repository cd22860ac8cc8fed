"""A peer's routes from before the import policy, as UPDATEs like those that it sent.

They are encoded by what the session's OPENs agreed on, since who reads them knows those alone.
"""

from collections.abc import Iterable, Iterator, Sequence

import rib
import wire
from bgpd.monitoring.session import WatchedSession
from wire import Family, Prefix

Candidates = Iterable[tuple[Prefix, tuple[rib.Path, ...]]]


def announcements(
    sessions: dict[str, WatchedSession], family: Family, candidates: Candidates
) -> Iterator[tuple[WatchedSession, bytes]]:
    """Yield the UPDATEs that announce what the peers of these sessions have sent, each with its session.

    Not what is stale: its peer has yet to send it again, or not to.
    """
    batches: dict[rib.Path, list[Prefix]] = {}
    for prefix, paths in candidates:
        for path in paths:
            if path.source.name in sessions and not path.stale:
                batches.setdefault(path, []).append(prefix)
    for path, prefixes in batches.items():
        session = sessions[path.source.name]
        for update in _announce(session, family, path, prefixes):
            yield session, update


def _announce(
    session: WatchedSession, family: Family, path: rib.Path, prefixes: Sequence[Prefix]
) -> list[bytes]:
    attributes, negotiated = path.received.attributes, session.negotiated
    return wire.pack_announcements(
        family,
        wire.encode_attributes(attributes, four_octet_as=negotiated.four_octet_as),
        attributes.next_hop,
        prefixes,
        path_id=path.path_id if family in negotiated.add_path_receive else None,
        limit=_limit(session),
    )


def withdraw(session: WatchedSession, family: Family, gone: Sequence[tuple[int, Prefix]]) -> list[bytes]:
    """Return the UPDATEs that withdraw routes, given as Path Identifiers and prefixes."""
    path_ids = [path_id for path_id, _ in gone] if family in session.negotiated.add_path_receive else None
    prefixes = [prefix for _, prefix in gone]
    return wire.pack_withdrawals(family, prefixes, path_ids=path_ids, limit=_limit(session))


def _limit(session: WatchedSession) -> int:
    extended = session.negotiated.extended_message
    return wire.EXTENDED_MAXIMUM_LENGTH if extended else wire.MAXIMUM_LENGTH
