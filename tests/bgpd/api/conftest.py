"""A server on a real Unix socket, over a fake daemon."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bgpd.api import ApiServer
from tests.bgpd.api.fake_view import FakeView


@pytest.fixture
def view() -> FakeView:
    return FakeView()


@pytest.fixture
async def socket_path(view: FakeView, tmp_path: Path) -> AsyncIterator[str]:
    server = ApiServer(lambda: view)
    path = str(tmp_path / "bgpd.sock")
    await server.start(path)
    yield path
    await server.close()
