"""BIRD's control dialogue, in the forms that Calico's parsers and exporters read, and with the real birdc."""

import asyncio
import os
import re
import shutil
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from bgpd import api
from bgpd.api.bird import BirdSockets
from bgpd.api.bird.reply import Code, encode, since
from tests.bgpd.api.fake_view import FakeView


@pytest.fixture
def view() -> FakeView:
    return FakeView()


@pytest.fixture
async def directory(view: FakeView, tmp_path: Path) -> AsyncIterator[Path]:
    sockets = BirdSockets(view)
    await sockets.start(str(tmp_path))
    yield tmp_path
    await sockets.close()
    assert os.listdir(tmp_path) == [], "the sockets are gone"  # noqa: PTH208 - no Path in a coroutine


async def test_the_server_has_them_on_request(view: FakeView, tmp_path: Path) -> None:
    server = api.ApiServer(lambda: view)
    await server.start_bird(str(tmp_path))
    assert sorted(os.listdir(tmp_path)) == ["bird.ctl", "bird6.ctl"]  # noqa: PTH208 - no Path in a coroutine
    await server.close()
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - no Path in a coroutine


async def ask(path: Path, *commands: str) -> list[list[str]]:
    """Say each command; gives the lines of each answer, the greeting first."""
    reader, writer = await asyncio.open_unix_connection(path)
    answers = []
    for command in (None, *commands):
        if command is not None:
            writer.write(f"{command}\n".encode())
        lines = [(await reader.readline()).decode().rstrip("\n")]
        while not re.match(r"\d{4} ", lines[-1]):
            lines.append((await reader.readline()).decode().rstrip("\n"))
        answers.append(lines)
    writer.close()
    await writer.wait_closed()
    return answers


async def test_greeting_and_status(directory: Path) -> None:
    greeting, status = await ask(directory / "bird.ctl", "show status")
    assert re.fullmatch(r"0001 BIRD v\S+ \(bgpd\) ready\.", greeting[0])
    assert status[0].startswith("1000-BIRD v")
    assert status[1] == "1011-Router ID is 10.0.0.1"
    assert [line[: line.index(" on ") + 4 if " on " in line else 0] for line in status[3:5]] == [
        " Last reboot on ",
        " Last reconfiguration on ",
    ]
    assert re.fullmatch(r" Current server time is \d{4}-\d\d-\d\d \d\d:\d\d:\d\d", status[2])
    assert status[-1] == "0013 Daemon is up and running"


async def test_protocols_as_calico_parses_them(directory: Path) -> None:
    """calico-reference.md, section 11.1: the six words, then rows by white space."""
    _, lines = await ask(directory / "bird.ctl", "show protocols")
    assert lines[0].startswith("2002-")
    assert lines[0][5:].split() == ["name", "proto", "table", "state", "since", "info"]
    assert lines[1].startswith("1002-kernel1")
    assert lines[-1] == "0000 "
    rows = {row.split()[0]: row.split() for row in (line[1:] for line in lines[2:-1])}
    assert rows["Mesh_10_0_0_2"][1:4] == ["BGP", "master", "up"]
    assert rows["Mesh_10_0_0_2"][5:] == ["Established"]
    assert rows["Global_10_9_0_1_port_1790"][3] == "start"
    assert rows["Global_10_9_0_1_port_1790"][5:7] == ["Active", "Received:"]
    assert not any(name.startswith("Node_fd00") for name in rows), "IPv6 has its own socket"
    _, six = await ask(directory / "bird6.ctl", "show protocols")
    assert [line.split()[0] for line in six if "Node_" in line] == ["Node_fd00__9", "Node_fd00__9_port_500"]
    assert " down " in six[-3], "shut down by an operator"


async def test_details_as_exporters_parse_them(directory: Path) -> None:
    _, lines = await ask(directory / "bird.ctl", "show protocols all Mesh_10_0_0_2")
    text = "\n".join(lines)
    assert "BGP state:          Established" in text
    assert "Neighbor address: 10.0.0.2" in text
    assert re.search(r"Routes: +2 imported, 1 filtered, 1 exported", text)
    assert lines[1].startswith("1002-Mesh_10_0_0_2 ")
    assert lines[2].startswith("1006-")
    assert lines[-1] == "0000 "
    _, every = await ask(directory / "bird.ctl", "show protocols all")
    assert sum("BGP state:" in line for line in every) == 2


