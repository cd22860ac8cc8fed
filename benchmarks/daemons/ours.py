"""Our own bgpd, as a node of a cluster runs it."""

import json
import sys
from pathlib import Path
from typing import Any, ClassVar

from benchmarks.daemons.base import Daemon, Peering, Setup
from benchmarks.world import DAEMON_ADDRESS, DAEMON_ADDRESS_IPV6, DAEMON_AS
from lab.resources import bgp_configuration, bgp_peer, ip_pool, node, resource

_NODE = "reflector"
_PASSIVE = {"bgpd.io/passive": "true"}


class Ours(Daemon):
    """Clients are nodes of the cluster, selected by one BGPPeer; other peers have a BGPPeer each."""

    name: ClassVar[str] = "bgpd"
    program: ClassVar[str] = str(Path(sys.executable).parent / "bgpd")
    package: ClassVar[str] = "this checkout"
    kernel: ClassVar[bool] = True
    route_protocol: ClassVar[str] = "bgp"

    @classmethod
    def executable(cls) -> str | None:
        """Take that of this environment."""
        return cls.program if Path(cls.program).exists() else None

    def start(self, setup: Setup) -> None:
        """Write one file of resources and start the daemon with its defaults."""
        resources = self.world.directory / "resources"
        resources.mkdir(exist_ok=True)
        document = {"apiVersion": "v1", "kind": "List", "items": _resources(setup)}
        (resources / "cluster.json").write_text(json.dumps(document))
        options = ["--node", _NODE, "--datastore", f"file://{resources}"]
        options += ["--socket", str(self.world.directory / "bgpd.sock"), "--log-level", "warning"]
        self.world.start(self.program, *options, *([] if setup.kernel else ["--no-kernel"]))


def _resources(setup: Setup) -> list[dict[str, Any]]:
    clients = [each for each in setup.peerings if each.client]
    others = [each for each in setup.peerings if not each.client]
    rule = [{"action": "Accept"}]
    return [
        bgp_configuration(nodeToNodeMeshEnabled=False, asNumber=DAEMON_AS),
        resource("BGPFilter", "everything", {"exportV4": rule, "exportV6": rule}),
        ip_pool("pods", "100.64.0.0/10"),
        node(
            _NODE,
            labels={"reflector": "true"},
            ipv4Address=f"{DAEMON_ADDRESS}/8",
            ipv6Address=f"{DAEMON_ADDRESS_IPV6}/16",
            **({"routeReflectorClusterID": DAEMON_ADDRESS} if clients else {}),
        ),
        *(node(f"client-{number}", ipv4Address=f"{each.address}/8") for number, each in enumerate(clients)),
        *([_clients()] if clients else []),
        *(_peer(number, each) for number, each in enumerate(others)),
    ]


def _clients() -> dict[str, Any]:
    spec = {"nodeSelector": "has(reflector)", "peerSelector": "!has(reflector)", "filters": ["everything"]}
    return _passive(bgp_peer("clients", **spec))


def _peer(number: int, peering: Peering) -> dict[str, Any]:
    spec = {"peerIP": peering.address, "asNumber": peering.as_number, "filters": ["everything"]}
    return _passive(bgp_peer(f"peer-{number}", **spec))


def _passive(document: dict[str, Any]) -> dict[str, Any]:
    document["metadata"]["annotations"] = _PASSIVE
    return document
