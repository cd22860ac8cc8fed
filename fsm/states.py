"""The six states of a BGP session (RFC 4271, section 8.2.2)."""

import enum


class State(enum.Enum):
    """Where a session, or one of its connections, stands; the value is the name operators see."""

    IDLE = "Idle"
    CONNECT = "Connect"
    ACTIVE = "Active"
    OPEN_SENT = "OpenSent"
    OPEN_CONFIRM = "OpenConfirm"
    ESTABLISHED = "Established"

    # Members are singletons and looked up for every event: identity hashes much faster than the name.
    __hash__ = object.__hash__

    def __str__(self) -> str:
        return str(self._value_)


PROGRESS: dict[State, int] = {
    State.IDLE: 0,
    State.ACTIVE: 1,
    State.CONNECT: 2,
    State.OPEN_SENT: 3,
    State.OPEN_CONFIRM: 4,
    State.ESTABLISHED: 5,
}
"""How far a state is from Idle. The order of definition is the RFC's; Active comes before Connect here,
because a session that is trying to connect is also listening."""
