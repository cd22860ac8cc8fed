"""A BFD session in asynchronous mode as a sans-IO state machine (RFC 5880): packets and time in, packets out.

The caller sends each packet that a call returns, hands in `expire` at `deadline`, and looks at `state`.
"""

from collections.abc import Callable
from typing import Final

from fsm.bfd_packet import BfdPacketError, BfdState, ControlPacket, Diagnostic, decode_control_packet

__all__ = ["BfdPacketError", "BfdSession", "BfdState", "ControlPacket", "Diagnostic", "decode_control_packet"]

_SLOW: Final = 1_000_000
"""Microseconds between packets, at least, while the session is not Up (RFC 5880, section 6.8.3)."""
_MICROSECOND: Final = 1e-6


class BfdSession:
    """One session with one remote system, which plays the active role as we do.

    `interval` is what we want to send and can receive at, in microseconds; the peer takes us for dead after
    `multiplier` packets that did not come. `random` returns numbers from 0 to 1, for jitter.
    """

    def __init__(
        self, *, discriminator: int, interval: int, multiplier: int, now: float, random: Callable[[], float]
    ) -> None:
        self.state = BfdState.DOWN
        self.remote_state = BfdState.DOWN
        self.diagnostic = Diagnostic.NONE
        self.discriminator = discriminator
        self._interval = self._sending = self._expecting = interval
        """What packets tell; what we send at, and expect packets at, differ while a poll is to confirm it."""
        self._multiplier = multiplier
        self._random = random
        self._remote: ControlPacket | None = None
        self._polling = False
        self._poll_again = False
        self._send_at: float | None = now
        self._heard_at: float | None = None

    @property
    def deadline(self) -> float | None:
        """When to call `expire`; None: nothing is to be sent and nothing awaited."""
        times = [time for time in (self._send_at, self._silent_at) if time is not None]
        return min(times, default=None)

    @property
    def _silent_at(self) -> float | None:
        """When the remote system has been silent for too long; it follows a timing that changes."""
        return None if self._heard_at is None else self._heard_at + self.detection_time

    @property
    def detection_time(self) -> float:
        """Seconds of silence after which the remote system is taken for dead (RFC 5880, section 6.8.4)."""
        if self._remote is None:
            return 0.0
        return self._remote.multiplier * max(self._expecting, self._remote.desired_min_tx) * _MICROSECOND

    def change(self, *, interval: int, multiplier: int, now: float) -> None:
        """Change the timing of the session, which stays as it is.

        Section 6.8.3: until the remote system has confirmed it by a Poll Sequence, we send no slower than
        before, and expect packets no faster.
        """
        up = self.state is BfdState.UP
        self._sending = min(self._sending, interval) if up else interval
        self._expecting = max(self._expecting, interval) if up else interval
        self._interval, self._multiplier = interval, multiplier
        self._poll_again = self._polling
        self._polling = up
        self._hasten(now)

    def receive(self, packet: ControlPacket, now: float) -> list[bytes]:
        """Take a packet of the remote system, which the caller has found to be for this session."""
        if self.state is BfdState.ADMIN_DOWN:
            return []
        self._remote, self.remote_state = packet, packet.state
        if packet.final and self._polling:
            self._confirmed()
        changed = self._move(*_next_state(self.state, packet.state, self.diagnostic))
        self._heard_at = now
        return self._answer(packet, now, changed=changed)

    def _confirmed(self) -> None:
        """End a Poll Sequence; what changed while it ran needs another one (section 6.5)."""
        self._polling, self._poll_again = self._poll_again, False
        if not self._polling:
            self._sending = self._expecting = self._interval

    def _answer(self, packet: ControlPacket, now: float, *, changed: bool) -> list[bytes]:
        """Confirm a poll at once, tell a new state at once, otherwise keep the rhythm (section 6.8.7)."""
        answers = [self._packet(final=True)] if packet.poll else []
        if changed:
            return [*answers, self._transmit(now)]
        self._hasten(now)
        return answers

    def expire(self, now: float) -> list[bytes]:
        """Do what is due: give up on a silent remote system, send the next packet."""
        if self._silent_at is not None and self._silent_at <= now:
            self._heard_at = None
            self._remote = None
            if self.state in (BfdState.INIT, BfdState.UP):
                self._move(BfdState.DOWN, Diagnostic.DETECTION_TIME_EXPIRED)
                return [self._transmit(now)]
            self._schedule(now)
        if self._send_at is not None and self._send_at <= now:
            return [self._transmit(now)]
        return []

    def stop(self) -> bytes:
        """End the session by intent: the packet tells the remote system that nothing is wrong."""
        self._move(BfdState.ADMIN_DOWN, Diagnostic.ADMINISTRATIVELY_DOWN)
        self._send_at = self._heard_at = None
        return self._packet()

    def _move(self, state: BfdState, diagnostic: Diagnostic) -> bool:
        changed = state is not self.state
        self.state, self.diagnostic = state, diagnostic
        if changed:
            # Section 6.8.3: the fast interval that begins with Up is to be confirmed by a Poll Sequence.
            self._polling, self._poll_again = state is BfdState.UP, False
            self._sending = self._expecting = self._interval
        return changed

    def _at_our_pace(self, interval: int) -> int:
        """Return an interval, or the slow one where that is to be kept to."""
        return interval if self.state is BfdState.UP else max(interval, _SLOW)

    @property
    def _transmit_interval(self) -> float:
        """Seconds between packets: neither faster than we want nor than the other can receive."""
        remote = self._remote.required_min_rx if self._remote is not None else 0
        return max(self._at_our_pace(self._sending), remote) * _MICROSECOND

    @property
    def _is_quiet(self) -> bool:
        """Tell whether no packets go out but those that a packet or a change asks for (section 6.8.7)."""
        remote = self._remote
        if remote is None:
            return False
        demand = remote.demand and self.state is BfdState.UP and remote.state is BfdState.UP
        return not remote.required_min_rx or (demand and not self._polling)

    def _hasten(self, now: float) -> None:
        """Keep the time of the next packet, unless it is too far off by now, or none is to come."""
        if self._is_quiet or self._send_at is None or self._send_at > now + self._transmit_interval:
            self._schedule(now)

    def _transmit(self, now: float) -> bytes:
        self._schedule(now)
        return self._packet()

    def _schedule(self, now: float) -> None:
        """Set the time of the next packet, up to a quarter earlier so that systems do not fall in step.

        Section 6.8.7: with a multiplier of 1 at least a tenth earlier, for one packet late is one too many.
        """
        if self._is_quiet:
            self._send_at = None
            return
        latest = 0.9 if self._multiplier == 1 else 1.0
        self._send_at = now + self._transmit_interval * (latest - (latest - 0.75) * self._random())

    def _packet(self, *, final: bool = False) -> bytes:
        return ControlPacket(
            state=self.state,
            diagnostic=self.diagnostic,
            poll=self._polling and not final,
            final=final,
            multiplier=self._multiplier,
            my_discriminator=self.discriminator,
            your_discriminator=self._remote.my_discriminator if self._remote is not None else 0,
            desired_min_tx=self._at_our_pace(self._interval),
            required_min_rx=self._interval,
        ).encode()


def _next_state(state: BfdState, remote: BfdState, diagnostic: Diagnostic) -> tuple[BfdState, Diagnostic]:
    """Give the state and diagnostic that follow from what the remote system says (section 6.8.6)."""
    if remote is BfdState.ADMIN_DOWN or (state is BfdState.UP and remote is BfdState.DOWN):
        if state is BfdState.DOWN:
            return state, diagnostic
        return BfdState.DOWN, Diagnostic.NEIGHBOR_SIGNALED_DOWN
    return _TRANSITIONS.get((state, remote), state), diagnostic


_TRANSITIONS: Final = {
    (BfdState.DOWN, BfdState.DOWN): BfdState.INIT,
    (BfdState.DOWN, BfdState.INIT): BfdState.UP,
    (BfdState.INIT, BfdState.INIT): BfdState.UP,
    (BfdState.INIT, BfdState.UP): BfdState.UP,
}
"""RFC 5880, section 6.2: three-way, so that Up means that both directions work."""
