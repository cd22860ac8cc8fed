"""topology and policy check: computed from the datastore, no daemon asked."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from bgpd.cli.main import bgpctl
from bgpd.cli.picture import draw
from tests.bgpd.cli.conftest import Daemon, Run

SESSION_KEYS = {
    "name", "type", "family", "peer_ip", "peer_port", "peer_as", "peer_node", "local_as", "source_address",
    "passive", "rr_client", "next_hop", "multihop", "ttl_security", "password", "graceful_restart_time",
    "keepalive_time", "allow_local_as", "reachable_by", "filters", "resource",
}  # fmt: skip


def test_topology_of_one_node(offline: Run) -> None:
    document = json.loads(offline("topology", "--node", "n1", "-o", "json").stdout)
    assert document.keys() >= {
        *("node", "as", "router_id", "cluster_id", "mesh", "listen", "sessions", "originates"),
    }
    sessions = {session["name"]: session for session in document["sessions"]}
    assert sessions["Global_10_9_0_1"].keys() >= SESSION_KEYS
    assert sessions["Global_10_9_0_1"]["resource"] == "BGPPeer/tor"


def test_topology_of_all_nodes(offline: Run) -> None:
    documents = json.loads(offline("topology", "-o", "json").stdout)
    assert [document["node"] for document in documents] == ["n1", "n2", "rr1"]
    table = offline("topology").stdout.splitlines()
    assert table[0].split()[:2] == ["NODE", "SESSION"]
    names = offline("topology", "-o", "name").stdout.split()
    assert [line.split()[1] for line in table[1:]] == names
    assert offline("topology", "-o", "yaml").stdout.startswith("- node: n1\n")
    assert offline("topology", "-o", "dot").stdout.startswith("digraph ")


def test_topology_of_a_node_that_is_not_there(offline: Run) -> None:
    result = offline("topology", "--node", "n9")
    assert result.exit_code == 1
    assert "n9" in result.stderr


def test_topology_as_a_picture(offline: Run) -> None:
    root = ET.fromstring(offline("topology", "-o", "svg").stdout)
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"n1", "n2", "rr1", "10.9.0.1"} <= set(texts)
    kinds = {element.get("class") for element in root.iter("{http://www.w3.org/2000/svg}line")}
    assert {"client", "external"} <= kinds


def test_a_live_picture_has_the_colours_of_the_states(offline: Run, store: Path, daemon: Daemon) -> None:
    arguments = ["--socket", daemon.path, "--datastore", f"file://{store}", "topology", "-o", "svg", "--live"]
    root = ET.fromstring(CliRunner().invoke(bgpctl, arguments).stdout)
    kinds = [element.get("class") for element in root.iter("{http://www.w3.org/2000/svg}line")]
    # The daemon is n1's: its session with n2 is Established; it tells nothing of the other nodes'.
    assert "external up" in kinds
    assert any(" " not in str(kind) for kind in kinds)
    assert offline("topology", "-o", "svg", "--live").exit_code == 1, "without a daemon there are no states"
    assert offline("topology", "--live").exit_code == 2


def boxes(svg: str) -> list[tuple[float, float]]:
    root = ET.fromstring(svg)
    rects = root.iter("{http://www.w3.org/2000/svg}rect")
    return [(float(rect.get("x", 0)), float(rect.get("y", 0))) for rect in rects]


@pytest.mark.parametrize("count", [1, 2, 3, 7, 40])
@pytest.mark.parametrize("reflectors", [0, 1, 3])
def test_no_two_boxes_share_a_place(count: int, reflectors: int) -> None:
    nodes = [
        {"node": f"<n{n}>", "as": 1, "cluster_id": "1.1.1.1" if n < reflectors else None, "sessions": []}
        for n in range(count + reflectors)
    ]
    places = boxes(draw(nodes))
    assert len(places) == len(nodes)
    for index, (x, y) in enumerate(places):
        assert all(abs(x - u) > 80 or abs(y - v) > 40 for u, v in places[:index])


def test_a_picture_of_nothing() -> None:
    assert boxes(draw([])) == []


def ask(offline: Run, *arguments: str) -> dict:  # type: ignore[type-arg]
    result = offline("policy", "check", "--node", "n1", *arguments, "-o", "json")
    assert result.exit_code == 0, result.stderr
    (answer,) = json.loads(result.stdout)
    return answer  # type: ignore[no-any-return]


def test_policy_of_one_route(offline: Run) -> None:
    answer = ask(offline, "10.1.0.0/26", "--session", "Global_10_9_0_1", "--source", "bgp")
    assert answer.keys() == {"accept", "rule", "changes"}
    assert answer["accept"] is False
    assert (
        ask(offline, "10.1.0.0/26", "--session", "Global_10_9_0_1", "--direction", "import")["accept"] is True
    )


def test_policy_of_a_route_in_full(offline: Run) -> None:
    options = ["--as-path", "65010,65011", "--community", "65000:1", "--community", "65000:1:2"]
    options += ["--next-hop", "10.9.0.1", "--interface", "eth0", "--local-pref", "50", "--metric", "7"]
    assert "accept" in ask(offline, "10.1.0.0/26", "--session", "Global_10_9_0_1", *options)


def test_policy_of_a_file(offline: Run, tmp_path: Path) -> None:
    request = {
        "family": "ipv4",
        "direction": "kernel",
        "session": None,
        "route": {"net": "10.1.0.0/26", "source": "bgp", "next_hop": "10.0.0.2"},
    }
    path = tmp_path / "routes.json"
    path.write_text(json.dumps([request, request | {"direction": "import", "session": "Global_10_9_0_1"}]))
    answers = json.loads(
        offline("policy", "check", "--node", "n1", "--routes", str(path), "-o", "json").stdout
    )
    assert len(answers) == 2
    table = offline("policy", "check", "--node", "n1", "--routes", str(path)).stdout.splitlines()
    assert table[0].split() == ["PREFIX", "DIRECTION", "SESSION", "VERDICT", "RULE", "CHANGES"]
    assert [line.split()[1] for line in table[1:]] == ["kernel", "import"]
    piped = offline("policy", "check", "--node", "n1", "--routes", "-", "-o", "json", input=path.read_text())
    assert json.loads(piped.stdout) == answers


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([], 2, "give a PREFIX, or --routes FILE"),
        (["10.0.0.0/8"], 2, "needs --session"),
        (["rubbish", "--direction", "kernel"], 1, "rubbish"),
        (["10.0.0.0/8", "--direction", "kernel", "--as-path", "x"], 2, "'x'"),
        (["10.0.0.0/8", "--direction", "kernel", "--community", "5"], 2, "invalid community"),
        (["--routes", "/nonexistent"], 1, "cannot read /nonexistent"),
    ],
)
def test_policy_wrongly_asked(offline: Run, arguments: list[str], code: int, message: str) -> None:
    result = offline("policy", "check", "--node", "n1", *arguments)
    assert result.exit_code == code
    assert message in result.stderr


@pytest.mark.parametrize("text", ["{", "{}", "[1]"])
def test_a_file_that_holds_no_requests(offline: Run, text: str) -> None:
    result = offline("policy", "check", "--node", "n1", "--routes", "-", input=text)
    assert result.exit_code == 1
    assert "-" in result.stderr
