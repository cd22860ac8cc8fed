"""bgpctl as a user runs it: a runner, a daemon's API over a fake view, a datastore in a directory."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bgpd.api import ApiServer
from bgpd.cli.main import bgpctl
from tests.bgpd.api.fake_view import FakeView

Run = Callable[..., Result]

RESOURCES = """\
apiVersion: projectcalico.org/v3
kind: BGPConfiguration
metadata: {name: default}
spec: {asNumber: 64512, nodeToNodeMeshEnabled: true}
---
apiVersion: projectcalico.org/v3
kind: Node
metadata: {name: n1, labels: {rack: a}}
spec: {bgp: {ipv4Address: 10.0.0.1/24}}
---
apiVersion: projectcalico.org/v3
kind: Node
metadata: {name: n2}
spec: {bgp: {ipv4Address: 10.0.0.2/24, asNumber: 65001}}
---
apiVersion: projectcalico.org/v3
kind: Node
metadata: {name: rr1}
spec: {bgp: {ipv4Address: 10.0.0.3/24, routeReflectorClusterID: 1.0.0.1}}
---
apiVersion: projectcalico.org/v3
kind: BGPPeer
metadata: {name: tor}
spec: {peerIP: 10.9.0.1, asNumber: 65010}
---
apiVersion: projectcalico.org/v3
kind: BGPPeer
metadata: {name: to-reflector}
spec: {nodeSelector: "!has(rr)", peerSelector: "has(rr) || all()"}
"""


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BGPD_SOCKET", "BGPD_DATASTORE", "DATASTORE_TYPE", "CALICO_ROUTER_ID"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A files datastore with a small cluster."""
    directory = tmp_path / "resources"
    directory.mkdir()
    (directory / "cluster.yaml").write_text(RESOURCES)
    return directory


@pytest.fixture
def offline(store: Path) -> Run:
    """Run bgpctl on the datastore, with no daemon."""

    def run(*arguments: str, input: str | None = None) -> Result:  # noqa: A002 - CliRunner's word
        options = ["--socket", "/nonexistent/bgpd.sock", "--datastore", f"file://{store}"]
        return CliRunner().invoke(bgpctl, [*options, *arguments], input=input)

    return run


class Daemon:
    """The API of a fake daemon, served from a thread of its own."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self.view = self.call(self._start)

    async def _start(self) -> FakeView:
        view = FakeView()
        self._server = ApiServer(lambda: view)
        await self._server.start(self.path)
        return view

    def call(self, action: Callable[..., object], *arguments: object) -> FakeView:
        future = asyncio.run_coroutine_threadsafe(action(*arguments), self._loop)  # type: ignore[arg-type,var-annotated]
        return future.result(10)  # type: ignore[no-any-return]

    def close(self) -> None:
        self.call(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    running = Daemon(str(tmp_path / "bgpd.sock"))
    yield running
    running.close()


@pytest.fixture
def live(daemon: Daemon) -> Run:
    """Run bgpctl against the fake daemon."""

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(bgpctl, ["--socket", daemon.path, *arguments])

    return run
