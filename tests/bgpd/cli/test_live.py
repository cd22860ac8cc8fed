"""The commands that ask the running daemon."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import pytest
from ruamel.yaml import YAML

import rib
from bgpd.api import ExplainDocument, LastError, Verb, explain_document, peer_document
from bgpd.api.client import Client
from bgpd.cli.explain import tell
from bgpd.cli.node import report, since
from tests.bgpd.api.fake_view import GLOBAL, MESH, MRT_TABLE, TWINS, explanation
from tests.bgpd.cli.conftest import Daemon, Run

OFFLINE = [
    "peers",
    "routes",
    "explain 10.0.0.0/8",
    "events",
    "node status",
    "drain",
    "session reset x",
    "mrt dump -",
    "version",
]


@pytest.mark.parametrize("command", OFFLINE)
def test_without_a_daemon_the_way_out_is_told(offline: Run, command: str) -> None:
    result = offline(*command.split())
    assert result.exit_code == 1
    assert "bgpd does not run here: there is no /nonexistent/bgpd.sock" in result.stderr
    assert "systemctl status bgpd" in result.stderr
    assert isinstance(result.exception, SystemExit)


def test_peers(live: Run) -> None:
    result = live("peers")
    assert result.exit_code == 0
    heading, _, mesh, *others = result.stdout.splitlines()
    assert heading.split("  ")[0] == "NAME"
    assert mesh.split() == [
        *("Mesh_10_0_0_2", "10.0.0.2", "64512", "NodeMesh", "Established", "00:01:33", "3", "2", "1"),
    ]
    assert len(others) == 2


def test_peers_wide_tells_the_last_error(live: Run) -> None:
    text = live("peers", "-o", "wide").stdout
    assert "Cease / Administrative Shutdown: bye (received 6/2)" in text
    assert "its password cannot be read" in text


def test_peers_as_documents(live: Run) -> None:
    documents = json.loads(live("peers", "-o", "json").stdout)
    assert [peer["name"] for peer in documents] == live("peers", "-o", "name").stdout.split()
    assert YAML(typ="safe").load(live("peers", "-o", "yaml").stdout) == documents


def test_one_peer_in_detail(live: Run) -> None:
    text = live("peers", "10.0.0.2").stdout
    assert text.startswith("Session Mesh_10_0_0_2\n")
    assert "Peer:            10.0.0.2 port 179, AS 64512" in text
    assert "Capabilities:    route-refresh, four-octet-as" in text
    assert "Received:        3 ipv4, 0 ipv6" in text
    assert json.loads(live("peers", "10.0.0.2", "-o", "json").stdout)[0]["flaps"] == 1


def test_a_peer_that_is_none(live: Run) -> None:
    result = live("peers", "nobody")
    assert result.exit_code == 1
    assert result.stderr == "Error: there is no peer nobody\n  `bgpctl peers` lists the names\n"


def test_routes(live: Run) -> None:
    heading, first, *_ = live("routes").stdout.splitlines()
    assert heading.split("  ")[0] == "MARK"
    assert first.split() == ["*i", "10.1.0.0/26", "10.0.0.2", "100", "-", "65010", "igp", "Mesh_10_0_0_2"]
    assert "65000:1" in live("routes", "-o", "wide").stdout
    assert live("routes", "-o", "name").stdout.split() == ["10.1.0.0/26", "10.2.0.0/26", "fd00:1::/122"]
    assert len(json.loads(live("routes", "-o", "json").stdout)) == 3


def test_routes_asks_for_what_is_wanted(live: Run, daemon: Daemon) -> None:
    live("routes", "10.1.0.0/26", "--family", "ipv4", "--advertised-to", "10.0.0.2")
    (query,) = daemon.view.queries
    assert (query.prefix, query.family, query.advertised_to) == ("10.1.0.0/26", "ipv4", "Mesh_10_0_0_2")


def test_routes_wrong_usage(live: Run) -> None:
    assert live("routes", "--received-from", "a", "--advertised-to", "b").exit_code == 2
    assert live("routes", "--family", "ipx").exit_code == 2


def test_explain(live: Run) -> None:
    assert (
        live("explain", "10.1.0.0/26").stdout
        == """\
10.1.0.0/26: 2 candidates

1. from Mesh_10_0_0_2: best path
   next hop 10.0.0.2, AS path 65010, origin igp, local pref 100, communities 65000:1

2. from Global_10_9_0_1_port_1790: not best: its AS path is longer (RFC 4271, section 9.1.2.2 a)
   next hop 10.0.0.2, AS path 65010, origin igp, local pref 100, communities 65000:1

Advertised to 1 of 2 peers
   yes  Global_10_9_0_1_port_1790: IPPool/default
   no   Mesh_10_0_0_2: it is the source of the path

