"""A cluster as an SVG picture: reflectors in the middle, nodes around them, outside peers outermost."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import IntEnum
from html import escape
from types import MappingProxyType

from bgpd.cli.output import Document
from records import record

_BOX_WIDTH, _BOX_HEIGHT = 132, 40
_GAP = 24
"""Pixels between boxes of a ring, and between rings."""


class Ring(IntEnum):
    """Where something stands, from the middle outward."""

    REFLECTOR = 0
    NODE = 1
    OUTSIDE = 2


_FILLS = {Ring.REFLECTOR: "#ffe0a3", Ring.NODE: "#d7e8fb", Ring.OUTSIDE: "#e7e7e7"}
_STYLE = """\
text { font: 12px sans-serif; text-anchor: middle }
.as { fill: #555; font-size: 10px }
rect { stroke: #444 }
line { stroke-width: 1.2 }
.mesh { stroke: #9aa7b4 }
.client { stroke: #c77700; stroke-width: 2 }
.external { stroke: #2a7d3f; stroke-dasharray: 6 4 }
.internal { stroke: #3566a8 }
.up { stroke: #1d7a3c; stroke-width: 2.4 }
.starting { stroke: #a86400; stroke-width: 2.4; stroke-dasharray: 2 4 }
.down { stroke: #b3261e; stroke-width: 2.4; stroke-dasharray: 2 4 }"""

Standings = Mapping[tuple[str, str], str]
"""By node and session name: "up", "starting" or "down", where that is known."""


@record
class _Vertex:
    name: str
    as_number: int
    ring: Ring


_Point = tuple[float, float]
_Edge = tuple[str, str]


def draw(nodes: Sequence[Document], standings: Standings = MappingProxyType({})) -> str:
    """Draw topology documents (see `bgpd.intent.topology_document`) as one SVG.

    Sessions that `standings` knows have the colour of their state, the others that of their kind.
    """
    vertices = _vertices(nodes)
    radii = _radii(vertices.values())
    places = {name: place for ring in Ring for name, place in _placed(vertices, ring, radii[ring])}
    half = max(radii.values()) + _BOX_WIDTH
    size = f"{-half:.0f} {-half:.0f} {2 * half:.0f} {2 * half:.0f}"
    lines = [
        _line(places[one], places[other], kind) for (one, other), kind in _edges(nodes, standings).items()
    ]
    boxes = [_box(vertex, places[name]) for name, vertex in vertices.items()]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{size}" width="{2 * half:.0f}">'
    return "\n".join([head, f"<style>{_STYLE}</style>", *lines, *boxes, "</svg>"])


def _vertices(nodes: Sequence[Document]) -> dict[str, _Vertex]:
    vertices = {
        node["node"]: _Vertex(node["node"], node["as"], Ring.REFLECTOR if node["cluster_id"] else Ring.NODE)
        for node in nodes
    }
    for node in nodes:
        for session in node["sessions"]:
            name = _peer(session)
            ring = Ring.NODE if session["peer_node"] else Ring.OUTSIDE
            vertices.setdefault(name, _Vertex(name, session["peer_as"], ring))
    return vertices


def _peer(session: Document) -> str:
    return str(session["peer_node"] or session["peer_ip"])


def _edges(nodes: Sequence[Document], standings: Standings) -> dict[_Edge, str]:
    """One edge per pair, with its classes; the side of a reflector knows best what its client is."""
    edges: dict[_Edge, str] = {}
    states: dict[_Edge, str] = {}
    for node in nodes:
        for session in node["sessions"]:
            one, other = sorted((node["node"], _peer(session)))
            if session["rr_client"] or (one, other) not in edges:
                edges[one, other] = _kind(session)
            standing = standings.get((node["node"], session["name"]))
            if standing is not None:
                states[one, other] = max(standing, states.get((one, other), ""), key=_BY_GRAVITY.index)
    return {edge: f"{kind} {states[edge]}" if edge in states else kind for edge, kind in edges.items()}


_BY_GRAVITY = ("", "up", "starting", "down")
"""Of several sessions of a pair the one that is worst off gives the colour."""


def _kind(session: Document) -> str:
    if session["rr_client"]:
        return "client"
    if session["peer_as"] != session["local_as"]:
        return "external"
    return "mesh" if session["type"] == "NodeMesh" else "internal"


def _radii(vertices: Iterable[_Vertex]) -> dict[Ring, float]:
    """Give each ring room for its boxes and for the rings inside it; something alone stands in the middle."""
    counts = Counter(vertex.ring for vertex in vertices)
    radii: dict[Ring, float] = {}
    inner: float | None = None
    for ring in Ring:
        around = counts[ring] * (_BOX_WIDTH + _GAP) / (2 * math.pi)
        if inner is not None:
            radii[ring] = max(around, inner + _BOX_WIDTH + _GAP)
        else:
            radii[ring] = around if counts[ring] > 1 else 0.0
        if counts[ring]:
            inner = radii[ring]
    return radii


def _placed(vertices: dict[str, _Vertex], ring: Ring, radius: float) -> Iterator[tuple[str, _Point]]:
    names = [name for name, vertex in vertices.items() if vertex.ring is ring]
    for index, name in enumerate(names):
        angle = 2 * math.pi * index / len(names) - math.pi / 2
        yield name, (radius * math.cos(angle), radius * math.sin(angle))


def _line(one: _Point, other: _Point, kind: str) -> str:
    (x1, y1), (x2, y2) = one, other
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _box(vertex: _Vertex, place: _Point) -> str:
    x, y = place
    corner = f'x="{x - _BOX_WIDTH / 2:.1f}" y="{y - _BOX_HEIGHT / 2:.1f}"'
    rounded = 16 if vertex.ring is Ring.OUTSIDE else 3
    return (
        f'<rect {corner} width="{_BOX_WIDTH}" height="{_BOX_HEIGHT}" rx="{rounded}"'
        f' fill="{_FILLS[vertex.ring]}"/>'
        f'<text x="{x:.1f}" y="{y - 2:.1f}">{escape(vertex.name)}</text>'
        f'<text class="as" x="{x:.1f}" y="{y + 12:.1f}">AS {vertex.as_number}</text>'
    )
