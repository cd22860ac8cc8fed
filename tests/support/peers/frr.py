"""FRR's bgpd, without zebra."""

import json
import re
from pathlib import Path
from typing import Any, ClassVar

from tests.support.peers.base import Neighbour, Peer, PeerRoute, ask, executable, order

_ORIGINS = {"IGP": "IGP", "EGP": "EGP", "incomplete": "Incomplete"}


class Frr(Peer):
    """FRR's bgpd alone, driven by vtysh through a socket directory of its own."""

    implementation: ClassVar[str] = "FRR"
    program: ClassVar[str] = "/usr/lib/frr/bgpd"
    package: ClassVar[str] = "frr"

    def arguments(self) -> list[str | Path]:
        """Write bgpd.conf; -S: it stays who it is, and so dies with the lab, -Z: without zebra."""
        configuration = self.directory / "bgpd.conf"
        peers = "".join(self._neighbour(each) for each in self.neighbours)
        configuration.write_text(_CONFIGURATION.format(peer=self) + peers + self._families())
        files: list[str | Path] = [
            "-f",
            configuration,
            "-i",
            self.directory / "bgpd.pid",
            "--vty_socket",
            self.directory,
        ]
        return ["-S", "-Z", "-P", "0", "--log", "stdout", *files]

    def established(self, address: str) -> bool:
        """Ask for the neighbour's state."""
        answer = self._show(f"show bgp neighbors {address} json")
        return bool(answer) and answer[address].get("bgpState") == "Established"

    def route(self, prefix: str) -> PeerRoute | None:
        """Read the best path that came from a peer."""
        best = [path for path in self._learned(prefix) if path.get("bestpath", {}).get("overall")]
        return _route(best[0]) if best else None

    def _learned(self, prefix: str) -> list[dict[str, Any]]:
        answer = self._show(f"show bgp {_family(prefix)} unicast {prefix} json")
        return [path for path in answer.get("paths", []) if path["peer"]["peerId"] not in {"0.0.0.0", "::"}]

    def paths(self, prefix: str) -> int:
        """Count the paths to exactly this prefix that came from peers."""
        return len(self._learned(prefix))

    def refresh(self, address: str) -> None:
        """Ask a neighbour for its routes again (RFC 2918)."""
        family = "ipv6" if ":" in address else "ipv4"
        order([*self._vtysh, "-c", f"clear bgp {family} unicast {address} soft in"])

    def announce(self, prefix: str, *communities: str) -> None:
        """Configure `network`, with a route map that sets the communities."""
        route_map = "announce-" + "-".join(re.sub(r"\W", ".", community) for community in communities)
        set_communities = [f"set community {' '.join(communities)}"] if communities else []
        self._configure(f"route-map {route_map} permit 10", *set_communities)
        self._configure(*self._in_family(prefix), f"network {prefix} route-map {route_map}")

    def withdraw(self, prefix: str) -> None:
        """Delete the `network`."""
        self._configure(*self._in_family(prefix), f"no network {prefix}")

    def _neighbour(self, neighbour: Neighbour) -> str:
        lines = [
            f"remote-as {neighbour.asn}",
            f"update-source {neighbour.source}",
            "timers connect 1",
            "advertisement-interval 0",
            "disable-connected-check",
            *([f"password {neighbour.password}"] if neighbour.password else []),
            *(["ttl-security hops 1"] if neighbour.ttl_security else []),
        ]
        return "".join(f" neighbor {neighbour.address} {line}\n" for line in lines)

    def _families(self) -> str:
        blocks = []
        for family, ipv6 in (("ipv4", False), ("ipv6", True)):
            own = [each for each in self.neighbours if each.ipv6 == ipv6]
            lines = [f"  neighbor {each.address} activate\n" for each in own]
            lines += [f"  neighbor {each.address} route-reflector-client\n" for each in own if each.client]
            lines += [f"  neighbor {each.address} addpath-tx-all-paths\n" for each in own if each.add_paths]
            blocks.append(f" address-family {family} unicast\n{''.join(lines)} exit-address-family\n")
        return "".join(blocks)

    def _in_family(self, prefix: str) -> list[str]:
        return [f"router bgp {self.asn}", f"address-family {_family(prefix)} unicast"]

    def _configure(self, *lines: str) -> None:
        order([*self._vtysh, *(word for line in ("configure terminal", *lines) for word in ("-c", line))])

    def _show(self, question: str) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(ask([*self._vtysh, "-c", question]) or "{}")
        return answer

    @property
    def _vtysh(self) -> list[str]:
        return [executable("vtysh") or "vtysh", "--vty_socket", str(self.directory), "-d", "bgpd"]


_CONFIGURATION = """\
router bgp {peer.asn}
 bgp router-id {peer.router_id}
 no bgp default ipv4-unicast
 no bgp ebgp-requires-policy
 no bgp network import-check
 bgp default show-hostname
 bgp graceful-restart
 bgp graceful-restart preserve-fw-state
"""


def _family(prefix: str) -> str:
    return "ipv6" if ":" in prefix else "ipv4"


def _route(path: dict[str, Any]) -> PeerRoute:
    return PeerRoute(
        next_hop=path["nexthops"][0]["ip"],
        as_path=tuple(asn for segment in path["aspath"].get("segments", []) for asn in segment["list"]),
        origin=_ORIGINS[path["origin"]],
        local_pref=path.get("locPrf"),
        communities=frozenset(path.get("community", {}).get("list", [])),
        originator_id=path.get("originatorId"),
        cluster_list=tuple(path.get("clusterList", {}).get("list", [])),
    )
