"""The top-of-rack router of a lab: AS 64567, with a network of its own behind it."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lab.cluster import CLUSTER_AS, Cluster
from lab.daemon import Daemon
from lab.netns import Namespace
from lab.resources import Document, ResourceFiles, bgp_peer, ip_pool, node
from lab.topology import Lab, add_addresses, add_route, connect

TOR_AS: Final = 64567
TOR_ADDRESS: Final = "10.0.0.254"
TOR_NETWORK: Final = "172.20.0.0/24"
SERVER_ADDRESS: Final = "172.20.0.10"
_TOR_INSIDE: Final = "172.20.0.1"


@dataclass(frozen=True, slots=True)
class TopOfRack:
    """The router's namespace, a server behind it, and what starts its speaker."""

    namespace: Namespace
    server: Namespace
    start: Callable[[], object]


def peer_of_rack(rack: str) -> Document:
    """Write down the BGPPeer by which the nodes of a rack find their router."""
    return bgp_peer(f"{rack}-tor", nodeSelector=f"rack == '{rack}'", peerIP=TOR_ADDRESS, asNumber=TOR_AS)


def bird_path() -> str | None:
    """Find BIRD."""
    return find_program("bird")


def find_program(name: str) -> str | None:
    """Find a program of Debian's, some of which are in no ordinary user's PATH."""
    return shutil.which(name, path="/usr/sbin:/sbin:/usr/local/sbin:/usr/local/bin:/usr/bin")


def build_tor(cluster: Cluster, speaker: str) -> TopOfRack:
    """Put the router on the cluster's network; its speaker is "bgpd" or "bird"."""
    lab = cluster.lab
    router, server = lab.namespace("tor1"), lab.namespace("server")
    lab.plug(cluster.fabric, router, "eth0", f"{TOR_ADDRESS}/24")
    connect(router, "servers", server, "eth0")
    add_addresses(router, "servers", f"{_TOR_INSIDE}/24")
    add_addresses(server, "eth0", f"{SERVER_ADDRESS}/24")
    add_route(server, "0.0.0.0/0", gateway=_TOR_INSIDE)
    prepare = {"bgpd": _bgpd, "bird": _bird}[speaker]
    return TopOfRack(router, server, prepare(lab, router, [each.address for each in cluster]))


def _bgpd(lab: Lab, router: Namespace, nodes: list[str]) -> Callable[[], object]:
    """Make the router a node of a cluster of its own, whose pool is the network behind it."""
    resources = ResourceFiles(lab.directory / "tor-resources")
    resources.put(node("tor1", ipv4Address=f"{TOR_ADDRESS}/24", asNumber=TOR_AS))
    resources.put(ip_pool("servers", TOR_NETWORK))
    for number, address in enumerate(nodes, start=1):
        resources.put(bgp_peer(f"n{number}", node="tor1", peerIP=address, asNumber=CLUSTER_AS))
    return Daemon(lab, router, "tor1", resources).start


def _bird(lab: Lab, router: Namespace, nodes: list[str]) -> Callable[[], object]:
    configuration = lab.directory / "tor1.conf"
    configuration.write_text(_BIRD + "".join(_BIRD_PEER.format(address=address) for address in nodes))
    command: list[str | Path] = [bird_path() or "bird", "-f", "-c", configuration]
    command += ["-s", lab.directory / "tor1.ctl", "-P", lab.directory / "tor1.pid"]
    return lambda: lab.start(router, command, name="bird-tor1")


_BIRD: Final = f"""\
router id {TOR_ADDRESS};
protocol device {{}}
protocol direct {{ ipv4; interface "servers"; }}
protocol kernel {{ ipv4 {{ import none; export where source = RTS_BGP; }}; }}
"""

_BIRD_PEER: Final = f"""\
protocol bgp {{{{
  local {TOR_ADDRESS} as {TOR_AS};
  neighbor {{address}} as {CLUSTER_AS};
  ipv4 {{{{ import all; export where source = RTS_DEVICE; next hop self; }}}};
}}}}
"""
