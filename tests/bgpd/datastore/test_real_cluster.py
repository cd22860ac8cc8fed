"""One round through a cluster that people use, where KUBECONFIG names one; and through the stand-in, always.

All that is written is one BGPPeer that selects no node, under a name nobody else has. It is removed again.
"""

import asyncio
import os
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bgpd.datastore import ConflictError, Datastore, NotFoundError, open_datastore
from bgpd.resources import BGPPeer, Node
from tests.support.kube_api import KubeApi

from .support import DEADLINE, Follower, resource

NAME = f"bgpd-test-{uuid.uuid4().hex[:8]}"
SPEC = {"nodeSelector": "has(no-node-has-this-label)", "peerIP": "192.0.2.1", "asNumber": 64511}


@pytest.fixture(params=["stand-in", "real"])
async def environment(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[dict[str, str]]:
    if request.param == "real":
        if "KUBECONFIG" not in os.environ:
            pytest.skip("KUBECONFIG names no cluster")
        yield {"KUBECONFIG": os.environ["KUBECONFIG"]}
        return
    api = KubeApi(tmp_path)
    await api.start()
    await api.write({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1"}})
    yield {"KUBECONFIG": str(api.kubeconfig)}
    await api.stop()


@pytest.fixture
async def store(environment: dict[str, str]) -> AsyncIterator[Datastore]:
    store = open_datastore("kubernetes://", environment)
    yield store
    try:
        await store.delete(BGPPeer, NAME)
    except NotFoundError:
        pass
    finally:
        await store.close()


async def test_one_round(store: Datastore, environment: dict[str, str]) -> None:
    assert (await store.snapshot()).of(Node)
    created = await store.create(resource("BGPPeer", NAME, SPEC, labels={"made-by": "bgpd"}))
    followed, follower = open_datastore("kubernetes://", environment), Follower()
    task = asyncio.create_task(follower.follow(followed))
    await follower.until(lambda snapshot: snapshot.get(BGPPeer, NAME) is not None)
    changed = resource("BGPPeer", NAME, {**SPEC, "asNumber": 64510})
    await store.update(changed.with_metadata(resource_version=created.metadata.resource_version))
    await follower.until(
        lambda s: (found := s.get(BGPPeer, NAME)) is not None and found.spec.as_number == 64510
    )
    with pytest.raises(ConflictError):
        await store.update(changed.with_metadata(resource_version=created.metadata.resource_version))
    await store.delete(BGPPeer, NAME)
    await follower.until(lambda snapshot: snapshot.get(BGPPeer, NAME) is None)
    await followed.close()
    await asyncio.wait_for(task, DEADLINE)
