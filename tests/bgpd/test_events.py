"""The event log: bounded, ordered, followed."""

import asyncio

from bgpd.events import EventLog


async def test_events_are_numbered_and_read_from_a_position():
    log = EventLog(clock=lambda: 1.5)
    log.record("session", "up", peer="a", reason=None, hold_time=9)
    log.record("fault", "bad file")
    first, second = log.since()
    assert (first.sequence, first.kind, first.peer, first.message, first.time) == (
        1,
        "session",
        "a",
        "up",
        1.5,
    )
    assert first.fields == {"hold_time": 9}
    assert log.since(first.sequence) == [second]


async def test_only_the_last_thousand_are_kept():
    log = EventLog()
    for number in range(1100):
        log.record("test", str(number))
    assert [event.sequence for event in log.since()] == list(range(101, 1101))


async def test_all_followers_wake_with_the_next_event():
    log = EventLog()
    followers = [asyncio.create_task(log.wait()) for _ in range(2)]
    await asyncio.sleep(0)
    assert not any(follower.done() for follower in followers)
    log.record("test", "now")
    await asyncio.wait_for(asyncio.gather(*followers), 1)
