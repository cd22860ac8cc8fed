"""One TCP connection of a session, which goes through the states on its own."""

import wire
from fsm.negotiation import Negotiated
from fsm.states import State
from fsm.timers import Timers


class Connection:
    """A connection and how far it got: Connect or Active (waiting to send OPEN) to Established."""

    __slots__ = (
        "after_establishment",
        "incoming",
        "negotiated",
        "number",
        "offered",
        "state",
        "timers",
    )

    def __init__(self, number: int, *, incoming: bool, after_establishment: bool) -> None:
        self.number = number
        self.incoming = incoming
        """The peer opened it."""
        self.after_establishment = after_establishment
        """It came while another connection was Established."""
        self.state = State.ACTIVE if incoming else State.CONNECT
        self.offered: wire.Open | None = None
        """The OPEN that we sent."""
        self.negotiated: Negotiated | None = None
        """From OpenConfirm on."""
        self.timers = Timers()

    @property
    def is_silent(self) -> bool:
        """Whether no acceptable OPEN came yet."""
        return self.negotiated is None

    @property
    def agreed(self) -> Negotiated:
        """What was negotiated, for whoever knows that an OPEN came; LookupError where none did."""
        if self.negotiated is None:
            raise LookupError(f"nothing is negotiated on connection {self.number} in {self.state}")
        return self.negotiated
