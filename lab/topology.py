"""A lab: namespaces, the wires between them and the processes inside, all gone when it is closed."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from lab.netns import Namespace
from lab.process import Process
from lab.rundir import RunDirectory, remove_abandoned

BRIDGE: Final = "br0"


class Lab:
    """Everything that a lab consists of, and its end: `with Lab() as lab: ...`."""

    def __init__(self) -> None:
        remove_abandoned()
        self._directory = RunDirectory()
        self.namespaces: dict[str, Namespace] = {}
        self.processes: list[Process] = []

    @property
    def directory(self) -> Path:
        """Where logs, sockets and configurations of this lab are."""
        return self._directory.path

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def namespace(self, name: str) -> Namespace:
        """Make a new network namespace, with forwarding on and the loopback interface up."""
        self.namespaces[name] = namespace = Namespace(name)
        return namespace

    def bridge(self, name: str) -> Namespace:
        """Make a namespace that is nothing but an Ethernet switch: see `plug`."""
        namespace = self.namespace(name)
        namespace.netlink(lambda netlink: netlink.link("add", ifname=BRIDGE, kind="bridge", state="up"))
        return namespace

    def plug(self, bridge: Namespace, other: Namespace, interface: str, *addresses: str) -> None:
        """Wire `interface` of the other namespace, with these addresses (10.0.0.1/24), to the bridge."""
        port = f"to-{other.name}"
        connect(bridge, port, other, interface)
        bridge.netlink(
            lambda netlink: netlink.link("set", index=_index(netlink, port), master=_index(netlink, BRIDGE))
        )
        add_addresses(other, interface, *addresses)

    def start(
        self,
        namespace: Namespace,
        command: Sequence[str | Path],
        *,
        name: str,
        environment: Mapping[str, str] | None = None,
    ) -> Process:
        """Start a command in the namespace, its output appended to `<name>.log` in the lab's directory."""
        log = self.directory / f"{name}.log"
        process = Process(namespace, [os.fspath(word) for word in command], log=log, environment=environment)
        self.processes.append(process)
        return process

    def close(self) -> None:
        """End every process, then every namespace, then remove the directory. Safe to call twice."""
        while self.processes:
            self.processes.pop().stop()
        while self.namespaces:
            self.namespaces.popitem()[1].close()
        self._directory.remove()


def connect(left: Namespace, left_interface: str, right: Namespace, right_interface: str) -> None:
    """Join two namespaces by a wire (a pair of veth devices) and bring both ends up."""
    peer = {"ifname": right_interface, "net_ns_fd": right.descriptor}
    left.netlink(lambda netlink: netlink.link("add", ifname=left_interface, kind="veth", peer=peer))
    set_link(left, left_interface, up=True)
    set_link(right, right_interface, up=True)


def set_link(namespace: Namespace, interface: str, *, up: bool) -> None:
    """Bring an interface up, or take it down as a pulled cable would."""
    state = "up" if up else "down"
    namespace.netlink(lambda netlink: netlink.link("set", index=_index(netlink, interface), state=state))


def add_addresses(namespace: Namespace, interface: str, *addresses: str) -> None:
    """Give an interface addresses, each with its prefix length."""

    def add(netlink: Any) -> None:
        for address in addresses:
            netlink.addr("add", index=_index(netlink, interface), address=address)

    namespace.netlink(add)


def add_route(namespace: Namespace, prefix: str, *, interface: str | None = None, **route: object) -> None:
    """Put a route into the main table; `route` is in pyroute2's words (gateway, proto, priority ...)."""

    def add(netlink: Any) -> None:
        out = {} if interface is None else {"oif": _index(netlink, interface)}
        netlink.route("add", dst=prefix, **out, **route)

    namespace.netlink(add)


def _index(netlink: Any, interface: str) -> int:
    (index,) = netlink.link_lookup(ifname=interface)
    return int(index)
