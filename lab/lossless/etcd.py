"""A cluster whose resources are in etcd, and an etcd that is away for a while."""

import subprocess
from pathlib import Path
from typing import Final

from lab.cluster import session_name
from lab.daemon import BIN
from lab.lossless.world import World
from lab.process import run
from lab.resources import ResourceFiles, bgp_peer
from lab.topology import Lab
from lab.wait import wait_for_each, wait_until

_ADDRESS: Final = "10.0.0.100"
_LISTEN: Final = f"http://{_ADDRESS}:2379"
_STRANGER: Final = "10.0.0.98"


class EtcdResources(ResourceFiles):
    """Resources that daemons read from etcd; the files are what is imported into it."""

    @property
    def url(self) -> str:
        """What `--datastore` takes."""
        return f"etcd://{_ADDRESS}:2379"


class EtcdWorld(World):
    """A mesh of four nodes, and an etcd on their network."""

    def __init__(self, lab: Lab) -> None:
        super().__init__(lab, live=4)
        self._namespace = lab.namespace("etcd")
        lab.plug(self.cluster.fabric, self._namespace, "eth0", f"{_ADDRESS}/24")
        for one in self.live:
            one.daemon.resources = EtcdResources(self.resources.directory)

    def start(self) -> None:
        """Start etcd, import the resources, start the daemons."""
        self.start_etcd()
        self.import_resources()
        super().start()

    def start_etcd(self) -> None:
        """Start etcd with the data that it had, and wait until it answers."""
        command: list[str | Path] = ["etcd", "--data-dir", self.lab.directory / "etcd"]
        command += ["--listen-client-urls", _LISTEN, "--advertise-client-urls", _LISTEN]
        self.etcd = self.lab.start(self._namespace, command, name="etcd")
        wait_until(self._answers, "etcd answers")

    def import_resources(self) -> None:
        """Have in etcd what is in the files."""
        self._ask("datastore", "import", "-R", "-f", str(self.resources.directory))

    def _answers(self) -> bool:
        try:
            return bool(self._ask("get", "nodes"))
        except subprocess.SubprocessError:
            return False

    def _ask(self, *words: str) -> str:
        """Run bgpctl where etcd is; raises SubprocessError."""
        url = self.live[0].daemon.resources.url
        return run(self._namespace, [str(BIN / "bgpctl"), "--datastore", url, *words], seconds=60)


def etcd_outage(world: EtcdWorld) -> None:
    """Kill etcd, restart a daemon meanwhile, start etcd again and change something."""
    first, *others = world.live
    world.etcd.kill()
    wait_for_each(world.live, lambda one: one.daemon.problems(), "the outage is reported")
    first.daemon.process.stop()
    first.daemon.start()
    first.daemon.wait_established(first.mesh_names(*others))
    world.start_etcd()
    wait_for_each(world.live, lambda one: not one.daemon.problems(), "all is well again")
    world.resources.put(bgp_peer("stranger", peerIP=_STRANGER, asNumber=64999))
    world.import_resources()
    name = session_name("Global", _STRANGER)
    wait_for_each(world.live, lambda one: name in one.daemon.peers(), "the new peer is known")
