"""BIRD 2."""

import re
from pathlib import Path
from typing import ClassVar

from tests.support.peers.base import Neighbour, Peer, PeerRoute, ask, order


class Bird(Peer):
    """BIRD 2: static routes in an included file, `birdc configure` after each change."""

    implementation: ClassVar[str] = "BIRD"
    program: ClassVar[str] = "bird"
    package: ClassVar[str] = "bird2"

    def arguments(self) -> list[str | Path]:
        """Write bird.conf and the still empty lists of routes."""
        self._announced: dict[str, tuple[str, ...]] = {}
        self._write_announced()
        configuration = self.directory / "bird.conf"
        peers = "".join(self._protocol(each) for each in self.neighbours)
        configuration.write_text(_CONFIGURATION.format(peer=self) + peers)
        return ["-f", "-c", configuration, "-s", self._control, "-P", self.directory / "bird.pid"]

    def established(self, address: str) -> bool:
        """Ask `show protocols` about the session."""
        return "Established" in ask(["birdc", "-s", self._control, "show", "protocols", _name(address)])

    def route(self, prefix: str) -> PeerRoute | None:
        """Read `show route for ... all`, of routes learned by BGP."""
        question = ["show", "route", prefix, "primary", "where", "source=RTS_BGP", "all"]
        answer = ask(["birdc", "-s", self._control, *question])
        attributes = dict(re.findall(r"^\tBGP\.(\w+): *(.*)$", answer, re.MULTILINE))
        return _route(attributes) if attributes else None

    def paths(self, prefix: str) -> int:
        """Count the paths to exactly this prefix that were learned by BGP."""
        question = ["show", "route", prefix, "where", "source=RTS_BGP"]
        return ask(["birdc", "-s", self._control, *question]).count("\tvia ")

    def refresh(self, address: str) -> None:
        """Ask a neighbour for its routes again (RFC 2918)."""
        order(["birdc", "-s", self._control, "reload", "in", _name(address)])

    def announce(self, prefix: str, *communities: str) -> None:
        """Write a static route whose attributes the export filter passes on."""
        self._announced[prefix] = communities
        self._reconfigure()

    def withdraw(self, prefix: str) -> None:
        """Delete the static route."""
        del self._announced[prefix]
        self._reconfigure()

    @property
    def _control(self) -> Path:
        return self.directory / "bird.ctl"

    def _reconfigure(self) -> None:
        self._write_announced()
        order(["birdc", "-s", self._control, "configure"])

    def _write_announced(self) -> None:
        for family, is_family in (("ipv4", "."), ("ipv6", ":")):
            routes = [
                _static(*item) for item in self._announced.items() if is_family in item[0].split("/")[0]
            ]
            (self.directory / f"{family}.conf").write_text("".join(routes))

    def _protocol(self, neighbour: Neighbour) -> str:
        family = "ipv6" if neighbour.ipv6 else "ipv4"
        client = f"rr client; rr cluster id {self.router_id};" if neighbour.client else ""
        return (
            f"protocol bgp {_name(neighbour.address)} from peers {{\n"
            f"  local {neighbour.source} as {self.asn}; {client}{_options(neighbour)}\n"
            f"  neighbor {neighbour.address} as {neighbour.asn};\n"
            f"  {family} {{ import all; export where source ~ [RTS_STATIC, RTS_BGP];"
            f" {'add paths on;' if neighbour.add_paths else ''} }};\n}}\n"
        )


_CONFIGURATION = """\
log stderr all;
router id {peer.router_id};
protocol device {{}}
protocol direct {{ ipv4; ipv6; }}
protocol static announced4 {{
  ipv4;
include "{peer.directory}/ipv4.conf";
}}
protocol static announced6 {{
  ipv6;
include "{peer.directory}/ipv6.conf";
}}
template bgp peers {{
  connect delay time 1; connect retry time 1; error wait time 1, 2; graceful restart yes;
}}
"""


def _options(neighbour: Neighbour) -> str:
    options = {
        f'password "{neighbour.password}";': neighbour.password is not None,
        "ttl security on;": neighbour.ttl_security,
        "enable extended messages on;": neighbour.extended_messages,
    }
    return " ".join(option for option, wanted in options.items() if wanted)


def _name(address: str) -> str:
    return "peer_" + re.sub(r"[.:]", "_", address)


def _static(prefix: str, communities: tuple[str, ...]) -> str:
    added = [f"bgp_community.add(({community.replace(':', ',')}));" for community in communities]
    return f"route {prefix} blackhole {{ {' '.join(added)} }};\n"


def _route(attributes: dict[str, str]) -> PeerRoute:
    return PeerRoute(
        next_hop=attributes["next_hop"].split()[0],
        as_path=tuple(int(asn) for asn in attributes["as_path"].split()),
        origin=attributes["origin"],
        local_pref=int(attributes["local_pref"]) if "local_pref" in attributes else None,
        communities=frozenset(
            word.strip("()").replace(",", ":") for word in attributes.get("community", "").split()
        ),
        originator_id=attributes.get("originator_id"),
        cluster_list=tuple(attributes.get("cluster_list", "").split()),
    )
