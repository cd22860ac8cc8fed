"""BIRD's configuration, as Calico's templates write it."""

from typing import Final

_FAMILIES: Final = ("ipv4", "ipv6")
_EXPORT: Final = "where source ~ [RTS_STATIC, RTS_BGP]"


def node_text(router_id: str, as_number: int, *blocks: str) -> str:
    """Write down all but the peers; `blocks` are what it originates."""
    origins = (f"protocol static {{ {_family(block)}; route {block} blackhole; }}\n" for block in blocks)
    return _NODE.format(router_id=router_id, as_number=as_number) + "".join(origins)


def peer_text(name: str, own: str, peer: str, as_number: int, *options: str, export: str = _EXPORT) -> str:
    """Write down a session; `options` are more of BIRD's statements, `export` what is said of routes."""
    return _PEER.format(
        name=f"{name}_{_family(peer)}",
        own=own,
        peer=peer,
        as_number=as_number,
        options=" ".join(f"{option};" for option in options),
        family=_family(peer),
        export=export,
    )


def _family(address: str) -> str:
    return _FAMILIES[":" in address]


_NODE: Final = """\
router id {router_id};
protocol device {{ scan time 2; }}
protocol direct {{ ipv4; ipv6; interface -"cali*", "*"; }}
protocol kernel {{
  learn; persist; scan time 2; graceful restart; merge paths on;
  ipv4 {{ import all; export filter {{ if source = RTS_DEVICE then reject; accept; }}; }};
}}
protocol kernel {{
  learn; persist; scan time 2; graceful restart; merge paths on;
  ipv6 {{ import all; export filter {{ if source = RTS_DEVICE then reject; accept; }}; }};
}}
protocol bfd {{ multihop {{ interval 100 ms; multiplier 3; }}; }}
template bgp peers {{
  local as {as_number}; multihop; graceful restart;
  connect delay time 2; connect retry time 5; error wait time 5, 30;
}}
"""

_PEER: Final = """\
protocol bgp {name} from peers {{
  neighbor {peer} as {as_number}; source address {own}; {options}
  {family} {{ import all; export {export}; add paths on; }};
}}
"""
