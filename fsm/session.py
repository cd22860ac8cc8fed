"""One BGP session with one peer, sans-IO: events and the time go in, actions come out."""

from collections.abc import Callable

from fsm.actions import Action
from fsm.counters import Counters
from fsm.errors import SessionError
from fsm.events import Event
from fsm.negotiation import Negotiated
from fsm.parameters import SessionParameters
from fsm.states import State


class Session:
    """The state machine of one configured peer (RFC 4271, section 8)."""

    def __init__(self, parameters: SessionParameters, *, random: Callable[[], float]) -> None:
        self.parameters = parameters
        self.counters = Counters()
        self.negotiated: Negotiated | None = None
        self.last_error: SessionError | None = None
        self.established_at: float | None = None
        self.flaps = 0
        self._random = random

    @property
    def state(self) -> State:
        """The state of the most advanced connection."""
        raise NotImplementedError

    @property
    def deadline(self) -> float | None:
        """When to hand in `TimerExpired`; None: no timer runs."""
        raise NotImplementedError

    def handle(self, event: Event, now: float) -> list[Action]:
        """Take `event` at the monotonic time `now`; never raises for anything a peer or the network can do."""
        raise NotImplementedError

    def reconfigure(self, parameters: SessionParameters, now: float) -> list[Action]:
        """Apply new parameters: in place where that is possible, else with Cease / Other Configuration Change."""
        raise NotImplementedError
