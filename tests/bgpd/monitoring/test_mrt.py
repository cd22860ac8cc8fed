"""MRT files of a cluster of speakers: what is in them, how they are named, kept and written."""

import asyncio
import contextlib
import itertools
import stat
from pathlib import Path

import pytest

import fsm
import wire
from bgpd.monitoring import Monitor, TableDump, Transition, mrt, mrt_log
from bgpd.monitoring.mrt import MrtRecorder
from bgpd.monitoring.mrt_files import MrtDirectory
from bgpd.monitoring.mrt_log import MrtLog
from tests.bgpd.speaker.cluster import Cluster, Member, until
from tests.support.mrt_reader import read_table, read_updates
from wire import Family

IPV4 = Family.IPV4_UNICAST
START = 1_790_000_100.0
"""2026-09-21T14:15:00Z"""

TRANSITION = Transition(
    peer_as=1,
    local_as=2,
    address=bytes(4),
    local_address=bytes(4),
    old=fsm.State.IDLE,
    new=fsm.State.ACTIVE,
)


class Recorded:
    """Three nodes of a mesh, of which n1 is recorded."""

    def __init__(self):
        self.cluster = Cluster(3)
        self.monitor = Monitor()
        self.member = self.cluster.members["n1"] = Member("n1", monitor=self.monitor)

    def table(self):
        dump = TableDump(self.monitor, self.member.speaker.tables.router)
        return read_table(b"".join(dump.pieces()))

    @contextlib.asynccontextmanager
    async def running(self, directory, **options):
        recorder = MrtRecorder(directory, monitor=self.monitor, events=self.member.events, **options)
        task = asyncio.create_task(recorder.run())
        yield
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@pytest.fixture
async def recorded(monkeypatch):
    monkeypatch.setattr(mrt, "_WRITE_SECONDS", 0.02)
    made = Recorded()
    yield made
    await made.cluster.close()


def tables(directory):
    return list(directory.glob("rib.*.mrt"))


def addresses(*numbers):
    return {bytes([127, 1, 0, number]) for number in numbers}


