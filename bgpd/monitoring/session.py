"""What those who watch from outside are told about: an Established session, a transition between states."""

from typing import NamedTuple

import fsm
from records import record


@record(kw_only=True, eq=False)
class WatchedSession:
    """An Established session; each time it comes up it is another one."""

    key: str
    """The tables' name of the peer."""
    local_as: int
    address: bytes
    """The peer's, 4 or 16 octets."""
    local_address: bytes
    """Ours, of the same length; zero where it is not known."""
    ports: tuple[int, int]
    """TCP ports, ours and the peer's."""
    negotiated: fsm.Negotiated
    since: int
    """When it came up, in microseconds since the epoch."""


class Transition(NamedTuple):
    """A configured session went from one state to another."""

    peer_as: int
    local_as: int
    address: bytes
    """As in `WatchedSession`."""
    local_address: bytes
    old: fsm.State
    new: fsm.State
