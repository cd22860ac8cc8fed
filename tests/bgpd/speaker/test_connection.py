"""One TCP connection: what its owner is told of a peer that does not read."""

import asyncio
import contextlib
import socket

import pytest

from bgpd.speaker import connection as module
from bgpd.speaker.connection import Connection
from tests.bgpd.speaker.cluster import until


class Owner:
    """Writes down what it is told."""

    behind = False

    def __init__(self):
        self.told = []

    def bytes_received(self, connection, data):
        self.told.append(bytes(data))

    def connection_lost(self, connection, reason):
        self.told.append(reason)

    def writing_paused(self, connection, paused):
        self.told.append(("paused", paused))

    def sending_stalled(self, connection, stalled):
        self.told.append(("stalled", stalled))


@contextlib.asynccontextmanager
async def connected():
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.setblocking(False)
    owner = Owner()
    connection = Connection(1, owner, ours, incoming=False)
    with theirs:
        yield owner, connection, theirs
        connection.close(hard=True)


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(module, "_WATCH_SECONDS", 0.02)


async def test_peer_that_reads_nothing_is_told_of_well_before_much_waits():
    async with connected() as (owner, connection, _):
        while not connection.waiting:
            connection.send(bytes(4096))
        await until(lambda: ("stalled", True) in owner.told)
        assert ("paused", True) not in owner.told


async def test_peer_that_reads_again_is_told_of_too():
    async with connected() as (owner, connection, theirs):
        while not connection.waiting:
            connection.send(bytes(4096))
        await until(lambda: ("stalled", True) in owner.told)
        loop = asyncio.get_running_loop()
        while ("stalled", False) not in owner.told:
            await loop.sock_recv(theirs, 1 << 16)
            await asyncio.sleep(0.01)
        assert owner.told == [("stalled", True), ("stalled", False)]


async def test_peer_that_reads_nothing_keeps_no_socket_after_the_end(monkeypatch):
    monkeypatch.setattr(module, "_LINGER_SECONDS", 0.05)
    async with connected() as (owner, connection, _):
        while not connection.waiting:
            connection.send(bytes(4096))
        connection.close()
        assert connection.waiting  # it has its time to read the NOTIFICATION
        await until(lambda: not connection.waiting)
        assert connection._socket.fileno() == -1
        assert owner.told == []


async def test_peer_that_reads_slowly_gets_all_of_it():
    async with connected() as (_, connection, theirs):
        while not connection.waiting:
            connection.send(bytes(4096))
        connection.send(b"the last word")
        connection.close()
        heard = b""
        while data := await asyncio.get_running_loop().sock_recv(theirs, 1 << 16):
            heard += data
        assert heard.endswith(b"the last word")


async def test_one_peer_cannot_have_more_than_its_turn():
    async with connected() as (owner, _, theirs):
        sent = bytes(range(256)) * 1024
        await asyncio.get_running_loop().sock_sendall(theirs, sent)
        await until(lambda: sum(map(len, owner.told)) == len(sent))
        assert b"".join(owner.told) == sent
        assert max(map(len, owner.told)) <= 1 << 16


async def test_much_that_waits_pauses_the_writing_and_goes_on_when_it_is_little():
    async with connected() as (owner, connection, theirs):
        loop = asyncio.get_running_loop()
        connection.send(bytes(2 << 20))
        assert owner.told == [("paused", True)]
        while ("paused", False) not in owner.told:
            await loop.sock_recv(theirs, 1 << 18)


async def test_end_is_told_with_its_reason():
    async with connected() as (owner, connection, theirs):
        theirs.close()
        await until(lambda: owner.told)
        assert owner.told == ["connection closed by the peer"]
        connection.send(b"too late")


async def test_what_waits_goes_out_before_the_end():
    async with connected() as (owner, connection, theirs):
        loop = asyncio.get_running_loop()
        connection.send(bytes(1 << 20))
        connection.close()
        connection.send(b"too late")
        read = 0
        while octets := await loop.sock_recv(theirs, 1 << 18):
            read += len(octets)
        assert read == 1 << 20
        assert owner.told == []


async def test_end_at_once_leaves_what_waits_unsent():
    async with connected() as (_, connection, theirs):
        loop = asyncio.get_running_loop()
        connection.send(bytes(1 << 20))
        connection.close(hard=True)
        read = 0
        with contextlib.suppress(ConnectionResetError):
            while octets := await loop.sock_recv(theirs, 1 << 18):
                read += len(octets)
        assert read < 1 << 20
        assert connection.waiting == 0


async def test_end_that_sending_finds_is_told_when_whoever_sends_is_done():
    async with connected() as (owner, connection, theirs):
        theirs.close()
        connection.send(b"to nobody")
        assert owner.told == []
        await until(lambda: owner.told)
        assert owner.told in (["broken pipe"], ["connection closed by the peer"])
        assert connection.local_address == ""


async def test_what_comes_faster_than_it_is_decided_stays_with_tcp():
    async with connected() as (owner, _, theirs):
        owner.behind = True
        theirs.send(b"more")
        for _ in range(3):
            await asyncio.sleep(0)
        assert owner.told == []
        owner.behind = False
        await until(lambda: owner.told == [b"more"])
