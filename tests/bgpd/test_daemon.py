"""The daemon as a whole, in this process: it follows its directory of resources, the log level included."""

import asyncio
import contextlib
import json
import logging
import os
import signal

import pytest

from bgpd.api.client import Client, ClientError
from bgpd.daemon import Daemon
from bgpd.datastore import open_datastore
from bgpd.settings import parse_settings
from tests.bgpd.monitoring.station import Station
from tests.bgpd.speaker.cluster import free_port, until
from tests.support.mrt_reader import read_table

NODE = {"kind": "Node", "metadata": {"name": "n1"}, "spec": {"bgp": {"ipv4Address": "127.1.0.1/32"}}}


class Directory:
    def __init__(self, path):
        self.path = path
        self.port = free_port()

    def write(self, name, document):
        text = json.dumps({"apiVersion": "projectcalico.org/v3", **document})
        (self.path / f"{name}.json").write_text(text)

    def configure(self, **spec):
        spec |= {"listenPort": self.port, "bindMode": "NodeIP"}
        self.write("default", {"kind": "BGPConfiguration", "metadata": {"name": "default"}, "spec": spec})


@pytest.fixture
def resources(tmp_path):
    directory = Directory(tmp_path / "resources")
    directory.path.mkdir()
    directory.configure()
    directory.write("n1", NODE)
    return directory


@pytest.fixture
def root_level():
    root = logging.getLogger()
    before = root.level
    root.setLevel(logging.INFO)
    yield lambda: root.level
    root.setLevel(before)


@contextlib.asynccontextmanager
async def running(resources, *options):
    url = f"file://{resources.path}"
    socket = resources.path.parent / "bgpd.sock"
    settings = parse_settings(
        ["--node", "n1", "--no-kernel", "--metrics", "", "--socket", str(socket), *options], {}
    )
    daemon = Daemon(settings, open_datastore(url, node="n1"))
    task = asyncio.create_task(daemon.run())
    await until(lambda: task.done() or socket.exists())
    yield daemon
    os.kill(os.getpid(), signal.SIGTERM)
    assert await task == 0


async def test_log_severity_screen_sets_the_level_of_the_log_live(resources, root_level):
    async with running(resources):
        resources.configure(logSeverityScreen="Debug")
        await until(lambda: root_level() == logging.DEBUG)
        resources.configure(logSeverityScreen="Fatal")
        await until(lambda: root_level() == logging.CRITICAL)
        own = {"kind": "BGPConfiguration", "metadata": {"name": "node.n1"}}
        resources.write("own", own | {"spec": {"logSeverityScreen": "Warning"}})
        await until(lambda: root_level() == logging.WARNING)


async def test_a_level_on_the_command_line_is_not_touched(resources, root_level):
    async with running(resources, "--log-level", "info") as daemon:
        resources.configure(logSeverityScreen="Debug", asNumber=64600)
        await until(lambda: daemon._state.intent is not None and daemon._state.intent.local_as == 64600)
        assert root_level() == logging.INFO


async def test_stations_and_files_get_what_the_options_ask_for(resources, tmp_path):
    station, directory = Station(), tmp_path / "mrt"
    await station.open()
    options = ("--bmp-collector", f"127.0.0.1:{station.port}", "--mrt-directory", str(directory))
    async with running(resources, *options) as daemon:
        await until(lambda: station.messages("initiation") and list(directory.glob("updates.*")))
        await until(lambda: daemon._state.intent is not None)
        client = Client(str(tmp_path / "bgpd.sock"))
        octets = await asyncio.to_thread(lambda: b"".join(client.octets("/v1/mrt/table")))
        assert read_table(octets).bgp_identifier == bytes([127, 1, 0, 1])
    await until(lambda: station.messages("termination"))
    await station.close()


async def test_without_options_nobody_watches_and_no_table_is_there_before_the_node(resources, tmp_path):
    (resources.path / "n1.json").unlink()
    async with running(resources) as daemon:
        assert daemon._watchers.stations == []
        client = Client(str(tmp_path / "bgpd.sock"))
        with pytest.raises(ClientError, match="no routes yet"):
            await asyncio.to_thread(lambda: list(client.octets("/v1/mrt/table")))
