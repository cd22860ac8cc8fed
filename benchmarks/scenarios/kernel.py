"""S5: a peer's routes into the kernel, and out of it when the session ends."""

import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import updates
from benchmarks.scenarios.base import Metrics, Rig
from benchmarks.tables import Prefix, blocks, cluster
from benchmarks.world import DAEMON_AS, client_address, gateway

_POLL_SECONDS = 0.005
_LIMIT_SECONDS = 60.0
_SAMPLE = 64
"""Blocks that are asked for again and again, spread over all of them."""


def kernel(rig: Rig, size: int) -> Metrics:
    """Install and withdraw /26 blocks that an internal peer announces behind one gateway."""
    stream = updates.announcements(cluster(size), first_as=None, next_hop=gateway(0))
    [feed] = rig.begin([(client_address(0), DAEMON_AS)], kernel=True)
    present = _prefixes()
    sample = blocks(0, size)[:: max(size // _SAMPLE, 1)]

    def install() -> float:
        feed.send(stream)
        return _until(rig, lambda: all(map(_routed, sample)) and _prefixes() == present + size)

    def withdraw() -> float:
        rig.speaker.drop(feed)
        return _until(rig, lambda: not any(map(_routed, sample)) and _prefixes() == present)

    metrics = rig.measure(install)
    _prove(rig.daemon.route_protocol, size)
    gone = rig.measure(withdraw)
    return {**metrics, "withdraw_wall": gone["wall"], "withdraw_cpu": gone["cpu"]}


def _routed(block: Prefix) -> bool:
    """Whether the kernel has a way to a block."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        return probe.connect_ex((socket.inet_ntoa(block[1:]), 9)) == 0


def _prefixes() -> int:
    """Count what is in the kernel's main table.

    The kernel walks all of it, milliseconds during which writers of routes wait for us: only for the end.
    """
    text = Path("/proc/thread-self/net/fib_triestat").read_text()
    main = text[text.find("Main:") :]
    return int(main[main.find("Prefixes:") :].split()[1])


def _until(rig: Rig, done: Callable[[], bool]) -> float:
    deadline = time.monotonic() + _LIMIT_SECONDS
    while not done():
        rig.speaker.turn(_POLL_SECONDS) if rig.speaker.sessions else time.sleep(_POLL_SECONDS)
        if time.monotonic() > deadline:
            raise AssertionError(f"there are {_prefixes()} routes in the kernel at the end")
    return time.monotonic()


def _prove(protocol: str, size: int) -> None:
    """Check the routes themselves."""
    listed = subprocess.run(
        ["ip", "-4", "route", "show", "proto", protocol], capture_output=True, text=True, check=True
    )
    via = f"via {socket.inet_ntoa(gateway(0))} "
    found = {line.split()[0] for line in listed.stdout.splitlines() if via in line or "nhid" in line}
    expected = {f"{socket.inet_ntoa(block[1:])}/26" for block in blocks(0, size)}
    if found != expected:
        raise AssertionError("the kernel has other routes than those that were announced")
