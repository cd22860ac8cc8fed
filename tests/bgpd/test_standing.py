"""Orders that outlast the daemon: what is kept, for whom, and what a broken file does."""

import json
import stat
from pathlib import Path

import pytest

from bgpd.events import EventLog
from bgpd.standing import StandingOrders

SOCKET = "/run/bgpd/bgpd.sock"
ROUTE = {"prefix": "192.0.2.0/24", "next_hop": None, "communities": [], "permanent": True}


def orders(directory: Path, socket: str = SOCKET) -> StandingOrders:
    return StandingOrders(directory, socket, EventLog())


def test_what_is_kept_is_read_by_the_next_daemon_on_the_same_socket(tmp_path: Path) -> None:
    kept = orders(tmp_path / "state")
    kept.keep(draining=True)
    kept.keep(originations=[ROUTE])
    found = orders(tmp_path / "state")
    assert (found.draining, list(found.originations)) == (True, [ROUTE])
    assert stat.S_IMODE(kept.path.stat().st_mode) == 0o600
    assert not orders(tmp_path / "state", "/run/other.sock").draining


def test_nothing_stays_of_what_is_taken_back(tmp_path: Path) -> None:
    kept = orders(tmp_path)
    kept.keep(draining=True)
    kept.keep(draining=False)
    assert list(tmp_path.iterdir()) == []
    kept.keep(draining=False)


@pytest.mark.parametrize("content", ["", "[]", "{", json.dumps({"draining": True}), '"x"'])
def test_a_broken_file_is_told_of_and_not_obeyed(tmp_path: Path, content: str) -> None:
    path = orders(tmp_path).path
    path.write_text(content)
    events = EventLog()
    found = StandingOrders(tmp_path, SOCKET, events)
    assert (found.draining, list(found.originations)) == (False, [])
    assert [str(path) in event.message for event in events.since(0)] == [True]


def test_a_disk_that_takes_nothing_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file in the way")
    events = EventLog()
    StandingOrders(tmp_path / "state", SOCKET, events).keep(draining=True)
    assert "will not outlast a restart" in events.since(0)[-1].message
