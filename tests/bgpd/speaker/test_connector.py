"""Opening connections: why it failed, in the words of an operator."""

import asyncio
import socket

import pytest

from bgpd.speaker.connector import Connector, reason_of
from bgpd.speaker.socket_options import TransportOptions


async def test_nobody_listens_there():
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        failed = asyncio.get_running_loop().create_future()
        connector = Connector(opened=failed.set_result, failed=failed.set_result)
        connector.start(
            TransportOptions(
                peer_address="127.0.0.1",
                peer_port=nobody.getsockname()[1],
                source_address=None,
                ttl_security=None,
                password=None,
            )
        )
        assert await failed == "connection refused"


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (TimeoutError(), "connection timed out"),
        (ConnectionResetError(104, "Connection reset by peer"), "connection reset by peer"),
        (OSError(113, "Connect call failed ('10.0.0.1', 179)"), "no route to host"),
        (ValueError("no such address"), "no such address"),
        (OSError(), "OSError"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_reasons(error, reason):
    assert reason_of(error) == reason
