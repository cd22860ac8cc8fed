"""S8: while one peer sends a table, a third peer's single changes go through."""

import time

from benchmarks import updates
from benchmarks.scenarios.base import Metrics, Rig
from benchmarks.tables import Batch, blocks, internet, prefixes_of
from benchmarks.world import client_address, gateway

_AS = 64601
_INTERVAL_SECONDS = 0.1


def fairness(rig: Rig, size: int) -> Metrics:
    """Announce a block every 100 ms while the table goes through, and see when the receiver has each."""
    table = internet(size)
    stream = updates.announcements(table, first_as=_AS, next_hop=gateway(0))
    peers = [(client_address(number), _AS + number) for number in range(3)]
    feed, changer, receiver = rig.begin(peers)
    expected = set(prefixes_of(table))
    sent: list[float] = []
    waits: list[float] = []

    def change() -> None:
        block = tuple(blocks(len(sent), 1))
        changer.send(updates.announcements([Batch((), (), block)], first_as=_AS + 1, next_hop=gateway(1)))
        sent.append(time.monotonic())

    def work() -> float:
        feed.send(stream)
        while True:
            if not sent or (len(waits) == len(sent) and time.monotonic() - sent[-1] > _INTERVAL_SECONDS):
                change()
            busy = rig.speaker.turn(0.01)
            receiver.digest()
            if len(waits) < len(sent) and blocks(len(sent) - 1, 1)[0] in receiver.held:
                waits.append(receiver.last_update - sent[-1])
            if not busy and len(receiver.held) == len(expected) + len(sent) and len(waits) == len(sent):
                return receiver.last_update

    metrics = rig.measure(work)
    if not expected <= receiver.held:
        raise AssertionError("the receiver lacks prefixes")
    waits.sort()
    return {
        **metrics,
        "changes": len(waits),
        "p50_ms": waits[len(waits) // 2] * 1e3,
        "max_ms": waits[-1] * 1e3,
    }
