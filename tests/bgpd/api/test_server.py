"""The server as a client on the socket sees it."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from bgpd.api import ApiServer, DaemonView, Document, RouteQuery, Verb, http, server
from bgpd.api.client import Client, ClientError
from tests.bgpd.api.fake_view import TWINS, Event, FakeView

CONTRACT_PEER = {
    "name", "peer_ip", "peer_as", "local_as", "type", "state", "since", "uptime_seconds", "last_error",
    "received", "accepted", "advertised", "flaps", "negotiated",
}  # fmt: skip
CONTRACT_ROUTE = {
    "prefix", "best", "next_hop", "as_path", "origin", "local_pref", "med", "communities",
    "large_communities", "originator_id", "cluster_list", "from", "installed", "stale",
}  # fmt: skip


def test_the_fake_is_a_view() -> None:
    view: DaemonView = FakeView()
    assert view.peers()


async def ask(path: str, target: str, **query: str | None) -> Any:
    return await asyncio.to_thread(Client(path).get, target, **query)


async def order(path: str, target: str, message: str = "") -> Any:
    return await asyncio.to_thread(Client(path).post, target, message)


async def exchange(path: str, request: bytes) -> bytes:
    """Send octets, return everything that comes back until the server closes."""
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(request)
    writer.write_eof()
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


async def test_peers_hold_the_contract(socket_path: str) -> None:
    peers = {peer["name"]: peer for peer in await ask(socket_path, "/v1/peers")}

    assert all(peer.keys() >= CONTRACT_PEER for peer in peers.values())
    mesh = peers["Mesh_10_0_0_2"]
    assert mesh["since"] == "2026-09-21T14:13:20.000Z"
    assert mesh["uptime_seconds"] == 93
    assert mesh["received"] == {"ipv4": 3, "ipv6": 0}
    assert mesh["negotiated"] == {
        "hold_time": 90,
        "keepalive": 30,
        "capabilities": ["route-refresh", "four-octet-as"],
    }
    assert mesh["last_error"] is None
    assert peers["Global_10_9_0_1_port_1790"]["last_error"] == {
        "code": 6,
        "subcode": 2,
        "text": "Cease / Administrative Shutdown: bye",
        "direction": "received",
    }


async def test_routes_hold_the_contract(socket_path: str) -> None:
    first, *others = await ask(socket_path, "/v1/routes")

    assert len(others) == 2
    assert first.keys() >= CONTRACT_ROUTE
    assert {key: first[key] for key in ("prefix", "next_hop", "as_path", "communities", "from")} == {
        "prefix": "10.1.0.0/26",
        "next_hop": ["10.0.0.2"],
        "as_path": [65010],
        "communities": ["65000:1"],
        "from": "Mesh_10_0_0_2",
    }


async def test_an_address_means_the_session_in_force(
    view: FakeView, socket_path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = TWINS
    monkeypatch.setattr(view, "peers", lambda: [replace(old, superseded=True), new])
    assert (await ask(socket_path, "/v1/peers/fd00::9"))["name"] == new.name
    assert (await ask(socket_path, f"/v1/peers/{old.name}"))["name"] == old.name


async def test_one_peer_by_name_or_address(socket_path: str) -> None:
    assert (await ask(socket_path, "/v1/peers/Mesh_10_0_0_2"))["peer_ip"] == "10.0.0.2"
    assert (await ask(socket_path, "/v1/peers/10.0.0.2"))["name"] == "Mesh_10_0_0_2"


async def test_routes_are_counted_for_those_who_are_shown(view: FakeView, socket_path: str) -> None:
    await ask(socket_path, "/v1/status")
    assert view.counted == []
    await ask(socket_path, "/v1/peers/10.0.0.2")
    assert view.counted == ["Mesh_10_0_0_2"]
    await ask(socket_path, "/v1/peers")
    assert view.counted == ["Mesh_10_0_0_2", None]


@pytest.mark.parametrize(
    ("target", "query", "status", "error"),
    [
        ("/v1/peers/nobody", {}, 404, "there is no peer nobody"),
        ("/v1/peers/fd00::9", {}, 409, "several sessions have the address fd00::9"),
        ("/v1/nothing", {}, 404, "there is no /v1/nothing"),
        ("/v1/drain", {}, 405, "GET is not for /v1/drain"),
        ("/v1/routes", {"family": "ipx"}, 400, "family is 'ipx', expected one of: ipv4, ipv6"),
        ("/v1/routes", {"colour": "red"}, 400, "/v1/routes has no parameter 'colour'"),
        ("/v1/routes", {"prefix": "10.0.0.0/99"}, 400, "10.0.0.0/99"),
        ("/v1/routes", {"prefix": "fd00::/8", "family": "ipv4"}, 400, "fd00::/8 is not an ipv4 prefix"),
        ("/v1/routes", {"received_from": "nobody"}, 404, "there is no peer nobody"),
        (
            "/v1/routes",
            {"received_from": "Mesh_10_0_0_2", "advertised_to": "Mesh_10_0_0_2"},
            400,
            "exclude each other",
        ),
        ("/v1/explain/rubbish", {}, 400, "rubbish"),
        ("/v1/events", {"since": "yesterday"}, 400, "since is 'yesterday'"),
    ],
)
async def test_refusals_name_the_fault(
    socket_path: str, target: str, query: dict[str, str], status: int, error: str
) -> None:
    with pytest.raises(ClientError) as caught:
        await ask(socket_path, target, **query)
    assert caught.value.status == status
    assert error in str(caught.value)


async def test_refusals_carry_a_remedy(socket_path: str) -> None:
    with pytest.raises(ClientError) as caught:
        await ask(socket_path, "/v1/peers/fd00::9")
    assert caught.value.remedy == "choose one by its name: Node_fd00__9, Node_fd00__9_port_500"


async def test_routes_query_reaches_the_daemon(view: FakeView, socket_path: str) -> None:
    await ask(socket_path, "/v1/routes", prefix="10.1.0.0/26", family="ipv4", received_from="10.0.0.2")
    (query,) = view.queries
    assert (query.prefix, query.family, query.received_from) == ("10.1.0.0/26", "ipv4", "Mesh_10_0_0_2")


async def test_a_large_answer_is_streamed_while_others_are_served(view: FakeView, socket_path: str) -> None:
    view.prefixes = [f"10.{n >> 8}.{n & 255}.0/24" for n in range(8_000)]
    large = asyncio.create_task(ask(socket_path, "/v1/routes"))
    served = 0
    while not large.done():
        await ask(socket_path, "/v1/status")
        served += 1
    assert len(await large) == 8_000
    assert served > 1


async def test_other_work_runs_while_nothing_is_found(view: FakeView, socket_path: str) -> None:
    ended = asyncio.Event()

    def pieces(_: RouteQuery) -> Iterator[list[Document]]:
        yield [{"prefix": "10.0.0.0/8"}]
        while not ended.is_set():
            yield []
        yield [{"prefix": "11.0.0.0/8"}, {"prefix": "12.0.0.0/8"}]

    view.routes = pieces  # type: ignore[method-assign]
    large = asyncio.create_task(ask(socket_path, "/v1/routes", limit="2"))
    await ask(socket_path, "/v1/status")
    ended.set()
    assert await large == [{"prefix": "10.0.0.0/8"}, {"prefix": "11.0.0.0/8"}]


async def test_no_routes_are_an_empty_list(view: FakeView, socket_path: str) -> None:
    view.prefixes = []
    assert await ask(socket_path, "/v1/routes") == []


async def test_explain_tells_the_story(socket_path: str) -> None:
    story = await ask(socket_path, "/v1/explain/10.1.0.0/26")

    best, other = story["candidates"]
    assert (story["prefix"], story["family"]) == ("10.1.0.0/26", "ipv4")
    assert (best["best"], best["step"], best["installed"]) == (True, None, True)
    assert (other["step"], other["rfc"]) == ("as-path-length", "RFC 4271, section 9.1.2.2 a")
    assert not other["installed"]
    assert [item["advertised"] for item in story["advertised"]] == [True, False]
    assert story["kernel"]["next_hops"] == [{"gateway": "10.0.0.2", "interface": "eth0", "weight": 1}]


@pytest.mark.parametrize("verb", ["reset", "refresh", "shutdown", "start"])
async def test_orders_to_a_peer(view: FakeView, socket_path: str, verb: str) -> None:
    answer = await order(socket_path, f"/v1/peers/10.0.0.2/{verb}", "new line card")
    assert answer == {"text": f"{verb} done", "peers": ["Mesh_10_0_0_2"]}
    assert view.orders == [(Verb(verb), "Mesh_10_0_0_2", "new line card")]


@pytest.mark.parametrize("verb", ["drain", "undrain"])
async def test_orders_to_the_daemon(view: FakeView, socket_path: str, verb: str) -> None:
    assert await order(socket_path, f"/v1/{verb}") == {"text": f"{verb} done", "peers": []}
    assert view.orders == [(Verb(verb), None, "")]


async def test_an_order_the_daemon_refuses(view: FakeView, socket_path: str) -> None:
    view.refuse = "already draining"
    with pytest.raises(ClientError, match="already draining") as caught:
        await order(socket_path, "/v1/drain")
    assert (caught.value.status, caught.value.remedy) == (409, "wait a moment")


async def test_a_message_is_limited_as_rfc_9003_says(view: FakeView, socket_path: str) -> None:
    with pytest.raises(ClientError, match="longer than 255 octets"):
        await order(socket_path, "/v1/drain", "ü" * 128)
    assert view.orders == []


@pytest.mark.parametrize("body", ["[]", '{"message": 5}', "{", '{"text": "x"}'])
async def test_a_body_that_is_no_message(view: FakeView, socket_path: str, body: str) -> None:
    request = f"POST /v1/drain HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    assert b" 400 " in (await exchange(socket_path, request.encode())).splitlines()[0]
    assert view.orders == []


async def test_events_since(socket_path: str) -> None:
    events = await asyncio.to_thread(lambda: list(Client(socket_path).lines("/v1/events", since="1")))
    assert [event["sequence"] for event in events] == [2, 3]
    assert events[0] == {
        "sequence": 2,
        "time": "2026-09-21T14:13:22.000Z",
        "kind": "session",
        "peer": "Mesh_10_0_0_2",
        "message": "event 2",
        "fields": {"n": 2},
    }


async def follow(path: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(b"GET /v1/events?follow=true HTTP/1.1\r\nHost: x\r\n\r\n")
    await reader.readuntil(b"\r\n\r\n")
    return reader, writer


async def chunk(reader: asyncio.StreamReader) -> list[Any]:
    size = int(await reader.readline(), 16)
    data = await reader.readexactly(size + 2)
    return [json.loads(line) for line in data.splitlines() if line]


async def until(condition: Any) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.001)


async def test_events_are_followed_until_the_reader_leaves(view: FakeView, socket_path: str) -> None:
    reader, writer = await follow(socket_path)
    assert [event["sequence"] for event in await chunk(reader)] == [1, 2, 3]
    await until(lambda: view.events.followers == 1)

    view.events.add(Event(4, 0.0, "datastore", None, "something new"))
    assert [event["message"] for event in await chunk(reader)] == ["something new"]

    writer.close()
    await writer.wait_closed()
    await until(lambda: view.events.followers == 0)


async def test_a_follower_that_the_log_has_overtaken_is_dropped(view: FakeView, socket_path: str) -> None:
    reader, writer = await follow(socket_path)
    await chunk(reader)
    await until(lambda: view.events.followers == 1)

    view.events.kept.clear()
    view.events.add(Event(9, 0.0, "session", None, "4 to 8 are gone"))
    assert await reader.read() == b"0\r\n\r\n"
    writer.close()
    await writer.wait_closed()


async def test_a_reader_that_does_not_read_is_dropped(
    view: FakeView, socket_path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "SEND_SECONDS", 0.05)
    given_up = asyncio.Event()

    def rows(_: RouteQuery) -> Iterator[list[Document]]:
        try:
            while True:
                yield [{"prefix": "10.0.0.0/8"}]
        finally:
            given_up.set()

    monkeypatch.setattr(view, "routes", rows)
    reader, writer = await asyncio.open_unix_connection(socket_path, limit=1024)
    writer.write(b"GET /v1/routes HTTP/1.1\r\nHost: x\r\n\r\n")
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    async with asyncio.timeout(5):
        await given_up.wait()
    writer.transport.resume_reading()  # type: ignore[attr-defined]
    assert not (await reader.read()).endswith(b"0\r\n\r\n")
    writer.close()


async def test_a_request_that_does_not_come_ends_the_connection(
    socket_path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "REQUEST_SECONDS", 0.05)
    reader, writer = await asyncio.open_unix_connection(socket_path)
    writer.write(b"GET /v1/sta")
    async with asyncio.timeout(5):
        assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize(
    ("request_octets", "status"),
    [
        (b"rubbish\r\n\r\n", b"400"),
        (b"GET /" + b"x" * 20_000, b"431"),
        (b"GET /v1/status HTTP/1.1\r\n\r\n", b"400"),
        (b"POST /v1/drain HTTP/1.1\r\nHost: x\r\nContent-Length: 70000\r\n\r\n" + b"x" * 70_000, b"413"),
        (b"PUT /v1/status HTTP/1.1\r\nHost: x\r\n\r\n", b"405"),
    ],
)
async def test_bad_requests_are_answered(socket_path: str, request_octets: bytes, status: bytes) -> None:
    answer = await exchange(socket_path, request_octets)
    assert answer.split(b" ")[1] == status
    assert set(json.loads(answer.partition(b"\r\n\r\n")[2])) == {"error", "remedy"}


async def test_a_connection_serves_several_requests(socket_path: str) -> None:
    request = b"GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n"
    answer = await exchange(socket_path, request * 3)
    assert answer.count(b"HTTP/1.1 200") == 3


async def test_head_gives_the_head_alone(socket_path: str) -> None:
    answer = await exchange(socket_path, b"HEAD /v1/status HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"\r\n\r\n")


async def test_a_fault_of_ours_is_told_without_a_traceback(
    view: FakeView, socket_path: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(view, "status", lambda: 1 / 0)
    with pytest.raises(ClientError, match="internal error") as caught:
        await ask(socket_path, "/v1/status")
    assert caught.value.status == 500
    assert "ZeroDivisionError" in caplog.text


async def test_a_value_error_of_ours_is_not_blamed_on_the_client(
    view: FakeView, socket_path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view, "status", lambda: int("x"))
    with pytest.raises(ClientError, match="internal error") as caught:
        await ask(socket_path, "/v1/status")
    assert caught.value.status == 500


async def test_prefixes_reach_the_daemon_in_canonical_form(view: FakeView, socket_path: str) -> None:
    await ask(socket_path, "/v1/routes", prefix="FD00::1")
    assert view.queries[0].prefix == "fd00::1/128"


async def test_too_many_connections_are_told_to_come_back(
    socket_path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "CONNECTION_LIMIT", 0)
    reader, writer = await asyncio.open_unix_connection(socket_path)
    assert (await reader.read()).startswith(b"HTTP/1.1 503 ")
    writer.close()
    await writer.wait_closed()


async def test_close_cuts_followers_and_removes_the_socket(view: FakeView, tmp_path: Any) -> None:
    api = ApiServer(lambda: view)
    path = tmp_path / "other.sock"
    await api.start(str(path))
    reader, writer = await follow(str(path))
    await chunk(reader)
    await api.close()
    assert await reader.read() == b""
    assert not path.exists()
    writer.close()
