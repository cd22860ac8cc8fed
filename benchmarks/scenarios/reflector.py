"""S3: a route reflector brings up its clients, spreads their blocks, and follows changes."""

import time
from collections.abc import Sequence

from benchmarks import updates
from benchmarks.daemons import Peering, Setup
from benchmarks.scenarios.base import Metrics, Rig
from benchmarks.speaker import Endpoint, Session
from benchmarks.tables import Batch, blocks
from benchmarks.world import DAEMON_AS, client_address, gateway

BLOCKS = 10
"""Blocks that each client announces."""

_AT_ONCE = 4
"""Sessions that open at a time: BIRD and OpenBGPD have short queues, and a storm is what S4 is about."""

_CHURN = 100
_CHURN_SECONDS = 20.0
"""Churn ends after so many events, or so many seconds where a daemon is slow."""


def announcement_of(number: int) -> bytes:
    """Return the UPDATE of a client."""
    batch = Batch((), (), tuple(blocks(number * BLOCKS, BLOCKS)))
    return updates.announcements([batch], first_as=None, next_hop=gateway(number))


def send_all(sessions: Sequence[Session], streams: Sequence[bytes]) -> None:
    """Have each client announce its blocks."""
    for number, (session, stream) in enumerate(zip(sessions, streams, strict=True)):
        session.own = frozenset(blocks(number * BLOCKS, BLOCKS))
        session.send(stream)


def prove(sessions: list[Session]) -> None:
    """Check that each client holds every block but its own."""
    everything = set(blocks(0, len(sessions) * BLOCKS))
    for number, session in enumerate(sessions):
        if session.held != everything - set(blocks(number * BLOCKS, BLOCKS)):
            raise AssertionError(f"client {number} holds other blocks than those of all others")


def reflector(rig: Rig, clients: int) -> Metrics:
    """Measure bring-up, spread (the main phase) and churn."""
    streams = [announcement_of(number) for number in range(clients)]
    before = _started(rig, clients)
    sessions = list(rig.speaker.sessions)
    bring_up = rig.cpu - before

    def work() -> float:
        send_all(sessions, streams)
        everything = dict.fromkeys(sessions, (clients - 1) * BLOCKS)
        return rig.speaker.until_held(everything, "all blocks everywhere")

    metrics = rig.measure(work)
    prove(sessions)
    return {**metrics, "bring_up_cpu": bring_up, **_churn(rig, sessions, streams[0])}


def _started(rig: Rig, clients: int) -> float:
    """Start the daemon with a first client, give what that took, then open the other sessions."""
    addresses = [client_address(number) for number in range(clients)]
    rig.daemon.start(Setup([Peering(address, DAEMON_AS, client=True) for address in addresses]))
    endpoints = [Endpoint(address, DAEMON_AS) for address in addresses]
    rig.speaker.open(endpoints[:1])
    rig.speaker.settle(1.0)
    before = rig.cpu
    rig.speaker.open(endpoints[1:], at_once=_AT_ONCE)
    rig.speaker.settle()
    return before


def _churn(rig: Rig, sessions: list[Session], announcement: bytes) -> Metrics:
    withdrawal = updates.withdrawals(blocks(0, BLOCKS))
    first, *others = sessions
    latencies: dict[bytes, list[float]] = {withdrawal: [], announcement: []}
    cpu, begun = rig.cpu, time.monotonic()
    events = 0
    while events < 2 * _CHURN and time.monotonic() - begun < _CHURN_SECONDS:
        for message, held in ((withdrawal, -BLOCKS), (announcement, 0)):
            latencies[message].append(_change(rig, first, others, message, held))
            events += 1
    median = {message: sorted(values)[len(values) // 2] for message, values in latencies.items()}
    return {
        "churn_withdraw_ms": median[withdrawal] * 1e3,
        "churn_announce_ms": median[announcement] * 1e3,
        "churn_cpu_ms": (rig.cpu - cpu) / events * 1e3,
    }


def _change(rig: Rig, first: Session, others: list[Session], message: bytes, difference: int) -> float:
    """Send a message and wait until each other client has heard of it; return the seconds to the last."""
    wanted = BLOCKS * (len(others)) + difference
    begun = time.monotonic()
    first.send(message)
    waiting = set(others)
    while waiting:
        rig.speaker.turn(0.1)
        for session in list(waiting):
            if session.last_update > begun:
                session.digest()
                if len(session.held) == wanted:
                    waiting.discard(session)
        if time.monotonic() - begun > 60:
            raise AssertionError(f"{len(waiting)} clients did not hear of a change")
    return max(session.last_update for session in others) - begun
