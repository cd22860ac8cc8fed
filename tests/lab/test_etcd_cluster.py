"""Five nodes on one etcd of three members: the members fall one after the other, the sessions stay."""

import json
import subprocess
from collections.abc import Iterator

import pytest

from bgpd.api.client import Client
from lab.cluster import Cluster, ClusterNode
from lab.daemon import BIN
from lab.resources import ResourceFiles
from lab.topology import Lab
from lab.wait import wait_until
from tests.lab.conftest import established_since, wait_for_mesh
from tests.support.etcd import Etcd, Member, need_etcd

pytestmark = [pytest.mark.netns, pytest.mark.interop]

KEYS = "/calico/resources/v3/projectcalico.org"
ETCD = "10.0.0.100"


class EtcdResources(ResourceFiles):
    """The resources of a cluster as `etcd` has them; the files are only what they were imported from."""

    def __init__(self, files: ResourceFiles, etcd: Etcd) -> None:
        super().__init__(files.directory)
        self._etcd = etcd

    @property
    def url(self) -> str:
        return self._etcd.url


class EtcdCluster:
    """A cluster whose daemons read one etcd; the etcd lives in a namespace of its own on the same network."""

    def __init__(self, lab: Lab) -> None:
        self.nodes = Cluster(lab, 5)
        self.lab = lab
        self.namespace = lab.namespace("etcd")
        lab.plug(self.nodes.fabric, self.namespace, "eth0", f"{ETCD}/24")
        self.etcd = self.namespace.run(lambda: Etcd(lab.directory, 3, host=ETCD))
        for one in self.nodes:
            one.daemon.resources = EtcdResources(self.nodes.resources, self.etcd)
        self.bgpctl("datastore", "import", "-R", "-f", str(self.nodes.resources.directory))

    def bgpctl(self, *arguments: str) -> None:
        command = [str(BIN / "bgpctl"), "--datastore", self.etcd.url, *arguments]
        done = self.namespace.run(
            lambda: subprocess.run(command, capture_output=True, text=True, check=False)
        )
        assert done.returncode == 0, done.stderr + done.stdout

    def kill_and_restart(self, member: Member) -> None:
        self.namespace.run(member.kill)
        self.namespace.run(lambda: self.etcd.wait(next(each for each in self.etcd.members if each.process)))
        self.namespace.run(lambda: self.etcd.start(member))
        self.namespace.run(lambda: self.etcd.wait(member))


@pytest.fixture(scope="module")
def etcd_cluster(lab: Lab) -> Iterator[EtcdCluster]:
    need_etcd()
    cluster = EtcdCluster(lab)
    cluster.nodes.start()
    wait_for_mesh(cluster.nodes)
    yield cluster
    cluster.etcd.close()


def connected(one: ClusterNode) -> bool:
    document = Client(str(one.daemon.socket)).get("/v1/status")["datastore"]
    return bool(document["connected"])


def test_the_fall_of_each_member_and_a_rolling_edit_cost_no_session(etcd_cluster: EtcdCluster) -> None:
    before = {one.name: established_since(one) for one in etcd_cluster.nodes}
    leader = etcd_cluster.namespace.run(etcd_cluster.etcd.leader)
    followers = [member for member in etcd_cluster.etcd.members if member is not leader]
    first = etcd_cluster.nodes.nodes[0]
    for step, member in enumerate([leader, *followers], 1):
        etcd_cluster.kill_and_restart(member)
        peer = {
            "apiVersion": "projectcalico.org/v3",
            "kind": "BGPPeer",
            "metadata": {"name": f"step-{step}"},
            "spec": {"node": "n1", "peerIP": f"10.0.0.{200 + step}", "asNumber": 65000},
        }
        path = etcd_cluster.lab.directory / f"step-{step}.json"
        path.write_text(json.dumps(peer))
        etcd_cluster.bgpctl("apply", "-f", str(path))
        wait_until(
            lambda step=step: f"Node_10_0_0_{200 + step}" in first.daemon.peers(),
            f"n1 knows the peer of step {step}",
        )
    for one in etcd_cluster.nodes:
        wait_until(lambda one=one: connected(one), f"{one.name} follows etcd again")
        assert established_since(one) == before[one.name]


def test_without_any_etcd_everything_stays_and_a_restart_comes_up(etcd_cluster: EtcdCluster) -> None:
    first, *others = etcd_cluster.nodes
    before = {one.name: established_since(one) for one in others}
    for member in etcd_cluster.etcd.members:
        etcd_cluster.namespace.run(member.kill)
    wait_until(lambda: not connected(first), "n1 notices")
    assert any("the snapshot in force is" in text for text in first.daemon.problems())
    first.daemon.process.stop()
    first.daemon.start()
    wait_until(
        lambda: first.mesh_names(*others) <= first.daemon.established(), "n1 is back on the snapshot it kept"
    )
    assert any("kept by an earlier run" in text for text in first.daemon.problems())
    of_first = first.mesh_names(first)
    for one in others:
        kept = {name: since for name, since in established_since(one).items() if name not in of_first}
        assert kept == {name: since for name, since in before[one.name].items() if name not in of_first}
