"""Routes that a program asks for: leased to its connection, or permanent."""

import asyncio
import json
from typing import Any

import pytest

from bgpd.api.client import Client, ClientError
from tests.bgpd.api.fake_view import FakeView


async def until(condition: Any) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


async def ask(path: str, document: object) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_unix_connection(path)
    body = json.dumps(document).encode()
    head = f"POST /v1/originate HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
    return reader, writer


async def send(path: str, document: dict[str, object]) -> Any:
    return await asyncio.to_thread(Client(path).send, "/v1/originate", document)


async def test_a_leased_route_goes_with_its_connection(socket_path: str, view: FakeView) -> None:
    wanted = {"prefix": "192.0.2.9/24", "next_hop": "10.0.0.9", "communities": ["64512:80", "64512:1:2"]}
    reader, writer = await ask(socket_path, wanted)
    async with asyncio.timeout(10):
        assert b"200" in await reader.readline()
    (route,) = view.originated
    assert (route.prefix, route.next_hop, route.permanent) == ("192.0.2.0/24", "10.0.0.9", False)
    assert route.communities == ((64512, 80), (64512, 1, 2))
    writer.close()
    await writer.wait_closed()
    await until(lambda: not view.originated)


async def test_a_client_that_never_reads_loses_its_route_too(socket_path: str, view: FakeView) -> None:
    _, writer = await ask(socket_path, {"prefix": "192.0.2.1"})
    await until(lambda: view.originated)
    writer.transport.abort()
    await until(lambda: not view.originated)


async def test_a_permanent_route_stays_until_it_is_withdrawn(socket_path: str, view: FakeView) -> None:
    answer = await send(socket_path, {"prefix": "fd00::1", "permanent": True})
    assert answer["text"] == "fd00::1/128 is originated until it is withdrawn"
    client = Client(socket_path)
    assert await asyncio.to_thread(client.get, "/v1/originate") == [
        {"prefix": "fd00::1/128", "next_hop": None, "communities": [], "permanent": True}
    ]
    await asyncio.to_thread(client.delete, "/v1/originate/fd00::1")
    assert view.originated == []
    with pytest.raises(ClientError, match="nobody asked for fd00::1/128"):
        await asyncio.to_thread(client.delete, "/v1/originate/fd00::1")


async def test_a_leased_route_withdrawn_by_somebody_else_ends_the_stream(
    socket_path: str, view: FakeView
) -> None:
    client = Client(socket_path)
    held = client.hold("/v1/originate", {"prefix": "192.0.2.1"})
    first = await asyncio.to_thread(next, held)
    assert first["text"] == "192.0.2.1/32 is originated as long as this connection lasts"
    await asyncio.to_thread(client.delete, "/v1/originate/192.0.2.1/32")
    assert await asyncio.to_thread(next, held, None) is None
    assert view.originated == []


async def test_one_prefix_has_one_originator(socket_path: str, view: FakeView) -> None:
    await send(socket_path, {"prefix": "192.0.2.1", "permanent": True})
    with pytest.raises(ClientError) as refusal:
        await send(socket_path, {"prefix": "192.0.2.1/32"})
    assert refusal.value.status == 409
    assert len(view.originated) == 1, "the refused lease does not take the first one along"


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ([], "expected a body"),
        ({}, "expected a body"),
        ({"prefix": "192.0.2.1", "metric": 1}, "expected a body"),
        ({"prefix": "192.0.2.1", "permanent": "yes"}, "expected a body"),
        ({"prefix": "192.0.2.1", "communities": "64512:1"}, "expected a body"),
        ({"prefix": "192.0.2.1/33"}, "192.0.2.1/33"),
        ({"prefix": "192.0.2.1", "next_hop": "nowhere"}, "next_hop"),
        ({"prefix": "192.0.2.1", "next_hop": "fd00::1"}, "not of the family"),
        ({"prefix": "192.0.2.1", "communities": ["64512"]}, "no community"),
        ({"prefix": "192.0.2.1", "communities": ["70000:1"]}, "no community"),
        ({"prefix": "192.0.2.1", "communities": [1]}, "no community"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    socket_path: str, view: FakeView, document: Any, text: str
) -> None:
    with pytest.raises(ClientError, match=text) as refusal:
        await send(socket_path, document)
    assert refusal.value.status == 400
    assert view.originated == []
