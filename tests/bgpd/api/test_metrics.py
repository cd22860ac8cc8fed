"""The metrics site, the exposition and the rules that `promtool check metrics` applies."""

import re
import urllib.error
import urllib.request
from asyncio import to_thread
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse

from bgpd.api import ApiServer, SocketError
from bgpd.api.metric_table import METRICS, DurationMetric, Readings
from bgpd.api.metric_table import Metric as NumberMetric
from bgpd.api.metrics import exposition
from bgpd.api.metrics_site import METRICS_SITE
from tests.bgpd.api.fake_view import FakeView

Row = NumberMetric | DurationMetric

DOCS = Path(__file__).parents[3] / "docs" / "metrics.md"


@pytest.fixture
async def site(view: FakeView) -> AsyncIterator[str]:
    server = ApiServer(lambda: view)
    host, port = await server.start_metrics("127.0.0.1", 0)
    yield f"http://{host}:{port}"
    await server.close()


def fetch(url: str) -> tuple[int, str, str]:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return response.status, response.headers["Content-Type"], response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["Content-Type"], error.read().decode()


def exposed(view: FakeView, accept: str) -> tuple[bytes, str]:
    return exposition(Readings(view.status(), view.peers()), accept)


def families(text: str) -> dict[str, Metric]:
    return {family.name: family for family in parse(text)}


def samples(text: str) -> dict[tuple[str, ...], float]:
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in parse(text)
        for sample in family.samples
    }


async def test_metrics_say_what_the_view_says(site: str) -> None:
    status, content_type, text = await to_thread(fetch, f"{site}/metrics")
    assert status == 200
    assert content_type.startswith("text/plain")
    found = samples(text)
    assert found["bgp_peers", "IPv4", "Established"] == 1
    assert found["bgp_peers", "IPv6", "Idle"] == 2
    assert found["bgp_peers", "IPv6", "Active"] == 0
    assert found["bgp_routes_imported", "IPv4"] == 2
    assert found["bgp_route_updates_received", "IPv4"] == 5
    assert found["bgp_peer_up", "Mesh_10_0_0_2", "64512", "NodeMesh"] == 1
    assert found["bgp_peer_state", "Global_10_9_0_1_port_1790", "Active"] == 1
    assert found["bgp_routes_received", "ipv4", "Mesh_10_0_0_2"] == 3
    assert found["bgp_sent_update_total", "Mesh_10_0_0_2"] == 4
    assert found["bgp_notifications_total", "6", "received", "Mesh_10_0_0_2", "2"] == 1
    assert found["bgp_malformed_attributes_total", "17", "Mesh_10_0_0_2", "treat-as-withdraw"] == 2
    assert found["bgp_session_transitions_total", "Established", "Mesh_10_0_0_2", "Idle"] == 1
    assert found["bgp_rejected_routes", "Mesh_10_0_0_2", "as_path_loop"] == 1
    assert found["bgp_reflection_loops_total", "originator_id", "Mesh_10_0_0_2"] == 3
    assert found["bgp_fib_sync_seconds_bucket", "0.01"] == 1
    assert found["bgp_fib_sync_seconds_bucket", "+Inf"] == found["bgp_fib_sync_seconds_count",] == 2
    assert found["bgp_fib_sync_seconds_sum",] == 0.5
    assert found["bgp_fib_operations_total", "replace", "failed"] == 1
    assert found["bgp_fib_failed_routes", "ipv4"] == 1
    assert found["bgp_datastore_resources", "Node"] == 3
    assert found["bgp_bmp_station_up", "10.0.0.9:11019"] == 1
    assert found["bgp_bmp_station_up", "[fd00::9]:11019"] == 0
    assert found["bgp_problems",] == 1


async def test_probes(site: str, view: FakeView) -> None:
    assert await to_thread(fetch, f"{site}/healthz") == (200, "text/plain; charset=utf-8", "ok\n")
    assert (await to_thread(fetch, f"{site}/readyz"))[0] == 200
    view.ready = False
    status, _, text = await to_thread(fetch, f"{site}/readyz")
    assert (status, text) == (503, "2 of 4 sessions Established\n")


async def test_the_site_takes_no_orders() -> None:
    assert {endpoint.method for endpoint in METRICS_SITE} == {"GET"}


async def test_an_address_that_is_taken(site: str, view: FakeView) -> None:
    port = int(site.rpartition(":")[2])
    other = ApiServer(lambda: view)
    with pytest.raises(SocketError, match=rf"cannot serve metrics on 127.0.0.1 port {port}: .*--metrics"):
        await other.start_metrics("127.0.0.1", port)
    await other.close()


def test_openmetrics_is_spoken_on_request(view: FakeView) -> None:
    body, content_type = exposed(view, "application/openmetrics-text; version=1.0.0")
    assert content_type.startswith("application/openmetrics-text")
    assert "bgp_peer_flaps" in {family.name for family in parse_openmetrics(body.decode())}


def test_every_metric_of_the_table_is_exposed(view: FakeView) -> None:
    text = exposed(view, "")[0].decode()
    found = families(text)
    assert {row.name.removesuffix("_total") for row in METRICS} <= found.keys()
    assert all(family.documentation for family in found.values())


@pytest.mark.parametrize("row", METRICS, ids=lambda row: row.name)
def test_names_follow_the_rules(row: Row) -> None:
    name = row.name
    assert re.fullmatch(r"bgp_[a-z0-9]+(_[a-z0-9]+)*", name)
    assert not re.search(r"_(count|sum|bucket|gauge|counter|milliseconds|ms|minutes|hours|kb)$", name)
    assert (row.kind == "counter") == name.endswith("_total")
    assert row.text.endswith(".")
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", label) for label in row.labels)
    assert not {"prefix", "le", "quantile", "job", "instance"} & set(row.labels)


def test_names_are_unique() -> None:
    assert len({row.name for row in METRICS}) == len(METRICS)


def test_series_grow_with_peers_only(view: FakeView, monkeypatch: pytest.MonkeyPatch) -> None:
    peers = view.peers()
    before = len(samples(exposed(view, "")[0].decode()))
    monkeypatch.setattr(view, "peers", lambda: peers[:1])
    fewer = len(samples(exposed(view, "")[0].decode()))
    assert before - fewer <= 40 * (len(peers) - 1)


def test_the_documentation_lists_every_metric_as_it_is() -> None:
    listed = [line for line in DOCS.read_text().splitlines() if line.startswith("| `bgp_")]
    assert listed == [_documented(row) for row in METRICS]


def _documented(row: Row) -> str:
    labels = ", ".join(f"`{label}`" for label in row.labels) or "-"
    return f"| `{row.name}` | {row.kind} | {labels} | {row.text} |"