async def test_routes_as_calico_parses_them(directory: Path, view: FakeView) -> None:
    _, lines = await ask(directory / "bird.ctl", "show route")
    assert view.queries[-1] == api.RouteQuery(family="ipv4")
    assert lines[0].startswith("1007-10.1.0.0/26")
    row = re.compile(r"(\S*) +via (\S+) on (\S+) \[(\S+) [\d:-]+\] \* \(100\) \[AS65010i\]")
    found = row.fullmatch(lines[0][5:])
    assert found is not None, lines[0]
    assert found.groups()[3] == "Mesh_10_0_0_2"
    assert lines[-1] == "0000 "


async def test_routes_by_peer_and_prefix(directory: Path, view: FakeView) -> None:
    path = directory / "bird.ctl"
    await ask(
        path,
        "show route protocol Mesh_10_0_0_2",
        "show route export Mesh_10_0_0_2 primary",
        "show route 10.1.0.0/26",
    )
    assert [(q.received_from, q.advertised_to, q.prefix) for q in view.queries] == [
        ("Mesh_10_0_0_2", None, None),
        (None, "Mesh_10_0_0_2", None),
        (None, None, "10.1.0.0/26"),
    ]
    view.prefixes = []
    _, none, missing = await ask(path, "show route", "show route 10.9.9.0/24")
    assert none == ["0000 "]
    assert missing == ["8001 Network not in table"]


async def test_orders_and_their_restriction(directory: Path, view: FakeView) -> None:
    answers = await ask(directory / "bird.ctl", "restart Mesh_10_0_0_2", "restrict", "disable Mesh_10_0_0_2")
    assert answers[1:] == [
        ["0012-Mesh_10_0_0_2: restarted", "0000 "],
        ["0016 Access restricted"],
        ["8007 Access denied"],
    ]
    assert view.orders == [(api.Verb.RESET, "Mesh_10_0_0_2", "")]


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("configure soft", "9001"),
        ("", "9001"),
        ("show protocols 'x", "9001"),
        ("show protocols all Nobody", "8003"),
        ("show route 10.0.0.0/99", "9001"),
        ("show route fd00::/64", "9001"),
        ("enable Nobody", "8003"),
    ],
)
async def test_what_it_does_not_know_is_refused(directory: Path, command: str, code: str) -> None:
    _, answer = await ask(directory / "bird.ctl", command)
    assert len(answer) == 1
    assert answer[0].startswith(f"{code} ")


async def test_a_command_without_end_ends_the_connection(directory: Path) -> None:
    reader, writer = await asyncio.open_unix_connection(directory / "bird.ctl")
    await reader.readline()
    writer.write(b"x" * 10_000)
    assert await reader.read() == b""
    writer.close()


def test_lines_of_one_code_have_it_once() -> None:
    pieces = [(Code.ROUTE, "a")], [(Code.ROUTE, "b"), (Code.VERSION, "c")]
    assert b"".join(encode(pieces)) == b"1007-a\n b\n1000-c\n"


def test_old_times_are_dates() -> None:
    now = datetime(2026, 5, 10, 12, 0, 0).astimezone().timestamp()
    assert since(now - 60, now) == "11:59:00"
    assert since(now - 21 * 3600, now) == "2026-05-09"


@pytest.mark.interop
async def test_the_real_birdc_talks_to_it(directory: Path) -> None:
    program = shutil.which("birdc", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        pytest.skip("birdc is not installed (Debian: bird2)")

    async def birdc(*arguments: str, status: int = 0) -> list[str]:
        process = await asyncio.create_subprocess_exec(
            program,
            *("-s", str(directory / "bird.ctl"), *arguments),
            stdout=asyncio.subprocess.PIPE,
        )
        out, _ = await process.communicate()
        assert process.returncode == status
        return out.decode().splitlines()

    shown = await birdc("show", "protocols")
    assert re.fullmatch(r"BIRD v\S+ \(bgpd\) ready\.", shown[0])
    assert shown[1].split() == ["name", "proto", "table", "state", "since", "info"]
    assert any(line.startswith("Mesh_10_0_0_2 BGP      master   up ") for line in shown)
    assert "    Neighbor address: 10.0.0.2" in await birdc("show", "protocols", "all", "Mesh_10_0_0_2")
    assert (await birdc("show", "status"))[-1] == "Daemon is up and running"
    assert any("[Mesh_10_0_0_2 " in line for line in await birdc("show", "route"))
    assert (await birdc("-r", "disable", "Mesh_10_0_0_2", status=1))[-1] == "Access denied"
