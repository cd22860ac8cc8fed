"""The listener: what is wanted is open, what cannot be had is reported with a remedy and tried again."""

import asyncio
import socket

import pytest

from bgpd.speaker.listener import Listener


@pytest.fixture
async def listener():
    accepted = []

    def accept(connection, source):
        accepted.append((connection, source))

    made = Listener(accept)
    made.accepted = accepted
    yield made
    made.close()
    for connection, _ in accepted:
        connection.close()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def until(condition):
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


async def test_accepted_connections_come_with_their_source_address(listener):
    port = free_port()
    listener.listen([("127.0.0.1", port), ("::1", port)])
    for address in ("127.0.0.1", "::1"):
        _, writer = await asyncio.open_connection(address, port)
        await until(lambda address=address: any(source == address for _, source in listener.accepted))
        writer.close()


async def test_an_endpoint_that_stays_wanted_keeps_its_socket(listener):
    port, other = free_port(), free_port()
    listener.listen([("127.0.0.1", port)])
    kept = listener._sockets["127.0.0.1", port]
    listener.listen([("127.0.0.1", port), ("127.0.0.1", other)])
    assert listener._sockets["127.0.0.1", port] is kept
    listener.listen([("127.0.0.1", port)])
    assert listener.addresses == [("127.0.0.1", port)]


async def test_a_port_in_use_is_reported_and_taken_when_it_is_free(listener, monkeypatch):
    monkeypatch.setattr("bgpd.speaker.listener._RETRY_SECONDS", 0.01)
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        endpoint = ("127.0.0.1", holder.getsockname()[1])
        listener.listen([endpoint])
        assert "another BGP daemon" in listener.problems[endpoint]
    await until(lambda: listener.addresses == [endpoint])
    assert not listener.problems


async def test_an_address_of_another_machine_is_reported(listener):
    listener.listen([("192.0.2.1", free_port())])
    (text,) = listener.problems.values()
    assert "192.0.2.1" in text
    assert "check that the address is configured" in text


async def test_a_key_is_set_on_open_and_later_sockets(listener):
    first, second = free_port(), free_port()
    listener.listen([("127.0.0.1", first)])
    listener.set_keys({"127.0.0.1": "secret"})
    listener.listen([("127.0.0.1", first), ("127.0.0.1", second)])
    for port in (first, second):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port), 0.5)
    listener.set_keys({})
    for port in (first, second):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()