Kernel: installed: via 10.0.0.2 dev eth0 metric 1024 (rule: default)
"""
    )


def test_explain_as_documents(live: Run) -> None:
    story = json.loads(live("explain", "10.1.0.0/26", "-o", "json").stdout)
    assert story["candidates"][1]["step"] == "as-path-length"
    assert YAML(typ="safe").load(live("explain", "10.1.0.0/26", "-o", "yaml").stdout) == story


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"installed": None}, "Kernel: left alone (bgpd runs with --no-kernel)"),
        (
            {"installed": False},
            "Kernel: not installed yet: via 10.0.0.2 dev eth0 metric 1024 (rule: default)",
        ),
        ({"kernel_error": "no such device"}, "Kernel: refused: no such device (rule: default)"),
        (
            {"story": replace(explanation("10.1.0.0/26"), fib=None, fib_rule="IPPool/p vxlanMode")},
            "Kernel: not installed (rule: IPPool/p vxlanMode)",
        ),
        ({"story": replace(explanation("10.1.0.0/26"), candidates=())}, "nobody has a route to it"),
        (
            {
                "story": replace(
                    explanation("10.1.0.0/26"),
                    fib=rib.FibRoute((rib.FibNextHop(None, "a", 4), rib.FibNextHop(None, "b")), metric=7),
                )
            },
            "Kernel: installed: dev a weight 4 dev b metric 7 (rule: default)",
        ),
    ],
)
def test_explain_tells_what_became_of_the_route(changes: dict[str, Any], text: str) -> None:
    explained = replace(ExplainDocument(story=explanation("10.1.0.0/26"), installed=True), **changes)
    assert click.unstyle(list(tell(explain_document(explained)))[-1]).endswith(text)


def test_explain_what_is_no_prefix(live: Run) -> None:
    result = live("explain", "rubbish")
    assert result.exit_code == 1
    assert "rubbish" in result.stderr


def test_events(live: Run) -> None:
    lines = live("events", "--since", "2").stdout.splitlines()
    assert lines == ["    3  2026-09-21T14:13:23.000Z  session Mesh_10_0_0_2: event 3 n=3"]
    documents = [json.loads(line) for line in live("events", "-o", "json").stdout.splitlines()]
    assert [event["sequence"] for event in documents] == [1, 2, 3]


def test_events_followed_until_the_daemon_stops(live: Run, daemon: Daemon) -> None:
    async def wait_once() -> None:
        daemon.view.events.kept.clear()
        daemon.view.events.add(daemon_event)

    daemon_event = daemon.view.events.kept[-1]
    daemon.view.events.wait = wait_once  # type: ignore[method-assign]
    daemon.view.events.kept = daemon.view.events.kept[:1]
    result = live("events", "--follow")
    # The log moved on from event 1 to event 3: the follower has missed one and is dropped, which is told.
    assert result.stdout.splitlines() == [
        "    1  2026-09-21T14:13:21.000Z  session Mesh_10_0_0_2: event 1 n=1"
    ]
    assert result.stderr == "bgpctl: the daemon ended the stream\n"


@pytest.mark.parametrize(
    ("arguments", "order"),
    [
        (("session", "reset", "10.0.0.2", "-m", "bye"), (Verb.RESET, "Mesh_10_0_0_2", "bye")),
        (("session", "refresh", "Mesh_10_0_0_2"), (Verb.REFRESH, "Mesh_10_0_0_2", "")),
        (
            ("session", "shutdown", "Mesh_10_0_0_2", "--message", "x y"),
            (Verb.SHUTDOWN, "Mesh_10_0_0_2", "x y"),
        ),
        (("session", "start", "Mesh_10_0_0_2"), (Verb.START, "Mesh_10_0_0_2", "")),
        (("drain", "-m", "upgrade"), (Verb.DRAIN, None, "upgrade")),
        (("undrain",), (Verb.UNDRAIN, None, "")),
    ],
)
def test_orders(
    live: Run, daemon: Daemon, arguments: tuple[str, ...], order: tuple[Verb, str | None, str]
) -> None:
    result = live(*arguments)
    assert (result.exit_code, result.stdout) == (0, f"{order[0].value} done\n")
    assert daemon.view.orders == [order]


def test_an_order_that_is_refused(live: Run, daemon: Daemon) -> None:
    daemon.view.refuse = "already draining"
    result = live("drain")
    assert (result.exit_code, result.stderr) == (1, "Error: already draining\n  wait a moment\n")


def test_node_status_tells_how_long_a_removed_session_stays(
    live: Run, daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "no longer configured; ends when its routes are covered, in 28 s at the latest"
    monkeypatch.setattr(daemon.view, "peers", lambda: [replace(MESH, problem=text)])
    assert f"\n{MESH.name}: {text}\n" in live("node", "status").stdout


def test_node_status_looks_like_calicoctl() -> None:
    now = datetime(2026, 9, 21, 15, 0, tzinfo=UTC)
    refused = replace(GLOBAL, last_error=LastError(0, 0, "Connection refused", "local"))
    peers = [peer_document(peer) for peer in (MESH, refused, *TWINS)]
    shown = click.unstyle("\n".join(report(peers, now)))
    assert (
        shown
        == """\
Calico process is running.

