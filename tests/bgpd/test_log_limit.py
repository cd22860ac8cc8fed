"""What repeats itself is counted instead of written."""

import logging

from bgpd.log import fields
from bgpd.log_limit import _BURST, _KEPT, _WINDOW, LogLimit


class Log:
    """A limit, and a clock that the test moves."""

    def __init__(self):
        self.now = 0.0
        self.limit = LogLimit(lambda: self.now)

    def record(self, text="hello %d", level=logging.INFO, **values):
        made = logging.LogRecord("bgpd.test", level, __file__, 1, text, (1,), None)
        made.__dict__.update(fields(**values))
        return made

    def passed(self, count, **changes):
        return sum(self.limit.filter(self.record(**changes)) for _ in range(count))


def test_a_flood_is_cut_and_its_length_told_when_it_is_over():
    log = Log()
    assert log.passed(_BURST + 500) == _BURST
    log.now = _WINDOW
    record = log.record()
    assert log.limit.filter(record)
    assert record.fields == {"left_out": 500}
    record = log.record()
    assert log.limit.filter(record)
    assert record.fields == {}


def test_one_peers_flood_hides_no_other_peer_and_no_other_event():
    log = Log()
    log.passed(_BURST + 1, event="session", peer="a")
    assert log.passed(1, event="session", peer="a") == 0
    assert log.passed(1, event="session", peer="b") == 1
    assert log.passed(1, event="malformed", peer="a") == 1


def test_messages_are_of_one_kind_whatever_their_arguments():
    log = Log()
    assert log.passed(_BURST + 1, text="cannot bind %s") == _BURST
    assert log.passed(1, text="cannot accept %s") == 1


def test_debugging_is_not_limited():
    assert Log().passed(10 * _BURST, level=logging.DEBUG) == 10 * _BURST


def test_kinds_without_number_take_no_memory_without_bound():
    log = Log()
    assert all(log.passed(1, peer=str(number)) for number in range(3 * _KEPT))
    assert len(log.limit._windows) <= _KEPT
