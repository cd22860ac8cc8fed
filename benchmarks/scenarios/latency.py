"""S6: how long a single change takes when nothing else happens."""

import socket
import time

from benchmarks import updates
from benchmarks.scenarios.base import Metrics, Rig
from benchmarks.tables import Batch, blocks
from benchmarks.world import client_address, gateway

_BETWEEN_SECONDS = 0.004
_FEED_AS = 64601
_RECEIVER_AS = 64700


def latency(rig: Rig, changes: int) -> Metrics:
    """Change one route's AS path again and again, each time when the last change has arrived."""
    sender, receiver = rig.begin([(client_address(0), _FEED_AS), (client_address(1), _RECEIVER_AS)])
    block = tuple(blocks(0, 1))
    messages = [
        updates.announcements([Batch((path,), (), block)], first_as=_FEED_AS, next_hop=gateway(0))
        for path in (1001, 1002)
    ]
    for connection in (sender.connection, receiver.connection):
        connection.setblocking(True)
    cpu = rig.cpu
    latencies = sorted(
        _change(sender.connection, receiver.connection, messages[n % 2]) for n in range(changes)
    )
    used = rig.cpu - cpu
    return {
        "wall": sum(latencies),
        "cpu": used,
        "peak": rig.world.usage.peak,
        "p50_ms": latencies[changes // 2] * 1e3,
        "p99_ms": latencies[int(changes * 0.99)] * 1e3,
        "cpu_us": used / changes * 1e6,
    }


def _change(sender: socket.socket, receiver: socket.socket, message: bytes) -> float:
    time.sleep(_BETWEEN_SECONDS)
    begun = time.perf_counter()
    sender.sendall(message)
    while len(receiver.recv(4096)) == len(updates.KEEPALIVE_MESSAGE):
        pass
    return time.perf_counter() - begun
