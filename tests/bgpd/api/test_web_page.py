"""The web page: its files, the documents it reads, and the page itself in a headless browser."""

import asyncio
import json
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bgpd import api
from bgpd.api import ApiServer, web_page
from tests.bgpd.api.fake_view import FakeView

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture
async def address(view: FakeView) -> AsyncIterator[tuple[str, int]]:
    server = ApiServer(lambda: view)
    yield await server.start_metrics("127.0.0.1", 0)
    await server.close()


async def fetch(address: tuple[str, int], target: str) -> tuple[str, str]:
    """Give the head and the body of an answer."""
    reader, writer = await asyncio.open_connection(*address)
    writer.write(f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    head, _, body = (await reader.read()).decode().partition("\r\n\r\n")
    writer.close()
    await writer.wait_closed()
    return head, body


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/", "html"), ("/page.css", "css"), ("/page.js", "javascript"), ("/topology.js", "javascript")],
)
async def test_files_come_with_their_type_and_a_strict_policy(
    address: tuple[str, int], path: str, kind: str
) -> None:
    head, body = await fetch(address, path)
    assert head.startswith("HTTP/1.1 200")
    assert f"content-type: text/{kind}; charset=utf-8" in head.lower()
    assert "content-security-policy: default-src 'self'" in head.lower()
    assert body


def test_the_page_needs_nothing_from_elsewhere_and_writes_no_markup() -> None:
    files = {path.name: path.read_text() for path in Path(web_page.__file__).with_name("web").iterdir()}
    text = "\n".join(files.values()).replace("http://www.w3.org/2000/svg", "")
    assert "//" not in re.sub(r"(?m)//.*$", "", text), "no address of another host"
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", text)
    assert "style=" not in files["index.html"], "the policy forbids it"


async def test_the_documents_are_those_of_the_socket(address: tuple[str, int], view: FakeView) -> None:
    assert json.loads((await fetch(address, "/v1/status"))[1].split("\r\n")[0])["node"] == "n1"
    head, body = await fetch(address, "/v1/routes?family=ipv4&limit=2")
    assert head.startswith("HTTP/1.1 200")
    assert body.count('"prefix"') == 2
    assert view.queries[-1] == api.RouteQuery(family="ipv4")
    _, events = await fetch(address, "/v1/events?since=1")
    assert events.count('"sequence"') == 2


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/v1/events?follow=true", 400),
        ("/v1/routes?limit=many", 400),
        ("/v1/routes?limit=-1", 400),
        ("/v1/openapi.json", 404),
        ("/v1/drain", 404),
        ("/../handlers.py", 404),
        ("/index.html", 404),
    ],
)
async def test_what_is_not_for_the_page_is_not_there(
    address: tuple[str, int], target: str, status: int
) -> None:
    head, _ = await fetch(address, target)
    assert head.startswith(f"HTTP/1.1 {status}")


async def chromium(*arguments: str) -> str:
    process = await asyncio.create_subprocess_exec(
        str(CHROMIUM),
        *("--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=4000", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    out, _ = await asyncio.wait_for(process.communicate(), 60)
    return out.decode()


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium")
async def test_a_browser_shows_it(address: tuple[str, int], view: FakeView) -> None:
    view.events.add(view.events.kept[-1].__class__(4, 1_790_000_004.0, "session", None, "<b>bold</b>"))
    page = await chromium("--dump-dom", f"http://{address[0]}:{address[1]}/")
    assert '<h1 id="node">n1</h1>' in page
    assert "<title>n1: 1 of 4 up</title>" in page
    assert '<td data-label="State" class="up">Established</td>' in page
    assert '<td data-label="State" class="starting">Active</td>' in page
    assert "its password cannot be read" in page
    assert "Cease / Administrative Shutdown: bye (received 6/2)" in page
    assert page.count("<line ") == 4, "a line for each link"
    assert 'class="mesh up"' in page
    assert page.count('class="mesh configured"') == 2
    assert '<g class="node own">' in page
    assert "2 \u00d7 AS 64512" in page, "nodes that are alike stand together"
    assert '<td data-label="Prefix" class="">fd00:1::/122</td>' in page
    assert "3 paths" in page
    assert "BGPPeer/x: selects no node (change nodeSelector)" in page
    names = re.findall('data-label="Session" class="">([^<]+)<', page)
    assert names[-1] == "Mesh_10_0_0_2", "what is not up comes first"
    assert '<p id="shown" hidden="">' in page
    assert page.index("event 3") < page.index("event 2") < page.index("event 1"), "the latest first"
    assert "&lt;b&gt;bold&lt;/b&gt;" in page, "what the daemon says is text"
    assert re.search(r'<p id="fault" role="alert" hidden', page)
