"""S8: while one peer sends a table, others' single changes go through, and KEEPALIVEs leave on time."""

import time
from collections.abc import Sequence
from itertools import pairwise

from benchmarks import updates
from benchmarks.scenarios.base import Metrics, Rig
from benchmarks.speaker import Session
from benchmarks.tables import Batch, Prefix, blocks, internet, prefixes_of
from benchmarks.world import client_address, gateway

_AS = 64601
_INTERVAL_SECONDS = 0.1
_HOLD_SECONDS = 3
"""The least there is (RFC 4271, section 4.2): a KEEPALIVE each second, so that there are several."""


def fairness(rig: Rig, size: int) -> Metrics:
    """Announce a block every 100 ms while the table goes through, and see when the receiver has each.

    A session of IPv6 alone, to which nothing is announced, tells when KEEPALIVEs come.
    """
    table = internet(size)
    stream = updates.announcements(table, first_as=_AS, next_hop=gateway(0))
    peers = [(client_address(number), _AS + number) for number in range(3)]
    aside = client_address(3, ipv6=True)
    expected = set(prefixes_of(table))
    feed, changer, receiver, bystander = rig.begin(
        [*peers, (aside, _AS + 3)], hold_times={aside: _HOLD_SECONDS}
    )
    changes = _Changes(changer, receiver)

    def work() -> float:
        feed.send(stream)
        while not changes.all_came or len(receiver.held) < len(expected) + changes.sent:
            changes.go_on()
            rig.speaker.turn(0.01)
            receiver.digest()
        return receiver.last_update

    before = len(bystander.keepalives)
    metrics = rig.measure(work)
    if not expected <= receiver.held:
        raise AssertionError("the receiver lacks prefixes")
    rig.speaker.until(lambda: len(bystander.keepalives) > before + 1, "KEEPALIVEs")
    return {**metrics, **changes.waits, **_lateness(bystander.keepalives[max(before - 1, 0) :])}


class _Changes:
    """Blocks that are announced one by one, each when the one before has come."""

    def __init__(self, changer: Session, receiver: Session) -> None:
        self.sent = 0
        self._changer = changer
        self._receiver = receiver
        self._sent_at = 0.0
        self._waits: list[float] = []

    @property
    def all_came(self) -> bool:
        """Whether the receiver has what was sent."""
        return 0 < self.sent == len(self._waits)

    @property
    def waits(self) -> Metrics:
        """How long they took."""
        waits = sorted(self._waits)
        return {
            "changes": len(waits),
            "p50_ms": waits[len(waits) // 2] * 1e3,
            "max_ms": waits[-1] * 1e3,
        }

    def go_on(self) -> None:
        """See whether the last one came; send another if it is time."""
        if len(self._waits) < self.sent and self._block(self.sent - 1) in self._receiver.held:
            self._waits.append(self._receiver.last_update - self._sent_at)
        if len(self._waits) == self.sent and time.monotonic() - self._sent_at > _INTERVAL_SECONDS:
            batch = Batch((), (), (self._block(self.sent),))
            self._changer.send(updates.announcements([batch], first_as=_AS + 1, next_hop=gateway(1)))
            self._sent_at = time.monotonic()
            self.sent += 1

    def _block(self, number: int) -> Prefix:
        return blocks(number, 1)[0]


def _lateness(times: Sequence[float]) -> Metrics:
    """Say how much longer than the interval a KEEPALIVE was waited for, at worst."""
    longest = max(later - earlier for earlier, later in pairwise(times))
    return {"keepalives": len(times), "keepalive_late_ms": max(longest - _HOLD_SECONDS / 3, 0.0) * 1e3}
