"""GoBGP."""

import json
from pathlib import Path
from typing import Any, ClassVar

from tests.support.peers.base import Neighbour, Peer, PeerRoute, ask, order

_ORIGINS = ("IGP", "EGP", "Incomplete")
_ESTABLISHED = 6  # api.PeerState.SessionState


class GoBgp(Peer):
    """gobgpd, driven by gobgp over a Unix socket."""

    implementation: ClassVar[str] = "GoBGP"
    program: ClassVar[str] = "gobgpd"
    package: ClassVar[str] = "gobgpd"

    def arguments(self) -> list[str | Path]:
        """Write gobgpd.toml."""
        configuration = self.directory / "gobgpd.toml"
        peers = "".join(self._neighbour(each) for each in self.neighbours)
        configuration.write_text(_CONFIGURATION.format(peer=self) + peers)
        return ["-f", configuration, "--api-hosts", self._api, "--pprof-disable", "-p"]

    def established(self, address: str) -> bool:
        """Ask for the neighbour's state."""
        answer = json.loads(self._ask("neighbor", address) or "{}")
        return bool(answer.get("state", {}).get("session_state") == _ESTABLISHED)

    def route(self, prefix: str) -> PeerRoute | None:
        """Read the best path that came from a neighbour."""
        answer = self._ask("global", "rib", "-a", _family(prefix), prefix)
        paths = json.loads(answer).get(prefix, []) if answer.startswith("{") else []
        best = [path for path in paths if path.get("best") and path.get("neighbor-ip", "<nil>") != "<nil>"]
        return _route(best[0]) if best else None

    def announce(self, prefix: str, *communities: str) -> None:
        """Add the prefix to the global table."""
        (source,) = {each.source for each in self.neighbours if each.ipv6 == (":" in prefix)}
        attributes = ["nexthop", source, *(["community", ",".join(communities)] if communities else [])]
        order([*self._gobgp, "global", "rib", "add", "-a", _family(prefix), prefix, *attributes])

    def withdraw(self, prefix: str) -> None:
        """Delete the prefix from the global table."""
        order([*self._gobgp, "global", "rib", "del", "-a", _family(prefix), prefix])

    @property
    def _api(self) -> str:
        return f"unix://{self.directory}/api.sock"

    @property
    def _gobgp(self) -> list[str]:
        return ["gobgp", "--target", self._api]

    def _ask(self, *question: str) -> str:
        return ask([*self._gobgp, "-j", *question])

    def _neighbour(self, neighbour: Neighbour) -> str:
        return _NEIGHBOUR.format(
            peer=neighbour,
            family="ipv6-unicast" if neighbour.ipv6 else "ipv4-unicast",
            client="true" if neighbour.client else "false",
            cluster_id=self.router_id,
        )


_CONFIGURATION = """\
[global.config]
  as = {peer.asn}
  router-id = "{peer.router_id}"
"""

_NEIGHBOUR = """\
[[neighbors]]
  [neighbors.config]
    neighbor-address = "{peer.address}"
    peer-as = {peer.asn}
  [neighbors.transport.config]
    local-address = "{peer.source}"
  [neighbors.timers.config]
    connect-retry = 1
    idle-hold-time-after-reset = 1
  [neighbors.route-reflector.config]
    route-reflector-client = {client}
    route-reflector-cluster-id = "{cluster_id}"
  [[neighbors.afi-safis]]
    [neighbors.afi-safis.config]
      afi-safi-name = "{family}"
"""


def _family(prefix: str) -> str:
    return "ipv6" if ":" in prefix else "ipv4"


def _route(path: dict[str, Any]) -> PeerRoute:
    attributes = {attribute["type"]: attribute for attribute in path["attrs"]}
    next_hop = attributes[3]["nexthop"] if 3 in attributes else attributes[14]["nexthop"]
    local_pref = attributes[5]["value"] if 5 in attributes else None
    return PeerRoute(
        next_hop=next_hop,
        as_path=tuple(asn for segment in attributes[2].get("as_paths") or [] for asn in segment["asns"]),
        origin=_ORIGINS[attributes[1]["value"]],
        local_pref=local_pref,
        communities=frozenset(
            f"{value >> 16}:{value & 0xFFFF}" for value in _values(attributes, 8, "communities")
        ),
        originator_id=attributes.get(9, {}).get("value"),
        cluster_list=tuple(_values(attributes, 10, "value")),
    )


def _values(attributes: dict[int, dict[str, Any]], kind: int, key: str) -> list[Any]:
    return attributes.get(kind, {}).get(key) or []
