"""kubectl judges the stand-in for the API server, and what bgpd and it write is read by the other."""

import asyncio
import json
import os
import shlex
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from bgpd.datastore import Datastore, open_datastore
from bgpd.resources import Node
from lab.process import ROOT
from tests.docs.blocks import blocks
from tests.support.kube_api import CLASSIC, KubeApi

from .support import DEADLINE, Follower, addresses, new_peer, resource

pytestmark = pytest.mark.interop

PEER = {"apiVersion": CLASSIC, "kind": "BGPPeer", "metadata": {"name": "rack-1"}}
Kubectl = Callable[..., Awaitable[str]]


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[KubeApi]:
    if shutil.which("kubectl") is None:
        pytest.skip("kubectl is not installed (Debian: kubernetes-client)")
    api = KubeApi(tmp_path)
    await api.start()
    await api.write({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1"}})
    yield api
    await api.stop()


@pytest.fixture
def kubectl(api: KubeApi, tmp_path: Path) -> Kubectl:
    environment = {**os.environ, "KUBECONFIG": str(api.kubeconfig), "HOME": str(tmp_path)}

    async def run(*arguments: str, given: object = None) -> str:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            "kubectl", *arguments, stdin=pipe, stdout=pipe, stderr=pipe, env=environment
        )
        output, errors = await process.communicate(json.dumps(given).encode() if given else b"")
        assert process.returncode == 0, errors.decode()
        return output.decode().strip()

    return run


@pytest.fixture
async def store(api: KubeApi) -> AsyncIterator[Datastore]:
    store = open_datastore("kubernetes://", {"KUBECONFIG": str(api.kubeconfig)})
    yield store
    await store.close()


async def test_what_kubectl_applies_is_followed(kubectl: Kubectl, store: Datastore) -> None:
    follower = Follower()
    task = asyncio.create_task(follower.follow(store))
    for address in ("10.0.0.1", "10.0.0.2"):
        peer = {**PEER, "spec": {"peerIP": address, "asNumber": 64567}}
        assert "bgppeer.crd.projectcalico.org/rack-1" in await kubectl("apply", "-f", "-", given=peer)
        await follower.until(lambda snapshot, address=address: addresses(snapshot) == {"rack-1": address})  # type: ignore[misc]
    await kubectl("delete", "bgppeer", "rack-1")
    await follower.until(lambda snapshot: addresses(snapshot) == {})
    await store.close()
    await asyncio.wait_for(task, DEADLINE)


async def test_annotations_and_labels_of_a_node_are_bgps(kubectl: Kubectl, store: Datastore) -> None:
    prefix = "projectcalico.org/"
    await kubectl(
        "annotate",
        "node",
        "n1",
        f"{prefix}IPv4Address=10.0.0.1/24",
        f"{prefix}RouteReflectorClusterID=224.0.0.1",
    )
    await kubectl("label", "node", "n1", "rack=r1")
    node = await store.get(Node, "n1")
    assert (node.ipv4_address, node.metadata.labels["rack"]) == ("10.0.0.1", "r1")
    assert node.spec.bgp is not None
    assert node.spec.bgp.route_reflector_cluster_id == "224.0.0.1"


async def test_the_page_annotates_a_node(kubectl: Kubectl, store: Datastore) -> None:
    (block,) = (one for one in blocks(ROOT / "docs/datastores.md") if "kubectl annotate" in one.text)
    for line in block.text.splitlines():
        await kubectl(*shlex.split(line)[1:])
    node = await store.get(Node, "n1")
    assert node.spec.bgp is not None
    assert (node.ipv4_address, node.spec.bgp.as_number) == ("10.0.0.1", 64513)
    assert node.metadata.annotations["bgpd.io/graceful-shutdown"] == "true"


async def test_what_bgpd_writes_is_there_for_kubectl(kubectl: Kubectl, store: Datastore) -> None:
    await store.create(new_peer("a", labels={"x": "y"}))
    await kubectl("annotate", "node", "n1", "projectcalico.org/IPv4Address=10.0.0.1/24")
    await store.update(resource("Node", "n1", {"bgp": {"ipv4Address": "10.0.0.1/24", "asNumber": 64999}}))
    assert await kubectl("get", "bgppeers", "-o", "name") == "bgppeer.crd.projectcalico.org/a"
    found = json.loads(await kubectl("get", "bgppeer", "a", "-o", "json"))
    assert found["spec"] == {"peerIP": "10.0.0.1", "asNumber": 64567}
    node = json.loads(await kubectl("get", "node", "n1", "-o", "json"))
    assert node["metadata"]["annotations"]["projectcalico.org/ASNumber"] == "64999"
