"""A network namespace held by a file descriptor."""

import os
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from pyroute2 import IPRoute

from lab.syscalls import CLONE_NEWNET, setns, unshare

T = TypeVar("T")

# What every namespace of a lab is: a router that answers on whatever interface a packet comes in.
_ROUTER_SETTINGS = {
    "ipv4/ip_forward": "1",
    "ipv4/conf/all/rp_filter": "0",
    "ipv4/conf/default/rp_filter": "0",
    "ipv6/conf/all/forwarding": "1",
    "ipv6/conf/default/accept_dad": "0",  # addresses are usable at once
    "ipv6/conf/all/accept_dad": "0",
}


class Namespace:
    """One network namespace; it lives as long as its descriptor or a process inside is there.

    Threads, not processes, belong to network namespaces in Linux. Whatever has to happen inside is run in a
    thread of its own, and the sockets it returns stay where they were made.
    """

    def __init__(self, name: str, descriptor: int | None = None) -> None:
        """Hold the namespace behind `descriptor`, or a new one that forwards packets; raises OSError."""
        self.name = name
        if descriptor is not None:
            self.descriptor = descriptor
            return
        self.descriptor = _in_thread(_new_namespace)
        self.netlink(lambda netlink: netlink.link("set", index=1, state="up"))
        for setting, value in _ROUTER_SETTINGS.items():
            self.set(setting, value)

    def run(self, function: Callable[[], T]) -> T:
        """Call `function` inside the namespace; its result or exception is the caller's."""

        def inside() -> T:
            setns(self.descriptor, CLONE_NEWNET)
            return function()

        return _in_thread(inside)

    def netlink(self, use: Callable[[Any], T]) -> T:
        """Call `use` with a netlink connection (pyroute2.IPRoute) into the namespace."""

        def connected() -> T:
            with IPRoute() as netlink:
                return use(netlink)

        return self.run(connected)

    def socket(self, family: int, kind: int, protocol: int = 0) -> socket.socket:
        """Return a socket that sees the network as the namespace does."""
        return self.run(lambda: socket.socket(family, kind, protocol))

    def set(self, setting: str, value: str) -> None:
        """Write a sysctl of the namespace, named by its path below /proc/sys/net, if there is such a one."""
        path = Path("/proc/sys/net", setting)

        def write() -> None:
            if path.exists():
                path.write_text(value)

        self.run(write)

    def close(self) -> None:
        """Let go of the namespace: with the last process inside it disappears, and its links with it."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1


def unavailable() -> str | None:
    """Say why this process cannot make network namespaces; None when it can."""
    try:
        os.close(_in_thread(_new_namespace))
    except OSError as error:
        return f"network namespaces need root or unprivileged user namespaces ({error})"
    return None


def _new_namespace() -> int:
    unshare(CLONE_NEWNET)
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


def _in_thread(function: Callable[[], T]) -> T:
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="netns") as thread:
        return thread.submit(function).result()