async def test_dump_has_every_peer_and_every_route_as_it_came(recorded):
    await recorded.cluster.up()
    dump = recorded.table()
    assert dump.bgp_identifier == bytes([127, 1, 0, 1])
    assert dump.peers[0] == (bytes(4), bytes(4), 0)
    assert {address for _, address, _ in dump.peers[1:]} == addresses(2, 3)
    found = {
        wire.format_prefix(IPV4, route.prefix): [dump.peers[entry.peer_index][1] for entry in route.entries]
        for route in dump.routes
    }
    assert found == {
        "10.244.1.0/26": [bytes(4)],
        "10.244.2.0/26": [bytes([127, 1, 0, 2])],
        "10.244.3.0/26": [bytes([127, 1, 0, 3])],
    }
    assert [route.sequence for route in dump.routes] == [0, 1, 2]
    sessions = {session.address: session.since // 1_000_000 for session in recorded.monitor.sessions.values()}
    for route in dump.routes:
        for entry in route.entries:
            peer = dump.peers[entry.peer_index][1]
            assert entry.originated >= sessions.get(peer, 0)
            assert (entry.path_id is None) == (peer == bytes(4))


async def test_dump_goes_on_while_sessions_come_and_go(recorded):
    await recorded.cluster.up()
    pieces = TableDump(recorded.monitor, recorded.member.speaker.tables.router).pieces()
    index = next(pieces)
    await recorded.cluster.members["n2"].speaker.stop(withdraw=True)
    await until(lambda: not recorded.member.sources("10.244.2.0/26"))
    dump = read_table(index + b"".join(pieces))
    assert len(dump.peers) == 3
    assert sorted(wire.format_prefix(IPV4, route.prefix) for route in dump.routes) == [
        "10.244.1.0/26",
        "10.244.3.0/26",
    ]


async def test_updates_are_recorded_with_transitions_and_files_follow_each_other(recorded, tmp_path):
    clock = itertools.count(START, 0.3)
    directory = MrtDirectory(tmp_path / "mrt", keep=1000)
    async with recorded.running(directory, interval=1, clock=lambda: next(clock)):
        await recorded.cluster.up()
        begun = len(tables(tmp_path / "mrt"))
        await until(lambda: len(tables(tmp_path / "mrt")) >= begun + 2)
    files = sorted((tmp_path / "mrt").glob("updates.*"))
    assert files[0].name == "updates.20260921.141500.mrt"
    records = read_updates(b"".join(file.read_bytes() for file in files))
    assert {record.peer_address for record in records if record.states == (5, 6)} == addresses(2, 3)
    told = [record for record in records if record.message]
    assert {record.peer_address for record in told} == addresses(2, 3)
    assert {(record.peer_as, record.local_as, record.local_address) for record in told} == {
        (64512, 64512, bytes([127, 1, 0, 1]))
    }
    assert all(record.add_path for record in told)
    dump = read_table(max(tables(tmp_path / "mrt")).read_bytes())
    assert len(dump.routes) == 3


async def test_only_the_newest_files_are_kept_and_no_other_is_touched(recorded, tmp_path):
    (tmp_path / "rib.notes.txt").write_text("mine")
    (tmp_path / "updates.20010101.000000.mrt").write_text("")
    await recorded.cluster.up()
    clock = itertools.count(START, 0.3)
    async with recorded.running(MrtDirectory(tmp_path, keep=2), interval=1, clock=lambda: next(clock)):
        await until((tmp_path / "rib.20260921.141504.mrt").exists)
    names = sorted(file.name for file in tmp_path.iterdir())
    assert [name.partition(".")[0] for name in names] == ["rib", "rib", "rib", "updates", "updates"]
    assert "rib.notes.txt" in names
    assert "updates.20010101.000000.mrt" not in names


async def test_files_are_for_the_owner_and_its_group(recorded, tmp_path):
    directory = MrtDirectory(tmp_path / "a" / "mrt", keep=2)
    directory.make()
    with directory.open_updates(START), directory.new_table(START):
        pass
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "a" / "mrt").iterdir()}
    assert modes == {0o640}
    assert stat.S_IMODE((tmp_path / "a" / "mrt").stat().st_mode) == 0o750


def test_dump_that_fails_leaves_nothing_behind(tmp_path):
    directory = MrtDirectory(tmp_path, keep=2)
    with pytest.raises(OSError, match="full"), directory.new_table(START):
        raise OSError("full")
    assert list(tmp_path.iterdir()) == []


async def test_fault_of_the_disk_is_reported_once_and_ends_with_it(recorded, tmp_path):
    place = tmp_path / "mrt"
    place.write_text("in the way")
    async with recorded.running(MrtDirectory(place, keep=2), interval=3600, retry=0.01):
        await until(lambda: any("cannot be written" in text for text in recorded.member.messages()))
        await recorded.cluster.up()
        place.unlink()
        await until(lambda: place.is_dir() and list(place.iterdir()))
    (file,) = place.iterdir()
    assert any(record.message for record in read_updates(file.read_bytes()))
    assert sum("cannot be written" in text for text in recorded.member.messages()) == 1


async def test_daemon_stops_at_once_though_the_disk_is_full(recorded, tmp_path):
    class Full(MrtDirectory):
        def open_updates(self, at):
            return Path("/dev/full").open("wb", buffering=0)

    async with recorded.running(Full(tmp_path, keep=2), interval=3600, retry=3600):
        recorded.monitor.state_changed(TRANSITION)
        await until(lambda: any("No space left" in text for text in recorded.member.messages()))
    async with recorded.running(Full(tmp_path, keep=2), interval=3600, retry=3600):
        await asyncio.sleep(0)
        recorded.monitor.state_changed(TRANSITION)


def test_records_that_find_no_room_are_counted(monkeypatch):
    monkeypatch.setattr(mrt_log, "LIMIT", 100)
    log = MrtLog()
    for at in range(4):
        log.state_changed(TRANSITION, at)
    assert log.lost == 2
    assert [record.states for record in read_updates(log.take())] == [(1, 3), (1, 3)]
    log.state_changed(TRANSITION, 5)
    assert [record.time for record in read_updates(log.take())] == [5]
