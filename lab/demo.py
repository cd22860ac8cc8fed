"""`make demo`: a cluster comes up, carries packets, is edited while it runs, and goes away."""

import json
import shlex
import socket
from typing import Final

from rich.console import Console

from bgpd.api.client import ClientError
from lab.cluster import ClusterNode
from lab.netns import Namespace
from lab.ping import Loss, Pinger
from lab.rack import Rack
from lab.routes import PROTOCOL_BGP, kernel_routes
from lab.show import LabError, Show
from lab.topology import Lab

_SECONDS: Final = 20.0
_PACKETS: Final = 5


def demo(console: Console, speaker: str) -> int:
    """Play the demo with `speaker` ("bgpd" or "bird") on the router; returns the exit status."""
    with Lab() as lab:
        show = Show(lab, console)
        try:
            rack = bring_up(show, lab, speaker)
            _look(show, rack)
            _send_packets(show, rack)
            _edit(show, rack)
        except (LabError, ClientError) as error:
            show.failure(error)
            return 1
    console.print("\n[green]Everything came up, carried packets and is gone again.[/green]")
    return 0


def bring_up(show: Show, lab: Lab, speaker: str) -> Rack:
    """Build the cluster, start its daemons and wait until sessions and routes are there; raises LabError."""
    show.title(f"Three nodes of AS 64512 and a top-of-rack router of AS 64567 ({speaker})")
    with show.doing("namespaces, wires, resources, daemons"):
        rack = Rack(lab, speaker)
        rack.start()
    _wait_until_up(show, rack)
    return rack


def _wait_until_up(show: Show, rack: Rack) -> None:
    """Wait until every session is Established and every route is in its kernel; raises LabError."""
    sessions, routes = rack.sessions(), rack.routes()
    show.until("sessions Established", len(sessions), lambda: rack.established(sessions), seconds=_SECONDS)
    show.until("routes in the kernels", len(routes), lambda: rack.installed(routes), seconds=_SECONDS)


def _look(show: Show, rack: Rack) -> None:
    """Ask the first node about its sessions and its kernel about its routes."""
    first = rack.cluster.nodes[0]
    show.title(f"What {first.name} says")
    bgpctl(show, first, "node", "status")
    show.title(f"What the kernel of {first.name} says")
    for family in (socket.AF_INET, socket.AF_INET6):
        for route in kernel_routes(first.namespace, protocol=PROTOCOL_BGP, family=family):
            show.line(str(route))


def _send_packets(show: Show, rack: Rack) -> None:
    show.title("Packets: pod to pod across nodes, and pod to the network behind the router")
    flows = rack.flows()
    losses = _ping_all(flows)
    named = [(source.name, destination.name, address) for source, destination, address in flows]
    show.table(
        ("from", "to", "address", "echo requests"),
        [(*names, str(loss)) for names, loss in zip(named, losses, strict=True)],
    )
    if any(loss.lost for loss in losses):
        raise LabError("packets were lost")


def _ping_all(flows: list[tuple[Namespace, Namespace, str]]) -> list[Loss]:
    """Send packets in every direction at the same time."""
    pingers = [Pinger(source, address, count=_PACKETS) for source, _destination, address in flows]
    for pinger in pingers:
        pinger.start()
    return [pinger.finish() for pinger in pingers]


def _edit(show: Show, rack: Rack) -> None:
    """Switch the mesh off and on: the sessions that are not concerned do not notice."""
    show.title("The mesh off and on again, while everything runs")
    first, before = rack.cluster.nodes[0], _since(rack)
    _switch_mesh(show, first, on=False)
    show.until("sessions left", len(before), rack.configured, seconds=_SECONDS)
    _switch_mesh(show, first, on=True)
    _wait_until_up(show, rack)
    if _since(rack) != before:
        raise LabError("a session with the router was reset by an edit that did not concern it")
    show.line(f"{len(before)} sessions with the router stayed Established throughout.")


def _switch_mesh(show: Show, at: ClusterNode, *, on: bool) -> None:
    patch = json.dumps({"spec": {"nodeToNodeMeshEnabled": on}})
    bgpctl(show, at, "patch", "bgpconfiguration", "default", "-p", patch)


def bgpctl(show: Show, at: ClusterNode, *arguments: str) -> None:
    """Run bgpctl on a node and show what it prints; raises LabError when it fails."""
    done = at.daemon.bgpctl(*arguments, check=False)
    show.output(shlex.join(["bgpctl", *arguments]), done.stdout + done.stderr)
    if done.returncode != 0:
        raise LabError(f"bgpctl on {at.name} ended with status {done.returncode}")


def _since(rack: Rack) -> dict[tuple[str, str], str]:
    """Say since when each session with the router is Established."""
    peers = {one.name: one.daemon.peers() for one in rack.cluster}
    return {(one.name, name): peers[one.name][name]["since"] for one, name in rack.sessions(mesh=False)}
