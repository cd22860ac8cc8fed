"""S1 and S2: whole tables in from some peers, and out to another."""

from collections.abc import Sequence

from benchmarks import updates
from benchmarks.scenarios.base import Metrics, Rig
from benchmarks.speaker import Session
from benchmarks.tables import Batch, internet, prefixes_of
from benchmarks.world import client_address, gateway

_FEED_AS = 64601
_RECEIVER_AS = 64700


def transfer(rig: Rig, size: int) -> Metrics:
    """S1: one external feed, one external receiver."""
    return _transfer(rig, [internet(size)], ipv6=False)


def transfer_ipv6(rig: Rig, size: int) -> Metrics:
    """S1 with an IPv6 table over IPv6."""
    return _transfer(rig, [internet(size, ipv6=True)], ipv6=True)


def competing_feeds(rig: Rig, size: int) -> Metrics:
    """S2: four feeds of the same prefixes with different paths; the best go out."""
    return _transfer(rig, [internet(size, paths=number) for number in range(4)], ipv6=False)


def _transfer(rig: Rig, tables: Sequence[list[Batch]], *, ipv6: bool) -> Metrics:
    streams = [
        updates.announcements(table, first_as=_FEED_AS + n, next_hop=gateway(n, ipv6=ipv6))
        for n, table in enumerate(tables)
    ]
    feeds = [(client_address(n, ipv6=ipv6), _FEED_AS + n) for n in range(len(tables))]
    receiver_address = client_address(len(tables), ipv6=ipv6)
    *senders, receiver = rig.begin([*feeds, (receiver_address, _RECEIVER_AS)])
    expected = set(prefixes_of(tables[0]))

    def work() -> float:
        for session, stream in zip(senders, streams, strict=True):
            session.send(stream)
        return rig.speaker.until_held({receiver: len(expected)}, "the table at the receiver")

    metrics = rig.measure(work)
    _prove(receiver, expected)
    return {**metrics, "updates": receiver.messages}


def _prove(receiver: Session, expected: set[bytes]) -> None:
    if receiver.held != expected:
        raise AssertionError("the receiver holds other prefixes than those that were sent")