IPv4 BGP status
+--------------+-------------------+-------+----------+---------------------------+
| PEER ADDRESS |     PEER TYPE     | STATE |  SINCE   |           INFO            |
+--------------+-------------------+-------+----------+---------------------------+
| 10.0.0.2     | node-to-node mesh | up    | 14:13:20 | Established               |
| 10.9.0.1     | global            | start | 14:13:20 | Active Connection refused |
+--------------+-------------------+-------+----------+---------------------------+

IPv6 BGP status
+--------------+---------------+-------+----------+----------------------------------+
| PEER ADDRESS |   PEER TYPE   | STATE |  SINCE   |               INFO               |
+--------------+---------------+-------+----------+----------------------------------+
| fd00::9      | node specific | down  | 14:13:20 | Idle                             |
| fd00::9      | node specific | start | 14:13:20 | Idle its password cannot be read |
+--------------+---------------+-------+----------+----------------------------------+
"""
    )


def test_node_status(live: Run) -> None:
    result = live("node", "status")
    assert result.exit_code == 0
    assert result.stdout.startswith("Calico process is running.\n\nIPv4 BGP status\n+-")
    assert result.stdout.count("\n| fd00::9 ") == 2


def test_node_status_without_peers() -> None:
    assert list(report([], datetime.now(UTC))) == [
        *("Calico process is running.", "", "IPv4 BGP status", "No IPv4 peers found."),
        *("", "IPv6 BGP status", "No IPv6 peers found.", ""),
    ]


@pytest.mark.parametrize(
    ("age", "text"), [(timedelta(hours=19, minutes=59), "02:01:00"), (timedelta(hours=20), "2026-11-22")]
)
def test_since_is_a_time_or_a_date(age: timedelta, text: str) -> None:
    now = datetime(2026, 11, 22, 22, 0, tzinfo=UTC)
    assert since((now - age).isoformat(), now) == text


def test_versions(live: Run, offline: Run) -> None:
    assert live("version").stdout == "Client Version:    0.1.0\nDaemon Version:    0.1.0\n"
    result = offline("version")
    assert result.stdout == "Client Version:    0.1.0\n"
    assert result.exit_code == 1
    assert offline("version", "--client").exit_code == 0


def test_watch_shows_again(live: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses = iter([None, KeyboardInterrupt()])

    def sleep(_: float) -> None:
        if error := next(pauses):
            raise error

    monkeypatch.setattr("bgpd.cli.output.time.sleep", sleep)
    result = live("peers", "--watch")
    assert result.exit_code == 0
    assert result.stdout.count("Mesh_10_0_0_2") == 2


def test_mrt_dump_writes_a_file_or_standard_output(live: Run, tmp_path: Path) -> None:
    file = tmp_path / "rib.mrt"
    assert live("mrt", "dump", str(file)).stdout == f"{file}: 160000 octets\n"
    assert file.read_bytes() == b"".join(MRT_TABLE)
    assert live("mrt", "dump", "-").stdout_bytes == b"".join(MRT_TABLE)


def test_mrt_dump_that_fails_leaves_no_file(live: Run, daemon: Daemon, tmp_path: Path) -> None:
    result = live("mrt", "dump", str(tmp_path / "missing" / "rib.mrt"))
    assert (result.exit_code, "No such file or directory" in result.stderr) == (1, True)
    daemon.view.refuse = "this node has no routes yet"
    result = live("mrt", "dump", str(tmp_path / "rib.mrt"))
    assert (result.exit_code, "this node has no routes yet" in result.stderr) == (1, True)
    assert list(tmp_path.glob("rib*")) == []


def test_originate_permanently_show_and_withdraw(live: Run) -> None:
    arguments = ("192.0.2.10/32", "--community", "64512:80", "--permanent")
    assert "is originated until it is withdrawn" in live("originate", *arguments).stdout
    shown = live("originate").stdout.splitlines()
    assert shown[0].split() == ["PREFIX", "NEXT", "HOP", "COMMUNITIES", "PERMANENT"]
    assert shown[1].split() == ["192.0.2.10/32", "this", "node", "64512:80", "yes"]
    assert "no longer originated" in live("originate", "192.0.2.10/32", "--withdraw").stdout
    assert live("originate", "-o", "name").stdout.strip() == ""


def test_originate_ends_in_failure_when_somebody_withdraws(live: Run, daemon: Daemon) -> None:
    with ThreadPoolExecutor() as pool:
        running = pool.submit(live, "originate", "192.0.2.10/32")
        deadline = time.monotonic() + 10
        while not daemon.view.originated and time.monotonic() < deadline:
            time.sleep(0.01)
        # Not by a second command: two at a time would share one captured output.
        Client(daemon.path).delete("/v1/originate/192.0.2.10%2F32")
        result = running.result(10)
    assert result.exit_code == 1
    assert "192.0.2.10/32 was withdrawn" in result.output


@pytest.mark.parametrize(
    "arguments", [("--permanent",), ("--withdraw",), ("192.0.2.1", "--withdraw", "--permanent")]
)
def test_originate_wants_a_prefix_and_one_thing_to_do(live: Run, arguments: tuple[str, ...]) -> None:
    assert live("originate", *arguments).exit_code == 2
