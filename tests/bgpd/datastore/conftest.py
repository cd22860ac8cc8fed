"""The datastores under test: `world` is each of them in turn, `remote` those across a network."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bgpd.datastore import Datastore
from tests.support.etcd import Etcd, need_etcd
from tests.support.kube_api import KubeApi

from .support import EtcdWorld, FilesWorld, KubernetesWorld, World, open_world

_ETCD = pytest.param("etcd", marks=pytest.mark.interop)


@pytest.fixture(scope="session")
def etcd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Etcd]:
    need_etcd()
    etcd = Etcd(tmp_path_factory.mktemp("etcd"))
    yield etcd
    etcd.close()


async def _world(backend: str, request: pytest.FixtureRequest, directory: Path) -> World:
    if backend == "etcd":
        return EtcdWorld(directory, request.getfixturevalue("etcd"))
    if backend == "kubernetes":
        api = KubeApi(directory)
        await api.start()
        return KubernetesWorld(directory, api)
    return FilesWorld(directory)


@pytest.fixture(params=["files", _ETCD, "kubernetes"])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    world = await _world(request.param, request, tmp_path)
    yield world
    await world.close()


@pytest.fixture(params=[_ETCD, "kubernetes"])
async def remote(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    world = await _world(request.param, request, tmp_path)
    yield world
    await world.close()


@pytest.fixture
async def store(world: World) -> AsyncIterator[Datastore]:
    store = open_world(world)
    yield store
    await store.close()
